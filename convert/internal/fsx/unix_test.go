//go:build unix

package fsx

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"depickle/scan/fault"
)

// TestFIFO: neither a source nor an output waits for a FIFO's other end.
func TestFIFO(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Skip(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := OpenSource(fifo)
		done <- err
	}()
	select {
	case err := <-done:
		if want := "unsupported: " + quote(fifo) + " is a named pipe, not a regular file"; !fault.Is(err, fault.Unsupported) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("OpenSource waits")
	}
	// What follows the first look: the flags must not wait either.
	f, err := os.OpenFile(fifo, os.O_RDONLY|nonblock, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := create(fifo, true, Each); err == nil || !strings.HasSuffix(err.Error(), "it is a named pipe; name a file") {
		t.Errorf("as output: %v", err)
	}
	link := filepath.Join(filepath.Dir(fifo), "null")
	if err := os.Symlink(os.DevNull, link); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{os.DevNull, link} {
		if _, err := create(path, true, Each); err == nil || !strings.HasSuffix(err.Error(), "it is a device; name a file") {
			t.Errorf("%s as output: %v", path, err)
		}
	}
}

func TestReadOnlyDirectory(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	dir := t.TempDir()
	f := made(t, filepath.Join(dir, "out"), false)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	path := filepath.Join(dir, "other")
	_, err := create(path, false, Each)
	if want := "cannot create " + quote(path) + ": permission denied; check the rights of the file and its directory"; !errors.Is(err, fs.ErrPermission) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := finish(f); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Publish: %v", err)
	}
	if err := f.Discard(); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Discard: %v", err)
	}
}

func TestSyncDir(t *testing.T) {
	dir := t.TempDir()
	if err := syncDir(dir); err != nil {
		t.Error(err)
	}
	if err := syncDir(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	write(t, filepath.Join(dir, "file"), "")
	if err := syncDir(filepath.Join(dir, "file")); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("a file: %v", err)
	}
}
