// Package limit has the bounds that depickle keeps whatever a file declares.
//
// Every size, count and offset in a checkpoint is a claim made by whoever
// wrote it. What a claim can cost is decided here and nowhere else.
package limit

import (
	"fmt"
	"math/bits"

	"depickle/scan/fault"
)

// Limits bounds memory, time and output. A zero field means its default, so
// the zero value is the strict, safe setting.
type Limits struct {
	// Tensors is the most tensors of one file. Default 500,000.
	Tensors int
	// Objects is the most pickled objects kept. Default 20,000,000.
	Objects int64
	// Stack is the most values on the unpickler's stack. Default 4,000,000.
	Stack int
	// Marks is the most open marks. Default 1,000,000.
	Marks int
	// Memo is the most memo slots that are kept. Default 8,000,000.
	Memo int
	// Depth is the deepest nesting of kept values. Default 1,000.
	Depth int
	// Text is the longest string, line or integer, in bytes, that is read
	// into memory whole. Default 1 MiB.
	Text int64
	// Kept is the most bytes of text kept in all. Default 256 MiB.
	Kept int64
	// Members is the most members of an archive. Default 1,000,000.
	Members int
	// Directory is the largest directory of an archive, in bytes.
	// Default 256 MiB.
	Directory int64
	// Spool is the most decompressed and transcoded bytes, in all.
	// Default 64 GiB; a codec's ratio is bounded beside it.
	Spool int64
	// Nested is the deepest chain of checkpoints inside checkpoints
	// (torch.storage._load_from_bytes). Default 4.
	Nested int
	// Output is the largest output, in bytes. Default: 64 MiB or 4 times the
	// decompressed source, whichever is more.
	Output int64
}

func or[T int | int64](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// WithDefaults returns l with every zero field, but Output, at its default.
func (l Limits) WithDefaults() Limits {
	return Limits{
		Tensors:   or(l.Tensors, 500_000),
		Objects:   or(l.Objects, 20_000_000),
		Stack:     or(l.Stack, 4_000_000),
		Marks:     or(l.Marks, 1_000_000),
		Memo:      or(l.Memo, 8_000_000),
		Depth:     or(l.Depth, 1_000),
		Text:      or(l.Text, 1<<20),
		Kept:      or(l.Kept, 256<<20),
		Members:   or(l.Members, 1_000_000),
		Directory: or(l.Directory, 256<<20),
		Spool:     or(l.Spool, 64<<30),
		Nested:    or(l.Nested, 4),
		Output:    l.Output,
	}
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

// Exceeded is the error of a bound that was reached.
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
