package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"depickle/convert"
	"depickle/scan/fault"
)

// destination decides where the outputs of one run go.
type destination struct {
	dir, file, record string   // dir is "" where file, or a place beside the source, is meant
	sources           []string // every FILE of the run
	claimed           []string // the outputs given out so far
}

// outputDir is the directory that -o names, "" when it names a file or
// nothing.
func outputDir(output string, files int) string {
	if output == "" {
		return ""
	}
	st, err := os.Stat(output)
	isDir := err == nil && st.IsDir()
	if isDir || files > 1 || strings.HasSuffix(output, "/") || os.IsPathSeparator(output[len(output)-1]) {
		return output
	}
	return ""
}

// claim gives the place for one source's output. Even with --force no source
// of the run is overwritten, and no output by another one.
func (d *destination) claim(source string) (convert.Sink, error) {
	out, sink := d.file, convert.File(d.file)
	switch {
	case d.dir != "":
		out, sink = filepath.Join(d.dir, convert.OutputName(source)), newDir(d.dir)
	case out == "":
		out = filepath.Join(filepath.Dir(source), convert.OutputName(source))
		sink = convert.File(out)
	}
	record := d.record
	switch record {
	case "":
		record = out + ".json"
	case "none":
		record = out // nothing more to look at
	default:
		if filepath.Clean(record) == filepath.Clean(out) {
			return nil, fault.New(fault.Unsupported, "the record would replace the output; choose another path with --record")
		}
	}
	for _, s := range d.sources {
		if sameFile(s, out) {
			return nil, fault.New(fault.Unsupported, "the output would replace the source %s; choose another name with -o", fault.Quote(s))
		}
		if sameFile(s, record) {
			return nil, fault.New(fault.Unsupported, "the record would replace the source %s; choose another path with --record", fault.Quote(s))
		}
	}
	if slices.Contains(d.claimed, filepath.Clean(out)) {
		return nil, fault.New(fault.Unsupported, "another FILE has the output %s already; convert them one by one with -o", fault.Quote(out))
	}
	d.claimed = append(d.claimed, filepath.Clean(out))
	return sink, nil
}

// sameFile reports whether both paths lead to one existing file.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// newDir is a directory that is made when the first output goes there, so
// that a refused file leaves none behind.
type newDir string

// Path implements convert.Sink.
func (d newDir) Path(name string) (string, error) {
	if err := os.MkdirAll(string(d), 0o777); err != nil {
		return "", err
	}
	return convert.Dir(string(d)).Path(name)
}
