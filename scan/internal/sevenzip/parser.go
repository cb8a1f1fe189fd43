package sevenzip

import (
	"bufio"
	"encoding/binary"
	"io"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// The ids of what stands in a header, by 7zFormat.txt's names.
const (
	idEnd                   = 0x00
	idHeader                = 0x01
	idArchiveProperties     = 0x02
	idAdditionalStreamsInfo = 0x03
	idMainStreamsInfo       = 0x04
	idFilesInfo             = 0x05
	idPackInfo              = 0x06
	idUnPackInfo            = 0x07
	idSubStreamsInfo        = 0x08
	idSize                  = 0x09
	idCRC                   = 0x0a
	idFolder                = 0x0b
	idCodersUnPackSize      = 0x0c
	idNumUnPackStream       = 0x0d
	idEmptyStream           = 0x0e
	idEmptyFile             = 0x0f
	idAnti                  = 0x10
	idNames                 = 0x11
	idWinAttributes         = 0x15
	idEncodedHeader         = 0x17
)

// parser reads a header from its beginning to its end, a little at a time: an
// unpacked one may be much larger than the file. After an error it gives zeros.
type parser struct {
	r    *bufio.Reader
	left int64 // bytes of the header
	at   int64 // where the header stands, for errors
	a    *opening
	err  error
}

func newParser(r *io.SectionReader, at int64, a *opening) *parser {
	return &parser{r: bufio.NewReader(io.NewSectionReader(r, 0, r.Size())), left: r.Size(), at: at, a: a}
}

func (p *parser) fail(kind fault.Kind, format string, args ...any) {
	if p.err == nil {
		p.err = fault.At(kind, p.at, format, args...)
	}
}

// take counts bytes that are about to be read.
func (p *parser) take(n int64) bool {
	if p.err == nil && n > p.left {
		p.fail(fault.Malformed, "the header ends early")
	}
	if p.err != nil {
		return false
	}
	p.left -= n
	return true
}

func (p *parser) bytes(b []byte) {
	if p.take(int64(len(b))) {
		_, p.err = io.ReadFull(p.r, b)
	}
	if p.err != nil {
		clear(b)
	}
}

func (p *parser) byte() (b byte) {
	if p.take(1) {
		b, p.err = p.r.ReadByte()
	}
	return b
}

func (p *parser) uint32() uint32 {
	var b [4]byte
	p.bytes(b[:])
	return binary.LittleEndian.Uint32(b[:])
}

func (p *parser) skip(n int64) {
	if p.take(n) {
		_, p.err = io.CopyN(io.Discard, p.r, n)
	}
}

// number reads a number of up to eight bytes: as many bits as are set at the
// top of the first byte say how many follow it, and the rest of that byte is
// the most significant. One that is no size or offset is an error.
func (p *parser) number() int64 {
	first := p.byte()
	var v uint64
	for i, mask := 0, byte(0x80); i < 8; i, mask = i+1, mask>>1 {
		if first&mask == 0 {
			v |= uint64(first&(mask-1)) << (8 * i)
			break
		}
		v |= uint64(p.byte()) << (8 * i)
	}
	if v > 1<<62 {
		p.fail(fault.Malformed, "a number of %#x, which is too large", v)
	}
	if p.err != nil {
		return 0
	}
	return int64(v)
}

// count reads how many of something there are. What is made for each costs no
// more than the limit, whatever the number says.
func (p *parser) count() int {
	n := p.number()
	if n > int64(p.a.o.Members) && p.err == nil {
		p.err = limit.Members.Exceeded(int64(p.a.o.Members), p.at)
	}
	if p.err != nil {
		return 0
	}
	return int(n)
}

// expect reads an id that has to come now.
func (p *parser) expect(id int64) {
	if got := p.number(); got != id {
		p.fail(fault.Malformed, "the header has %d where %d should be", got, id)
	}
}

// inside refuses what stands outside of the header, in additional streams.
func (p *parser) inside() {
	if p.byte() != 0 {
		p.fail(fault.Unsupported, "its header has streams outside of it, which no known program writes")
	}
}

// bits reads one bit for each of n things, the highest first.
func (p *parser) bits(n int) []bool {
	if int64(n+7)/8 > p.left {
		p.fail(fault.Malformed, "the header ends early")
	}
	if p.err != nil {
		return nil
	}
	out := make([]bool, n)
	var b byte
	for i := range out {
		if i%8 == 0 {
			b = p.byte()
		}
		out[i] = b&(0x80>>(i%8)) != 0
	}
	return out
}

// defined reads which of n things have a value: all, or some.
func (p *parser) defined(n int) []bool {
	if p.byte() == 0 {
		return p.bits(n)
	}
	if p.err != nil {
		return nil
	}
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// digests reads the CRCs of n things. It gives as many, or none.
func (p *parser) digests(n int) []Digest {
	known := p.defined(n)
	out := make([]Digest, len(known))
	for i, is := range known {
		if is {
			out[i] = Digest{p.uint32(), true}
		}
	}
	if p.err != nil {
		return nil
	}
	return out
}

// end notes what stands behind the header's end: nobody reads it.
func (p *parser) end() {
	if p.err == nil && p.left > 0 {
		p.a.note(fault.At(fault.Malformed, p.at, "%d bytes behind the end of the header", p.left))
	}
}
