package opcode

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

const (
	// inline is the longest payload that Data shows.
	inline = 64 << 10
	// window is what is read at once; it holds any inline payload.
	window = 2 * inline
	// maxName bounds the lines of GLOBAL and INST.
	maxName = 64 << 10
)

// Decoder reads the opcodes of one pickle.
type Decoder struct {
	r        io.ReaderAt
	off, end int64
	limits   limit.Limits
	buf      []byte // the window
	at       int64  // where the window begins
	frame    int64  // where the current frame ends, -1 outside of one
	module   string // the last GLOBAL, most of which are repeated
	name     string
}

// NewDecoder reads the bytes of r from off to end.
func NewDecoder(r io.ReaderAt, off, end int64, l limit.Limits) *Decoder {
	return &Decoder{r: r, off: off, end: end, limits: l.WithDefaults(), at: off, frame: -1}
}

// Offset is where the next opcode stands.
func (d *Decoder) Offset() int64 { return d.off }

// Skip passes over n bytes that are no opcodes.
func (d *Decoder) Skip(n int64) error {
	if n < 0 || n > d.end-d.off {
		return fault.At(fault.Malformed, d.off, "%d bytes should follow, %d are left", n, d.end-d.off)
	}
	d.off += n
	return nil
}

// ReadAt reads bytes of a payload again, from the window where they are
// still there.
func (d *Decoder) ReadAt(p []byte, off int64) (int, error) {
	if i := off - d.at; i >= 0 && i+int64(len(p)) <= int64(len(d.buf)) {
		return copy(p, d.buf[i:]), nil
	}
	if off < 0 || off > d.end-int64(len(p)) {
		return 0, io.EOF
	}
	return d.r.ReadAt(p, off)
}

// peek returns the n bytes at off, with n at most window.
func (d *Decoder) peek(off int64, n int) ([]byte, error) {
	i := off - d.at
	if i >= 0 && i+int64(n) <= int64(len(d.buf)) {
		return d.buf[i : i+int64(n)], nil
	}
	if int64(n) > d.end-off {
		return nil, fault.At(fault.Malformed, d.off, "truncated: the data ends inside of an opcode")
	}
	size := int(min(window, d.end-off))
	if cap(d.buf) < size {
		d.buf = make([]byte, size)
	}
	d.buf, d.at = d.buf[:size], off
	if k, err := d.r.ReadAt(d.buf, off); k < size {
		d.buf = d.buf[:0]
		if err == nil || err == io.EOF {
			return nil, fault.At(fault.Changed, off, "the file became shorter while it was read")
		}
		return nil, err
	}
	return d.buf[:n], nil
}

// Next reads an opcode into op. After STOP there is nothing to read; data
// that ends before it is malformed.
func (d *Decoder) Next(op *Op) error {
	if d.off >= d.end {
		return fault.At(fault.Malformed, d.off, "truncated: the pickle has no STOP")
	}
	b, err := d.peek(d.off, 1)
	if err != nil {
		return err
	}
	*op = Op{Code: Code(b[0]), Offset: d.off}
	in := table[op.Code]
	if in.name == "" {
		return fault.At(fault.Malformed, d.off, "byte 0x%02x is no opcode", b[0])
	}
	if err := d.argument(op, in.arg); err != nil {
		return err
	}
	d.framing(op)
	d.off = op.End
	return nil
}

// framing notes what crosses the end of its frame. The C unpickler of some
// versions then runs bytes that others take for a payload (cpython#154848).
func (d *Decoder) framing(op *Op) {
	if d.frame >= 0 && op.Offset >= d.frame {
		d.frame = -1
	}
	if op.Code == Frame {
		if d.frame >= 0 {
			op.Frame = "a frame begins inside of a frame"
		}
		d.frame = op.End + op.Int
		return
	}
	if d.frame >= 0 && op.End > d.frame {
		if !bulk(op) || op.Payload.Off > d.frame {
			op.Frame = "an opcode crosses the end of its frame"
		} else if op.Offset < d.frame {
			op.Frame = "a payload crosses the end of its frame"
		}
		d.frame = -1
	}
	if op.Code == Stop && d.frame > op.End {
		op.Frame = "the pickle stops before its frame ends"
	}
}

func bulk(op *Op) bool { return op.Payload.Len > 0 }

func (d *Decoder) argument(op *Op, arg argument) error {
	switch arg {
	case argNone:
		op.End = op.Offset + 1
		return nil
	case argByte, argUint2, argUint4, argInt4, argUint8, argFloat8:
		return d.fixed(op, arg)
	case argBytes1, argBytes4, argBytes4s, argBytes8:
		return d.counted(op, arg)
	case argLong1, argLong4:
		return d.binaryLong(op, arg)
	case argPair:
		return d.pair(op)
	}
	return d.line(op, arg)
}

func (d *Decoder) fixed(op *Op, arg argument) error {
	n := map[argument]int{argByte: 1, argUint2: 2, argUint4: 4, argInt4: 4, argUint8: 8, argFloat8: 8}[arg]
	b, err := d.peek(op.Offset+1, n)
	if err != nil {
		return err
	}
	op.End = op.Offset + 1 + int64(n)
	switch arg {
	case argByte:
		op.Int = int64(b[0])
	case argUint2:
		op.Int = int64(binary.LittleEndian.Uint16(b))
	case argUint4:
		op.Int = int64(binary.LittleEndian.Uint32(b))
	case argInt4:
		op.Int = int64(int32(binary.LittleEndian.Uint32(b)))
	case argUint8:
		op.Int = int64(binary.LittleEndian.Uint64(b))
	case argFloat8:
		op.Float = math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	return d.fixedRules(op)
}

func (d *Decoder) fixedRules(op *Op) error {
	bad := func(format string, args ...any) error {
		return fault.At(fault.Malformed, op.Offset, op.Code.String()+": "+format, args...)
	}
	switch op.Code {
	case Proto:
		if op.Int > 5 {
			return bad("unsupported pickle protocol %d", op.Int)
		}
	case Ext1, Ext2, Ext4:
		if op.Int <= 0 {
			return bad("extension code %d is not positive", op.Int)
		}
	case Frame:
		if op.Int < 0 || op.Int > d.end-op.End {
			return bad("the frame should have %d bytes, %d are left", uint64(op.Int), d.end-op.End)
		}
	}
	return nil
}

// counted reads a payload behind its length.
func (d *Decoder) counted(op *Op, arg argument) error {
	width := map[argument]int{argBytes1: 1, argBytes4: 4, argBytes4s: 4, argBytes8: 8}[arg]
	b, err := d.peek(op.Offset+1, width)
	if err != nil {
		return err
	}
	var n uint64
	switch arg {
	case argBytes1:
		n = uint64(b[0])
	case argBytes4:
		n = uint64(binary.LittleEndian.Uint32(b))
	case argBytes4s:
		n = uint64(int64(int32(binary.LittleEndian.Uint32(b))))
	default:
		n = binary.LittleEndian.Uint64(b)
	}
	return d.payload(op, op.Offset+1+int64(width), n)
}

func (d *Decoder) payload(op *Op, start int64, n uint64) error {
	if n > uint64(d.end-start) {
		return fault.At(fault.Malformed, op.Offset, "%s: %d bytes should follow, %d are left", op.Code, n, d.end-start)
	}
	op.Payload = Extent{Off: start, Len: int64(n)}
	op.End = start + int64(n)
	if n > inline {
		return nil
	}
	var err error
	op.Data, err = d.peek(start, int(n))
	return err
}

// newline finds the end of the line that begins at off, at most that many
// bytes away, and returns where it stands.
func (d *Decoder) newline(op *Op, off, most int64) (int64, error) {
	for at := off; at < d.end; {
		b, err := d.peek(at, int(min(inline, d.end-at)))
		if err != nil {
			return 0, err
		}
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			if at+int64(i)-off > most {
				break
			}
			return at + int64(i), nil
		}
		at += int64(len(b))
		if at-off > most {
			return 0, fault.At(fault.Limit, op.Offset, "%s: its line is longer than %d bytes", op.Code, most)
		}
	}
	if d.end-off > most {
		return 0, fault.At(fault.Limit, op.Offset, "%s: its line is longer than %d bytes", op.Code, most)
	}
	return 0, fault.At(fault.Malformed, op.Offset, "%s: truncated: its line does not end", op.Code)
}
