package transfer

import "context"

const (
	// maxGap is the largest gap, in bytes, that is read through: about what
	// a read of its own costs.
	maxGap = 4 << 10
	// direct is the shortest contiguous run that is read on its own, past the
	// window, whatever the gap behind it.
	direct = 64 << 10
)

// gatherer fills slabs of the output from a source that is not contiguous.
type gatherer struct {
	ctx    context.Context
	src    Source
	size   int64
	copier *Copier
}

// fill gathers one box of the output into slab. The source is read upwards, a
// stage at a time, packed; each stage is then turned into place in memory.
// Reading and turning are kept apart because the one wants long reads and the
// other short distances.
func (g *gatherer) fill(slab []byte, base int64, box []dim) error {
	if ascending(box) {
		return g.pack(slab, base, box)
	}
	moving, repeating := bySource(box)
	return boxes(moving, g.size, stageMost, func(src, dst int64, chunk []dim) error {
		n := count(chunk) * g.size
		g.copier.stage = grow(g.copier.stage, n)
		stage := g.copier.stage[:n]
		if err := g.pack(stage, base+src, chunk); err != nil {
			return err
		}
		place(slab[dst:], stage, int(g.size), append(packed(chunk, g.size), repeating...))
		return nil
	})
}

// packed is chunk as it lies in a stage: read without gaps, written as before.
func packed(chunk []dim, size int64) []dim {
	out := make([]dim, len(chunk))
	for i := len(chunk) - 1; i >= 0; i-- {
		out[i] = dim{chunk[i].n, size, chunk[i].dst}
		size *= chunk[i].n
	}
	return out
}

// pack reads the elements of chunk, in its order, and puts them into dst one
// after the other. No step of chunk is 0, and none larger than the one before.
func (g *gatherer) pack(dst []byte, base int64, chunk []dim) error {
	if err := g.ctx.Err(); err != nil {
		return err
	}
	outer := make([]dim, len(chunk))
	step := g.size
	for i := len(chunk) - 1; i >= 0; i-- {
		outer[i] = dim{chunk[i].n, chunk[i].src, step}
		step *= chunk[i].n
	}
	outer = merge(outer)
	run := dim{1, g.size, g.size}
	if k := len(outer) - 1; k >= 0 && outer[k].src-g.size <= maxGap {
		run, outer = outer[k], outer[:k]
	}
	span := (run.n-1)*run.src + g.size
	if run.src == g.size && span >= direct {
		return walk(outer, base, 0, func(src, at int64) error {
			return g.src.read(dst[at:at+span], src)
		})
	}
	return g.packRuns(dst, base, outer, run, span)
}

// packRuns packs short or strided runs, each of span bytes. Runs with small
// gaps between them are read as one stretch.
func (g *gatherer) packRuns(dst []byte, base int64, outer []dim, run dim, span int64) error {
	k, stretch := len(outer), span
	for k > 0 && outer[k-1].src-stretch <= maxGap {
		k--
		stretch += (outer[k].n - 1) * outer[k].src
	}
	if stretch == span && run.src == g.size {
		return walk(outer, base, 0, func(src, at int64) error {
			return g.src.read(dst[at:at+span], src)
		})
	}
	g.copier.window = grow(g.copier.window, windowMost)
	w := window{src: g.src, buf: g.copier.window}
	return walk(outer[:k], base, 0, func(src, at int64) error {
		end := src + stretch
		return walk(outer[k:], src, at, func(src, at int64) error {
			return g.packRun(&w, dst[at:at+run.n*g.size], src, end, run)
		})
	})
}

// packRun packs one run, in parts if its gaps make it longer than the window.
func (g *gatherer) packRun(w *window, dst []byte, src, end int64, run dim) error {
	part := (windowMost-g.size)/run.src + 1
	for left := run.n; left > 0; {
		n := min(left, part)
		p, err := w.bytes(src, (n-1)*run.src+g.size, end)
		if err != nil {
			return err
		}
		move(dst, int(g.size), p, int(run.src), int(n), int(g.size))
		dst, src, left = dst[n*g.size:], src+n*run.src, left-n
	}
	return nil
}
