package tagged

import (
	"encoding/binary"
	"math"
	"math/big"
	"slices"
	"strings"

	"depickle/sandboxload/value"
	"depickle/scan/tensor"
)

// spec is numpy's name of a dtype with its byte order, such as "<f8".
func spec(d *value.NumpyDType) string {
	if d == nil {
		return ""
	}
	name := d.Spec
	if name != "" && strings.IndexByte("<>=|", name[0]) >= 0 {
		name = name[1:]
	}
	switch d.Order {
	case '<', '>', '|':
		return string(rune(d.Order)) + name
	}
	return name
}

// scalar writes a numpy scalar, as a number where it is one.
func (e *encoder) scalar(s *value.Scalar) {
	e.tag("$numpy", func() {
		e.raw("{")
		e.field("dtype", func() { e.text(spec(s.DType)) })
		e.field("value", func() {
			if !e.element(s) {
				e.value(s.Data)
			}
		})
		e.raw("}")
	})
}

// element writes a number of the types that numpy has; false for any other.
func (e *encoder) element(s *value.Scalar) bool {
	data, ok := s.Data.(value.Bytes)
	if !ok || s.DType == nil || s.DType.Reason != "" {
		return false
	}
	d := s.DType.Plain
	if d.String() == tensor.Invalid.String() || int64(len(data)) != d.Size() {
		return false
	}
	b := []byte(data)
	if s.DType.Order == '>' {
		slices.Reverse(b) // of a complex number the parts change places too
	}
	switch d {
	case tensor.Bool:
		if b[0] > 1 {
			return false
		}
		e.bool(b[0] == 1)
	case tensor.Complex64, tensor.Complex128:
		first, second := b[:len(b)/2], b[len(b)/2:]
		if s.DType.Order == '>' {
			first, second = second, first
		}
		e.tag("$complex", func() {
			e.list(2, func(i int) { e.floatBits([][]byte{first, second}[i]) })
		})
	case tensor.Float16, tensor.Float32, tensor.Float64:
		e.floatBits(b)
	case tensor.Int8, tensor.Int16, tensor.Int32, tensor.Int64:
		n := little(b)
		shift := 64 - 8*len(b)
		e.int(int64(n<<shift) >> shift)
	case tensor.Uint8, tensor.Uint16, tensor.Uint32, tensor.Uint64:
		e.big(new(big.Int).SetUint64(little(b)))
	default:
		return false
	}
	return true
}

func little(b []byte) uint64 {
	var all [8]byte
	copy(all[:], b)
	return binary.LittleEndian.Uint64(all[:])
}

// floatBits writes a float of 2, 4 or 8 bytes, little endian.
func (e *encoder) floatBits(b []byte) {
	n := little(b)
	switch len(b) {
	case 2:
		e.float(half(uint16(n)), 16, n, quiet16)
	case 4:
		e.float(float64(math.Float32frombits(uint32(n))), 32, n, quiet32)
	default:
		e.float64(math.Float64frombits(n))
	}
}

// half is the value of a binary16.
func half(n uint16) float64 {
	exponent, fraction := int(n>>10&31), float64(n&0x3ff)
	f := math.Ldexp(1+fraction/1024, exponent-15)
	switch {
	case exponent == 0:
		f = math.Ldexp(fraction/1024, -14)
	case exponent == 31 && fraction == 0:
		f = math.Inf(1)
	case exponent == 31:
		f = math.NaN()
	}
	if n>>15 == 1 {
		return -f
	}
	return f
}
