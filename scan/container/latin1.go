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
	return s.Spool(&latin1Reader{r: bufio.NewReader(opcode.TextReader(code, s.Section(e)))}, e.Len)
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
