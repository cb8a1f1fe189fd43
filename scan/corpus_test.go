package scan_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"depickle/scan"
	"depickle/scan/container"
)

// judge scans bytes as a file of their own.
func judge(t testing.TB, data []byte) *scan.Report {
	t.Helper()
	src, err := container.Open(bytes.NewReader(data), int64(len(data)), container.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	r, c, err := scan.Scan(context.Background(), src, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Valid() != r.Complete {
		t.Fatalf("clearance valid: %v, report complete: %v", c.Valid(), r.Complete)
	}
	return r
}

// corpusFiles lists the files below a folder of the corpus, by their path in
// it; the test is skipped where there is no corpus.
func corpusFiles(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	root := os.Getenv("DEPICKLE_CORPUS")
	if root == "" {
		t.Skip("DEPICKLE_CORPUS names no corpus")
	}
	out := map[string][]byte{}
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "MANIFEST.tsv" {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && strings.HasSuffix(path, ".xz") {
			data, err = exec.Command("xz", "-dc", path).Output()
		}
		rel, _ := filepath.Rel(filepath.Join(root, folder), path)
		out[filepath.ToSlash(rel)] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		t.Fatalf("no files below %s", folder)
	}
	return out
}

func TestDump(t *testing.T) {
	for _, folder := range []string{"malicious", "benign", "real"} {
		for name, data := range corpusFiles(t, folder) {
			r := judge(t, data)
			w := ""
			if f := r.Worst(); f != nil {
				w = f.ID + " " + f.Message
			}
			t.Logf("%s\t%s\tcomplete=%v\t%s\t%s\t%s", folder, r.Severity, r.Complete, r.Format, name, w)
		}
	}
}
