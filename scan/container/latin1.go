package container

import (
	"bufio"
	"io"
	"unicode/utf8"

	"depickle/scan/fault"
	"depickle/scan/opcode"
)

// Latin1 turns a text payload into the bytes that it stands for, in the spool:
// protocol 2 spells bytes as _codecs.encode(text, 'latin1'). code is the
// opcode that spelled the text.
func (s *Source) Latin1(code opcode.Code, e Extent) (Extent, error) {
	return s.once(transcoding{e, code, true}, func() (Extent, error) {
		return s.Spool(EncodeLatin1(opcode.TextReader(code, s.Section(e))), e.Len)
	})
}

// Plain decodes the payload of a STRING opcode into the spool.
func (s *Source) Plain(code opcode.Code, e Extent) (Extent, error) {
	return s.once(transcoding{e, code, false}, func() (Extent, error) {
		return s.Spool(opcode.TextReader(code, s.Section(e)), e.Len)
	})
}

// transcoding is a payload and what is done to it.
type transcoding struct {
	e      Extent
	code   opcode.Code
	latin1 bool
}

// once transcodes a payload the first time only: a pickle can name the same
// text a million times in a few bytes each.
func (s *Source) once(t transcoding, do func() (Extent, error)) (Extent, error) {
	if e, ok := s.decoded[t]; ok {
		return e, nil
	}
	e, err := do()
	if err != nil {
		return e, err
	}
	if s.decoded == nil {
		s.decoded = map[transcoding]Extent{}
	}
	s.decoded[t] = e
	return e, nil
}

// latin1Reader encodes UTF-8 text as latin-1.
type latin1Reader struct{ r *bufio.Reader }

// EncodeLatin1 is Latin1 for text in memory.
func EncodeLatin1(text io.Reader) io.Reader { return &latin1Reader{r: bufio.NewReader(text)} }

// Read implements io.Reader.
func (l *latin1Reader) Read(p []byte) (int, error) {
	for n := range p {
		r, size, err := l.r.ReadRune()
		if err != nil {
			return n, err
		}
		if r > 0xff || (r == utf8.RuneError && size == 1) {
			return n, fault.New(fault.Malformed, "text that stands for bytes has a character above U+00FF")
		}
		p[n] = byte(r)
	}
	return len(p), nil
}
