package transfer

import (
	"cmp"
	"slices"
)

// tile chooses how much of each dimension is taken at once, so that a tile has
// long runs both in what is read and in what is written. Only speed depends on
// it: any sizes from 1 to n cut the tensor into parts that cover it once. The
// tile has at most most bytes; no dimension may be of size 0.
//
// Without it a transposed tensor of n bytes would be read in pieces that get
// shorter as n grows, which makes the time quadratic: a trap for files of some
// GiB.
func tile(dims []dim, size, most int64) []int64 {
	best := make([]int64, len(dims))
	for i := range dims {
		best[i] = dims[i].n
	}
	if fits(best, size, most) {
		return best
	}
	written := make([]int, len(dims))
	var read []int
	for i := range dims {
		written[i] = len(dims) - 1 - i
		if dims[i].src != 0 {
			read = append(read, i)
		}
	}
	slices.SortStableFunc(read, func(a, b int) int { return cmp.Compare(dims[a].src, dims[b].src) })
	for i := range best {
		best[i] = 1
	}
	for run := 4 * size; run <= most; run += run / 4 {
		try := slices.Clone(best)
		stretch(try, dims, written, size, run)
		stretch(try, dims, read, size, run)
		if !fits(try, size, most) {
			break
		}
		best = try
	}
	return best
}

// stretch makes a tile long enough for runs of that many bytes, if the
// dimensions lie one in the other in that order.
func stretch(sizes []int64, dims []dim, order []int, size, run int64) {
	for _, i := range order {
		if size >= run {
			return
		}
		sizes[i] = max(sizes[i], min(dims[i].n, (run+size-1)/size))
		if sizes[i] < dims[i].n {
			return
		}
		if dims[i].n > run/size {
			return // long enough, and the product might overflow
		}
		size *= dims[i].n
	}
}

// fits reports whether a tile has at most most bytes. Division keeps the
// product from overflowing.
func fits(sizes []int64, size, most int64) bool {
	for _, n := range sizes {
		if n > most/size {
			return false
		}
		size *= n
	}
	return true
}
