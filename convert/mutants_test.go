package convert_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"depickle/convert"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// TestMutants: files that a differential fuzzer found. torch or numpy gives
// other elements than the pickle seems to ask for; no writer makes such files.
func TestMutants(t *testing.T) {
	for name, want := range map[string]string{
		"neg-none.pt":         `the metadata "neg" with another value than True`,
		"view-key.pt":         "has the key of a storage",
		"key-int-and-text.pt": "is a text here and a number there",
		"dtype-nocopy.pkl":    "a numpy dtype that is not a copy",
	} {
		t.Run(name, func(t *testing.T) {
			in, err := convert.Open(filepath.Join("testdata", "mutants", name), container.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			_, c, err := scan.Scan(context.Background(), in.Source, scan.Options{})
			if err != nil || c == nil {
				t.Fatal(err, "the file was not cleared")
			}
			_, err = convert.Convert(context.Background(), c, convert.Dir(t.TempDir()), convert.Options{Name: name})
			if !fault.Is(err, fault.Unsupported) || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}
