package fsx

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
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

// syncsFileSystems reports whether one call brings all files of a file system
// to the disk, and says when it failed: since Linux 5.8.
func syncsFileSystems() bool {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return false
	}
	major, rest, _ := strings.Cut(unix.ByteSliceToString(u.Release[:]), ".")
	minor, _, _ := strings.Cut(rest, ".")
	x, err1 := strconv.Atoi(major)
	y, err2 := strconv.Atoi(minor)
	return err1 == nil && err2 == nil && (x > 5 || x == 5 && y >= 8)
}

// syncFileSystem syncs the file system of a directory, unless done has it.
func syncFileSystem(d *os.File, done map[uint64]bool) error {
	info, err := d.Stat()
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if ok && done[uint64(st.Dev)] {
		return nil
	}
	conn, err := d.SyscallConn()
	if err != nil {
		return err
	}
	if cerr := conn.Control(func(fd uintptr) { err = unix.Syncfs(int(fd)) }); cerr != nil {
		return cerr
	}
	if ok && err == nil {
		done[uint64(st.Dev)] = true
	}
	return err
}

// copyRange is copy_file_range(2). It returns how much it copied before the
// system would not go on, for whatever reason: whoever copies the rest finds
// out.
func copyRange(to *os.File, at int64, r io.ReaderAt, off, n int64) (done int64) {
	from, ok := r.(syscall.Conn)
	if !ok {
		return 0
	}
	in, err := from.SyscallConn()
	if err != nil {
		return 0
	}
	out, err := to.SyscallConn()
	if err != nil {
		return 0
	}
	in.Control(func(rfd uintptr) {
		out.Control(func(wfd uintptr) {
			for done < n {
				k, err := unix.CopyFileRange(int(rfd), &off, int(wfd), &at, int(min(n-done, 1<<30)), 0)
				if err == unix.EINTR {
					continue
				}
				if err != nil || k <= 0 {
					return
				}
				done += int64(k)
			}
		})
	})
	return done
}
