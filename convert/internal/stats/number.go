package stats

import (
	"math"
	"strconv"
)

// Number is an extreme. It is exact: a finite float64, or an integer of up to
// 64 bits.
type Number struct {
	float float64
	abs   uint64 // of an integer, whose sign is that of neg
	neg   bool
	whole bool
}

// Real is a number of a floating-point tensor. Zero has no sign.
func Real(x float64) Number {
	if x == 0 {
		x = 0
	}
	return Number{float: x}
}

// Whole is a signed integer.
func Whole(i int64) Number {
	n := Number{float: float64(i), abs: uint64(i), neg: i < 0, whole: true}
	if n.neg {
		n.abs = -n.abs
	}
	return n
}

// Natural is an unsigned integer.
func Natural(u uint64) Number { return Number{float: float64(u), abs: u, whole: true} }

// Float is the number as a float64, rounded where it is a large integer.
func (n Number) Float() float64 { return n.float }

// Integer reports whether the number is one of an integer type.
func (n Number) Integer() bool { return n.whole }

// String is all digits of an integer; of another number the fewest that read
// back as the same float64.
func (n Number) String() string {
	if !n.whole {
		return strconv.FormatFloat(n.float, 'g', -1, 64)
	}
	s := strconv.FormatUint(n.abs, 10)
	if n.neg {
		return "-" + s
	}
	return s
}

// Less compares two numbers.
func (n Number) Less(o Number) bool {
	switch {
	case !n.whole || !o.whole:
		return n.float < o.float
	case n.neg != o.neg:
		return n.neg
	case n.neg:
		return n.abs > o.abs
	}
	return n.abs < o.abs
}

func finite(x float64) bool { return math.Abs(x) <= math.MaxFloat64 }
