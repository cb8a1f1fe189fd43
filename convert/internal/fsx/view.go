package fsx

import (
	"os"
	"runtime/debug"
	"syscall"

	"depickle/scan/fault"
)

// viewMost is what View shows at once, in bytes. It is large enough for the
// cost of a mapping to vanish, and counts as memory of the process.
const viewMost = 4 << 20

// View shows f bytes at off where the system's cache has them, which spares
// copying them: at most n, and at most 4 MiB, once. It returns how many; none,
// without an error, where the system shows no file this way or where a copy
// is as good. They are f's until it returns, and may change under its eyes
// when somebody writes to the file: what must not be read twice is read into
// memory.
func (s *Source) View(off, n int64, f func([]byte) error) (int64, error) {
	return view(s.f, s.f.Name(), off, n, f)
}

// View is Source.View.
func (f *File) View(off, n int64, do func([]byte) error) (int64, error) {
	return view(f.f, f.final, off, n, do)
}

// view maps a window of the file, which errors call name. To touch a mapped
// page that is no longer there is a signal, which ends a process: here it
// becomes an error.
func view(file *os.File, name string, off, n int64, f func([]byte) error) (int64, error) {
	n = min(n, viewMost)
	lead := off % int64(os.Getpagesize())
	b, unmap := mapFile(file, off-lead, lead+n)
	if b == nil {
		return 0, nil
	}
	defer unmap()
	lost, err := caught(func() error { return f(b[lead:]) })
	if err != nil {
		return 0, err
	}
	// The bytes between a file's end and the end of its last page read as
	// zeros. If the file was cut off, they are no part of it.
	info, err := file.Stat()
	if err != nil {
		return 0, wrap("read", name, err)
	}
	if info.Size() < off+n {
		return 0, fault.At(fault.Changed, off, "the file became shorter while it was read")
	}
	if lost {
		return 0, wrap("read", name, syscall.EIO)
	}
	return n, nil
}

// caught calls f. It is lost where a mapped page cannot be had: nothing else
// faults at an address in Go, but nil, which has none. Of two views, one
// inside the other, the inner one speaks for both.
func caught(f func() error) (lost bool, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if _, ok := r.(interface{ Addr() uintptr }); !ok {
			panic(r)
		}
		lost = true
	}()
	return false, f()
}
