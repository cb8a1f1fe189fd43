package codec

import (
	"bufio"
	"encoding/binary"
	"io"
	"math/bits"

	"depickle/scan/container"
	"depickle/scan/fault"
)

// BCJ makes the targets of calls and jumps in code for x86 absolute before it
// is packed, so that they repeat. py7zr puts it around whatever it packs, and
// pickles have bytes that look like calls: it has to be undone.

// call is how many bytes an instruction has: one that says call or jump, and
// four of its target.
const call = 5

// bcj undoes it. Packers skip what only looks like a call inside of another
// one, by rules over the bytes that came before (Bra86.c of the LZMA SDK).
type bcj struct {
	r     io.Reader
	store [bcjBuffer]byte
	buf   []byte // a part of it: what was read, and from done on is not decoded
	done  int
	err   error
	at    uint32 // where buf begins in all that was read
	last  uint32 // where the last call or jump byte stood
	mask  uint32 // which of the bytes behind it were such, or high bytes
}

func openBCJ(r *bufio.Reader, p container.Packed) (io.Reader, error) {
	if len(p.Properties) != 0 {
		return nil, fault.New(fault.Unsupported, "BCJ that begins elsewhere than at 0")
	}
	return &bcj{r: r, last: ^uint32(call - 1)}, nil
}

// Read implements io.Reader.
func (b *bcj) Read(p []byte) (int, error) {
	for b.done == 0 {
		if b.err != nil {
			return 0, b.err
		}
		b.fill()
	}
	n := copy(p, b.buf[:b.done])
	b.buf, b.done, b.at = b.buf[n:], b.done-n, b.at+uint32(n)
	return n, nil
}

// fill reads more, and decodes what it can: the last bytes only at the end,
// where they are as they were.
func (b *bcj) fill() {
	have := copy(b.store[:], b.buf)
	n, err := io.ReadFull(b.r, b.store[have:])
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	b.buf, b.err = b.store[:have+n], err
	b.done = b.decode(b.buf)
	if err != nil {
		b.done = len(b.buf)
	}
}

const bcjBuffer = 32 << 10

// decode undoes the filter in a buffer, and returns how far it got.
func (b *bcj) decode(buf []byte) int {
	i := 0
	for i+call <= len(buf) {
		if buf[i]&0xfe != 0xe8 {
			i++
			continue
		}
		b.pass(b.at + uint32(i))
		high := buf[i+4]
		if isHigh(high) && b.plain() {
			b.target(buf[i+1:i+call], b.at+uint32(i)+call)
			i += call
			b.mask = 0
			continue
		}
		i++
		b.mask |= 1
		if isHigh(high) {
			b.mask |= 0x10
		}
	}
	return i
}

// isHigh reports whether a byte may be the highest of a target that is near.
func isHigh(b byte) bool { return b == 0x00 || b == 0xff }

// pass moves the mask on to where a call or jump byte stands.
func (b *bcj) pass(at uint32) {
	n := at - b.last
	b.last = at
	if n > call {
		b.mask = 0
		return
	}
	for range n {
		b.mask = b.mask & 0x77 << 1
	}
}

// plain reports whether what came before leaves this to be a call: at most one
// such byte, and none with a high byte where its own would be.
func (b *bcj) plain() bool {
	m := b.mask >> 1
	return m <= 4 && m != 3
}

// target makes a target relative again. behind is where the instruction ends.
// Where a byte of it might have been taken for the highest of another call's, the
// packer turned it and those below round, once more: that byte is none which
// isHigh takes, or the mask would say so.
func (b *bcj) target(operand []byte, behind uint32) {
	dest := binary.LittleEndian.Uint32(operand) - behind
	if b.mask != 0 {
		turned := 32 - 8*uint32(bits.Len32(b.mask>>1)) // 1, 2 and 4 are the bytes
		if isHigh(byte(dest >> (turned - 8))) {
			dest = dest ^ (1<<turned - 1) - behind
		}
	}
	// Of the highest byte one bit is kept, which is the sign.
	binary.LittleEndian.PutUint32(operand, uint32(int32(dest<<7)>>7))
}
