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

// Spool is a temporary file that only grows. The zero value is not usable.
type Spool struct {
	mu   sync.Mutex
	most int64
	dir  string
	f    *os.File
	end  int64
}

// New makes a spool of at most that many bytes in dir, or in the system's
// folder for temporary files when dir is "". Nothing is created before the
// first Add.
func New(dir string, most int64) *Spool {
	return &Spool{dir: dir, most: most}
}

// open creates the file and takes its name away at once where the system
// lets it, so that not even a crash leaves it behind.
func (s *Spool) open() error {
	if s.f != nil {
		return nil
	}
	f, err := os.CreateTemp(s.dir, ".depickle-spool-*")
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" {
		if err := os.Remove(f.Name()); err != nil {
			f.Close()
			return err
		}
	}
	s.f = f
	return nil
}

// Add copies r, of at most want bytes, behind what is there and returns where
// it stands. More than want bytes is an error; fewer is the caller's to judge.
func (s *Spool) Add(r io.Reader, want int64) (off, n int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sum, ok := limit.Add(s.end, want); !ok || sum > s.most {
		return 0, 0, limit.Exceeded("bytes of decompressed data", s.most, fault.NoOffset)
	}
	if err := s.open(); err != nil {
		return 0, 0, err
	}
	off = s.end
	n, err = io.Copy(io.NewOffsetWriter(s.f, off), io.LimitReader(r, want))
	s.end += n
	if err != nil {
		return off, n, err
	}
	var one [1]byte
	if k, _ := io.ReadFull(r, one[:]); k != 0 {
		return off, n, fault.New(fault.Malformed, "inflates to more than the %d bytes it declares", want)
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
