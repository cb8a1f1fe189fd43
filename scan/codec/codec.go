// Package codec has the codecs that take a library of their own: xz, lzma and
// lz4, as joblib and others write them. Whoever wants them hands them to
// container.Open; the packages below it stay light.
//
// Each is bounded by whoever reads from it, and keeps a window of at most
// 128 MiB.
//
// Sources: the .xz file format 1.1.0, LZMA_Alone, the LZ4 frame format 1.6.2.
package codec

import (
	"bufio"
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
		{Name: "xz", Is: container.Begins("\xfd7zXZ\x00"), Open: openXZ},
		{Name: "lz4", Is: container.Begins("\x04\x22\x4d\x18"), Open: openLZ4},
		{Name: "lzma", Is: isLZMA, Open: openLZMA},
	}
}

// openXZ uses a library of its own: the one for lzma takes as much memory as
// any block of an xz file asks for.
func openXZ(r *bufio.Reader) (io.Reader, error) { return xz.NewReader(r, container.MaxWindow) }

func openLZ4(r *bufio.Reader) (io.Reader, error) { return lz4.NewReader(r), nil }

// lzmaHeader is one byte of properties, the dictionary's size, and that of
// the data.
const lzmaHeader = 13

// isLZMA takes the properties that everyone writes, and a header that can be.
func isLZMA(head []byte) bool {
	if len(head) < lzmaHeader || head[0] != 0x5d {
		return false
	}
	dict, size := binary.LittleEndian.Uint32(head[1:]), binary.LittleEndian.Uint64(head[5:])
	return dict >= 1<<12 && dict&(dict-1) == 0 && (size == 1<<64-1 || size < 1<<40)
}

func openLZMA(r *bufio.Reader) (io.Reader, error) {
	head, err := r.Peek(lzmaHeader)
	if err != nil {
		return nil, err
	}
	if dict := int64(binary.LittleEndian.Uint32(head[1:])); dict > container.MaxWindow {
		return nil, fault.New(fault.Limit, "an lzma dictionary of %s, more than %s", limit.Size(dict), limit.Size(container.MaxWindow))
	}
	return lzma.ReaderConfig{DictCap: container.MaxWindow}.NewReader(r)
}
