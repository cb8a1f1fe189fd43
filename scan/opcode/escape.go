package opcode

import (
	"bytes"
	"unicode/utf8"
)

// surrogatepass checks UTF-8 in which lone surrogates pass, and returns how
// much of src is good: up to a wrong byte (ok is false), or up to an
// unfinished character at its end.
func surrogatepass(src []byte, last bool) (n int, ok bool) {
	for n < len(src) {
		if src[n] < utf8.RuneSelf {
			n++
			continue
		}
		b := src[n:]
		if r, size := utf8.DecodeRune(b); r != utf8.RuneError || size > 1 {
			n += size
			continue
		}
		switch {
		case len(b) >= 3 && b[0] == 0xed && b[1] >= 0xa0 && b[1] <= 0xbf && b[2]&0xc0 == 0x80:
			n += 3
		case !last && unfinished(b):
			return n, true
		default:
			return n, false
		}
	}
	return n, true
}

// unfinished reports whether b may be the beginning of a character.
func unfinished(b []byte) bool {
	if b[0] == 0xed && len(b) == 2 {
		return b[1]&0xc0 == 0x80
	}
	return !utf8.FullRune(b)
}

// rawUnicodeEscape decodes UNICODE: latin-1, in which \uXXXX and \UXXXXXXXX
// stand for a character. A backslash before anything else stands for itself,
// and takes what follows with it: \\u0041 has no escape.
func rawUnicodeEscape(dst, src []byte, last bool) ([]byte, int, error) {
	for n := 0; n < len(src); {
		if c := src[n]; c != '\\' {
			if c < utf8.RuneSelf {
				dst = append(dst, c)
			} else {
				dst = append(dst, 0xc0|c>>6, 0x80|c&0x3f)
			}
			n++
			continue
		}
		if n+1 == len(src) {
			if !last {
				return dst, n, nil
			}
			return append(dst, '\\'), n + 1, nil
		}
		size := 0
		switch src[n+1] {
		case 'u':
			size = 4
		case 'U':
			size = 8
		default:
			dst = appendRune(append(dst, '\\'), rune(src[n+1]))
			n += 2
			continue
		}
		hex := src[n+2:]
		if len(hex) < size && !last {
			return dst, n, nil
		}
		r, ok := hexRune(hex, size)
		if !ok {
			return dst, n, errText
		}
		dst = appendRune(dst, r)
		n += 2 + size
	}
	return dst, len(src), nil
}

func hexRune(b []byte, size int) (rune, bool) {
	if len(b) < size {
		return 0, false
	}
	var r uint32
	for _, c := range b[:size] {
		v := digit(c)
		if v > 15 {
			return 0, false
		}
		r = r<<4 | uint32(v)
	}
	return rune(r), r <= utf8.MaxRune
}

// appendRune appends a character, a surrogate as WTF-8 has it.
func appendRune(dst []byte, r rune) []byte {
	switch {
	case r < utf8.RuneSelf:
		return append(dst, byte(r))
	case r >= 0xd800 && r <= 0xdfff:
		return append(dst, 0xed, byte(0x80|(r>>6)&0x3f), byte(0x80|r&0x3f))
	}
	return utf8.AppendRune(dst, r)
}

// quotedString decodes STRING.
type quotedString struct{ quote byte }

// decode takes the quotes away, the first byte and the last, and decodes the
// escapes between them. An escape never takes the closing quote.
func (q *quotedString) decode(dst, src []byte, last bool) ([]byte, int, error) {
	n, end := 0, len(src)-1
	if q.quote == 0 && len(src) > 0 {
		if q.quote = src[0]; q.quote != '\'' && q.quote != '"' {
			return dst, 0, errText
		}
		n = 1
	}
	for n < end {
		var size int
		var ok bool
		if dst, size, ok = unescape(dst, src[n:end], last); !ok {
			return dst, n, errText
		}
		if size == 0 {
			return dst, n, nil
		}
		n += size
	}
	if !last {
		return dst, n, nil
	}
	if n != end || src[end] != q.quote {
		return dst, n, errText
	}
	return dst, n + 1, nil
}

// unescape decodes the beginning of b: what stands before a backslash, or one
// escape (PyBytes_DecodeEscape). size is 0 for an escape that is unfinished;
// one that is wrong is not ok.
func unescape(dst, b []byte, last bool) (out []byte, size int, ok bool) {
	if i := bytes.IndexByte(b, '\\'); i != 0 {
		if i < 0 {
			i = len(b)
		}
		return append(dst, b[:i]...), i, true
	}
	if len(b) < 4 && !last {
		return dst, 0, true
	}
	if len(b) < 2 {
		return dst, 0, false
	}
	const from, to = `\'"bfnrtva`, "\\'\"\b\f\n\r\t\v\a"
	if i := bytes.IndexByte([]byte(from), b[1]); i >= 0 {
		return append(dst, to[i]), 2, true
	}
	switch c := b[1]; {
	case c == 'x':
		r, ok := hexRune(b[2:], 2)
		return append(dst, byte(r)), 4, ok
	case c >= '0' && c <= '7':
		v, n := octal(b[1:])
		return append(dst, v), 1 + n, true
	}
	// An unknown escape stands for itself.
	return append(dst, b[:2]...), 2, true
}

// octal reads one to three octal digits; C keeps the low eight bits.
func octal(b []byte) (v byte, n int) {
	for n < 3 && n < len(b) && b[n] >= '0' && b[n] <= '7' {
		v = v<<3 | (b[n] - '0')
		n++
	}
	return v, n
}
