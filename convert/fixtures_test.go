package convert_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"depickle/convert"
	"depickle/convert/provenance"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// truth is what torch or numpy had in memory when they wrote a fixture.
type truth struct {
	Expect  string `json:"expect"`
	Reason  string `json:"reason"`
	Tensors []struct {
		Path   string  `json:"path"`
		Name   string  `json:"name"`
		DType  string  `json:"dtype"`
		Shape  []int64 `json:"shape"`
		SHA256 string  `json:"sha256"`
	} `json:"tensors"`
	Keys []string `json:"state_dict_keys"`
}

const checkpoints = "../testdata/checkpoints"

func fixtures(t *testing.T) []string {
	t.Helper()
	sides, err := filepath.Glob(filepath.Join(checkpoints, "*.truth.json"))
	if err != nil || len(sides) < 400 {
		t.Fatalf("%d fixtures, want 400 or more (%v)", len(sides), err)
	}
	return sides
}

func readTruth(t *testing.T, side string) truth {
	t.Helper()
	b, err := os.ReadFile(side)
	if err != nil {
		t.Fatal(err)
	}
	var want truth
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	return want
}

// convertFile does what the command does: open, scan, convert.
func convertFile(t *testing.T, path, dir string, o convert.Options) (*convert.Result, *scan.Report, error) {
	t.Helper()
	in, err := convert.Open(path, container.Options{TempDir: t.TempDir()})
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	report, clearance, err := scan.Scan(context.Background(), in.Source, scan.Options{})
	if err != nil {
		return nil, nil, err
	}
	o.Name, o.Recheck = in.Name, in.Recheck
	res, err := convert.Convert(context.Background(), clearance, convert.Dir(dir), o)
	return res, report, err
}

// TestFixtures converts every fixture and compares names, dtypes, shapes and
// bytes with what the library that wrote it had in memory.
func TestFixtures(t *testing.T) {
	for _, side := range fixtures(t) {
		path := strings.TrimSuffix(side, ".truth.json")
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			want := readTruth(t, side)
			if want.Expect != "converted" {
				notConverted(t, path, want)
				return
			}
			dir := t.TempDir()
			res, _, err := convertFile(t, path, dir, convert.Options{})
			if err != nil {
				t.Fatal(err)
			}
			compare(t, want, res.Record)
			verified(t, path, res)
			again(t, path, res)
		})
	}
}

func compare(t *testing.T, want truth, rec *provenance.Record) {
	t.Helper()
	have := map[string]provenance.Tensor{}
	var names []string
	for _, x := range rec.Tensors {
		have[x.Name] = x
		names = append(names, x.Name)
	}
	if len(have) != len(want.Tensors) {
		t.Errorf("%d tensors, want %d", len(have), len(want.Tensors))
	}
	for _, w := range want.Tensors {
		h, ok := have[w.Name]
		switch {
		case !ok:
			t.Errorf("no tensor %q", w.Name)
		case h.DType != w.DType || !slices.Equal(h.Shape, w.Shape):
			t.Errorf("%q is %s %v, want %s %v", w.Name, h.DType, h.Shape, w.DType, w.Shape)
		case h.SHA256.String() != w.SHA256:
			t.Errorf("%q has other bytes", w.Name)
		case h.Path != w.Path:
			t.Errorf("%q comes from %q, want %q", w.Name, h.Path, w.Path)
		}
	}
	if want.Keys != nil {
		slices.Sort(names)
		keys := slices.Clone(want.Keys)
		slices.Sort(keys)
		if !slices.Equal(names, keys) {
			t.Errorf("names %q, state_dict has %q", names, keys)
		}
	}
}

// verified reads the output back against record and source.
func verified(t *testing.T, path string, res *convert.Result) {
	t.Helper()
	in, err := convert.Open(path, container.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	v, err := convert.Verify(context.Background(), res.Output, res.RecordPath, in)
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	if !v.Consistent || !v.MatchesSource || v.Record == nil {
		t.Errorf("verify says %+v", v)
	}
}

// again converts once more: the same source must give the same bytes.
func again(t *testing.T, path string, res *convert.Result) {
	t.Helper()
	second, _, err := convertFile(t, path, t.TempDir(), convert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]string{{res.Output, second.Output}, {res.RecordPath, second.RecordPath}} {
		a, err1 := os.ReadFile(pair[0])
		b, err2 := os.ReadFile(pair[1])
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is not the same when it is made twice", filepath.Base(pair[0]))
		}
	}
}

// notConverted checks that a fixture is turned away for the right reason, and
// that nothing is left behind.
func notConverted(t *testing.T, path string, want truth) {
	t.Helper()
	dir := t.TempDir()
	_, report, err := convertFile(t, path, dir, convert.Options{})
	if err == nil {
		t.Fatalf("converted, want %s", want.Expect)
	}
	refused := fault.Is(err, fault.Refused) && (report == nil || report.Severity == scan.Dangerous)
	switch want.Expect {
	case "refused":
		if !refused {
			t.Errorf("%v; want a refusal", err)
		}
	case "unsupported", "no-tensors":
		if !fault.Is(err, fault.Unsupported) {
			t.Errorf("%v; want unsupported", err)
		}
	case "malformed":
		incomplete := report != nil && !report.Complete && report.Severity != scan.Dangerous
		if !incomplete && !fault.Is(err, fault.Malformed) {
			t.Errorf("%v; want malformed", err)
		}
	default:
		t.Errorf("unknown expectation %q", want.Expect)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("%d files were left behind (%v)", len(left), err)
	}
}
