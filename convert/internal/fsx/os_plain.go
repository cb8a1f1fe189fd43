//go:build !linux

package fsx

import (
	"io"
	"os"
)

// syncsFileSystems: only Linux has a call that syncs many files and tells of
// errors.
func syncsFileSystems() bool { return false }

// syncFileSystem is never called here.
func syncFileSystem(d *os.File, _ map[uint64]bool) error { return d.Sync() }

// copyRange copies nothing: these systems have no such call, or none that
// takes ranges.
func copyRange(*os.File, int64, io.ReaderAt, int64, int64) (done int64) { return 0 }
