package convert

import (
	"context"

	"depickle/convert/internal/fsx"
	"depickle/convert/verify"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// Input is a source file that is open: what scan.Scan and Convert work on.
type Input struct {
	Source *container.Source
	Name   string
	file   *fsx.Source
	was    fsx.Identity
}

// Open is OpenContext without an end.
func Open(path string, o container.Options) (*Input, error) {
	return OpenContext(context.Background(), path, o)
}

// OpenContext opens a regular file and finds out what it is, as
// container.OpenContext does. The caller closes it.
func OpenContext(ctx context.Context, path string, o container.Options) (*Input, error) {
	f, err := fsx.OpenSource(path)
	if err != nil {
		return nil, err
	}
	in := &Input{Name: path, file: f}
	if in.was, err = f.Identity(); err == nil {
		in.Source, err = container.OpenContext(ctx, f, f.Size(), o)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return in, nil
}

// Recheck reports, as an error of kind fault.Changed, that the file is not
// what it was when it was opened.
func (in *Input) Recheck() error {
	now, err := in.file.Identity()
	if err != nil {
		return err
	}
	if now != in.was {
		return fault.New(fault.Changed, "the source changed while it was read")
	}
	return nil
}

// Is reports whether path leads to this very file.
func (in *Input) Is(path string) bool { return fsx.SameFile(in.Name, path) }

// Close closes the file and frees what was decompressed.
func (in *Input) Close() error {
	in.Source.Close()
	return in.file.Close()
}

// SHA256 hashes the whole file, in hex.
func (in *Input) SHA256(ctx context.Context) (string, error) {
	sum, err := verify.Hash(ctx, in.file, in.file.Size())
	return sum.String(), err
}
