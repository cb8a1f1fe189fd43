package fsx

import (
	"io"
	"io/fs"
	"os"
	"syscall"

	"depickle/scan/fault"
)

// Source is a regular file that is open for reading. ReadAt may be called from
// several goroutines; Read has one position.
type Source struct {
	f    *os.File
	size int64
}

// OpenSource opens a regular file, or a link to one, for reading. It never
// waits for a FIFO's other end and opens no device.
func OpenSource(path string) (*Source, error) {
	// Opening is an act already: it can block, rewind a tape or answer a
	// socket. So look first, and once more at what was opened in the end.
	info, err := os.Stat(path)
	if err != nil {
		return nil, wrap("open", path, err)
	}
	if err := checkRegular(path, info); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, wrap("open", path, err)
	}
	info, err = f.Stat()
	if err != nil {
		f.Close()
		return nil, wrap("open", path, err)
	}
	if err := checkRegular(path, info); err != nil {
		f.Close()
		return nil, err
	}
	return &Source{f: f, size: info.Size()}, nil
}

// checkRegular says what a file is that cannot be a source.
func checkRegular(path string, info fs.FileInfo) error {
	if what := irregular(info.Mode()); what != "" {
		return fault.New(fault.Unsupported, "%s is %s, not a regular file", quote(path), what)
	}
	return nil
}

// irregular names what is not a regular file, "" for one.
func irregular(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return ""
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	}
	return "a special file"
}

// Name is the path that the source was opened by.
func (s *Source) Name() string { return s.f.Name() }

// Size is the file's size in bytes when it was opened.
func (s *Source) Size() int64 { return s.size }

// ReadAt reads as io.ReaderAt has it.
func (s *Source) ReadAt(b []byte, offset int64) (int, error) {
	n, err := s.f.ReadAt(b, offset)
	return n, s.wrap(err)
}

// Read reads as io.Reader has it.
func (s *Source) Read(b []byte) (int, error) {
	n, err := s.f.Read(b)
	return n, s.wrap(err)
}

// SyscallConn implements syscall.Conn, so that the system can copy from it.
func (s *Source) SyscallConn() (syscall.RawConn, error) { return s.f.SyscallConn() }

// Close closes the file.
func (s *Source) Close() error { return s.wrap(s.f.Close()) }

func (s *Source) wrap(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return wrap("read", s.f.Name(), err)
}

// Identity tells whether a file is still the one that was opened, with the
// content it had. It is comparable. Fields that a system lacks are zero.
type Identity struct {
	Device  uint64
	Inode   uint64
	Size    int64 // in bytes
	ModTime int64 // in nanoseconds since 1970
	// ChangeTime is when content or attributes changed, in nanoseconds since
	// 1970. Unlike ModTime, programs cannot set it. Zero on Windows.
	ChangeTime int64
}

// Identity asks the system about the open file, whatever its path names by
// now.
func (s *Source) Identity() (Identity, error) {
	info, err := s.f.Stat()
	if err != nil {
		return Identity{}, wrap("examine", s.f.Name(), err)
	}
	id := Identity{Size: info.Size(), ModTime: info.ModTime().UnixNano()}
	return id, wrap("examine", s.f.Name(), identify(s.f, info, &id))
}

// SameFile reports whether both paths lead to one existing file, through
// symbolic and hard links too. An output must not be its own source.
func SameFile(a, b string) bool {
	ia, err := os.Stat(a)
	if err != nil {
		return false
	}
	ib, err := os.Stat(b)
	return err == nil && os.SameFile(ia, ib)
}
