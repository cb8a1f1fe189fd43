//go:build linux || darwin

package fsx

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"depickle/scan/fault"
)

func viewSource(t *testing.T, n int) (*Source, []byte) {
	path := filepath.Join(t.TempDir(), "in")
	want := make([]byte, n)
	for i := range want {
		want[i] = byte(i * 131 >> 3)
	}
	if err := os.WriteFile(path, want, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := OpenSource(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, want
}

func TestView(t *testing.T) {
	s, want := viewSource(t, viewMost+5000)
	tests := []struct{ off, n, shown int64 }{
		{0, viewMost, viewMost},
		{0, viewMost + 5000, viewMost},
		{1, viewMost, viewMost},
		{5000, viewMost, viewMost},
		{4097, mapLeast, mapLeast},
		{0, mapLeast - 1, 0},
		{0, 0, 0},
	}
	for _, tt := range tests {
		var got []byte
		n, err := s.View(tt.off, tt.n, func(b []byte) error { got = bytes.Clone(b); return nil })
		if n != tt.shown || err != nil || !bytes.Equal(got, want[tt.off:tt.off+tt.shown]) {
			t.Errorf("%d bytes at %d: %d %v", tt.n, tt.off, n, err)
		}
	}
	mine := errors.New("mine")
	if n, err := s.View(0, viewMost, func([]byte) error { return mine }); n != 0 || err != mine {
		t.Errorf("an error of f: %d %v", n, err)
	}
}

// TestViewCutOff: a file that becomes shorter under a view ends no process,
// and shows no zeros in place of what is gone.
func TestViewCutOff(t *testing.T) {
	const size = 1 << 20
	for _, left := range []int64{0, 4096, size / 2, size - 4096, size - 100, size - 1} {
		s, _ := viewSource(t, size)
		h := sha256.New()
		n, err := s.View(0, size, func(b []byte) error {
			if err := os.Truncate(s.Name(), left); err != nil {
				t.Fatal(err)
			}
			h.Write(b)
			return nil
		})
		if n != 0 || !fault.Is(err, fault.Changed) {
			t.Errorf("cut off at %d: %d %v", left, n, err)
		}
	}
}

// TestViewPanic: what is not the file's fault stays a panic.
func TestViewPanic(t *testing.T) {
	s, _ := viewSource(t, 1<<20)
	defer func() {
		if recover() == nil {
			t.Error("a panic of f was taken for a fault of the file")
		}
	}()
	s.View(0, 1<<20, func(b []byte) error {
		var p *int
		*p = len(b)
		return nil
	})
}
