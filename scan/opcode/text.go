package opcode

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"depickle/scan/fault"
)

// Text decodes the raw payload of a text opcode. UNICODE and BINUNICODE give
// text, with lone surrogates as in WTF-8; STRING, BINSTRING and
// SHORT_BINSTRING give the bytes that Python 2 had. Other opcodes' payloads
// are returned as they are.
func Text(code Code, raw []byte) (string, error) {
	switch code {
	case BinUnicode, ShortBinUnicode, BinUnicode8:
		if !validWTF8(raw) {
			return "", fault.New(fault.Malformed, "%s: the text is not UTF-8", code)
		}
		return string(raw), nil
	case Unicode, String:
		b, err := io.ReadAll(TextReader(code, bytes.NewReader(raw)))
		return string(b), err
	}
	return string(raw), nil
}

// validWTF8 is UTF-8 with surrogates passed, as Python's "surrogatepass".
func validWTF8(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 {
			if len(b) >= 3 && b[0] == 0xed && b[1] >= 0xa0 && b[1] <= 0xbf && b[2]&0xc0 == 0x80 {
				n = 3
			} else {
				return false
			}
		}
		b = b[n:]
	}
	return true
}

// TextReader is Text for a payload of any length.
func TextReader(code Code, r io.Reader) io.Reader {
	switch code {
	case Unicode:
		return &textReader{in: bufio.NewReader(r), step: rawUnicode}
	case String:
		in := bufio.NewReader(r)
		quote, _ := in.ReadByte()
		return &textReader{in: in, quote: quote, step: quoted}
	}
	return r
}

// textReader decodes one unit at a time.
type textReader struct {
	in    *bufio.Reader
	quote byte
	step  func(t *textReader) error
	out   []byte
	err   error
}

// Read implements io.Reader.
func (t *textReader) Read(p []byte) (int, error) {
	for len(t.out) < len(p) && t.err == nil {
		t.err = t.step(t)
	}
	n := copy(p, t.out)
	t.out = append(t.out[:0], t.out[n:]...)
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	return 0, t.err
}

// rawUnicode decodes a unit of raw-unicode-escape: latin-1, and \uXXXX or
// \UXXXXXXXX after a backslash that no backslash precedes.
func rawUnicode(t *textReader) error {
	c, err := t.in.ReadByte()
	if err != nil {
		return err
	}
	if c != '\\' {
		t.rune(rune(c))
		return nil
	}
	c, err = t.in.ReadByte()
	if err == io.EOF {
		t.rune('\\')
		return nil
	}
	if err != nil {
		return err
	}
	digits := 0
	switch c {
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		t.rune('\\')
		t.rune(rune(c))
		return nil
	}
	r, ok := t.hex(digits)
	if !ok || r > utf8.MaxRune {
		return fault.New(fault.Malformed, "UNICODE: a \\%c escape is cut off or out of range", c)
	}
	t.rune(r)
	return nil
}

func (t *textReader) hex(digits int) (rune, bool) {
	var r uint32
	for range digits {
		c, err := t.in.ReadByte()
		v, ok := hexDigit(c)
		if err != nil || !ok || r > 0xfffffff {
			return 0, false
		}
		r = r<<4 | uint32(v)
	}
	if r > utf8.MaxRune {
		return 0, false
	}
	return rune(r), true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// rune appends a character, a surrogate as WTF-8 has it.
func (t *textReader) rune(r rune) {
	if r >= 0xd800 && r <= 0xdfff {
		t.out = append(t.out, 0xed, byte(0x80|(r>>6)&0x3f), byte(0x80|r&0x3f))
		return
	}
	t.out = utf8.AppendRune(t.out, r)
}

// quoted decodes a unit of a quoted Python 2 string (PyBytes_DecodeEscape).
func quoted(t *textReader) error {
	c, err := t.in.ReadByte()
	if err != nil {
		return err
	}
	if c == t.quote {
		if _, err := t.in.Peek(1); err == io.EOF {
			return io.EOF // the closing quote
		}
	}
	if c != '\\' {
		t.out = append(t.out, c)
		return nil
	}
	c, err = t.in.ReadByte()
	last := err == nil && c == t.quote
	if _, eof := t.in.Peek(1); err != nil || (last && eof == io.EOF) {
		return fault.New(fault.Malformed, "STRING: a backslash ends the string")
	}
	const from, to = `\'"bfnrtva`, "\\'\"\b\f\n\r\t\v\a"
	if i := bytes.IndexByte([]byte(from), c); i >= 0 {
		t.out = append(t.out, to[i])
		return nil
	}
	switch {
	case c >= '0' && c <= '7':
		t.out = append(t.out, t.octal(c))
	case c == 'x':
		r, ok := t.hex(2)
		if !ok {
			return fault.New(fault.Malformed, `STRING: a \x escape is cut off`)
		}
		t.out = append(t.out, byte(r))
	default:
		t.out = append(t.out, '\\', c)
	}
	return nil
}

// octal reads up to two more octal digits; C keeps the low eight bits.
func (t *textReader) octal(first byte) byte {
	v := int(first - '0')
	for range 2 {
		b, err := t.in.Peek(1)
		if err != nil || b[0] < '0' || b[0] > '7' {
			break
		}
		t.in.Discard(1)
		v = v<<3 | int(b[0]-'0')
	}
	return byte(v)
}
