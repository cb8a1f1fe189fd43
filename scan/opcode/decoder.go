package opcode

import (
	"io"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Decoder reads the opcodes of one pickle. It is not safe for concurrent use.
type Decoder struct {
	off, end int64
	window   window
	maxLine  int64 // of a number or a name, in bytes
	frame    framing
	names    names
	noted    int // opcodes with a Note
}

// maxLine bounds lines that hold a number or a name, whatever Limits.Text
// allows: a window holds one.
const maxLine = inline

// NewDecoder reads the bytes of r from off to end.
func NewDecoder(r io.ReaderAt, off, end int64, l limit.Limits) *Decoder {
	return &Decoder{
		off: off, end: end,
		window:  window{r: r, end: end},
		maxLine: min(l.WithDefaults().Text, maxLine),
	}
}

// Expect says where the pickle is known to end: little behind it is read.
func (d *Decoder) Expect(end int64) { d.window.near = end }

// Offset is where the next opcode stands.
func (d *Decoder) Offset() int64 { return d.off }

// Skip passes over n bytes that are no opcodes. It fails as malformed if fewer
// are left.
func (d *Decoder) Skip(n int64) error {
	if n < 0 || n > d.end-d.off {
		return fault.At(fault.Malformed, d.off, "%d bytes should follow, %d are left", n, d.end-d.off)
	}
	d.frame.skip(d.off, n)
	d.off += n
	return nil
}

// ReadAt reads bytes of a payload again, from the window where they are still
// there. It implements io.ReaderAt for offsets below the decoder's end.
func (d *Decoder) ReadAt(p []byte, off int64) (int, error) {
	if b, ok := d.window.have(off, int64(len(p))); ok {
		return copy(p, b), nil
	}
	short := false
	if off < 0 || off >= d.end {
		return 0, io.EOF
	}
	if int64(len(p)) > d.end-off {
		p, short = p[:d.end-off], true
	}
	n, err := d.window.r.ReadAt(p, off)
	if n == len(p) {
		err = nil
		if short {
			err = io.EOF
		}
	}
	return n, err
}

// Next reads the next opcode into op. After STOP there is nothing to read, and
// the caller stops.
//
// What the C unpickler refuses is malformed, and so is data that ends before
// STOP; a line or an integer beyond its bound is a limit; the reader's own
// errors come as they are. The decoder then stays where it is.
func (d *Decoder) Next(op *Op) error {
	if d.off < 0 || d.off >= d.end {
		return fault.At(fault.Malformed, d.off, "the data ends and no STOP was read")
	}
	b, err := d.window.read(d.off, 1)
	if err != nil {
		return err
	}
	row := &table[b[0]]
	op.reset(row.form)
	op.Code, op.Offset, op.End, op.quiet = Code(b[0]), d.off, d.off+1, d.noted >= maxNotes
	if row.name == "" {
		return fault.At(fault.Malformed, d.off, "byte %#02x is no opcode", b[0])
	}
	if row.form != bare {
		if err := d.argument(op, row.form, b[1:cap(b)]); err != nil {
			if d.crosses(op, err) {
				op.Frame = crossesFrame
			}
			return err
		}
		if op.Note != "" {
			d.noted++
		}
	}
	op.Frame = d.frame.next(op)
	d.off = op.End
	return nil
}

// crosses reports whether an opcode that does not parse reaches over the end
// of its frame: then it fails otherwise, or not at all, where that is the end.
// Lenient readers never see what made it fail.
func (d *Decoder) crosses(op *Op, err error) bool {
	if d.frame.end <= op.Offset || d.frame.end >= d.end {
		return false
	}
	within := Decoder{off: d.off, end: d.frame.end, window: window{r: d.window.r, end: d.frame.end}, maxLine: d.maxLine}
	again := within.Next(new(Op))
	return again == nil || again.Error() != err.Error()
}

// argument reads what follows the opcode; near is as much of it as is in
// memory.
func (d *Decoder) argument(op *Op, f form, near []byte) error {
	switch f {
	case uint1, uint2, uint4, uint8le, int4, float8:
		return d.fixed(op, f, near)
	case bytes1, bytes4, bytes8:
		return d.counted(op, f, near)
	case long1, long4:
		return d.long(op, f, near)
	case textLine:
		return d.text(op)
	case nameLines:
		return d.global(op)
	}
	return d.number(op, f)
}
