package fsx

import (
	"errors"
	"io/fs"
	"os"
)

// errNoHelp: the file system cannot do that step.
const errNoHelp = plain("not supported by the file system")

// publish gives a settled file its final name.
//
// Without force it fails, in the sense of fs.ErrExist, when the name was taken
// since it was created; what stands there stays untouched. After an error the
// temporary file is there still, unless the message says otherwise, and
// Discard removes it.
func (f *File) publish() error {
	if f.gone || !f.closed {
		return &Error{"publish", f.final, fs.ErrClosed}
	}
	if err := checkTarget(f.final, f.force); err != nil {
		return err
	}
	if err := f.rename(); err != nil {
		return wrap("publish", f.final, err)
	}
	f.gone = true
	return nil
}

// rename takes the final name by the best means that the file system has.
func (f *File) rename() error {
	if f.force {
		return os.Rename(f.temp, f.final)
	}
	var err error
	for _, step := range []func(from, to string) error{renameExclusive, linkExclusive, placeExclusive} {
		if err = step(f.temp, f.final); !errors.Is(err, errNoHelp) {
			break
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return existsError{}
	}
	return err
}

// linkExclusive gives the file a second name and takes the first away. A link
// never replaces anything.
func linkExclusive(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil:
		if err := os.Remove(from); err != nil {
			return plain("it has its name, but the temporary one stays: " + reason(bare(err)))
		}
		return nil
	case errors.Is(err, fs.ErrExist), errors.Is(err, fs.ErrNotExist):
		return err
	}
	// Systems differ in how they say that a file system has no links.
	return errNoHelp
}

// placeExclusive takes the name with an empty file, which fails when it is
// taken, and replaces that.
func placeExclusive(from, to string) error {
	p, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := p.Close(); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	if err := os.Rename(from, to); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}
