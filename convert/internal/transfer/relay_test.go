package transfer

import (
	"bytes"
	"context"
	"errors"
	"testing"
)

// TestRelay: everything arrives, in its order, whoever is faster.
func TestRelay(t *testing.T) {
	want := make([]byte, 1000)
	for i := range want {
		want[i] = byte(i * 7)
	}
	var got bytes.Buffer
	r := NewRelay(3, 64)
	done := make(chan error)
	go func() { done <- r.Run(context.Background(), &got) }()
	for rest := want; len(rest) > 0; {
		b, err := r.Take(context.Background())
		if err != nil || len(b) != 64 {
			t.Fatal(len(b), err)
		}
		n := copy(b, rest)
		rest = rest[n:]
		r.Pass(b[:n])
	}
	r.Close()
	if err := <-done; err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%d bytes arrived, %v", got.Len(), err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// TestRelayEnds: neither side waits for ever for the other.
func TestRelayEnds(t *testing.T) {
	r, broken := NewRelay(1, 8), errors.New("broken")
	b, _ := r.Take(context.Background())
	r.Pass(b)
	if err := r.Run(context.Background(), failing{broken}); err != broken {
		t.Errorf("a writer that fails: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Take(ctx); err != context.Canceled {
		t.Errorf("Take: %v", err)
	}
	if err := r.Run(ctx, failing{}); err != context.Canceled {
		t.Errorf("Run: %v", err)
	}
}
