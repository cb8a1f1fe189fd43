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
const chunk = 256 << 10

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

// Comparison compares the tensors of one output with their source.
type Comparison struct {
	out      io.ReaderAt
	header   *safetensors.Header
	src      *container.Source
	plan     *plan.Plan
	compared func(int64)
	hands    *Hands
	shares   crew.Shares
}

// comparer is one who compares.
type comparer struct {
	*Comparison
	*buffers
}

// Run compares tensors until none is left. Several may run side by side.
func (c *Comparison) Run(ctx context.Context) error {
	cp := &comparer{c, c.hands.take()}
	defer c.hands.pool.Put(cp.buffers)
	for {
		lo, hi, ok := c.shares.Next()
		if !ok {
			return nil
		}
		if err := cp.share(ctx, lo, hi); err != nil {
			return err
		}
		if c.compared != nil {
			c.compared(c.header.Tensors[hi-1].End - c.header.Tensors[lo].Begin)
		}
	}
}

// share compares neighbours. The output of several is read at once.
func (c *comparer) share(ctx context.Context, lo, hi int) error {
	begin, end := c.header.Tensors[lo].Begin, c.header.Tensors[hi-1].End
	c.have, c.was = grow(c.have, min(end-begin, chunk)), grow(c.was, min(end-begin, chunk))
	out, at := c.out, c.header.DataStart()+begin
	inMemory := end-begin <= chunk
	if inMemory {
		if err := readFull(out, c.have, at); err != nil {
			return err
		}
		out, at = bytes.NewReader(c.have), 0
	}
	for i := lo; i < hi; i++ {
		t, it := &c.header.Tensors[i], &c.plan.Items[i]
		same, err := c.same(ctx, out, inMemory, at+t.Begin-begin, it.Source(c.src), it.Layout())
		if err != nil {
			return err
		}
		if !same {
			return differ(t.Name, "the output differs from the source")
		}
	}
	return nil
}

// same compares what stands at an offset of out, or in c.have if that is what
// out reads from, with a tensor of the source.
// Elements that lie in order are compared as bytes; all others one by one, by
// a copier that shares no arithmetic with the one that wrote them.
func (c *comparer) same(ctx context.Context, out io.ReaderAt, inMemory bool, at int64, from transfer.Source, l transfer.Layout) (bool, error) {
	if l.Swap > 1 || l.Conj || l.Neg || !l.Geometry.Contiguous() {
		diff, err := c.checker.Check(ctx, out, at, from, l)
		return diff == transfer.Same, err
	}
	n, err := l.Bytes(from)
	if err != nil {
		return false, err
	}
	off := from.Off + l.Geometry.Offset*l.Size
	for done := int64(0); done < n; done += chunk {
		if err := ctx.Err(); err != nil {
			return false, context.Cause(ctx)
		}
		k := min(chunk, n-done)
		have := c.have[:k]
		if inMemory {
			have = c.have[at : at+k]
		} else if err := readFull(out, have, at+done); err != nil {
			return false, err
		}
		if err := readFull(from.R, c.was[:k], off+done); err != nil {
			return false, err
		}
		if !bytes.Equal(have, c.was[:k]) {
			return false, nil
		}
	}
	return true, nil
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
