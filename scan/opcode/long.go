package opcode

import (
	"encoding/binary"
	"math/big"
)

// maxLong is the longest LONG1 or LONG4, in bytes. Checkpoints have ten, in
// torch's magic number; what prints such an integer takes quadratic time.
const maxLong = 64 << 10

// long reads LONG1 and LONG4: two's complement, little-endian; no bytes are 0.
func (d *Decoder) long(op *Op, f form, near []byte) error {
	b, err := d.head(op, f, near)
	if err != nil {
		return err
	}
	n := int64(b[0])
	if f == long4 {
		n = int64(int32(binary.LittleEndian.Uint32(b)))
	}
	if n < 0 {
		return op.bad("negative length %d", n)
	}
	if n > maxLong && n <= d.end-op.End {
		return op.tooLong("an integer of %d bytes, more than %d", n, maxLong)
	}
	if err := d.payload(op, uint64(n)); err != nil {
		return err
	}
	if n <= 8 {
		op.Int = small(op.Data)
		return nil
	}
	reading{n: twosComplement(op.Data)}.set(op)
	return nil
}

// small reads at most eight bytes of two's complement.
func small(raw []byte) int64 {
	if len(raw) == 0 {
		return 0
	}
	var v uint64
	for i, c := range raw {
		v |= uint64(c) << (8 * i)
	}
	unused := 64 - 8*len(raw)
	return int64(v<<unused) >> unused
}

func twosComplement(raw []byte) *big.Int {
	be := make([]byte, len(raw))
	for i, c := range raw {
		be[len(raw)-1-i] = c
	}
	n := new(big.Int).SetBytes(be)
	if be[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
	}
	return n
}
