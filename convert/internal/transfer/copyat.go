package transfer

import (
	"context"
	"io"
)

// CopyAt does what Copy does, to the bytes from off of w. Where a stream in C
// order would have to read the source in short pieces, it goes tile by tile
// and writes out of order; its time is linear in the output whatever the
// strides. Every byte of the output is written once.
func (c *Copier) CopyAt(ctx context.Context, w io.WriterAt, off int64, src Source, l Layout) error {
	n, err := l.Bytes(src)
	if err != nil || n == 0 {
		return err
	}
	v, f := newView(l), newFix(l)
	if ascending(v.dims) {
		return c.Copy(ctx, io.NewOffsetWriter(w, off), src, l)
	}
	g := gatherer{ctx: ctx, src: src, size: v.size, copier: c}
	sizes := tile(v.dims, v.size, slabMost)
	return tiles(v.dims, sizes, func(at, dst int64, box []dim) error {
		n := count(box) * v.size
		c.slab = grow(c.slab, n)
		slab := c.slab[:n]
		local, runs := compact(box, v.size)
		if err := g.fill(slab, v.base+at, local); err != nil {
			return err
		}
		f.apply(slab)
		return scatter(w, off+dst, slab, v.size, runs)
	})
}

// compact gives the steps of a tile in memory: local from the source to the
// tile, runs from the tile to the output.
func compact(box []dim, size int64) (local, runs []dim) {
	local, runs = make([]dim, len(box)), make([]dim, len(box))
	step := size
	for i := len(box) - 1; i >= 0; i-- {
		local[i] = dim{box[i].n, box[i].src, step}
		runs[i] = dim{box[i].n, step, box[i].dst}
		step *= box[i].n
	}
	return local, merge(runs)
}

// scatter writes a tile, run by run.
func scatter(w io.WriterAt, off int64, slab []byte, size int64, runs []dim) error {
	run := size
	if k := len(runs) - 1; k >= 0 && runs[k].dst == size {
		run, runs = runs[k].n*size, runs[:k]
	}
	return walk(runs, 0, off, func(src, dst int64) error {
		n, err := w.WriteAt(slab[src:src+run], dst)
		if err == nil && int64(n) != run {
			return io.ErrShortWrite
		}
		return err
	})
}

// tiles cuts dims into tiles of the given sizes. f gets the addresses of the
// tile's first element and may keep nothing.
func tiles(dims []dim, sizes []int64, f func(src, dst int64, box []dim) error) error {
	box := make([]dim, len(dims))
	var cut func(i int, src, dst int64) error
	cut = func(i int, src, dst int64) error {
		if i == len(dims) {
			return f(src, dst, box)
		}
		d := dims[i]
		for at := int64(0); at < d.n; at += sizes[i] {
			box[i] = dim{min(sizes[i], d.n-at), d.src, d.dst}
			if err := cut(i+1, src+at*d.src, dst+at*d.dst); err != nil {
				return err
			}
		}
		return nil
	}
	return cut(0, 0, 0)
}
