package container

import (
	"bufio"
	"encoding/binary"
	"hash/crc32"
	"io"

	"depickle/scan/fault"

	"github.com/klauspost/compress/flate"
)

// The flags of a gzip member's header (RFC 1952, 2.3.1).
const (
	gzipChecksum = 1 << 1
	gzipExtra    = 1 << 2
	gzipName     = 1 << 3
	gzipComment  = 1 << 4
)

// gzipReader reads gzip as Python does (Lib/gzip.py, _GzipReader): members one
// behind the other with zeros between them, and headers whose checksum nobody
// looks at, which other readers refuse. What follows the last member stays
// unread.
type gzipReader struct {
	in      *bufio.Reader
	flate   io.Reader
	sum     uint32
	size    uint32
	members int
	err     error
}

func openGzip(r *bufio.Reader) (io.Reader, error) {
	g := &gzipReader{in: r}
	return g, g.header()
}

func (g *gzipReader) Read(p []byte) (int, error) {
	for g.err == nil {
		n, err := g.flate.Read(p)
		g.sum, g.size = crc32.Update(g.sum, crc32.IEEETable, p[:n]), g.size+uint32(n)
		if err == io.EOF {
			err = g.end()
		}
		g.err = err
		if n > 0 {
			return n, nil
		}
	}
	return 0, g.err
}

// header reads the header of a member.
func (g *gzipReader) header() error {
	var b [10]byte
	if _, err := io.ReadFull(g.in, b[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if b[2] != 8 {
		return fault.New(fault.Malformed, "gzip with a method of compression that nobody has")
	}
	if err := g.fields(b[3]); err != nil {
		return io.ErrUnexpectedEOF
	}
	g.sum, g.size = 0, 0
	if g.members++; g.flate == nil {
		g.flate = flate.NewReader(g.in)
		return nil
	}
	return g.flate.(flate.Resetter).Reset(g.in, nil)
}

// fields skips what the flags announce.
func (g *gzipReader) fields(flags byte) error {
	if flags&gzipExtra != 0 {
		var n [2]byte
		if _, err := io.ReadFull(g.in, n[:]); err != nil {
			return err
		}
		if _, err := g.in.Discard(int(binary.LittleEndian.Uint16(n[:]))); err != nil {
			return err
		}
	}
	for _, text := range []byte{gzipName, gzipComment} {
		for c := byte(1); flags&text != 0 && c != 0; {
			var err error
			if c, err = g.in.ReadByte(); err != nil {
				return err
			}
		}
	}
	if flags&gzipChecksum == 0 {
		return nil
	}
	_, err := g.in.Discard(2)
	return err
}

// end checks what stands behind a member's data, and goes on to the next one:
// io.EOF where there is none.
func (g *gzipReader) end() error {
	var b [8]byte
	if _, err := io.ReadFull(g.in, b[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if binary.LittleEndian.Uint32(b[:]) != g.sum || binary.LittleEndian.Uint32(b[4:]) != g.size {
		return fault.New(fault.Malformed, "the checksum of gzip data is wrong")
	}
	for {
		next, err := g.in.Peek(1)
		if err != nil || next[0] != 0 {
			break
		}
		g.in.Discard(1)
	}
	if next, _ := g.in.Peek(2); string(next) != "\x1f\x8b" {
		return io.EOF
	}
	return g.header()
}
