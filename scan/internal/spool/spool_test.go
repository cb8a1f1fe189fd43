package spool

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"depickle/scan/fault"
)

func read(t *testing.T, s *Spool, off, n int64) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := s.ReadAt(b, off); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAdd(t *testing.T) {
	s := New(t.TempDir(), 20)
	defer s.Close()
	if off, n, err := s.Add(strings.NewReader("hello"), 5); off != 0 || n != 5 || err != nil {
		t.Fatal(off, n, err)
	}
	if off, n, err := s.Add(strings.NewReader("sea"), 10); off != 5 || n != 3 || err != nil {
		t.Fatal(off, n, err)
	}
	if off, n, err := s.Add(strings.NewReader(""), 0); off != 8 || n != 0 || err != nil {
		t.Fatal(off, n, err)
	}
	if got := read(t, s, 0, 5) + read(t, s, 5, 3); got != "hellosea" || s.Size() != 8 {
		t.Errorf("%q, size %d", got, s.Size())
	}
	if n, err := s.ReadAt(make([]byte, 4), 6); n != 2 || err != io.EOF {
		t.Errorf("read past the end: %d, %v", n, err)
	}
}

func TestAddFails(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		r    io.Reader
		want int64
		kind fault.Kind
		err  error
		size int64 // afterwards
	}{
		{"more than it declares", strings.NewReader("123456"), 5, fault.Malformed, nil, 5},
		{"more than the bound", strings.NewReader("x"), 21, fault.Limit, nil, 0},
		{"negative", strings.NewReader("x"), -1, fault.Limit, nil, 0},
		{"overflowing", strings.NewReader("x"), 1<<63 - 1, fault.Limit, nil, 0},
		{"a reader that breaks", io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken)), 5, 0, broken, 3},
		{"a reader that breaks behind the data", io.MultiReader(strings.NewReader("abcde"), iotest.ErrReader(broken)), 5, 0, broken, 5},
	} {
		s := New(t.TempDir(), 20)
		_, _, err := s.Add(c.r, c.want)
		if (c.kind != 0 && !fault.Is(err, c.kind)) || (c.err != nil && !errors.Is(err, c.err)) {
			t.Errorf("%s: %v", c.name, err)
		}
		if s.Size() != c.size {
			t.Errorf("%s: size %d, want %d", c.name, s.Size(), c.size)
		}
		s.Close()
	}
}

// TestBoundInAll: the bound is over everything that was added.
func TestBoundInAll(t *testing.T) {
	s := New(t.TempDir(), 10)
	defer s.Close()
	for i, ok := range []bool{true, true, false} {
		if _, _, err := s.Add(strings.NewReader("12345"), 5); (err == nil) != ok {
			t.Errorf("addition %d: %v", i, err)
		}
	}
}

// TestAddFromItself: text that stands in the spool is decoded into it.
func TestAddFromItself(t *testing.T) {
	s := New(t.TempDir(), 1<<20)
	defer s.Close()
	long := strings.Repeat("0123456789", 10_000)
	if _, _, err := s.Add(strings.NewReader(long), int64(len(long))); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, _, err := s.Add(io.NewSectionReader(s, 0, int64(len(long))), int64(len(long)))
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("Add waits for itself")
	}
	if read(t, s, int64(len(long)), int64(len(long))) != long {
		t.Error("the copy differs")
	}
}

// TestShared: concurrent additions do not mix.
func TestShared(t *testing.T) {
	s := New(t.TempDir(), 1<<20)
	defer s.Close()
	done := make(chan error)
	for i := range 8 {
		go func() {
			want := bytes.Repeat([]byte{byte(i)}, 10_000)
			off, n, err := s.Add(iotest.OneByteReader(bytes.NewReader(want)), 10_000)
			got := make([]byte, n)
			if err == nil {
				_, err = s.ReadAt(got, off)
			}
			if err == nil && !bytes.Equal(got, want) {
				err = errors.New("mixed")
			}
			done <- err
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestNothingIsLeft: a spool makes no file before it needs one, and leaves
// none behind.
func TestNothingIsLeft(t *testing.T) {
	dir := t.TempDir()
	left := func(when string, most int) {
		t.Helper()
		if files, err := os.ReadDir(dir); err != nil || len(files) > most {
			t.Errorf("%s: %d files, %v", when, len(files), err)
		}
	}
	s := New(dir, 10)
	left("before the first Add", 0)
	if n, err := s.ReadAt(make([]byte, 1), 0); n != 0 || err != io.EOF {
		t.Errorf("read of an empty spool: %d, %v", n, err)
	}
	if _, _, err := s.Add(strings.NewReader("x"), 1); err != nil {
		t.Fatal(err)
	}
	left("while it is open", 1)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Add(strings.NewReader("x"), 1); err == nil {
		t.Error("Add works after Close")
	}
	left("after Close", 0)
}

func TestNoFolder(t *testing.T) {
	s := New("no/such/folder", 10)
	if _, _, err := s.Add(strings.NewReader("x"), 1); err == nil {
		t.Error("Add works without a folder")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
