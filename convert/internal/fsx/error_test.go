package fsx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestErrorWords(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{&fs.PathError{Op: "write", Path: "/tmp/.x", Err: syscall.ENOSPC}, "the disk is full; free some space or choose another directory"},
		{syscall.EDQUOT, "the disk quota is used up; free some space or choose another directory"},
		{syscall.EROFS, "the file system is read-only; choose another directory"},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, "permission denied; check the rights of the file and its directory"},
		{syscall.EPERM, "permission denied; check the rights of the file and its directory"},
		{syscall.ENAMETOOLONG, "the name is too long for the file system; choose a shorter one"},
		{syscall.ENOENT, "no such file or directory; check the path"},
		{syscall.ENOTDIR, "a part of the path is a file, not a directory; check the path"},
		{syscall.EISDIR, "it is a directory; name a file"},
		{syscall.EMFILE, "too many files are open; work on fewer at once or raise the limit on open files"},
		{syscall.ENFILE, "too many files are open in the system; try again later"},
		{syscall.EFBIG, "the file is too large for the file system or for the limit on file sizes; choose another directory"},
		{syscall.EIO, "the disk reports an input/output error; check the disk"},
		{syscall.ELOOP, "the path has too many symbolic links; check them"},
		{&os.LinkError{Op: "link", Old: "a", New: "b", Err: syscall.EEXIST}, "it exists already; choose another name or allow overwriting"},
		{&fs.PathError{Op: "copy", Path: "x", Err: os.NewSyscallError("copy_file_range", syscall.ENOSPC)}, "the disk is full; free some space or choose another directory"},
		{errors.New("odd"), "odd"},
	}
	for _, tt := range tests {
		err := wrap("write", "out", tt.err)
		if want := `cannot write "out": ` + tt.want; err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
		var e *Error
		if !errors.As(fmt.Errorf("more: %w", err), &e) || e.Path != "out" || e.Doing != "write" {
			t.Errorf("%v is not an Error", err)
		}
	}
	if err := wrap("write", "out", nil); err != nil {
		t.Errorf("of no error: %v", err)
	}
	if err := wrap("write", "out", &fs.PathError{Err: syscall.ENOSPC}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v does not wrap the system's error", err)
	}
}

func TestQuotePath(t *testing.T) {
	tests := map[string]string{
		`C:\models\x.pt`: `"C:\models\x.pt"`,
		"é 模型":           `"é 模型"`,
		"a\x1b[31mb":     `"a\x1b[31mb"`,
		`a"b`:            `"a\"b"`,
		"a\nb":           `"a\nb"`,
		"\xff":           `"\xff"`,
		`a\x1bb`:         `"a\x1bb"`,
	}
	for path, want := range tests {
		if got := quote(path); got != want {
			t.Errorf("quote(%q) = %s, want %s", path, got, want)
		}
	}
	long := strings.Repeat("d/", 1000) + "name"
	if !strings.HasSuffix(quote(long), `/name"`) {
		t.Error("the end of a long path is cut off")
	}
}
