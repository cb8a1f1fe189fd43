package transfer

import (
	"context"
	"io"
)

// Relay hands buffers from one goroutine, which fills them, to another, which
// hashes them: neither reading nor hashing waits for the other, and the bytes
// are read once.
type Relay struct {
	free, full chan []byte
}

// NewRelay makes a relay of n buffers of that many bytes.
func NewRelay(n int, size int64) *Relay {
	r := &Relay{free: make(chan []byte, n), full: make(chan []byte, n)}
	for range n {
		r.free <- make([]byte, size)
	}
	return r
}

// Take waits for a buffer to fill.
func (r *Relay) Take(ctx context.Context) ([]byte, error) {
	select {
	case b := <-r.free:
		return b, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Pass hands a buffer on, or a part of it from its beginning. It is not the
// caller's any more.
func (r *Relay) Pass(b []byte) { r.full <- b }

// Close says that nothing more is passed.
func (r *Relay) Close() { close(r.full) }

// Run writes what is passed to w, until the relay is closed.
func (r *Relay) Run(ctx context.Context, w io.Writer) error {
	for {
		select {
		case b, ok := <-r.full:
			if !ok {
				return nil
			}
			if err := write(w, b); err != nil {
				return err
			}
			r.free <- b[:cap(b)]
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
