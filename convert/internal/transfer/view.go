package transfer

import (
	"cmp"
	"slices"
)

// dim is one dimension of a loop over elements: n steps, each of src bytes in
// what is read and dst bytes in what is written.
type dim struct{ n, src, dst int64 }

// view is a tensor as its copier sees it: byte addresses, the fewest
// dimensions, the widest elements.
type view struct {
	base int64 // of the first element, in bytes from the start of the storage
	size int64 // bytes that always stay together: 1, 2, 4, 8 or 16
	dims []dim // in C order of the output, no size of 1
}

// newView makes the view of a layout that Bytes has passed: it is not empty,
// and no address in it overflows.
func newView(l Layout) view {
	g := l.Geometry
	v := view{base: g.Offset * l.Size, size: l.Size}
	dst := l.Size
	dims := make([]dim, len(g.Shape))
	for i := len(g.Shape) - 1; i >= 0; i-- {
		if g.Shape[i] == 1 {
			// Its stride is never taken, and may be any number.
			dims[i] = dim{n: 1}
			continue
		}
		dims[i] = dim{n: g.Shape[i], src: g.Stride[i] * l.Size, dst: dst}
		dst *= g.Shape[i]
	}
	v.dims = merge(dims)
	v.widen()
	return v
}

// widen takes short contiguous rows for elements: pairs of float32 move like
// float64s.
func (v *view) widen() {
	k := len(v.dims) - 1
	if k < 1 || v.dims[k].src != v.size || v.dims[k].n > maxElement {
		return
	}
	switch row := v.dims[k].n * v.size; row {
	case 2, 4, 8, maxElement:
		v.size = row
		v.dims = v.dims[:k]
	}
}

func (v view) contiguous() bool {
	return len(v.dims) == 0 || len(v.dims) == 1 && v.dims[0].src == v.size
}

// merge drops dimensions of size 1 and joins neighbours that are one
// progression on both sides. It works in place.
func merge(dims []dim) []dim {
	out := dims[:0]
	for _, d := range dims {
		if d.n == 1 {
			continue
		}
		if k := len(out) - 1; k >= 0 && out[k].src == d.n*d.src && out[k].dst == d.n*d.dst {
			out[k] = dim{out[k].n * d.n, d.src, d.dst}
			continue
		}
		out = append(out, d)
	}
	return out
}

// ascending reports whether C order of the output reads the source upwards
// and each byte of it once, but for views that overlap themselves.
func ascending(dims []dim) bool {
	for i, d := range dims {
		if d.src == 0 || i > 0 && d.src > dims[i-1].src {
			return false
		}
	}
	return true
}

// bySource splits dims into those that move in the source, largest step
// first, and those that repeat it (stride 0).
func bySource(dims []dim) (moving, repeating []dim) {
	for _, d := range dims {
		if d.src == 0 {
			repeating = append(repeating, d)
		} else {
			moving = append(moving, d)
		}
	}
	slices.SortStableFunc(moving, func(a, b dim) int { return cmp.Compare(b.src, a.src) })
	return moving, repeating
}

// count is the number of elements of a box that is known to fit in memory.
func count(dims []dim) int64 {
	n := int64(1)
	for _, d := range dims {
		n *= d.n
	}
	return n
}

// walk calls f for every position of dims, the last one fastest, with what it
// adds to the addresses src and dst.
func walk(dims []dim, src, dst int64, f func(src, dst int64) error) error {
	if len(dims) == 0 {
		return f(src, dst)
	}
	// The last dimension is a plain loop; only its end costs an odometer step.
	last := dims[len(dims)-1]
	outer := dims[:len(dims)-1]
	at := make([]int64, len(outer))
	for {
		s, d := src, dst
		for range last.n {
			if err := f(s, d); err != nil {
				return err
			}
			s, d = s+last.src, d+last.dst
		}
		i := len(outer) - 1
		for ; i >= 0; i-- {
			src, dst = src+outer[i].src, dst+outer[i].dst
			if at[i]++; at[i] < outer[i].n {
				break
			}
			src, dst = src-outer[i].n*outer[i].src, dst-outer[i].n*outer[i].dst
			at[i] = 0
		}
		if i < 0 {
			return nil
		}
	}
}

// boxes cuts dims, in their order, into boxes of at most most bytes: all of
// the inner dimensions that fit, and as many steps of the next one. f gets the
// addresses of the box's first element and may keep nothing.
func boxes(dims []dim, size, most int64, f func(src, dst int64, box []dim) error) error {
	k, inner := len(dims), size
	// Division keeps the product from overflowing.
	for k > 0 && dims[k-1].n <= most/inner {
		k--
		inner *= dims[k].n
	}
	if k == 0 {
		return f(0, 0, dims)
	}
	cut, rows := dims[k-1], most/inner
	box := slices.Clone(dims[k-1:])
	return walk(dims[:k-1], 0, 0, func(src, dst int64) error {
		for at := int64(0); at < cut.n; at += rows {
			box[0] = dim{min(rows, cut.n-at), cut.src, cut.dst}
			if err := f(src+at*cut.src, dst+at*cut.dst, box); err != nil {
				return err
			}
		}
		return nil
	})
}
