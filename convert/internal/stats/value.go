package stats

import (
	"math"

	"depickle/scan/tensor"
)

// value is the number that a code of one or two bytes stands for.
func value(d tensor.DType, code uint32) float64 {
	switch d {
	case tensor.Bool:
		if code != 0 {
			return 1
		}
		return 0
	case tensor.Int8:
		return float64(int8(code))
	case tensor.Int16:
		return float64(int16(code))
	case tensor.Float16, tensor.Complex32:
		return ieee(code, 5, 10)
	case tensor.BFloat16, tensor.BComplex32:
		return float64(math.Float32frombits(code << 16))
	case tensor.Float8E5M2:
		return ieee(code, 5, 2)
	case tensor.Float8E4M3FN:
		// One code is NaN in either sign, and none is infinite.
		if code&0x7f == 0x7f {
			return math.NaN()
		}
		return small(code, 4, 3, 7)
	case tensor.Float8E5M2FNUZ:
		return unsignedZero(code, 5, 2, 16)
	case tensor.Float8E4M3FNUZ:
		return unsignedZero(code, 4, 3, 8)
	case tensor.Float8E8M0FNU:
		if code == 0xff {
			return math.NaN()
		}
		return math.Ldexp(1, int(code)-127)
	}
	return float64(code) // Uint8, Uint16
}

// float4 is one of the two numbers in a byte.
func float4(code uint32) float64 { return small(code, 2, 1, 1) }

// ieee is a number whose largest exponent stands for infinity and NaN.
func ieee(code uint32, exponent, mantissa int) float64 {
	top := uint32(1)<<exponent - 1
	if code>>mantissa&top == top {
		if code&(1<<mantissa-1) != 0 {
			return math.NaN()
		}
		return math.Inf(1 - int(code>>(exponent+mantissa)<<1))
	}
	return small(code, exponent, mantissa, 1<<(exponent-1)-1)
}

// unsignedZero is a number of the FNUZ types, where the code of -0 is the one
// NaN.
func unsignedZero(code uint32, exponent, mantissa, bias int) float64 {
	if code == 0x80 {
		return math.NaN()
	}
	return small(code, exponent, mantissa, bias)
}

// small is a number of sign, exponent and mantissa, where no exponent is
// special but 0.
func small(code uint32, exponent, mantissa, bias int) float64 {
	e := int(code >> mantissa & (1<<exponent - 1))
	m := float64(code & (1<<mantissa - 1))
	if e == 0 {
		e = 1 // subnormal
	} else {
		m += float64(int(1) << mantissa)
	}
	x := math.Ldexp(m, e-bias-mantissa)
	if code>>(exponent+mantissa) != 0 {
		return -x
	}
	return x
}
