package container

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// Codec unpacks one kind of compressed files. Those of gzip, zlib, bzip2 and
// zstd are always there; Options.Codecs adds others.
type Codec struct {
	Name string // for messages
	// Is tells by the first bytes, of which there may be few.
	Is func(head []byte) bool
	// Open returns what r holds. It is bounded by whoever reads it; a window
	// that it needs is at most 128 MiB.
	Open func(r *bufio.Reader) (io.Reader, error)
	// Method is how zip archives name it (APPNOTE.TXT, 4.4.5), 0 for not at all.
	Method uint16
	// Coder is how 7z archives name it (the LZMA SDK's Methods.txt), 0 for not
	// at all.
	Coder uint64
	// OpenPacked opens what stands in a 7z archive, if Open does not do.
	OpenPacked func(r *bufio.Reader, p Packed) (io.Reader, error)

	// setup is what it costs to open it, in opcodes. A small archive may have
	// tens of thousands of members that are packed one by one.
	setup int64
}

// MaxWindow is the most that a codec keeps of what it unpacked, in bytes.
const MaxWindow = 128 << 20

// builtin are the codecs that need no more than what depickle has anyway.
var builtin = []Codec{
	{Name: "gzip", Is: Begins("\x1f\x8b"), Open: openGzip},
	{Name: "bzip2", Is: Begins("BZh"), Open: func(r *bufio.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }, Method: 12, Coder: 0x040202, setup: 8192}, // it makes 3.6 MB
	{Name: "zstd", Is: Begins("\x28\xb5\x2f\xfd"), Open: OpenZstd, Method: 93, Coder: 0x04f71101},
	{Name: "zlib", Is: isZlib, Open: func(r *bufio.Reader) (io.Reader, error) { return zlib.NewReader(r) }},
	{Name: "joblib's old zlib", Is: isZFile, Open: openZFile},
	{Name: "Deflate", Is: Never, Open: func(r *bufio.Reader) (io.Reader, error) { return flate.NewReader(r), nil }, Coder: 0x040108},
}

// Begins tells a file by how it begins, for [Codec].Is.
func Begins(begin string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(begin)) }
}

// Never is [Codec].Is of what stands in archives alone, which say what it is.
func Never([]byte) bool { return false }

// isZlib takes the two bytes that zlib begins with, a window and a check over
// both. Everyone writes the largest window. Of another one, which a file of any
// kind may seem to begin with, the data must inflate to the beginning of
// something that is read.
func isZlib(head []byte) bool {
	if len(head) < 3 || head[0]&0x0f != 8 || head[0] > 0x78 || (int(head[0])<<8|int(head[1]))%31 != 0 || head[1]&0x20 != 0 {
		return false
	}
	return head[0] == 0x78 || beginsKnown(head)
}

// beginsKnown reports whether zlib data inflates to the beginning of a pickle,
// an array or an archive.
func beginsKnown(head []byte) bool {
	r, err := zlib.NewReader(bytes.NewReader(head))
	if err != nil {
		return false
	}
	var b [2]byte
	n, _ := io.ReadFull(r, b[:])
	switch {
	case n < len(b):
		return false
	case b[0] == 0x80:
		return b[1] <= 5
	}
	return bytes.IndexByte([]byte("(c}]P\x93"), b[0]) >= 0
}

// OpenZstd opens zstd, for a [Codec] that is not sure what follows.
func OpenZstd(r *bufio.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(MaxWindow))
}

// zfileHeader is "ZF" and the length, in hexadecimal and padded with blanks
// (joblib/numpy_pickle_compat.py, _ZFILE_PREFIX and _MAX_LEN). Python 2 wrote
// one byte more.
const zfileHeader = 2 + 19

// isZFile takes what Python's int reads as hexadecimal: 0x may be missing.
func isZFile(head []byte) bool {
	if len(head) < zfileHeader || !bytes.HasPrefix(head, []byte("ZF")) {
		return false
	}
	return len(bytes.Trim(head[2:zfileHeader], "0123456789abcdefABCDEFxX_+- \t\n\v\f\r")) == 0
}

func openZFile(r *bufio.Reader) (io.Reader, error) {
	if _, err := r.Discard(zfileHeader); err != nil {
		return nil, err
	}
	if b, err := r.Peek(1); err == nil && b[0] == ' ' {
		r.Discard(1)
	}
	return zlib.NewReader(r)
}

// codec finds the codec for a file that begins so.
func (s *Source) codec(head []byte) *Codec {
	return s.codecThat(func(c *Codec) bool { return c.Is(head) })
}

// zipCodec finds the codec for members that are compressed by a method.
func (s *Source) zipCodec(method uint16) *Codec {
	return s.codecThat(func(c *Codec) bool { return c.Method == method && method != 0 })
}

func (s *Source) codecThat(is func(*Codec) bool) *Codec {
	for _, list := range [][]Codec{builtin, s.codecs} {
		for i := range list {
			if is(&list[i]) {
				return &list[i]
			}
		}
	}
	return nil
}

// openCompressed makes what a compressed file holds its one part.
func (s *Source) openCompressed(c *Codec) {
	s.Format = Compressed
	s.Note = "compressed with " + c.Name + "; decompress it first"
	s.Parts = []Part{{extent: s.base, codec: c}}
}
