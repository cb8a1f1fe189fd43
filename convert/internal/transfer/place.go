package transfer

import (
	"cmp"
	"slices"
)

// A tile is what is turned at once. Its rows are a cache line of what is read,
// so that no line is fetched twice.
const (
	tileRows = 64 // bytes
	tileLine = 64 // elements
)

// place copies a stage into its places in a slab. Both are in memory; dims
// says the steps, in bytes, on either side.
func place(slab, stage []byte, size int, dims []dim) {
	slices.SortStableFunc(dims, func(a, b dim) int { return cmp.Compare(b.dst, a.dst) })
	dims = merge(dims)
	if len(dims) == 0 {
		copy(slab, stage[:size])
		return
	}
	// The inner loop writes upwards, the one around it reads upwards.
	line := dims[len(dims)-1]
	outer := dims[:len(dims)-1]
	row := dim{n: 1}
	if k := closest(outer); k >= 0 {
		row = outer[k]
		outer = slices.Delete(outer, k, k+1)
	}
	if line.n < 8 && row.n > line.n && line.src != int64(size) {
		line, row = row, line
	}
	// place cannot fail, nor can walk then.
	_ = walk(outer, 0, 0, func(src, dst int64) error {
		turn(slab[dst:], stage[src:], size, row, line)
		return nil
	})
}

// closest is the index of the dimension with the shortest step in the stage,
// repetitions left out; -1 if there is none.
func closest(dims []dim) int {
	k := -1
	for i, d := range dims {
		if d.src != 0 && (k < 0 || d.src < dims[k].src) {
			k = i
		}
	}
	return k
}

// turn copies the plane of row and line, tile by tile.
func turn(dst, src []byte, size int, row, line dim) {
	rows := int64(max(tileRows/size, 1))
	lines := int64(tileLine)
	if row.n == 1 || line.src == int64(size) {
		lines = line.n
	}
	for r := int64(0); r < row.n; r += rows {
		last := min(r+rows, row.n)
		for c := int64(0); c < line.n; c += lines {
			n := int(min(lines, line.n-c))
			for i := r; i < last; i++ {
				move(dst[i*row.dst+c*line.dst:], int(line.dst), src[i*row.src+c*line.src:], int(line.src), n, size)
			}
		}
	}
}
