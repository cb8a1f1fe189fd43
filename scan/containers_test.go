package scan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"depickle/scan"
	"depickle/scan/codec"
	"depickle/scan/container"
)

const containers = "../testdata/containers"

// opened judges a file with every codec at hand.
func opened(t *testing.T, data string) *scan.Report {
	t.Helper()
	src, err := container.Open(strings.NewReader(data), int64(len(data)), container.Options{Codecs: codec.All(), TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	r, _, err := scan.Scan(t.Context(), src, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestContainers: the same pickle in every container, as the libraries write
// it: data alone is clean, and what would run is found.
func TestContainers(t *testing.T) {
	table, err := os.ReadFile(filepath.Join(containers, "expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(table)), "\n")[1:] {
		name, want, _ := strings.Cut(line, "\t")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(containers, name))
			if err != nil {
				t.Fatal(err)
			}
			r := opened(t, string(data))
			bad := want == "1"
			if bad != (r.Severity == scan.Dangerous) || !r.Complete {
				t.Errorf("%s, complete %v: %+v", r.Severity, r.Complete, r.Findings)
			}
			if w := r.Worst(); bad && (w == nil || !strings.HasSuffix(w.Global, "system") || !strings.Contains(w.Message, "touch depickle-was-here")) {
				t.Errorf("found %+v", w)
			}
			if r.Coverage.Accounted != r.Coverage.Bytes {
				t.Errorf("%+v", r.Coverage)
			}
		})
	}
}

// TestContainersCut: no beginning of such a file is clean, and none crashes.
func TestContainersCut(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(containers, "good_*"))
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(data); n += 1 + n/50 {
			if r := opened(t, string(data[:n])); r.Complete && r.Severity == scan.Clean && n < len(strings.TrimRight(string(data), "\x00")) {
				t.Errorf("%s cut off at %d of %d is clean", filepath.Base(path), n, len(data))
			}
		}
	}
}
