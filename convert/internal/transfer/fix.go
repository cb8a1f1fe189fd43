package transfer

import (
	"encoding/binary"
	"math/bits"
)

// fix is what happens to elements after they were put in order: bytes turned
// round, then signs flipped.
type fix struct {
	swap int64
	flip bool
	// sign has the bits to flip in 16 bytes, which are a whole number of
	// elements.
	sign [maxElement]byte
}

// newFix makes the fix of a layout that was checked. Flipping the sign bit is
// exact for every number, and keeps the payload of a NaN.
func newFix(l Layout) fix {
	f := fix{swap: l.Swap}
	if l.Neg {
		f.flipEvery(l.SignUnit)
	}
	if l.Conj {
		// The imaginary half is the last one.
		f.flipEvery(l.Size)
	}
	return f
}

// flipEvery flips the top bit of the last byte of each unit.
func (f *fix) flipEvery(unit int64) {
	for i := unit - 1; i < maxElement; i += unit {
		f.sign[i] ^= 0x80
	}
	f.flip = f.sign != [maxElement]byte{}
}

func (f *fix) active() bool { return f.swap > 1 || f.flip }

// apply fixes whole elements in place.
func (f *fix) apply(p []byte) {
	switch f.swap {
	case 2:
		swap2(p)
	case 4:
		swap4(p)
	case 8:
		swap8(p)
	}
	if f.flip {
		f.flipSigns(p)
	}
}

func (f *fix) flipSigns(p []byte) {
	lo := binary.LittleEndian.Uint64(f.sign[:8])
	hi := binary.LittleEndian.Uint64(f.sign[8:])
	for len(p) >= maxElement {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^lo)
		binary.LittleEndian.PutUint64(p[8:], binary.LittleEndian.Uint64(p[8:])^hi)
		p = p[maxElement:]
	}
	for i := range p {
		p[i] ^= f.sign[i]
	}
}

// swap2 turns four pairs at once.
func swap2(p []byte) {
	const odd = 0x00ff00ff00ff00ff
	for len(p) >= 8 {
		v := binary.LittleEndian.Uint64(p)
		binary.LittleEndian.PutUint64(p, v>>8&odd|v&odd<<8)
		p = p[8:]
	}
	for ; len(p) >= 2; p = p[2:] {
		p[0], p[1] = p[1], p[0]
	}
}

func swap4(p []byte) {
	for ; len(p) >= 4; p = p[4:] {
		binary.LittleEndian.PutUint32(p, bits.ReverseBytes32(binary.LittleEndian.Uint32(p)))
	}
}

func swap8(p []byte) {
	for ; len(p) >= 8; p = p[8:] {
		binary.LittleEndian.PutUint64(p, bits.ReverseBytes64(binary.LittleEndian.Uint64(p)))
	}
}
