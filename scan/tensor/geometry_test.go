package tensor

import (
	"math"
	"slices"
	"testing"
)

const most = math.MaxInt64

func TestNumel(t *testing.T) {
	for _, c := range []struct {
		shape []int64
		n     int64
		ok    bool
	}{
		{nil, 1, true}, {[]int64{}, 1, true}, {[]int64{0}, 0, true}, {[]int64{3, 4}, 12, true}, {[]int64{3, 0, 4}, 0, true},
		{[]int64{most}, most, true}, {[]int64{most, 1}, most, true}, {[]int64{most, 2}, 0, false}, {[]int64{1 << 32, 1 << 31}, 0, false},
		{[]int64{1 << 21, 1 << 21, 1 << 21}, 0, false}, {[]int64{1 << 21, 1 << 21, 1 << 20}, 1 << 62, true},
		{[]int64{-1}, 0, false}, {[]int64{0, -1}, 0, false}, {[]int64{-1, 0}, 0, false}, {[]int64{-2, -3}, 0, false}, {[]int64{math.MinInt64}, 0, false},
		// A zero does not hide an overflow, wherever it stands.
		{[]int64{0, 1 << 40, 1 << 40}, 0, false}, {[]int64{1 << 40, 1 << 40, 0}, 0, false},
	} {
		if n, ok := Numel(c.shape); n != c.n || ok != c.ok {
			t.Errorf("Numel(%v) = %d, %v", c.shape, n, ok)
		}
	}
}

func TestCheck(t *testing.T) {
	dims := func(n int, d int64) []int64 { return slices.Repeat([]int64{d}, n) }
	for _, c := range []struct {
		name     string
		g        Geometry
		elements int64
		want     string
	}{
		{"a scalar", Geometry{0, nil, nil}, 1, ""},
		{"a scalar at the end", Geometry{4, nil, nil}, 5, ""},
		{"a scalar behind the end", Geometry{5, nil, nil}, 5, "reaches outside of its storage"},
		{"a scalar of nothing", Geometry{0, nil, nil}, 0, "reaches outside of its storage"},
		{"a matrix", Geometry{0, []int64{3, 4}, []int64{4, 1}}, 12, ""},
		{"one element too few", Geometry{0, []int64{3, 4}, []int64{4, 1}}, 11, "reaches outside of its storage"},
		{"an offset that fits", Geometry{1, []int64{3, 4}, []int64{4, 1}}, 13, ""},
		{"an offset too many", Geometry{1, []int64{3, 4}, []int64{4, 1}}, 12, "reaches outside of its storage"},
		{"transposed", Geometry{0, []int64{4, 3}, []int64{1, 4}}, 12, ""},
		{"expanded", Geometry{0, []int64{1 << 40, 4}, []int64{0, 1}}, 4, ""},
		{"stepped", Geometry{1, []int64{3}, []int64{5}}, 12, ""},
		{"stepped too far", Geometry{1, []int64{3}, []int64{5}}, 11, "reaches outside of its storage"},
		{"a stride that is not used", Geometry{0, []int64{1}, []int64{most}}, 1, ""},
		{"empty", Geometry{0, []int64{0}, []int64{1}}, 0, ""},
		{"empty anywhere", Geometry{100, []int64{2, 0}, []int64{1, 1}}, 0, ""},
		{"ranks differ", Geometry{0, []int64{1}, nil}, 1, "size and stride have different lengths"},
		{"ranks differ the other way", Geometry{0, nil, []int64{1}}, 1, "size and stride have different lengths"},
		{"64 dimensions", Geometry{0, dims(64, 1), dims(64, 1)}, 1, ""},
		{"65 dimensions", Geometry{0, dims(65, 1), dims(65, 1)}, 1, "more than 64 dimensions"},
		{"a negative size", Geometry{0, []int64{-1}, []int64{1}}, 1, "size is negative or overflows"},
		{"a negative offset", Geometry{-1, []int64{1}, []int64{1}}, 1, "negative storage offset"},
		{"a negative stride", Geometry{5, []int64{2}, []int64{-1}}, 9, "negative stride"},
		{"a negative stride of nothing", Geometry{0, []int64{0}, []int64{-1}}, 9, "negative stride"},
		{"a product that overflows", Geometry{0, []int64{1 << 32, 1 << 32}, []int64{0, 0}}, 1, "size is negative or overflows"},
		{"a span that overflows", Geometry{0, []int64{3}, []int64{most}}, most, "size times stride overflows"},
		{"a span that wraps to a small one", Geometry{0, []int64{3}, []int64{1 << 63 >> 1 & most}}, 4, "size times stride overflows"},
		{"spans that overflow together", Geometry{0, []int64{2, 2}, []int64{most, most}}, most, "size times stride overflows"},
		{"an offset that overflows", Geometry{most, []int64{2}, []int64{1}}, most, "size times stride overflows"},
		{"the last of all", Geometry{most - 1, nil, nil}, most, ""},
		{"one behind the last of all", Geometry{most, nil, nil}, most, "reaches outside of its storage"},
		{"a negative number of elements", Geometry{0, nil, nil}, -1, "reaches outside of its storage"},
	} {
		if got := c.g.Check(c.elements); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestCheckAgainstWalk compares with the plain definition: the largest index
// of any element.
func TestCheckAgainstWalk(t *testing.T) {
	for a := range int64(4) {
		for b := range int64(4) {
			for sa := range int64(4) {
				for sb := range int64(4) {
					for off := range int64(3) {
						last := int64(-1)
						for i := range a {
							for j := range b {
								last = max(last, off+i*sa+j*sb)
							}
						}
						g := Geometry{off, []int64{a, b}, []int64{sa, sb}}
						for elements := range int64(12) {
							if got := g.Check(elements) == ""; got != (last < elements) {
								t.Fatalf("%+v in %d: %v", g, elements, got)
							}
						}
					}
				}
			}
		}
	}
}

func TestContiguous(t *testing.T) {
	for _, c := range []struct {
		shape, stride []int64
		want          bool
	}{
		{nil, nil, true}, {[]int64{5}, []int64{1}, true}, {[]int64{5}, []int64{2}, false}, {[]int64{3, 4}, []int64{4, 1}, true}, {[]int64{3, 4}, []int64{1, 3}, false},
		{[]int64{1, 4}, []int64{99, 1}, true}, {[]int64{3, 1}, []int64{1, 99}, true}, {[]int64{2, 3}, []int64{0, 1}, false},
		{[]int64{0, 5}, []int64{1, 7}, true}, {[]int64{5, 0}, []int64{9, 9}, true},
		{[]int64{2, 3, 4}, []int64{12, 4, 1}, true}, {[]int64{2, 3, 4}, []int64{12, 1, 3}, false},
	} {
		if got := (Geometry{0, c.shape, c.stride}).Contiguous(); got != c.want {
			t.Errorf("%v %v: %v", c.shape, c.stride, got)
		}
	}
}

func TestStrides(t *testing.T) {
	for _, c := range []struct{ shape, c, f []int64 }{
		{[]int64{}, []int64{}, []int64{}}, {[]int64{5}, []int64{1}, []int64{1}}, {[]int64{2, 3, 4}, []int64{12, 4, 1}, []int64{1, 2, 6}},
		{[]int64{2, 0, 4}, []int64{4, 4, 1}, []int64{1, 2, 2}},
	} {
		if got := CStrides(c.shape); !slices.Equal(got, c.c) {
			t.Errorf("CStrides(%v) = %v", c.shape, got)
		}
		if got := FStrides(c.shape); !slices.Equal(got, c.f) {
			t.Errorf("FStrides(%v) = %v", c.shape, got)
		}
		if g := (Geometry{0, c.shape, CStrides(c.shape)}); !g.Contiguous() {
			t.Errorf("CStrides(%v) are not contiguous", c.shape)
		}
	}
	// Overflow is not a panic.
	CStrides([]int64{most, most})
	FStrides([]int64{most, most})
}
