package opcode

import (
	"encoding/binary"
	"math"
)

// head reads the fixed part of an argument and moves End behind it.
func (d *Decoder) head(op *Op, f form, near []byte) ([]byte, error) {
	n := widths[f]
	if n > d.end-op.End {
		return nil, op.bad("the data ends inside of its argument")
	}
	if n <= int64(len(near)) {
		op.End += n
		return near[:n], nil
	}
	b, err := d.window.read(op.End, n)
	op.End += n
	return b, err
}

// fixed reads an argument of fixed size.
func (d *Decoder) fixed(op *Op, f form, near []byte) error {
	b, err := d.head(op, f, near)
	if err != nil {
		return err
	}
	switch f {
	case uint1:
		op.Int = int64(b[0])
	case uint2:
		op.Int = int64(binary.LittleEndian.Uint16(b))
	case uint4:
		op.Int = int64(binary.LittleEndian.Uint32(b))
	case int4:
		op.Int = int64(int32(binary.LittleEndian.Uint32(b)))
	case uint8le:
		op.Int = int64(binary.LittleEndian.Uint64(b))
	case float8:
		op.Float = math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	return d.check(op)
}

// check applies the rules of single opcodes to their number.
func (d *Decoder) check(op *Op) error {
	switch op.Code {
	case Proto:
		if op.Int > 5 {
			return op.bad("unsupported pickle protocol %d", op.Int)
		}
	case Ext1, Ext2, Ext4:
		if op.Int <= 0 {
			return op.bad("extension code %d is not positive", op.Int)
		}
	case Frame:
		if op.Int < 0 || op.Int > d.end-op.End {
			return op.bad("a frame of %d bytes should follow, %d are left", uint64(op.Int), d.end-op.End)
		}
	}
	return nil
}

// counted reads a payload behind its length. C takes the four bytes of
// BINSTRING for unsigned, unlike pickle.py and Python 2.
func (d *Decoder) counted(op *Op, f form, near []byte) error {
	b, err := d.head(op, f, near)
	if err != nil {
		return err
	}
	var n uint64
	switch f {
	case bytes1:
		n = uint64(b[0])
	case bytes4:
		n = uint64(binary.LittleEndian.Uint32(b))
		if op.Code == BinString && n > math.MaxInt32 {
			op.Note = "a BINSTRING of 2 GiB or more has a negative length to pickle.py, pickletools and Python 2"
		}
	default:
		n = binary.LittleEndian.Uint64(b)
	}
	return d.payload(op, n)
}

// payload takes the next n bytes as op's payload, and shows them if they are
// few.
func (d *Decoder) payload(op *Op, n uint64) error {
	if n > uint64(d.end-op.End) {
		return op.bad("%d bytes should follow, %d are left", n, d.end-op.End)
	}
	op.Payload = Extent{Off: op.End, Len: int64(n)}
	op.End += int64(n)
	return d.show(op)
}

// show fills Data.
func (d *Decoder) show(op *Op) error {
	if op.Payload.Len > inline {
		return nil
	}
	var err error
	op.Data, err = d.window.read(op.Payload.Off, op.Payload.Len)
	return err
}
