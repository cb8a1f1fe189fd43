package codec

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"depickle/scan/container"
	"depickle/scan/fault"

	"github.com/therootcompany/xz"
)

// openPackedLZMA2 has one byte of properties: the dictionary, as a power of two
// or one and a half of it. The library for xz reads it, behind a header of one
// block: that for lzma makes tables of 6 MiB for any chunk that asks for them.
func openPackedLZMA2(r *bufio.Reader, p container.Packed) (io.Reader, error) {
	if len(p.Properties) != 1 || p.Properties[0] > 40 {
		return nil, fault.New(fault.Malformed, "LZMA2 properties that are none")
	}
	dict, window, code := dictionary(p.Properties[0]), int64(0), byte(0)
	for window < min(dict, p.Window, container.MaxWindow) {
		window = dictionary(code)
		code++
	}
	c := &chunks{r: r}
	one, err := xz.NewReader(io.MultiReader(bytes.NewReader(blockHeader(max(code, 1)-1)), c), container.MaxWindow)
	if err != nil {
		return nil, err
	}
	return shortened(&lzma2{c, one}, dict, window, p), nil
}

// dictionary is the size that the byte stands for.
func dictionary(code byte) int64 { return int64(2|code&1) << (code/2 + 11) }

// blockHeader begins an .xz file without checks, and a block of LZMA2 in it.
func blockHeader(dictionary byte) []byte {
	flags := []byte{0, 0}
	block := []byte{2, 0, 0x21, 1, dictionary, 0, 0, 0}
	head := append([]byte("\xfd7zXZ\x00"), flags...)
	head = binary.LittleEndian.AppendUint32(head, crc32.ChecksumIEEE(flags))
	return binary.LittleEndian.AppendUint32(append(head, block...), crc32.ChecksumIEEE(block))
}

// lzma2 reads what the chunks hold.
type lzma2 struct {
	chunks *chunks
	xz     *xz.Reader
}

// atOnce is how much is asked of the library at once: of that it gives nothing
// where the data is damaged, and a loader has run what stands before.
const atOnce = 512

// Read implements io.Reader.
func (l *lzma2) Read(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var k int
		k, err = l.xz.Read(p[n:min(len(p), n+atOnce)])
		n += k
	}
	if l.chunks.ended && errors.Is(err, xz.ErrBuf) {
		err = io.EOF // no file ends so, but the data does
	}
	return n, err
}

// chunks passes the chunks of LZMA2 on, up to the one that ends them: what
// stands behind that is for the caller to see.
type chunks struct {
	r     *bufio.Reader
	head  []byte // of a chunk, as far as it was not passed on
	left  int    // bytes of it that follow
	ended bool
}

// Read implements io.Reader.
func (c *chunks) Read(p []byte) (int, error) {
	if len(c.head) == 0 && c.left == 0 {
		if c.ended {
			return 0, io.EOF
		}
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if len(c.head) > 0 {
		n := copy(p, c.head)
		c.head = c.head[n:]
		return n, nil
	}
	n, err := c.r.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, ended(err)
}

// next reads the header of a chunk: what it is, how much it unpacks to, how
// much follows if it is packed, and maybe properties.
func (c *chunks) next() error {
	control, err := c.r.ReadByte()
	if err != nil {
		return ended(err)
	}
	n := 1
	switch {
	case control >= 0xc0:
		n = 6
	case control >= 0x80:
		n = 5
	case control != 0:
		n = 3
	}
	c.head = append(make([]byte, 0, 6), control)[:n]
	if _, err := io.ReadFull(c.r, c.head[1:]); err != nil {
		return ended(err)
	}
	switch {
	case control == 0:
		c.ended = true
	case control >= 0x80:
		c.left = int(binary.BigEndian.Uint16(c.head[3:])) + 1
	default:
		c.left = int(binary.BigEndian.Uint16(c.head[1:])) + 1
	}
	return nil
}

// ended is the error of a stream that ends where it may not.
func ended(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
