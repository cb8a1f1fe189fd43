package container

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// TestWatch: while a context is done, neither the file nor what was spooled can
// be read, a nested source's either; what is bulk can. Later all can again.
func TestWatch(t *testing.T) {
	file := "\x80\x04N."
	s, err := Open(strings.NewReader(file), int64(len(file)), Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	spooled, err := s.Spool(strings.NewReader("spooled"), 7)
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Nested(s.File())
	if err != nil {
		t.Fatal(err)
	}
	read := func(r io.ReaderAt) error {
		_, err := r.ReadAt(make([]byte, 4), 0)
		return err
	}
	all := map[string]io.ReaderAt{
		"file": s.Reader(InFile), "section": s.Section(s.File()), "spool": s.Reader(InSpool),
		"spooled section": s.Section(spooled), "nested": n.Reader(InFile),
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stop := s.Watch(ctx)
	for _, done := range []bool{false, true, false} {
		for name, r := range all {
			if err := read(r); errors.Is(err, context.Canceled) != done || !done && err != nil {
				t.Errorf("%s, done %v: %v", name, done, err)
			}
		}
		if err := read(s.Bulk(InFile)); err != nil {
			t.Errorf("bulk, done %v: %v", done, err)
		}
		if done {
			if _, err := n.Nested(n.File()); !errors.Is(err, context.Canceled) {
				t.Errorf("opening a nested file: %v", err)
			}
			stop()
		}
		cancel()
	}
}

// TestOpenContext: opening ends with the context, and the context is of no
// account later.
func TestOpenContext(t *testing.T) {
	file := []byte("\x80\x04N.")
	ctx, cancel := context.WithCancel(t.Context())
	s, err := OpenContext(ctx, bytes.NewReader(file), int64(len(file)), Options{})
	cancel()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(s.Section(s.File())); err != nil || !bytes.Equal(b, file) {
		t.Errorf("read %q, %v", b, err)
	}
	if s, err := OpenContext(ctx, bytes.NewReader(file), int64(len(file)), Options{}); s != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", s, err)
	}
}
