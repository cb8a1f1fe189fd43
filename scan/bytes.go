package scan

import (
	"context"
	"errors"
	"io"
	"strings"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/machine"
	"depickle/scan/opcode"
)

// latin1 reports whether a value names the codec that maps characters to the
// bytes of the same number.
func (j *judge) latin1(v machine.Value) bool {
	codec, ok := j.m.Text(v)
	if !ok {
		return false
	}
	switch strings.ReplaceAll(strings.ToLower(codec), "-", "") {
	case "latin1", "iso88591":
		return true
	}
	return false
}

// encode: _codecs.encode(text, 'latin1') is how protocol 2 spells bytes. With
// another codec it hides what the bytes are.
func (j *judge) encode(c *counted, args []machine.Value) (*thing, error) {
	if len(args) != 2 || args[0].Kind != machine.Str || !j.latin1(args[1]) {
		j.bad(c, "is called with another codec than latin1, or with what is no text")
		return &thing{kind: someBytes, bytes: -1}, nil
	}
	n, err := j.latin1Len(args[0])
	if err == nil && n < 0 {
		j.odd(c, "encodes text that has characters above U+00FF, or does not decode")
	}
	return &thing{kind: someBytes, bytes: n}, err
}

// allocator: bytes and bytearray of a number allocate as much. The forms that
// picklers write take nothing, bytes, or text and latin1.
func (j *judge) allocator(c *counted, args []machine.Value) (*thing, error) {
	made := &thing{kind: someBytes, bytes: -1}
	switch {
	case len(args) == 0:
		made.bytes = 0
	case len(args) == 1 && (args[0].Kind == machine.Bytes || args[0].Kind == machine.ByteArray || args[0].Kind == machine.Str2 || j.is(args[0], someBytes)):
		n, err := j.size(args[0])
		made.bytes = n
		return made, err
	case len(args) == 2 && args[0].Kind == machine.Str && j.latin1(args[1]):
		n, err := j.latin1Len(args[0])
		if err == nil && n < 0 {
			j.odd(c, "is made of text that has characters above U+00FF, or does not decode")
		}
		made.bytes = n
		return made, err
	default:
		j.bad(c, "is made of something else than bytes, which may allocate as much as the file says")
	}
	return made, nil
}

// size is how many bytes a value stands for, as numpy reads it; -1 where that
// is not known, or it stands for none.
func (j *judge) size(v machine.Value) (int64, error) {
	switch v.Kind {
	case machine.Bytes, machine.ByteArray:
		return v.Len(), nil
	case machine.Str:
		return j.latin1Len(v)
	case machine.Str2:
		if v.Code != opcode.String {
			return v.Len(), nil
		}
		return j.decodedLen(v, func(r io.Reader) io.Reader { return opcode.TextReader(v.Code, r) })
	case machine.Object:
		if t := j.known(v); t != nil && t.kind == someBytes {
			return t.bytes, nil
		}
	}
	return -1, nil
}

// latin1Len is how many bytes a text is in latin1; -1 where it is no such
// text.
func (j *judge) latin1Len(v machine.Value) (int64, error) {
	if v.Code == opcode.Unicode {
		return j.decodedLen(v, func(r io.Reader) io.Reader { return container.EncodeLatin1(opcode.TextReader(v.Code, r)) })
	}
	return j.decodedLen(v, func(r io.Reader) io.Reader { return &latin1Counter{r: r} })
}

// decodedLen counts what a payload decodes to, once: a pickle can fetch the
// same text a million times in a few bytes each.
func (j *judge) decodedLen(v machine.Value, decode func(io.Reader) io.Reader) (int64, error) {
	e := j.m.Extent(v)
	if n, ok := j.lengths[e]; ok {
		return n, nil
	}
	n, err := io.Copy(io.Discard, decode(j.bulk(e)))
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Malformed {
		n, err = -1, nil
	}
	if err == nil && e.Len > 64 {
		j.lengths[e] = n
	}
	return n, err
}

// bulk reads a payload that may be long, until the context ends.
func (j *judge) bulk(e container.Extent) io.Reader {
	return cancelling{j.ctx, io.NewSectionReader(j.src.Bulk(e.Space), e.Off, e.Len)}
}

// cancelling is a reader that ends with its context.
type cancelling struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c cancelling) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// latin1Counter reads UTF-8 and gives one byte for each character up to
// U+00FF; others are an error. It only serves to count, so the bytes it gives
// are not the characters.
type latin1Counter struct {
	r    io.Reader
	half bool // the first byte of two was read
}

// Read implements io.Reader.
func (l *latin1Counter) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	out := 0
	for _, c := range p[:n] {
		switch {
		case l.half:
			if c&0xc0 != 0x80 {
				return 0, errNotLatin1
			}
			l.half = false
			out++
		case c < 0x80:
			out++
		case c == 0xc2, c == 0xc3:
			l.half = true
		default:
			return 0, errNotLatin1
		}
	}
	if err == io.EOF && l.half {
		err = errNotLatin1
	}
	return out, err
}

var errNotLatin1 = fault.New(fault.Malformed, "text that stands for bytes has a character above U+00FF")
