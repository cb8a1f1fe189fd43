package convert

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
)

// work counts the bytes that were read, hashed, written and compared.
type work struct {
	total int64
	done  atomic.Int64
	tell  func(done, total int64)
}

func newWork(total int64, tell func(done, total int64)) *work {
	return &work{total: total, tell: tell}
}

func (w *work) add(n int64) {
	done := w.done.Add(n)
	if w.tell != nil {
		w.tell(min(done, w.total), w.total)
	}
}

// Write counts what passes.
func (w *work) Write(p []byte) (int, error) {
	w.add(int64(len(p)))
	return len(p), nil
}

// together runs functions side by side. The first error cancels the others
// and is returned.
func together(ctx context.Context, fs ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Go(func() {
			if err := f(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// copyBuffer is the size of the buffers that whole files are read through.
const copyBuffer = 1 << 20

// readAll reads n bytes of r into w, and looks at the context on the way.
func readAll(ctx context.Context, w io.Writer, r io.ReaderAt, n int64) error {
	buf := make([]byte, min(n, copyBuffer))
	for off := int64(0); off < n; {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		b := buf[:min(int64(len(buf)), n-off)]
		k, err := r.ReadAt(b, off)
		if k < len(b) {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		off += int64(k)
	}
	return nil
}
