// Package codec has the codecs that take a library of their own: xz, lzma and
// lz4, as joblib and others write them, and with them what only 7z archives
// have, LZMA2, Delta and BCJ. Whoever wants them hands them to container.Open;
// the packages below it stay light.
//
// Each is bounded by whoever reads from it, and keeps a window of at most
// 128 MiB.
//
// Sources: the .xz file format 1.1.0, LZMA_Alone, the LZ4 frame format 1.6.2;
// the LZMA SDK 24.09 for filters.
package codec

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"

	"github.com/pierrec/lz4/v4"
	"github.com/therootcompany/xz"
	"github.com/ulikunitz/xz/lzma"
)

// All are the codecs of this package.
func All() []container.Codec {
	return []container.Codec{
		{Name: "xz", Is: container.Begins("\xfd7zXZ\x00"), Open: openXZ, Method: 95},
		{Name: "lz4", Is: container.Begins(lz4Magic), Open: openLZ4, Coder: 0x04f71104},
		{Name: "lz4 or zstd", Is: isSkippable, Open: openSkippable},
		{Name: "lzma", Is: isLZMA, Open: openLZMA},
		{Name: "zip's lzma", Is: container.Never, Open: openZipLZMA, Method: 14},
		{Name: "LZMA", Is: container.Never, OpenPacked: openPackedLZMA, Coder: 0x030101},
		{Name: "LZMA2", Is: container.Never, OpenPacked: openPackedLZMA2, Coder: 0x21},
		{Name: "Delta", Is: container.Never, OpenPacked: openDelta, Coder: 0x03},
		{Name: "BCJ", Is: container.Never, OpenPacked: openBCJ, Coder: 0x03030103},
		{Name: "BCJ", Is: container.Never, OpenPacked: openBCJ, Coder: 0x04}, // since 23.00
	}
}

// openXZ uses a library of its own: the one for lzma takes as much memory as
// any block of an xz file asks for.
func openXZ(r *bufio.Reader) (io.Reader, error) { return xz.NewReader(r, container.MaxWindow) }

func openLZ4(r *bufio.Reader) (io.Reader, error) { return lz4.NewReader(r), nil }

// isSkippable tells a frame that holds nothing for lz4 and zstd, in front of
// one that does (LZ4 frame format, "Skippable Frames").
func isSkippable(head []byte) bool {
	return len(head) >= skippableHeader && head[0]&0xf0 == 0x50 && string(head[1:4]) == "\x2a\x4d\x18"
}

// skippableHeader is the magic, and how many bytes follow.
const skippableHeader = 8

func openSkippable(r *bufio.Reader) (io.Reader, error) {
	for {
		head, err := r.Peek(skippableHeader)
		if err != nil {
			return nil, io.ErrUnexpectedEOF
		}
		switch {
		case isSkippable(head):
			if _, err := io.CopyN(io.Discard, r, skippableHeader+int64(binary.LittleEndian.Uint32(head[4:]))); err != nil {
				return nil, io.ErrUnexpectedEOF
			}
		case string(head[:4]) == lz4Magic:
			return openLZ4(r)
		default:
			return container.OpenZstd(r)
		}
	}
}

const lz4Magic = "\x04\x22\x4d\x18"

// lzmaHeader is one byte of properties, the dictionary's size, and that of
// the data.
const lzmaHeader = 13

// isLZMA takes the properties that everyone writes, with any dictionary of a
// multiple of 256 bytes, as joblib does, and a size that can be.
func isLZMA(head []byte) bool {
	if len(head) < lzmaHeader || head[0] != 0x5d || head[1] != 0 {
		return false
	}
	size := binary.LittleEndian.Uint64(head[5:])
	return size == 1<<64-1 || size < 1<<40
}

// openLZMA takes one stream behind the other, as Python's lzma does.
func openLZMA(r *bufio.Reader) (io.Reader, error) {
	one, err := lzmaStream(r)
	if err != nil {
		return nil, err
	}
	return &lzmaStreams{in: r, one: one}, nil
}

func lzmaStream(r *bufio.Reader) (io.Reader, error) {
	head, err := r.Peek(lzmaHeader)
	if err != nil {
		return nil, err
	}
	if dict := int64(binary.LittleEndian.Uint32(head[1:])); dict > container.MaxWindow {
		return nil, fault.New(fault.Limit, "an lzma dictionary of %s, more than %s", limit.Size(dict), limit.Size(container.MaxWindow))
	}
	if err := plainLZMA(head[0]); err != nil {
		return nil, err
	}
	one, err := lzma.ReaderConfig{DictCap: container.MaxWindow}.NewReader(r)
	if err != nil {
		return nil, err // and no nil of the library's, which would be a reader
	}
	return &drained{r: one}, nil
}

// drained reads on behind an error: the library keeps what it unpacked of the
// window in front of it. A pickle may stand there whole, and other readers give
// it.
type drained struct {
	r   io.Reader
	err error
}

func (d *drained) Read(p []byte) (int, error) {
	if d.err == nil {
		n, err := d.r.Read(p)
		if err == nil || err == io.EOF {
			return n, err
		}
		if d.err = err; n > 0 {
			return n, nil
		}
	}
	// Of what is there it gives one byte without going on to unpack.
	for i := range p {
		if n, _ := d.r.Read(p[i : i+1]); n == 0 {
			if i > 0 {
				return i, nil
			}
			return 0, d.err
		}
	}
	return len(p), nil
}

// plainLZMA takes the properties that Python's lzma takes: no more than four
// bits, of the position and of the byte before, choose how a byte is coded.
// Each of twelve would make the tables twice as large, up to 6 MiB, for which a
// hostile archive asks with each of its members.
func plainLZMA(properties byte) error {
	lc, lp := properties%9, properties/9%5
	if lc+lp > 4 {
		return fault.New(fault.Unsupported, "lzma with lc=%d and lp=%d, which together are more than 4", lc, lp)
	}
	return nil
}

// lzmaStreams reads streams until what follows is none.
type lzmaStreams struct {
	in  *bufio.Reader
	one io.Reader
	err error
}

func (l *lzmaStreams) Read(p []byte) (int, error) {
	for l.err == nil {
		n, err := l.one.Read(p)
		if err != io.EOF {
			l.err = err
			return n, err
		}
		if n > 0 {
			return n, nil
		}
		head, _ := l.in.Peek(lzmaHeader)
		if !isLZMA(head) {
			l.err = io.EOF // what follows is for the caller to see
			break
		}
		l.one, l.err = lzmaStream(l.in)
	}
	return 0, l.err
}

// openZipLZMA reads a member of a zip archive: a version and a length stand
// before the properties, and no size behind them (APPNOTE.TXT, 5.8.8).
func openZipLZMA(r *bufio.Reader) (io.Reader, error) {
	var head [4 + lzmaHeader]byte
	if _, err := io.ReadFull(r, head[:4+5]); err != nil {
		return nil, err
	}
	if n := binary.LittleEndian.Uint16(head[2:]); n != 5 {
		return nil, fault.New(fault.Malformed, "lzma properties of %d bytes, not 5", n)
	}
	binary.LittleEndian.PutUint64(head[4+5:], 1<<64-1) // not known
	return lzmaStream(bufio.NewReader(io.MultiReader(bytes.NewReader(head[4:]), r)))
}
