package scan_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"depickle/scan"
	"depickle/scan/codec"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// little are limits that small files reach.
var little = limit.Limits{Spool: 1 << 18, Pickles: 1 << 17, Opcodes: 1 << 16, Members: 64, Nested: 4, Text: 1 << 12, Stack: 1 << 12}

// FuzzScanContainers has this property: whatever a file holds, in whatever it
// is wrapped, a scan
//   - ends without a panic, and an error that it has is a fault;
//   - says the same twice;
//   - calls nothing complete of which bytes are not accounted for, nor clean
//     what is not complete, and gives a clearance to nothing else.
func FuzzScanContainers(f *testing.F) {
	paths, err := filepath.Glob(containers + "/*_*")
	if err != nil || len(paths) < 40 {
		f.Fatal(len(paths), err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		first, cleared := scanned(t, data)
		again, _ := scanned(t, data)
		if !reflect.DeepEqual(first, again) {
			t.Errorf("%+v\n%+v", first, again)
		}
		if first == nil {
			return
		}
		if first.Complete && first.Coverage.Accounted != first.Coverage.Bytes {
			t.Errorf("complete: %+v", first)
		}
		if first.Verdict == scan.Clean && !first.Complete || cleared && !first.Complete {
			t.Errorf("clean or cleared, and incomplete: %+v", first)
		}
	})
}

func scanned(t *testing.T, data []byte) (*scan.Report, bool) {
	o := container.Options{Codecs: codec.All(), Limits: little, TempDir: t.TempDir()}
	src, err := container.Open(bytes.NewReader(data), int64(len(data)), o)
	if err != nil {
		if fault.Of(err) == nil {
			t.Fatal(err)
		}
		return nil, false
	}
	defer src.Close()
	r, c, err := scan.Scan(t.Context(), src, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r, c.Valid()
}
