package transfer

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math"

	"depickle/scan/fault"
	"depickle/scan/tensor"
)

const (
	// blockMost is what Check compares before it moves on, in bytes of the
	// output, and blockPages the most it keeps of either side.
	blockMost  = 4 << 20
	blockPages = 8 << 20
)

// Checker compares tensors, one after another, through pages that it keeps. The
// zero value is ready. It is not for use by several goroutines at once: each
// takes its own.
type Checker struct{ out, in pages }

// Check compares the output at off of got with the tensor that l describes in
// src, element by element, and returns the offset, from off, of an element
// that differs, [Same] when none does. It is NewNaive's way, in an order that
// suits strides: block by block, so that its time is linear. It looks at the
// context once per row of a block. Errors are those of Layout.Bytes,
// fault.Changed when either side ends early, and those of the readers.
func (k *Checker) Check(ctx context.Context, got io.ReaderAt, off int64, src Source, l Layout) (diff int64, err error) {
	n, err := l.Bytes(src)
	if err != nil || n == 0 {
		return Same, err
	}
	out := Source{R: got, Off: off, Len: n}
	flat := Layout{Size: l.Size, Geometry: tensor.Geometry{
		Shape: l.Geometry.Shape, Stride: tensor.CStrides(l.Geometry.Shape)}}
	if _, err := flat.Bytes(out); err != nil {
		return Same, err
	}
	c := k.start(ctx, out, src, l, flat.Geometry.Stride)
	diff, err = c.block(0, 0, l.Geometry.Offset)
	if diff == Same && err == nil && c.seen != n/l.Size {
		return Same, fault.New(fault.Malformed, "compared %d of %d elements", c.seen, n/l.Size)
	}
	return diff, err
}

// Check is Checker.Check with pages of its own.
func Check(ctx context.Context, got io.ReaderAt, off int64, src Source, l Layout) (diff int64, err error) {
	return new(Checker).Check(ctx, got, off, src, l)
}

// check is one tensor's comparison.
type check struct {
	ctx      context.Context
	layout   Layout
	out, in  *pages
	place    []int64 // strides of the output, in elements
	sizes    []int64 // of a block
	shape    []int64 // of this block: shorter at the edges
	seen     int64   // elements
	scratch  [maxElement]byte
	changing bool
}

func (k *Checker) start(ctx context.Context, out, src Source, l Layout, place []int64) *check {
	shape, stride := l.Geometry.Shape, l.Geometry.Stride
	steps := make([]dim, len(shape))
	for i := range shape {
		steps[i] = dim{n: shape[i]}
		if shape[i] > 1 {
			steps[i].src = stride[i] * l.Size
		}
	}
	sizes := tile(steps, l.Size, blockMost)
	pass := 1
	if near := nearest(sizes, stride); near >= 0 {
		pass = passes(sizes[near+1:])
	}
	k.out.open(out, pageSize(sizes, place, l.Size, blockPages), blockPages, 1)
	k.in.open(src, pageSize(sizes, stride, l.Size, blockPages), blockPages, pass)
	return &check{
		ctx:      ctx,
		layout:   l,
		out:      &k.out,
		in:       &k.in,
		place:    place,
		sizes:    sizes,
		shape:    make([]int64, len(shape)),
		changing: l.changes(),
	}
}

// block cuts dimension i into blocks, and compares each once all dimensions
// are cut. out and in are the places of the first element.
func (c *check) block(i int, out, in int64) (int64, error) {
	if i == len(c.shape) {
		return c.elements(0, out, in)
	}
	n := c.layout.Geometry.Shape[i]
	for at := int64(0); at < n; at += c.sizes[i] {
		c.shape[i] = min(c.sizes[i], n-at)
		diff, err := c.block(i+1, out+at*c.place[i], in+at*c.layout.Geometry.Stride[i])
		if diff != Same || err != nil {
			return diff, err
		}
	}
	return Same, nil
}

// elements compares the block's elements from dimension i on.
func (c *check) elements(i int, out, in int64) (int64, error) {
	if len(c.shape) == 0 {
		return c.row(1, out, in, 0)
	}
	if i == len(c.shape)-1 {
		return c.row(c.shape[i], out, in, c.layout.Geometry.Stride[i])
	}
	for at := range c.shape[i] {
		diff, err := c.elements(i+1, out+at*c.place[i], in+at*c.layout.Geometry.Stride[i])
		if diff != Same || err != nil {
			return diff, err
		}
	}
	return Same, nil
}

// row compares n elements that follow one another in the output.
func (c *check) row(n, out, in, stride int64) (int64, error) {
	if err := c.ctx.Err(); err != nil {
		return Same, err
	}
	size := c.layout.Size
	step := stride * size
	var got []byte // of the output, from here to the end of its page
	for n > 0 {
		var err error
		if int64(len(got)) < size {
			if got, err = c.out.from(out*size, int(size)); err != nil {
				return Same, err
			}
		}
		want, err := c.in.from(in*size, int(size))
		if err != nil {
			return Same, err
		}
		k := int64(1)
		if step < int64(len(want)) {
			k = min(n, int64(len(got))/size, held(int64(len(want)), step, size))
		}
		if i := c.differ(got, want, k, step); i < k {
			return (out + i) * size, nil
		}
		got = got[k*size:]
		c.in.advance(int(k))
		c.seen, n, out, in = c.seen+k, n-k, out+k, in+k*stride
	}
	return Same, nil
}

// held is how many elements, each step bytes behind the one before, lie whole
// in n bytes. One does.
func held(n, step, size int64) int64 {
	if step == 0 {
		return math.MaxInt64
	}
	return (n-size)/step + 1
}

// differ compares k elements, those of want step bytes apart, and returns the
// first that differs, k for none.
func (c *check) differ(got, want []byte, k, step int64) int64 {
	size := c.layout.Size
	le := binary.LittleEndian
	switch {
	case c.changing:
		for i := range k {
			w := c.scratch[:copy(c.scratch[:], want[i*step:i*step+size])]
			c.layout.change(w)
			if !bytes.Equal(got[i*size:(i+1)*size], w) {
				return i
			}
		}
	case size == 2:
		for i := range k {
			if le.Uint16(got[i*2:]) != le.Uint16(want[i*step:]) {
				return i
			}
		}
	case size == 4:
		for i := range k {
			if le.Uint32(got[i*4:]) != le.Uint32(want[i*step:]) {
				return i
			}
		}
	case size == 8:
		for i := range k {
			if le.Uint64(got[i*8:]) != le.Uint64(want[i*step:]) {
				return i
			}
		}
	default:
		for i := range k {
			if !bytes.Equal(got[i*size:(i+1)*size], want[i*step:i*step+size]) {
				return i
			}
		}
	}
	return k
}
