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
	size := c.header.FileBytes()
	b.have = grow(b.have, min(size, chunk))
	return transfer.Feed(ctx, &sweep{Comparison: c, buffers: b, ctx: ctx, at: -c.header.DataStart()}, c.out, 0, size, b.have)
}

// sweep takes the output's bytes, and compares what they show of tensors that
// are in order.
type sweep struct {
	*Comparison
	*buffers
	ctx  context.Context
	at   int64 // of the next bytes, counted from the beginning of the data
	next int   // the first tensor that does not end before them
}

// Write implements io.Writer.
func (s *sweep) Write(have []byte) (int, error) {
	at, end := s.at, s.at+int64(len(have))
	s.at = end
	for ; s.next < len(s.header.Tensors); s.next++ {
		t := &s.header.Tensors[s.next]
		if t.Begin >= end {
			break
		}
		if lo, hi := max(t.Begin, at), min(t.End, end); s.inOrder[s.next] && lo < hi {
			if err := s.part(t, have[lo-at:hi-at], lo-t.Begin); err != nil {
				return 0, err
			}
		}
		if t.End > end {
			break
		}
	}
	return len(have), nil
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
	n := int64(len(have))
	s.was = grow(s.was, min(n, chunk))
	same := &equal{rest: have, all: true}
	if err := transfer.Feed(s.ctx, same, from.R, from.Off+l.Geometry.Offset*l.Size+off, n, s.was); err != nil {
		return err
	}
	if !same.all {
		return differ(t.Name, "the output differs from the source")
	}
	s.tell(n)
	return nil
}

// equal compares what is written to it with what it was given.
type equal struct {
	rest []byte
	all  bool
}

// Write implements io.Writer.
func (e *equal) Write(p []byte) (int, error) {
	e.all = e.all && bytes.HasPrefix(e.rest, p)
	e.rest = e.rest[min(len(p), len(e.rest)):]
	return len(p), nil
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
