// Package limit has the bounds that depickle keeps whatever a file declares.
//
// Every size, count and offset in a checkpoint is a claim made by whoever
// wrote it. What a claim can cost is decided here and nowhere else.
//
// A file pays for what it asks to keep: most bounds grow with the bytes that
// it has on disk, compressed as they are, up to a bound that no file exceeds
// by default. A pickle of a few megabytes can then not fill the memory,
// whatever it says, and a bomb that inflates is worth no more than the bytes
// that it came in; a checkpoint of gigabytes may have millions of objects. See
// [All] for each. A bound that is set holds as it is, whatever the size.
package limit

import (
	"fmt"
	"math/bits"

	"depickle/scan/fault"
)

// Limits bounds memory, time and output. A zero field means its default, so
// the zero value is the strict, safe setting. Defaults stand in [All].
type Limits struct {
	// Tensors is the most tensors of one file.
	Tensors int
	// Objects is the most pickled objects that are held at once, and the most
	// that a loaded checkpoint keeps.
	Objects int64
	// Items is the most values that a loaded checkpoint keeps in containers.
	Items int64
	// Opcodes is the most opcodes of all pickles of a file.
	Opcodes int64
	// Stack is the most values on the unpickler's stack.
	Stack int
	// Marks is the most open marks.
	Marks int
	// Memo is the most memo slots that are kept.
	Memo int
	// Depth is the deepest nesting of kept values.
	Depth int
	// Text is the longest string, line or integer, in bytes, that is read
	// into memory whole.
	Text int64
	// Kept is the most bytes of text kept in all.
	Kept int64
	// Members is the most members of an archive, and storages of a file.
	Members int
	// Directory is the largest directory of an archive, in bytes.
	Directory int64
	// Pickles is the most bytes that compressed pickles may have, in all.
	Pickles int64
	// Spool is the most decompressed and transcoded bytes, in all; a codec's
	// ratio is bounded beside it.
	Spool int64
	// Nested is the deepest chain of checkpoints inside checkpoints
	// (torch.storage._load_from_bytes).
	Nested int
	// Output is the largest output, in bytes. Default: 64 MiB or 4 times the
	// decompressed source, whichever is more.
	Output int64
}

func or[T int | int64](v T, def int64) T {
	if v == 0 {
		return T(def)
	}
	return v
}

// For returns l with every zero field, but Output, at its default for a file
// of that many bytes on disk.
func (l Limits) For(size int64) Limits {
	return Limits{
		Tensors:   or(l.Tensors, maxTensors),
		Objects:   or(l.Objects, objects.of(size)),
		Items:     or(l.Items, items.of(size)),
		Opcodes:   or(l.Opcodes, opcodes.of(size)),
		Stack:     or(l.Stack, stack.of(size)),
		Marks:     or(l.Marks, maxMarks),
		Memo:      or(l.Memo, memo.of(size)),
		Depth:     or(l.Depth, maxDepth),
		Text:      or(l.Text, maxText),
		Kept:      or(l.Kept, kept.of(size)),
		Members:   or(l.Members, members.of(size)),
		Directory: or(l.Directory, maxDirectory),
		Pickles:   or(l.Pickles, pickles.of(size)),
		Spool:     or(l.Spool, spool.of(size)),
		Nested:    or(l.Nested, maxNested),
		Output:    l.Output,
	}
}

// WithDefaults returns l with every zero field, but Output, at the default for
// the largest files.
func (l Limits) WithDefaults() Limits { return l.For(1<<63 - 1) }

// Visits is how many values all walks over a loaded checkpoint may visit: some
// times what it keeps. Modules that share each other have 2^64 paths.
func (l Limits) Visits() int64 {
	kept, ok := Add(l.Objects, l.Items)
	visits, fits := Mul(kept, 6)
	if !ok || !fits {
		return 1<<63 - 1
	}
	return visits
}

// MaxOutput is the largest output for a source of that many decompressed
// bytes.
func (l Limits) MaxOutput(source int64) int64 {
	if l.Output != 0 {
		return l.Output
	}
	most, ok := Mul(source, 4)
	if !ok {
		return source
	}
	return max(64<<20, most)
}

// Exceeded is the error of a bound that no flag moves; see [Name.Exceeded].
func Exceeded(what string, bound int64, offset int64) error {
	return fault.At(fault.Limit, offset, "more than %d %s", bound, what)
}

// Mul multiplies two sizes; ok is false when one is negative or the product
// does not fit.
func Mul(a, b int64) (product int64, ok bool) {
	if a < 0 || b < 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > 1<<63-1 {
		return 0, false
	}
	return int64(lo), true
}

// Add adds two sizes; ok is false when one is negative or the sum does not
// fit.
func Add(a, b int64) (sum int64, ok bool) {
	if a < 0 || b < 0 || a > 1<<63-1-b {
		return 0, false
	}
	return a + b, true
}

// Size renders bytes for people: "1.4 GiB".
func Size(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	f, unit := float64(n), -1
	for f >= 1024 && unit < 5 {
		f /= 1024
		unit++
	}
	return fmt.Sprintf("%.1f %ciB", f, "KMGTPE"[unit])
}
