package verify

import (
	"bytes"
	"context"
	"io"
	"sync"

	"depickle/convert/internal/crew"
	"depickle/convert/internal/transfer"
	"depickle/convert/plan"
	"depickle/convert/safetensors"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// chunk is how much of either side is compared at once, in bytes.
const chunk = transfer.HashBuffer

// Comparison compares the tensors of one output with their source. Those whose
// elements lie in order are compared as bytes, in one sweep over the output;
// all others one by one, by a copier that shares no arithmetic with the one
// that wrote them.
type Comparison struct {
	out      io.ReaderAt
	header   *safetensors.Header
	src      *container.Source
	plan     *plan.Plan
	compared func(int64)
	hands    *Hands
	inOrder  []bool // by tensor
	shares   crew.Shares
}

// Hands keeps the buffers of those who compare, from one output to the next.
// The zero value is ready.
type Hands struct{ pool sync.Pool }

func (h *Hands) take() *buffers {
	if b, ok := h.pool.Get().(*buffers); ok {
		return b
	}
	return new(buffers)
}

// buffers are those of one of them.
type buffers struct {
	checker   transfer.Checker
	have, was []byte
}

// inOrder reports whether the elements lie as the output has them.
func inOrder(l transfer.Layout) bool {
	return l.Swap <= 1 && !l.Conj && !l.Neg && l.Geometry.Contiguous()
}

// Run compares the tensors that are not in order until none is left. Several
// may run side by side, and beside Sweep.
func (c *Comparison) Run(ctx context.Context) error {
	b := c.hands.take()
	defer c.hands.pool.Put(b)
	for {
		lo, hi, ok := c.shares.Next()
		if !ok {
			return nil
		}
		for i := lo; i < hi; i++ {
			if c.inOrder[i] {
				continue
			}
			t, it := &c.header.Tensors[i], &c.plan.Items[i]
			diff, err := b.checker.Check(ctx, c.out, c.header.DataStart()+t.Begin, it.Source(c.src), it.Layout())
			if err != nil {
				return err
			}
			if diff != transfer.Same {
				return differ(t.Name, "the output differs from the source")
			}
			c.tell(t.End - t.Begin)
		}
	}
}

// All is Sweep, and then Run.
func (c *Comparison) All(ctx context.Context) error {
	if err := c.Sweep(ctx); err != nil {
		return err
	}
	return c.Run(ctx)
}

// Sweep reads the output from its first byte to its last, and compares the
// tensors that are in order.
func (c *Comparison) Sweep(ctx context.Context) error {
	b := c.hands.take()
	defer c.hands.pool.Put(b)
	s, size := &sweep{Comparison: c, buffers: b}, c.header.FileBytes()
	b.have = grow(b.have, min(size, chunk))
	for at := int64(0); at < size; {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		have := b.have[:min(chunk, size-at)]
		if err := readFull(c.out, have, at); err != nil {
			return err
		}
		if err := s.compare(have, at-c.header.DataStart()); err != nil {
			return err
		}
		at += int64(len(have))
	}
	return nil
}

// sweep is one pass over the output.
type sweep struct {
	*Comparison
	*buffers
	next int // the first tensor that does not end before the next bytes
}

// compare compares what have, the output's bytes from at on, counted from the
// beginning of the data, shows of tensors that are in order.
func (s *sweep) compare(have []byte, at int64) error {
	end := at + int64(len(have))
	for ; s.next < len(s.header.Tensors); s.next++ {
		t := &s.header.Tensors[s.next]
		if t.Begin >= end {
			return nil
		}
		if lo, hi := max(t.Begin, at), min(t.End, end); s.inOrder[s.next] && lo < hi {
			if err := s.part(t, have[lo-at:hi-at], lo-t.Begin); err != nil {
				return err
			}
		}
		if t.End > end {
			return nil
		}
	}
	return nil
}

// part compares bytes of a tensor that is in order, from off on.
func (s *sweep) part(t *safetensors.Tensor, have []byte, off int64) error {
	it := &s.plan.Items[s.next]
	from, l := it.Source(s.src), it.Layout()
	if off == 0 {
		if _, err := l.Bytes(from); err != nil {
			return err
		}
	}
	s.was = grow(s.was, int64(len(have)))
	was := s.was
	if err := readFull(from.R, was, from.Off+l.Geometry.Offset*l.Size+off); err != nil {
		return err
	}
	if !bytes.Equal(have, was) {
		return differ(t.Name, "the output differs from the source")
	}
	s.tell(int64(len(have)))
	return nil
}

func (c *Comparison) tell(n int64) {
	if c.compared != nil {
		c.compared(n)
	}
}

func grow(b []byte, n int64) []byte {
	if int64(cap(b)) < n {
		return make([]byte, n)
	}
	return b[:n]
}

func readFull(r io.ReaderAt, p []byte, off int64) error {
	if n, err := r.ReadAt(p, off); n < len(p) {
		if err == nil || err == io.EOF {
			return fault.At(fault.Changed, off, "the data ends early")
		}
		return err
	}
	return nil
}
