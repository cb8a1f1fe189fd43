package transfer

import (
	"io"

	"depickle/scan/tensor"
)

const (
	// naiveBuffer is the output that a naive reader prepares at once, in
	// bytes.
	naiveBuffer = 64 << 10
	// naivePages is the most that a naive reader keeps of its source.
	naivePages = 16 << 20
)

// naive reads a tensor element by element. It uses nothing of view, fix or
// Source.read, on purpose: it is the witness against them.
type naive struct {
	layout Layout
	pages  *pages
	steps  odometer
	buf    []byte
	ready  []byte // part of buf
	err    error
}

// NewNaive reads the same bytes that Copy writes, by another way. What is
// wrong with l or src is returned by Read: fault.Malformed,
// fault.Unsupported, fault.Changed or the source's own error. For a large
// tensor whose output can be read at any place, Check is faster.
func NewNaive(src Source, l Layout) io.Reader {
	if _, err := l.Bytes(src); err != nil {
		return &naive{err: err}
	}
	shape, stride := l.Geometry.Shape, l.Geometry.Stride
	numel, _ := tensor.Numel(shape)
	near := nearest(shape, stride)
	size := pageSize(shape[near+1:], stride[near+1:], l.Size, naivePages)
	return &naive{
		layout: l,
		pages:  newPages(src, size, naivePages, passes(shape[near+1:])),
		steps:  newOdometer(shape, stride, l.Geometry.Offset, numel),
		buf:    make([]byte, min(numel, naiveBuffer/l.Size)*l.Size),
	}
}

// Read implements io.Reader.
func (r *naive) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.ready) == 0 {
		if r.err == nil && r.steps.left == 0 {
			r.err = io.EOF
		}
		if r.err != nil {
			return 0, r.err
		}
		r.prepare()
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	if n == 0 {
		return 0, r.err
	}
	return n, nil
}

// prepare fills the buffer with the next elements, up to an error.
func (r *naive) prepare() {
	size := int(r.layout.Size)
	change := r.layout.changes()
	n := 0
	for n < len(r.buf) && r.steps.left > 0 {
		in, err := r.pages.element(r.steps.at*r.layout.Size, size)
		if err != nil {
			r.err = err
			break
		}
		out := r.buf[n : n+size]
		copy(out, in)
		if change {
			r.layout.change(out)
		}
		n += size
		r.steps.next()
	}
	r.ready = r.buf[:n]
}

// odometer counts through the indices of a shape in C order.
type odometer struct {
	shape, stride []int64
	index         []int64 // of the next element
	at            int64   // its place, in elements
	left          int64   // elements to come
}

func newOdometer(shape, stride []int64, offset, numel int64) odometer {
	return odometer{shape, stride, make([]int64, len(shape)), offset, numel}
}

// next moves on by one element.
func (o *odometer) next() {
	o.left--
	for i := len(o.index) - 1; i >= 0; i-- {
		o.index[i]++
		if o.index[i] < o.shape[i] {
			o.at += o.stride[i]
			return
		}
		o.at -= (o.shape[i] - 1) * o.stride[i]
		o.index[i] = 0
	}
}

func (l Layout) changes() bool { return l.Swap > 1 || l.Neg || l.Conj }

// change does to one element what the layout asks.
func (l Layout) change(e []byte) {
	if l.Swap > 1 {
		for unit := e; len(unit) > 0; unit = unit[l.Swap:] {
			for i, j := 0, int(l.Swap)-1; i < j; i, j = i+1, j-1 {
				unit[i], unit[j] = unit[j], unit[i]
			}
		}
	}
	if l.Neg {
		e[l.SignUnit-1] ^= 0x80
		if l.Size == 2*l.SignUnit {
			e[l.Size-1] ^= 0x80
		}
	}
	if l.Conj {
		e[l.Size-1] ^= 0x80
	}
}
