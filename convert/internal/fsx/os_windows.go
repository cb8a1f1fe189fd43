package fsx

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// nonblock: Windows opens no named pipe by the path of a file.
const nonblock = 0

// systemAdvices has the errors that Windows numbers differently.
func systemAdvices() []advice {
	const full = "the disk is full; free some space or choose another directory"
	return []advice{
		{windows.ERROR_DISK_FULL, full},
		{windows.ERROR_HANDLE_DISK_FULL, full},
		{windows.ERROR_WRITE_PROTECT, "the disk is write-protected; choose another directory"},
		{windows.ERROR_FILENAME_EXCED_RANGE, "the name is too long for the file system; choose a shorter one"},
		{windows.ERROR_INVALID_NAME, "the name has characters that Windows does not allow; choose another one"},
		{windows.ERROR_SHARING_VIOLATION, "another program has it open; close that program"},
		{windows.ERROR_LOCK_VIOLATION, "another program has it locked; close that program"},
		{windows.ERROR_FILE_TOO_LARGE, "the file is too large for the file system; choose another directory"},
		{windows.ERROR_DIRECTORY, "a part of the path is a file, not a directory; check the path"},
	}
}

// chmod does nothing: permissions come from the directory, and the one bit
// that Go could set here is read-only.
func chmod(*os.File, fs.FileMode) error { return nil }

// syncDir does nothing: Windows has no such call, and renameExclusive asks for
// the name to be written through.
func syncDir(string) error { return nil }

// renameExclusive is MoveFileEx, which replaces only what it is told to.
func renameExclusive(from, to string) error {
	f, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	t, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	err = windows.MoveFileEx(f, t, windows.MOVEFILE_WRITE_THROUGH)
	if errors.Is(err, windows.ERROR_NOT_SUPPORTED) || errors.Is(err, windows.ERROR_INVALID_FUNCTION) {
		return errNoHelp
	}
	return err
}

// freeSpace is the bytes that this user may still write beside the file; ok is
// false where the file system does not tell.
func freeSpace(_ *os.File, path string) (free int64, ok bool) {
	dir, err := windows.UTF16PtrFromString(filepath.Dir(path))
	if err != nil {
		return 0, false
	}
	var mine, total, all uint64
	if err := windows.GetDiskFreeSpaceEx(dir, &mine, &total, &all); err != nil {
		return 0, false
	}
	return freeOf(total, mine, 1)
}

// identify fills in what only the system knows.
func identify(f *os.File, _ fs.FileInfo, id *Identity) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var info windows.ByHandleFileInformation
	cerr := conn.Control(func(fd uintptr) {
		err = windows.GetFileInformationByHandle(windows.Handle(fd), &info)
	})
	if cerr != nil {
		return cerr
	}
	id.Device = uint64(info.VolumeSerialNumber)
	id.Inode = uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow)
	return err
}
