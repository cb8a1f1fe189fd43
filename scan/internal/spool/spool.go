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
	"syscall"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Spool is a temporary file that only grows. The zero value is not usable. It
// may be shared.
type Spool struct {
	most int64
	dir  string

	// mu is held for moments only: what an Add reads from may stand in this
	// spool, as text of an inflated member does, and several may add at once.
	mu  sync.Mutex
	f   *os.File
	end int64 // behind what was added and what is being added
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
// it behind. The caller holds mu.
func (s *Spool) open() (*os.File, error) {
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
// After an error, n bytes stay where they are and count. Several may add side
// by side; then want bytes count for each, however few they are.
func (s *Spool) Add(r io.Reader, want int64) (off, n int64, err error) {
	f, off, err := s.reserve(want)
	if err != nil {
		return 0, 0, err
	}
	n, err = io.CopyBuffer(io.NewOffsetWriter(f, off), plain{io.LimitReader(r, want)}, make([]byte, max(min(want, copyBuffer), 1)))
	s.settle(off+want, off+n)
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

// copyBuffer is what an Add holds, in bytes.
const copyBuffer = 128 << 10

// plain hides what else a reader can do, so that a copy goes through the
// buffer.
type plain struct{ io.Reader }

// reserve takes want bytes behind what is there.
func (s *Spool) reserve(want int64) (f *os.File, off int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	end, ok := limit.Add(s.end, want)
	if !ok || end > s.most {
		return nil, 0, limit.Spool.Exceeded(s.most, fault.NoOffset)
	}
	if f, err = s.open(); err != nil {
		return nil, 0, err
	}
	off, s.end = s.end, end
	return f, off, nil
}

// settle gives back what an addition did not need, if nothing stands behind
// it yet.
func (s *Spool) settle(reserved, end int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end == reserved {
		s.end = end
	}
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

// SyscallConn implements syscall.Conn, so that the system can copy from it.
func (s *Spool) SyscallConn() (syscall.RawConn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.f == nil {
		return nil, os.ErrClosed
	}
	return s.f.SyscallConn()
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
