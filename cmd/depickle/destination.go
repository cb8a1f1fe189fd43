package main

import (
	"os"
	"path/filepath"
	"strings"

	"depickle/convert"
	"depickle/scan/fault"
)

// destination decides where the outputs of one run go.
type destination struct {
	dir, file, record string // dir is "" where file, or a place beside the source, is meant
	sources           []sourceFile
	sizes             map[string]int64 // of the sources, in bytes, by path
	claimed           map[string]bool  // the outputs given out so far
}

// sourceFile is a FILE of the run that exists.
type sourceFile struct {
	path string
	info os.FileInfo
}

func newDestination(output, record string, files []string) *destination {
	d := &destination{dir: outputDir(output, len(files)), file: output, record: record,
		sizes: map[string]int64{}, claimed: map[string]bool{}}
	for _, path := range files {
		if info, err := os.Stat(path); err == nil {
			d.sources = append(d.sources, sourceFile{path, info})
			d.sizes[path] = info.Size()
		}
	}
	return d
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
	if s := d.source(out); s != "" {
		return nil, fault.New(fault.Unsupported, "the output would replace the source %s; choose another name with -o", fault.Quote(s))
	}
	if s := d.source(record); s != "" {
		return nil, fault.New(fault.Unsupported, "the record would replace the source %s; choose another path with --record", fault.Quote(s))
	}
	if d.claimed[filepath.Clean(out)] {
		return nil, fault.New(fault.Unsupported, "another FILE has the output %s already; convert them one by one with -o", fault.Quote(out))
	}
	d.claimed[filepath.Clean(out)] = true
	return sink, nil
}

// source is the FILE of the run that a path leads to, "" for none.
func (d *destination) source(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	for _, s := range d.sources {
		if os.SameFile(s.info, info) {
			return s.path
		}
	}
	return ""
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
