//go:build linux || darwin

package fsx

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapLeast is the smallest range that is mapped, in bytes: below, a copy costs
// less.
const mapLeast = 256 << 10

// mapFile maps n bytes at off, a multiple of the page size, for reading. It
// returns nil where that cannot be done, or is not worth it.
func mapFile(f *os.File, off, n int64) (b []byte, unmap func()) {
	if n < mapLeast {
		return nil, nil
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, nil
	}
	cerr := conn.Control(func(fd uintptr) {
		b, err = unix.Mmap(int(fd), off, int(n), unix.PROT_READ, unix.MAP_SHARED)
	})
	if cerr != nil || err != nil {
		return nil, nil
	}
	// It fails only for what is not mapped.
	return b, func() { _ = unix.Munmap(b) }
}
