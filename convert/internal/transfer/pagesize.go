package transfer

import (
	"math"

	"depickle/scan/limit"
)

// Everything in this file decides about speed alone.

// nearest is the dimension with the shortest step, -1 when nothing moves.
// Between two of its steps the dimensions inside of it run once through; a
// page pays when it is still there afterwards.
func nearest(shape, stride []int64) int {
	near := -1
	for i := range shape {
		if shape[i] > 1 && stride[i] > 0 && (near < 0 || stride[i] <= stride[near]) {
			near = i
		}
	}
	return near
}

// passes is the number of elements of these dimensions, if hints for each of
// them are worth their memory (4 bytes each).
func passes(shape []int64) int {
	n := int64(1)
	for _, d := range shape {
		if d > (1<<18)/n {
			return 1
		}
		n *= max(d, 1)
	}
	return int(n)
}

// pageSize is the largest page of which as many as these dimensions touch fit
// into the budget.
func pageSize(shape, stride []int64, size, budget int64) int64 {
	for page := int64(pageMost); page > pageLeast; page /= 2 {
		if pagesUsed(shape, stride, size, page) <= budget/pitch(page) {
			return page
		}
	}
	return pageLeast
}

// pagesUsed is how many pages the dimensions touch at most.
func pagesUsed(shape, stride []int64, size, page int64) int64 {
	used, span := int64(1), int64(0)
	for i, n := range shape {
		// Of a geometry that was checked: spans lie within the storage.
		if n <= 1 || stride[i] == 0 {
			continue
		}
		if stride[i]*size < page {
			span += (n - 1) * stride[i] * size
			continue
		}
		var ok bool
		if used, ok = limit.Mul(used, n); !ok {
			return math.MaxInt64
		}
	}
	if span == 0 {
		return used
	}
	// One more, for a span that does not begin where a page does.
	used, ok := limit.Mul(used, span/page+2)
	if !ok {
		return math.MaxInt64
	}
	return used
}
