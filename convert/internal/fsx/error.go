package fsx

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Error is a failure of the file system, in words.
type Error struct {
	Doing string // "create", "write", …: completes "cannot"
	Path  string
	Err   error // the system's
}

// Error reads `cannot write "x": the disk is full; free some space or choose
// another directory`.
func (e *Error) Error() string {
	return "cannot " + e.Doing + " " + quote(e.Path) + ": " + reason(e.Err)
}

// Unwrap returns the system's error.
func (e *Error) Unwrap() error { return e.Err }

// wrap makes an Error of err, without the operation and path that the os
// package puts around it.
func wrap(doing, path string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Doing: doing, Path: path, Err: bare(err)}
}

// bare returns the system's error inside of the os package's.
func bare(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	var s *os.SyscallError
	switch {
	case errors.As(err, &p):
		err = p.Err
	case errors.As(err, &l):
		err = l.Err
	}
	if errors.As(err, &s) {
		err = s.Err
	}
	return err
}

// quote quotes a path. Its length is bounded by the system, so nothing is cut:
// the end matters most. A plain path stays as it is typed, on Windows too.
func quote(path string) string {
	if q := strconv.Quote(path); strings.ReplaceAll(q, `\\`, `\`) != `"`+path+`"` {
		return q
	}
	return `"` + path + `"`
}

// existsError is the Err of a name that is taken.
type existsError struct{}

func (existsError) Error() string {
	return "it exists already; choose another name or allow overwriting"
}
func (existsError) Is(target error) bool { return target == fs.ErrExist }

// plain is a failure that we word ourselves.
type plain string

func (p plain) Error() string { return string(p) }

// advice has what to do about the system's errors.
type advice struct {
	is   error
	text string
}

// advices lists the errors that people meet, the more exact ones first.
func advices() []advice {
	return append(systemAdvices(),
		advice{syscall.ENOSPC, "the disk is full; free some space or choose another directory"},
		advice{syscall.EDQUOT, "the disk quota is used up; free some space or choose another directory"},
		advice{syscall.EROFS, "the file system is read-only; choose another directory"},
		advice{syscall.ENAMETOOLONG, "the name is too long for the file system; choose a shorter one"},
		advice{syscall.EFBIG, "the file is too large for the file system or for the limit on file sizes; choose another directory"},
		advice{syscall.ENOTDIR, "a part of the path is a file, not a directory; check the path"},
		advice{syscall.EISDIR, "it is a directory; name a file"},
		advice{syscall.ELOOP, "the path has too many symbolic links; check them"},
		advice{syscall.EMFILE, "too many files are open; work on fewer at once or raise the limit on open files"},
		advice{syscall.ENFILE, "too many files are open in the system; try again later"},
		advice{syscall.EIO, "the disk reports an input/output error; check the disk"},
		advice{syscall.ESTALE, "the network file system has lost the file; try again"},
		advice{fs.ErrExist, existsError{}.Error()},
		advice{fs.ErrPermission, "permission denied; check the rights of the file and its directory"},
		advice{fs.ErrNotExist, "no such file or directory; check the path"},
		advice{fs.ErrClosed, "it is closed already"},
	)
}

// reason words the system's error.
func reason(err error) string {
	for _, a := range advices() {
		if errors.Is(err, a.is) {
			return a.text
		}
	}
	return err.Error()
}
