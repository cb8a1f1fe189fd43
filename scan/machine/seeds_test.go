package machine

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"depickle/scan/codec"
	"depickle/scan/container"
)

// realStreams are the short pickles of the repository's fixtures, and of the
// corpus that DEPICKLE_CORPUS names.
func realStreams(t *testing.T) (out [][]byte) {
	t.Helper()
	roots := []string{filepath.Join("..", "..", "testdata", "checkpoints"), filepath.Join("..", "..", "testdata", "containers")}
	if corpus := os.Getenv("DEPICKLE_CORPUS"); corpus != "" {
		roots = append(roots, corpus)
	}
	for _, root := range roots {
		n := len(out)
		walk(t, root, func(b []byte) {
			if len(b) > 3 && len(b) < 4000 {
				out = append(out, b)
			}
		})
		if len(out) == n {
			t.Fatalf("no pickles in %s", root)
		}
	}
	return out
}

// walk shows each pickle of the files below a folder to f.
func walk(t *testing.T, root string, f func([]byte)) {
	t.Helper()
	tmp := t.TempDir()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		st, err := file.Stat()
		if err != nil {
			return err
		}
		src, err := container.Open(file, st.Size(), container.Options{Codecs: codec.All(), TempDir: tmp})
		if err != nil {
			return err
		}
		defer src.Close()
		return streamsOf(src, f)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// streamsOf shows each pickle of a file, and of the files inside of it, to f.
func streamsOf(src *container.Source, f func([]byte)) error {
	for _, s := range src.Streams {
		b, err := io.ReadAll(src.Section(s.Extent))
		if err != nil {
			return err
		}
		f(b)
	}
	for i := range src.Parts {
		// What cannot be opened to its end is opened as far as it goes.
		if in, _ := src.Open(&src.Parts[i]); in != nil {
			if err := streamsOf(in, f); err != nil {
				return err
			}
		}
	}
	return nil
}
