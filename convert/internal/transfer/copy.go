package transfer

import (
	"context"
	"io"
)

// What a Copier holds, in bytes: 15 MiB in all.
const (
	// slabMost is the output that is gathered at once. The larger it is, the
	// longer are the pieces that a transposed source is read in.
	slabMost = 12 << 20
	// stageMost is the source that is turned at once; it should stay in the
	// processor's cache.
	stageMost = 2 << 20
	// windowMost is one read of a source with small gaps.
	windowMost = 1 << 20
	// streamMost is one read of a contiguous source.
	streamMost = 1 << 20
)

// Copier copies tensors, one after another, through buffers that it keeps.
// The zero value is ready. It is not for use by several goroutines at once:
// each takes its own.
type Copier struct {
	slab, stage, window []byte
}

// Copy writes the tensor that l describes in src to w, in C order and little
// endian. The context is looked at once per MiB, or slab. It returns the
// errors of Layout.Bytes, fault.Changed when the source ends early, and those
// of the source and of w; what w got until then is part of the tensor.
func (c *Copier) Copy(ctx context.Context, w io.Writer, src Source, l Layout) error {
	n, err := l.Bytes(src)
	if err != nil || n == 0 {
		return err
	}
	v, f := newView(l), newFix(l)
	if v.contiguous() {
		return c.stream(ctx, w, src, v.base, n, f)
	}
	return c.gatherAll(ctx, w, src, v, f)
}

// Copy is Copier.Copy with buffers of its own.
func Copy(ctx context.Context, w io.Writer, src Source, l Layout) error {
	return new(Copier).Copy(ctx, w, src, l)
}

// stream copies n bytes at off of src.
func (c *Copier) stream(ctx context.Context, w io.Writer, src Source, off, n int64, f fix) error {
	c.slab = grow(c.slab, min(n, streamMost))
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := c.slab[:min(n, streamMost)]
		if err := src.read(p, off); err != nil {
			return err
		}
		f.apply(p)
		if err := write(w, p); err != nil {
			return err
		}
		off, n = off+int64(len(p)), n-int64(len(p))
	}
	return nil
}

// gatherAll copies a view that is not contiguous, slab by slab.
func (c *Copier) gatherAll(ctx context.Context, w io.Writer, src Source, v view, f fix) error {
	most := int64(slabMost)
	if ascending(v.dims) {
		// Nothing is turned: a larger slab would only leave the cache.
		most = streamMost
	}
	g := gatherer{ctx: ctx, src: src, size: v.size, copier: c}
	return boxes(v.dims, v.size, most, func(at, _ int64, box []dim) error {
		n := count(box) * v.size
		c.slab = grow(c.slab, n)
		slab := c.slab[:n]
		if err := g.fill(slab, v.base+at, box); err != nil {
			return err
		}
		f.apply(slab)
		return write(w, slab)
	})
}

// grow returns a buffer of at least n bytes. It is not cleared: whoever asks
// fills what it uses.
func grow(b []byte, n int64) []byte {
	if int64(cap(b)) >= n {
		return b[:cap(b)]
	}
	return make([]byte, n)
}

func write(w io.Writer, p []byte) error {
	n, err := w.Write(p)
	if err == nil && n != len(p) {
		return io.ErrShortWrite
	}
	return err
}
