package transfer

import (
	"context"
	"crypto/sha256"
	"io"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// HashBuffer is a good size for the buffers of Hash and Feed, in bytes: what
// was read should still be in the core's own cache when it is hashed.
const HashBuffer = 256 << 10

// Hash is the SHA-256 of n bytes at off of r. Buffer and errors are those of
// Feed.
func Hash(ctx context.Context, r io.ReaderAt, off, n int64, buf []byte) (sum [32]byte, err error) {
	h := sha256.New()
	err = Feed(ctx, h, r, off, n, buf)
	h.Sum(sum[:0])
	return sum, err
}

// Viewer is a reader that can show bytes where they lie, without a copy. View
// calls f at most once, with at most n bytes at off, and returns how many;
// none, without an error, when it can show none of them: then they are read.
type Viewer interface {
	View(off, n int64, f func([]byte) error) (int64, error)
}

// Feed writes n bytes at off of r to w: as a [Viewer] shows them, else through
// buf, or through a buffer of HashBuffer bytes when buf is empty. The context
// is looked at once for each write. A range that is none is fault.Malformed,
// one that r does not have fault.Changed.
func Feed(ctx context.Context, w io.Writer, r io.ReaderAt, off, n int64, buf []byte) error {
	if _, ok := limit.Add(off, n); !ok {
		return fault.New(fault.Malformed, "%d bytes at %d are no range", n, off)
	}
	if len(buf) == 0 {
		buf = make([]byte, min(n, HashBuffer))
	}
	view := viewOf(r)
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		k, err := view(off, n, func(p []byte) error { return write(w, p) })
		if err != nil {
			return err
		}
		if k > 0 {
			off, n = off+k, n-k
			continue
		}
		p := buf[:min(n, int64(len(buf)))]
		if err := readFull(r, p, off); err != nil {
			return err
		}
		if err := write(w, p); err != nil {
			return err
		}
		off, n = off+int64(len(p)), n-int64(len(p))
	}
	return nil
}

// viewOf is r's View, or one that shows nothing.
func viewOf(r io.ReaderAt) func(off, n int64, f func([]byte) error) (int64, error) {
	if v, ok := r.(Viewer); ok {
		return v.View
	}
	return func(int64, int64, func([]byte) error) (int64, error) { return 0, nil }
}
