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
		{Name: "lz4", Is: container.Begins("\x04\x22\x4d\x18"), Open: openLZ4, Coder: 0x04f71104},
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
	return one, nil
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
