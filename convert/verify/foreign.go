package verify

import (
	"bytes"
	"io"

	"depickle/convert/provenance"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// sniffed is how much of a file Foreign looks at, in bytes.
const sniffed = 64 << 10

// Foreign says what a file is that is no SafeTensors file and was none: an
// error of kind Unsupported, so that nothing is said to be wrong with a file
// that there is nothing to check. It returns err, why the strict reader
// refused, for one that may be a damaged output.
func Foreign(r io.ReaderAt, size int64, err error) error {
	head := make([]byte, min(size, sniffed))
	if n, _ := r.ReadAt(head, 0); n < len(head) {
		return err
	}
	if len(head) > 8 && head[8] == '{' {
		return err
	}
	what := jsonFile(head)
	if what == "" {
		what = otherFile(r, size)
	}
	if what == "" {
		return err
	}
	return fault.New(fault.Unsupported, "not a SafeTensors file but %s", what)
}

// jsonFile names the files that stand beside SafeTensors files.
func jsonFile(head []byte) string {
	head = bytes.TrimLeft(head, " \t\r\n")
	switch {
	case !bytes.HasPrefix(head, []byte("{")):
		return ""
	case bytes.Contains(head, []byte(`"weight_map"`)):
		return "an index of shards, which has no digest to check them by; verify each shard that depickle wrote"
	case bytes.Contains(head, []byte(`"`+provenance.Schema+`"`)):
		return "a conversion record; name the output beside it"
	}
	return "JSON"
}

// otherFile names other formats, as far as their own first bytes do.
func otherFile(r io.ReaderAt, size int64) string {
	src, err := container.Open(r, size, container.Options{})
	if err != nil {
		return ""
	}
	defer src.Close()
	switch {
	case src.Format.Converted():
		for _, s := range src.Streams {
			if s.Err != nil {
				return ""
			}
		}
		return "a checkpoint (" + string(src.Format) + "), which depickle convert makes one of"
	case src.Format == container.Unknown, src.Format == container.SafeTensors:
		return ""
	}
	return src.Note
}
