package opcode

import (
	"bytes"
	"io"

	"depickle/scan/fault"
)

// Text decodes the raw payload of a text opcode.
//
// UNICODE and BINUNICODE give UTF-8 in which a lone surrogate stands as the
// three bytes that UTF-8 would have for it (WTF-8, Python's "surrogatepass");
// a pair of surrogates stays a pair, since Python keeps it apart from the
// character it makes. STRING, BINSTRING and SHORT_BINSTRING give the bytes
// that Python 2 had. Payloads of other opcodes are returned as they are.
//
// Text that C refuses is malformed.
func Text(code Code, raw []byte) (string, error) {
	var t *transcoder
	switch code {
	case BinUnicode, ShortBinUnicode, BinUnicode8:
		if n, ok := surrogatepass(raw, true); !ok || n < len(raw) {
			return "", badText(code, int64(n))
		}
		return string(raw), nil
	case Unicode:
		if bytes.IndexByte(raw, '\\') < 0 && ascii(raw) {
			return string(raw), nil
		}
		t = newTranscoder(code, nil)
	case String:
		t = newTranscoder(code, nil)
	default:
		return string(raw), nil
	}
	out, n, err := t.decode(nil, raw, true)
	if err != nil || n < len(raw) {
		return "", badText(code, int64(n))
	}
	return string(out), nil
}

// TextReader is Text for a payload of any length; r reads the raw payload.
// What comes before an error is decoded and correct.
func TextReader(code Code, r io.Reader) io.Reader {
	switch code {
	case Unicode, String, BinUnicode, ShortBinUnicode, BinUnicode8:
		return newTranscoder(code, r)
	}
	return r
}

func badText(code Code, at int64) error {
	what := "no UTF-8"
	switch code {
	case Unicode:
		what = `a \u or \U escape that is cut off or out of range`
	case String:
		what = `a \x escape or a backslash that is cut off, or quotes that do not match`
	}
	return fault.New(fault.Malformed, "%s: byte %d of the text begins %s", code, at, what)
}
