package fsx

import (
	"os"
	"path/filepath"
	"strings"
)

// Sink decides where an output goes.
type Sink interface {
	// Path returns the output's final path. name is a file name alone, the
	// one that the output has by default.
	Path(name string) (string, error)
}

// Dir puts every output under its default name into a directory, which must
// exist.
func Dir(path string) Sink { return dir(path) }

// At puts the one output at this path.
func At(path string) Sink { return at(path) }

type dir string

func (d dir) Path(name string) (string, error) {
	info, err := os.Stat(string(d))
	if err != nil {
		return "", wrap("use", string(d), err)
	}
	if !info.IsDir() {
		return "", &Error{"use", string(d), plain("it is no directory; name a directory")}
	}
	// Names of outputs may come from an index that someone else wrote: they
	// must not lead out of the directory, on any system.
	if name == "" || strings.ContainsAny(name, "/\\\x00") || !filepath.IsLocal(name) || name == "." {
		return "", &Error{"create", name, plain("it is not the name of a file alone")}
	}
	return filepath.Join(string(d), name), nil
}

type at string

func (a at) Path(string) (string, error) { return string(a), nil }
