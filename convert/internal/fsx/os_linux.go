package fsx

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// renameExclusive is renameat2 with RENAME_NOREPLACE.
func renameExclusive(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	switch {
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOTSUP),
		errors.Is(err, unix.EPERM):
		// EPERM is what a seccomp filter of old container runtimes says.
		return errNoHelp
	}
	return err
}

// freeSpace is the bytes that this user may still write beside the file; ok is
// false where the file system does not tell.
func freeSpace(f *os.File, _ string) (free int64, ok bool) {
	conn, err := f.SyscallConn()
	if err != nil {
		return 0, false
	}
	var s unix.Statfs_t
	if cerr := conn.Control(func(fd uintptr) { err = unix.Fstatfs(int(fd), &s) }); cerr != nil || err != nil {
		return 0, false
	}
	return freeOf(uint64(s.Blocks), uint64(s.Bavail), uint64(s.Bsize))
}

// identify fills in what only the system knows.
func identify(_ *os.File, info fs.FileInfo, id *Identity) error {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		id.Device, id.Inode = uint64(st.Dev), uint64(st.Ino)
		id.ChangeTime = st.Ctim.Nano()
	}
	return nil
}
