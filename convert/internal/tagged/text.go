package tagged

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"unicode/utf8"

	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/opcode"
)

// The longest text and bytes that are written out, in bytes.
const (
	maxText   = 4096
	maxBinary = 256
)

// digested is what stands for a long value.
type digested struct {
	n   int64
	sum [sha256.Size]byte
}

func sumOf(h hash.Hash) (sum [sha256.Size]byte) {
	h.Sum(sum[:0])
	return sum
}

// digest writes a length and a digest under a tag.
func (e *encoder) digest(tag string, n int64, sum [sha256.Size]byte) {
	e.tag(tag, func() {
		e.raw("{")
		e.field("len", func() { e.int(n) })
		e.field("sha256", func() {
			e.raw(`"`)
			e.b = hex.AppendEncode(e.b, sum[:])
			e.raw(`"`)
		})
		e.raw("}")
	})
}

func (e *encoder) longText(tag, s string) {
	e.work += int64(len(s))
	e.digest(tag, int64(len(s)), sha256.Sum256([]byte(s)))
}

func (e *encoder) text(s string) {
	switch {
	case len(s) > maxText:
		e.longText("$str", s)
	case utf8.ValidString(s):
		e.quote(s)
	default:
		e.binary("$wtf8", s)
	}
}

// text2 writes a Python 2 str.
func (e *encoder) text2(s string) {
	if len(s) <= maxText && !utf8.ValidString(s) {
		e.tag("$latin1", func() { e.quote(value.Text2(s)) })
		return
	}
	e.text(s)
}

// bytes writes bytes under a tag.
func (e *encoder) bytes(tag, s string) {
	if len(s) > maxBinary {
		e.longText(tag, s)
		return
	}
	e.binary(tag, s)
}

func (e *encoder) binary(tag, s string) {
	e.tag(tag, func() {
		e.raw(`"`)
		e.b = base64.StdEncoding.AppendEncode(e.b, []byte(s))
		e.raw(`"`)
	})
}

// byteArray writes a bytearray of what the loader makes one of.
func (e *encoder) byteArray(v value.Value) {
	switch v := v.(type) {
	case value.Bytes:
		e.bytes("$bytearray", string(v))
	case value.Str2:
		e.bytes("$bytearray", string(v))
	case *value.Blob:
		e.blob(v, "$bytearray")
	default:
		e.tag("$bytearray", func() { e.raw("null") })
	}
}

// blobKey is what makes two blobs the same: a pickle can name one a million
// times, and it is read once.
type blobKey struct {
	code   opcode.Code
	extent container.Extent
}

// blob writes what is not in memory in the form that it would have there.
// tag is "" for what its opcode says it is.
func (e *encoder) blob(v *value.Blob, tag string) {
	short := e.bytes
	switch v.Code {
	case opcode.Unicode, opcode.BinUnicode, opcode.ShortBinUnicode, opcode.BinUnicode8:
		if tag == "" {
			tag, short = "$str", func(_, s string) { e.text(s) }
		}
	case opcode.String, opcode.BinString, opcode.ShortBinString:
		if tag == "" {
			tag, short = "$str", func(_, s string) { e.text2(s) }
		}
	}
	if tag == "" {
		tag = "$bytes"
	}
	key := blobKey{v.Code, v.Extent}
	if d, ok := e.blobs[key]; ok {
		e.digest(tag, d.n, d.sum)
		return
	}
	head, d, err := e.read(v)
	switch {
	case err != nil:
		e.err = err
	case d.n <= maxText:
		short(tag, string(head))
	default:
		e.blobs[key] = d
		e.digest(tag, d.n, d.sum)
	}
}

// read digests a blob. head is all of it where it is no longer than maxText.
func (e *encoder) read(v *value.Blob) (head []byte, d digested, err error) {
	in := &counted{r: io.LimitReader(e.o.Open(v.Extent), v.Extent.Len)}
	r := opcode.TextReader(v.Code, in)
	var first bytes.Buffer
	h := sha256.New()
	n, err := io.CopyN(io.MultiWriter(&first, h), r, maxText)
	if err == nil {
		var rest int64
		rest, err = io.CopyBuffer(h, onlyReader{r}, make([]byte, hashStep))
		n += rest
	}
	if err != nil && err != io.EOF {
		return nil, d, err
	}
	if in.n != v.Extent.Len {
		return nil, d, fault.At(fault.Changed, v.Extent.Off, "a text of %d bytes has become shorter", v.Extent.Len)
	}
	return first.Bytes(), digested{n, sumOf(h)}, nil
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// onlyReader hides what else a reader can do from io.CopyBuffer, which would
// not use its buffer.
type onlyReader struct{ io.Reader }
