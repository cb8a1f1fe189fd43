//go:build unix

package fsx

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// nonblock keeps an open from waiting for the other end of a FIFO that took
// the place of a file.
const nonblock = syscall.O_NONBLOCK

// systemAdvices has no errors but the common ones.
func systemAdvices() []advice { return nil }

// chmod sets the permissions of an open file.
func chmod(f *os.File, mode fs.FileMode) error { return f.Chmod(mode) }

// syncDir returns when the names in a directory are on the disk.
func syncDir(path string) error {
	d, err := os.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY, 0)
	if err != nil {
		return wrap("sync", path, err)
	}
	err = d.Sync()
	if unsynced(err) {
		err = nil
	}
	if e := d.Close(); err == nil {
		err = e
	}
	return wrap("sync", path, err)
}

// unsynced reports whether a sync failed only because the file system has none
// for directories, as network and user-space ones do.
func unsynced(err error) bool {
	return errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS)
}
