package opcode

import (
	"bytes"
	"math"
	"strconv"

	"depickle/scan/fault"
)

// float reads FLOAT as PyOS_string_to_double does: decimal digits, or inf and
// nan, without white space, and without the hexadecimal and underscores that
// Go would take. It ends at a NUL. Too large is an error, as it is in C.
func float(op *Op, b []byte) error {
	text, junk, nul := bytes.Cut(b, []byte{0})
	f, ok := special(text)
	if !ok {
		if !decimal(text) {
			return op.bad("%s is no float", fault.Quote(string(b)))
		}
		var err error
		if f, err = strconv.ParseFloat(string(text), 64); err != nil {
			return op.bad("%s does not fit a float", fault.Quote(string(b)))
		}
	}
	op.Float = f
	if nul {
		op.note(func() string {
			return "the float " + fault.Quote(string(text)) + " is followed by a NUL and " + fault.Quote(string(junk)) +
				", which the C unpickler ignores and others refuse"
		})
	}
	return nil
}

// special reads inf, infinity and nan in any case. The sign of a nan is kept,
// in the bits that C gives it.
func special(b []byte) (f float64, ok bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative || (len(b) > 0 && b[0] == '+') {
		b = b[1:]
	}
	switch {
	case equalFold(b, "inf"), equalFold(b, "infinity"):
		f = math.Inf(1)
	case equalFold(b, "nan"):
		f = math.Float64frombits(0x7ff8 << 48)
	default:
		return 0, false
	}
	if negative {
		f = math.Copysign(f, -1)
	}
	return f, true
}

// equalFold compares with lower-case ASCII. Unicode's folding, which takes the
// Kelvin sign for a k, has no place here.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c|0x20 != lower[i] {
			return false
		}
	}
	return true
}

// decimal reports whether b is [sign] digits [. digits] [e [sign] digits] with
// a digit before or behind the point.
func decimal(b []byte) bool {
	b = unsigned(b)
	whole, b := digits(b)
	part := 0
	if len(b) > 0 && b[0] == '.' {
		part, b = digits(b[1:])
	}
	if whole+part == 0 {
		return false
	}
	if len(b) > 0 && b[0]|0x20 == 'e' {
		var exponent int
		if exponent, b = digits(unsigned(b[1:])); exponent == 0 {
			return false
		}
	}
	return len(b) == 0
}

func unsigned(b []byte) []byte {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		return b[1:]
	}
	return b
}

func digits(b []byte) (n int, rest []byte) {
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return n, b[n:]
}
