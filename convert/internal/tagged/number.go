package tagged

import (
	"crypto/sha256"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// maxSafe is the largest whole number that every reader of JSON keeps, those
// with doubles included (RFC 8259, section 6).
const maxSafe = 1<<53 - 1

// maxDecimal is the longest int, in bits, that is written out: the time of
// decimal digits is not linear.
const maxDecimal = 1024

func (e *encoder) int(n int64) {
	if n >= -maxSafe && n <= maxSafe {
		e.b = strconv.AppendInt(e.b, n, 10)
		return
	}
	e.tag("$int", func() { e.quote(strconv.FormatInt(n, 10)) })
}

func (e *encoder) big(n *big.Int) {
	switch {
	case n == nil:
		e.raw("null")
	case n.IsInt64():
		e.int(n.Int64())
	case n.BitLen() <= maxDecimal:
		e.tag("$int", func() { e.quote(n.String()) })
	default:
		hex := n.Text(16)
		e.work += int64(len(hex))
		e.digest("$int", int64(len(hex)), sha256.Sum256([]byte(hex)))
	}
}

// Python's float('nan'), in the three widths.
const (
	quiet16 = 0x7e00
	quiet32 = 0x7fc00000
	quiet64 = 0x7ff8000000000000
)

func (e *encoder) float64(f float64) {
	e.float(f, 64, math.Float64bits(f), quiet64)
}

// float writes f, an element of that many bits, with the shortest digits that
// read back as it.
func (e *encoder) float(f float64, width int, raw, quiet uint64) {
	switch {
	case math.IsInf(f, 1):
		e.raw(`{"$float":"inf"}`)
	case math.IsInf(f, -1):
		e.raw(`{"$float":"-inf"}`)
	case math.IsNaN(f) && raw == quiet:
		e.raw(`{"$float":"nan"}`)
	case math.IsNaN(f):
		hex := strconv.FormatUint(raw, 16)
		e.raw(`{"$float":"nan:` + strings.Repeat("0", max(0, width/4-len(hex))) + hex + `"}`)
	default:
		e.finite(f, width)
	}
}

// finite writes what Python's repr does: a point or an exponent in any case,
// an exponent below 1e-4 and from 1e16.
func (e *encoder) finite(f float64, width int) {
	form := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		form = 'e'
	}
	s := strconv.FormatFloat(f, form, -1, max(width, 32))
	e.raw(s)
	if !strings.ContainsAny(s, ".e") {
		e.raw(".0")
	}
}
