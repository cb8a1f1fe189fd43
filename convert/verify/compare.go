package verify

import (
	"bytes"
	"context"
	"io"

	"depickle/convert/internal/transfer"
	"depickle/scan/fault"
)

// chunk is how much of either side is compared at once.
const chunk = 1 << 20

// comparer compares tensors of one output, through buffers that it keeps.
type comparer struct {
	out       io.ReaderAt
	have, was []byte
}

func newComparer(out io.ReaderAt) *comparer {
	return &comparer{out: out, have: make([]byte, chunk), was: make([]byte, chunk)}
}

// same compares the output at an offset with a tensor of the source. Elements
// that lie in order are compared as bytes; all others one by one, by a copier
// that shares no arithmetic with the one that wrote them.
func (c *comparer) same(ctx context.Context, at int64, from transfer.Source, l transfer.Layout) (bool, error) {
	if l.Swap > 1 || l.Conj || l.Neg || !l.Geometry.Contiguous() {
		diff, err := transfer.Check(ctx, c.out, at, from, l)
		return diff == transfer.Same, err
	}
	n, err := l.Bytes(from)
	if err != nil {
		return false, err
	}
	off := from.Off + l.Geometry.Offset*l.Size
	for done := int64(0); done < n; done += chunk {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		k := min(chunk, n-done)
		if err := readFull(c.out, c.have[:k], at+done); err != nil {
			return false, err
		}
		if err := readFull(from.R, c.was[:k], off+done); err != nil {
			return false, err
		}
		if !bytes.Equal(c.have[:k], c.was[:k]) {
			return false, nil
		}
	}
	return true, nil
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
