// Package spool keeps decompressed and transcoded bytes in one bounded
// temporary file.
//
// What a file inflates to is a claim until it was inflated, so every addition
// says how many bytes it may take, and the spool has a bound over all.
package spool

import (
	"io"
	"os"
	"runtime"
	"sync"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Spool is a temporary file that only grows. The zero value is not usable. It
// may be shared.
type Spool struct {
	most int64
	dir  string

	// add is held by one Add at a time, mu for moments only: what an Add
	// reads from may stand in this spool, as text of an inflated member does.
	add sync.Mutex
	mu  sync.Mutex
	f   *os.File
	end int64
	// closed keeps a late Add from making a file that nobody removes.
	closed bool
}

// New makes a spool of at most that many bytes in dir, or in the system's
// folder for temporary files when dir is "". Nothing is created before the
// first Add.
func New(dir string, most int64) *Spool {
	return &Spool{dir: dir, most: most}
}

// open returns the file, and creates it first where there is none. Its name is
// taken away at once where the system lets it, so that not even a crash leaves
// it behind.
func (s *Spool) open() (*os.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, os.ErrClosed
	}
	if s.f != nil {
		return s.f, nil
	}
	f, err := os.CreateTemp(s.dir, ".depickle-spool-*")
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" {
		if err := os.Remove(f.Name()); err != nil {
			f.Close()
			return nil, err
		}
	}
	s.f = f
	return f, nil
}

// Add copies r, of at most want bytes, behind what is there and returns where
// it stands. More than want bytes is an error; fewer is the caller's to judge.
// After an error, n bytes stay where they are and count.
func (s *Spool) Add(r io.Reader, want int64) (off, n int64, err error) {
	s.add.Lock()
	defer s.add.Unlock()
	off = s.Size()
	if sum, ok := limit.Add(off, want); !ok || sum > s.most {
		return 0, 0, limit.Exceeded("bytes of decompressed data", s.most, fault.NoOffset)
	}
	f, err := s.open()
	if err != nil {
		return 0, 0, err
	}
	n, err = io.Copy(io.NewOffsetWriter(f, off), io.LimitReader(r, want))
	s.mu.Lock()
	s.end = off + n
	s.mu.Unlock()
	if err != nil {
		return off, n, err
	}
	var one [1]byte
	switch k, err := io.ReadFull(r, one[:]); {
	case k != 0:
		return off, n, fault.New(fault.Malformed, "inflates to more than the %d bytes it declares", want)
	case err != io.EOF:
		return off, n, err
	}
	return off, n, nil
}

// ReadAt reads what was added.
func (s *Spool) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	f := s.f
	s.mu.Unlock()
	if f == nil {
		return 0, io.EOF
	}
	return f.ReadAt(p, off)
}

// Size is the number of bytes added so far.
func (s *Spool) Size() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end
}

// Close removes the file. It may be called twice.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.f == nil {
		return nil
	}
	err := s.f.Close()
	if runtime.GOOS == "windows" {
		if e := os.Remove(s.f.Name()); err == nil {
			err = e
		}
	}
	s.f = nil
	return err
}
