//go:build unix && !linux && !darwin

package fsx

import (
	"io/fs"
	"os"
)

// renameExclusive: these systems have no such call; a link does as well.
func renameExclusive(_, _ string) error { return errNoHelp }

// freeSpace is not known here: writing fails when the disk is full.
func freeSpace(*os.File, string) (free int64, ok bool) { return 0, false }

// identify leaves size and time as they are.
func identify(*os.File, fs.FileInfo, *Identity) error { return nil }
