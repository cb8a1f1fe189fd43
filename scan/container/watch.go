package container

import (
	"context"
	"io"
	"sync"
)

// watch makes reads fail once a context is done. What decodes, inflates and
// transcodes knows no context of its own, but all of it reads.
type watch struct {
	mu  sync.Mutex
	ctx context.Context
}

// set replaces the context and returns the one before.
func (w *watch) set(ctx context.Context) (before context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before, w.ctx = w.ctx, ctx
	return before
}

func (w *watch) context() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ctx
}

// watched is a reader that looks at the context of a watch first.
type watched struct {
	r io.ReaderAt
	w *watch
}

// ReadAt implements io.ReaderAt.
func (r watched) ReadAt(p []byte, off int64) (int, error) {
	if err := r.w.context().Err(); err != nil {
		return 0, err
	}
	return r.r.ReadAt(p, off)
}

// Watch makes reads of the source, those of [Source.Bulk] aside, fail with the
// context's error once it is done, until stop is called. A source has one such
// context at a time: scan.Scan and sandboxload.Load set theirs.
func (s *Source) Watch(ctx context.Context) (stop func()) {
	before := s.watch.set(ctx)
	return func() { s.watch.set(before) }
}
