package opcode

import (
	"fmt"
	"math/big"
	"strings"

	"depickle/scan/fault"
)

// maxDigits is the most decimal digits of INT and LONG: converting them takes
// quadratic time. CPython has the same bound.
const maxDigits = 4300

// reading is what one reader makes of a literal.
type reading struct {
	n      *big.Int
	isBool bool
	ok     bool
	long   bool // refused for its length alone
}

func (r reading) set(op *Op) {
	op.IsBool = r.isBool
	if r.n.IsInt64() {
		op.Int = r.n.Int64()
		return
	}
	op.Big = r.n
}

func (r reading) String() string {
	switch {
	case !r.ok:
		return "refused"
	case r.isBool && r.n.Sign() == 0:
		return "False"
	case r.isBool:
		return "True"
	case r.n.BitLen() > 128:
		return fmt.Sprintf("a number of %d bits", r.n.BitLen())
	}
	return r.n.String()
}

func (r reading) equal(o reading) bool {
	return r.ok == o.ok && (!r.ok || r.isBool == o.isBool && r.n.Cmp(o.n) == 0)
}

// differs says how readers differ on a literal that is not plain. tools is
// pickletools, and the scanners that are built on it.
func differs(code Code, line string, before, since reading) string {
	tools := pyLong(line, 10)
	if strings.Contains(line, "\x00") {
		tools = reading{}
	}
	quoted := fault.Quote(line)
	if before.equal(since) && before.equal(tools) {
		return fmt.Sprintf("the %s literal %s is %s to CPython; readers that take plain digits alone refuse it", code, quoted, before)
	}
	return fmt.Sprintf("the %s literal %s is %s to CPython up to 3.13, %s to later ones, %s to pickletools", code, quoted, before, since, tools)
}

// intIn reads INT: strtol of a line that ends where a line feed or a NUL does,
// with PyLong_FromString behind it for what strtol refuses. In base 0 the C
// unpickler takes any two characters that make 0 or 1 for a bool, since
// cpython#135241 00 and 01 alone.
func intIn(line string, base int) reading {
	text, _ := cString(line)
	n, rest, fits := strtol(text, base)
	if !fits || rest != "" {
		return pyLong(text, base)
	}
	r := reading{n: n, ok: true}
	if base == 0 {
		r.isBool = len(line) == 2 && n.BitLen() <= 1 && n.Sign() >= 0
	}
	return r
}

// longIn reads LONG, whose L the caller has taken away.
func longIn(line string, base int) reading {
	text, _ := cString(line)
	return pyLong(text, base)
}

// cString is what C sees of a line: it ends at the first NUL (cpython#126996).
func cString(line string) (text string, nul bool) {
	text, _, nul = strings.Cut(line, "\x00")
	return text, nul
}

// spaces are those of C's isspace, but for the line feed, which ends the line.
const spaces = " \t\v\f\r"

// strtol is C's: white space, a sign, a prefix in base 0, digits. rest is what
// stands behind them: all of s if there are none. fits is false for what a
// long of 64 bits does not hold.
func strtol(s string, base int) (n *big.Int, rest string, fits bool) {
	t := strings.TrimLeft(s, spaces)
	t, negative := sign(t)
	if base == 0 {
		base = 10
		switch {
		case len(t) > 2 && t[0] == '0' && t[1]|0x20 == 'x' && digit(t[2]) < 16:
			t, base = t[2:], 16
		case t != "" && t[0] == '0':
			base = 8
		}
	}
	end := 0
	for end < len(t) && digit(t[end]) < base {
		end++
	}
	if end == 0 {
		return new(big.Int), s, true
	}
	digits := strings.TrimLeft(t[:end], "0")
	if len(digits) > 64 {
		return nil, t[end:], false
	}
	n, _ = new(big.Int).SetString("0"+digits, base)
	if negative {
		n.Neg(n)
	}
	return n, t[end:], n.IsInt64()
}

// pyLong is PyLong_FromString: white space around it, a sign, a prefix in base
// 0, digits with single underscores between them. Base 0 has no leading zeros
// but those of zero itself.
func pyLong(s string, base int) reading {
	t, negative := sign(strings.Trim(s, spaces))
	zero := false
	if base == 0 {
		base = 10
		if len(t) > 1 && t[0] == '0' {
			switch t[1] | 0x20 {
			case 'x':
				base = 16
			case 'o':
				base = 8
			case 'b':
				base = 2
			default:
				zero = true
			}
			if base != 10 {
				t = strings.TrimPrefix(t[2:], "_")
			}
		}
	}
	if strings.HasPrefix(t, "_") || strings.HasSuffix(t, "_") || strings.Contains(t, "__") {
		return reading{}
	}
	t = strings.ReplaceAll(t, "_", "")
	for i := range len(t) {
		if digit(t[i]) >= base {
			return reading{}
		}
	}
	switch {
	case t == "", zero && strings.Trim(t, "0") != "":
		return reading{}
	case base == 10 && len(t) > maxDigits:
		return reading{long: true}
	}
	n, ok := new(big.Int).SetString(t, base)
	if ok && negative {
		n.Neg(n)
	}
	return reading{n: n, ok: ok}
}

func sign(s string) (rest string, negative bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:], s[0] == '-'
	}
	return s, false
}

// digit is the value of a digit of bases up to 36, 99 for what is none.
func digit(c byte) int {
	switch l := c | 0x20; {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case l >= 'a' && l <= 'z':
		return int(l-'a') + 10
	}
	return 99
}
