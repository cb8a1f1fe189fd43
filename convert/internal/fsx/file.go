package fsx

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"

	"depickle/scan/limit"
)

// File is an output that does not have its name yet. Its content lies in a
// temporary file in the same directory. WriteAt and ReadAt may be called from
// several goroutines.
type File struct {
	f      *os.File
	final  string
	temp   string
	force  bool
	sync   Sync
	mode   fs.FileMode // of the published file
	closed bool
	gone   bool // published or discarded: the temporary name is not ours
}

// maxTempBase is how much of a name its temporary name repeats, in bytes.
// Common file systems allow 255 bytes, of which the rest of it needs 27.
const maxTempBase = 200

// create makes the temporary file for an output. It fails early when
// finalPath is taken and force is false, and always when something other than
// a regular file stands there.
func create(finalPath string, force bool, sync Sync) (*File, error) {
	if err := checkTarget(finalPath, force); err != nil {
		return nil, err
	}
	var random [8]byte
	rand.Read(random[:]) // never fails
	dir, base := filepath.Split(finalPath)
	temp := dir + "." + cut(base, maxTempBase) + ".depickle-" + hex.EncodeToString(random[:])
	f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, wrap("create", finalPath, err)
	}
	file := &File{f: f, final: finalPath, temp: temp, force: force, sync: sync}
	if err := file.hide(); err != nil {
		return nil, errors.Join(wrap("create", finalPath, err), file.Discard())
	}
	return file, nil
}

// hide notes the permissions that the system gave the new file, which follow
// the umask and the directory's defaults, and takes them away until the
// content is complete. Nothing is in the file yet.
func (f *File) hide() error {
	info, err := f.f.Stat()
	if err != nil {
		return err
	}
	f.mode = info.Mode().Perm()
	return chmod(f.f, 0o600)
}

// cut shortens a name to at most n bytes, at the start of a character.
func cut(name string, n int) string {
	if len(name) <= n {
		return name
	}
	for n > 0 && !utf8.RuneStart(name[n]) {
		n--
	}
	return name[:n]
}

// checkTarget looks at what stands at a name.
func checkTarget(path string, force bool) error {
	if base := filepath.Base(path); path == "" || os.IsPathSeparator(path[len(path)-1]) || base == "." || base == ".." {
		return &Error{"create", path, plain("it names no file; add a file name")}
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return wrap("create", path, err)
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		// What counts is what the link leads to: replacing a link to a
		// device or a directory is hardly ever meant. A broken one may go.
		if to, err := os.Stat(path); err == nil {
			info = to
		}
	}
	what := irregular(info.Mode())
	if what != "" && what != "a symbolic link" {
		return &Error{"create", path, plain("it is " + what + "; name a file")}
	}
	if !force {
		return &Error{"create", path, existsError{}}
	}
	return nil
}

// Name is the path that Publish will give the file.
func (f *File) Name() string { return f.final }

// Write writes at the position.
func (f *File) Write(b []byte) (int, error) {
	n, err := f.f.Write(b)
	return n, f.wrap(err)
}

// WriteAt writes as io.WriterAt has it.
func (f *File) WriteAt(b []byte, offset int64) (int, error) {
	n, err := f.f.WriteAt(b, offset)
	return n, f.wrap(err)
}

// ReadAt reads as io.ReaderAt has it.
func (f *File) ReadAt(b []byte, offset int64) (int, error) {
	n, err := f.f.ReadAt(b, offset)
	if err == io.EOF {
		return n, err
	}
	return n, wrap("read", f.final, err)
}

// CopyRange has the system copy n bytes at off of r to at, without their
// passing through this process, and returns how many it copied. Fewer than n
// is no error: the system cannot, or r is no open file, and the caller copies
// the rest, which shows what is wrong if something is.
func (f *File) CopyRange(at int64, r io.ReaderAt, off, n int64) int64 {
	return copyRange(f.f, at, r, off, n)
}

// wrap words an error of the file itself. What is not the system's, such as
// an error of a reader, passes as it is.
func (f *File) wrap(err error) error {
	var p *fs.PathError
	var s *os.SyscallError
	if errors.As(err, &p) || errors.As(err, &s) {
		return wrap("write", f.final, err)
	}
	return err
}

// Reserve makes the file size bytes long, after it has made sure that the disk
// has room for them. What is not written reads as zeros. Other programs may
// use up the room later; writing then fails.
func (f *File) Reserve(size int64) error {
	if free, ok := freeSpace(f.f, f.temp); ok && free < size {
		return &Error{"create", f.final, noRoom{size, free}}
	}
	return wrap("write", f.final, f.f.Truncate(size))
}

// noRoom is the Err of a disk that is too small for an output.
type noRoom struct{ need, free int64 }

func (e noRoom) Error() string {
	return "it needs " + limit.Size(e.need) + " and the disk has " + limit.Size(e.free) +
		" free; free some space or choose another directory"
}

// Settle ends the writing: the content is on the disk, where the file's group
// syncs each by itself, and the handle is free.
func (f *File) Settle() error {
	if f.sync == Each {
		if err := f.f.Sync(); err != nil {
			return wrap("write", f.final, err)
		}
	}
	// Permissions belong to the open file, and hide nothing once it has its
	// name.
	if err := chmod(f.f, f.mode); err != nil {
		return wrap("write", f.final, err)
	}
	return f.close()
}

// Reopen opens what was written once more, to be read back without the state
// of this handle. The caller closes it before the file is published.
func (f *File) Reopen() (*Source, error) {
	s, err := OpenSource(f.temp)
	if err != nil {
		return nil, err
	}
	mine, err := f.f.Stat()
	if err == nil {
		var theirs fs.FileInfo
		if theirs, err = s.f.Stat(); err == nil && !os.SameFile(mine, theirs) {
			err = plain("another program replaced its temporary file; try again")
		}
	}
	if err != nil {
		s.Close()
		return nil, wrap("read", f.final, err)
	}
	return s, nil
}

// Discard closes the file and removes it. After Publish it does nothing, so
// that it may always be deferred; so does a second call.
func (f *File) Discard() error {
	if f.gone {
		return nil
	}
	f.gone = true
	err := f.close()
	if e := os.Remove(f.temp); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, wrap("remove", f.temp, e))
	}
	return err
}

func (f *File) close() error {
	if f.closed {
		return nil
	}
	f.closed = true
	return wrap("write", f.final, f.f.Close())
}
