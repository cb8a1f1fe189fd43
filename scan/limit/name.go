package limit

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"depickle/scan/fault"
)

// Name is the name of a limit, as messages show it and --limit takes it.
type Name string

// The names.
const (
	Tensors   Name = "tensors"
	Objects   Name = "objects"
	Items     Name = "items"
	Opcodes   Name = "opcodes"
	Stack     Name = "stack"
	Marks     Name = "marks"
	Memo      Name = "memo"
	Depth     Name = "depth"
	Text      Name = "text"
	Kept      Name = "kept"
	Members   Name = "members"
	Directory Name = "directory"
	Pickles   Name = "pickles"
	Spool     Name = "spool"
	Nested    Name = "nested"
	Output    Name = "output"
)

// Rule is what there is to know of one limit.
type Rule struct {
	Name Name
	// What is limited, in the plural, behind a number: "open marks".
	What string
	// Default says what holds where the limit is not set.
	Default string
}

// All lists the limits.
func All() []Rule {
	return []Rule{
		{Tensors, "tensors", thousands(maxTensors)},
		{Objects, "pickled objects", objects.words()},
		{Items, "values in containers", items.words()},
		{Opcodes, "opcodes", opcodes.words()},
		{Stack, "values on the stack", stack.words()},
		{Marks, "open marks", thousands(maxMarks)},
		{Memo, "memo slots", memo.words()},
		{Depth, "containers inside one another", thousands(maxDepth)},
		{Text, "bytes of one text", Size(maxText)},
		{Kept, "bytes of text in memory", kept.words()},
		{Members, "members or storages", members.words()},
		{Directory, "bytes of an archive's directory", Size(maxDirectory)},
		{Pickles, "bytes of compressed pickles, inflated", pickles.words()},
		{Spool, "bytes of decompressed data", spool.words()},
		{Nested, "checkpoints inside one another", thousands(maxNested)},
		{Output, "bytes of output", "64 MiB or 4 times the decompressed source"},
	}
}

// words says how a bound grows.
func (s scale) words() string {
	if s.times > 0 {
		return fmt.Sprintf("%s + %d times the file, up to %s", Size(s.base), s.times, Size(s.most))
	}
	text := fmt.Sprintf("%s + 1 for %d bytes of the file, %d beyond 32 MiB", thousands(s.base), s.per, s.rest)
	if s.most < 1<<62 {
		text += ", up to " + thousands(s.most)
	}
	return text
}

// thousands writes a number as 1,000,000.
func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Exceeded is the error of a limit that was reached. It says which one, and
// how to allow more.
func (n Name) Exceeded(bound int64, offset int64) error {
	what := string(n)
	all := All()
	if i := slices.IndexFunc(all, func(r Rule) bool { return r.Name == n }); i >= 0 {
		what = all[i].What
	}
	return fault.At(fault.Limit, offset, "more than %d %s; --limit %s=N allows more", bound, what, n)
}

// Set sets the limit of that name; ok is false for a name that is none, and
// for a number that is not positive or does not fit.
func (l *Limits) Set(name Name, n int64) (ok bool) {
	if n <= 0 {
		return false
	}
	if wide := l.wide(name); wide != nil {
		*wide = n
		return true
	}
	narrow := l.narrow(name)
	if narrow == nil || n > math.MaxInt {
		return false
	}
	*narrow = int(n)
	return true
}

func (l *Limits) wide(name Name) *int64 {
	switch name {
	case Objects:
		return &l.Objects
	case Items:
		return &l.Items
	case Opcodes:
		return &l.Opcodes
	case Text:
		return &l.Text
	case Kept:
		return &l.Kept
	case Directory:
		return &l.Directory
	case Pickles:
		return &l.Pickles
	case Spool:
		return &l.Spool
	case Output:
		return &l.Output
	}
	return nil
}

func (l *Limits) narrow(name Name) *int {
	switch name {
	case Tensors:
		return &l.Tensors
	case Stack:
		return &l.Stack
	case Marks:
		return &l.Marks
	case Memo:
		return &l.Memo
	case Depth:
		return &l.Depth
	case Members:
		return &l.Members
	case Nested:
		return &l.Nested
	}
	return nil
}
