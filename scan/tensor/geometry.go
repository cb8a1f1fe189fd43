package tensor

import (
	"slices"

	"depickle/scan/limit"
)

// Geometry places a tensor's elements in a storage. Offset and strides are in
// elements.
type Geometry struct {
	Offset int64
	Shape  []int64
	Stride []int64
}

// maxRank bounds loops over dimensions; torch itself allows 64.
const maxRank = 64

// Numel is the number of elements; ok is false when the shape is negative or
// the product does not fit.
func Numel(shape []int64) (n int64, ok bool) {
	n = 1
	zero := false
	for _, d := range shape {
		if d < 0 {
			return 0, false
		}
		if d == 0 {
			zero = true
			continue
		}
		if n, ok = limit.Mul(n, d); !ok {
			return 0, false
		}
	}
	if zero {
		return 0, true
	}
	return n, true
}

// Check returns why the geometry is not one that lies inside a storage of
// that many elements, "" when it does. All arithmetic is checked: offsets,
// sizes and strides are claims of the file.
func (g Geometry) Check(elements int64) string {
	if len(g.Shape) != len(g.Stride) {
		return "size and stride have different lengths"
	}
	if len(g.Shape) > maxRank {
		return "more than 64 dimensions"
	}
	n, ok := Numel(g.Shape)
	if !ok {
		return "size is negative or overflows"
	}
	if g.Offset < 0 {
		return "negative storage offset"
	}
	last := g.Offset
	for i, d := range g.Shape {
		if g.Stride[i] < 0 {
			return "negative stride"
		}
		if d == 0 {
			continue
		}
		span, ok := limit.Mul(d-1, g.Stride[i])
		if !ok {
			return "size times stride overflows"
		}
		if last, ok = limit.Add(last, span); !ok {
			return "size times stride overflows"
		}
	}
	if n == 0 {
		// torch checks the offset of an empty tensor against nothing.
		return ""
	}
	if last >= elements {
		return "reaches outside of its storage"
	}
	return ""
}

// Contiguous reports whether the elements lie one after the other in C order.
// Strides of dimensions of size 1 do not count. The geometry is one that Check
// accepts: products of its sizes do not overflow.
func (g Geometry) Contiguous() bool {
	if slices.Contains(g.Shape, 0) {
		return true
	}
	want := int64(1)
	for i := len(g.Shape) - 1; i >= 0; i-- {
		if d := g.Shape[i]; d != 1 {
			if g.Stride[i] != want {
				return false
			}
			want *= d
		}
	}
	return true
}

// CStrides returns the strides of a contiguous tensor of that shape, one that
// Numel accepts.
func CStrides(shape []int64) []int64 {
	s := make([]int64, len(shape))
	step := int64(1)
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = step
		step *= max(shape[i], 1)
	}
	return s
}

// FStrides returns the strides of a Fortran-ordered tensor of that shape, one
// that Numel accepts.
func FStrides(shape []int64) []int64 {
	s := make([]int64, len(shape))
	step := int64(1)
	for i := range shape {
		s[i] = step
		step *= max(shape[i], 1)
	}
	return s
}
