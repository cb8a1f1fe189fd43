package scan_test

import (
	"strings"
	"testing"

	"depickle/scan"
)

// TestEvasion: what once hid a payload from a scan, and was shown to run it
// under a real loader (testdata/tools/attacks.py).
func TestEvasion(t *testing.T) {
	evil := "cos\nsystem\n(S'id'\ntR."
	good := member{"a/data.pkl", proto2(tensor("0", 4))}
	data := member{"a/data/0", strings.Repeat("\x00", 16)}
	wrapper := global("joblib.numpy_pickle", "NumpyArrayWrapper")
	memmap := global("numpy", "memmap")
	object := "\x93NUMPY\x01\x00\x46\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }" + strings.Repeat(" ", 13) + "\n" + evil
	zip := string(archive(t, member{"x.pkl", evil}))
	for _, c := range []struct {
		name string
		file []byte
		id   string
	}{
		{"a class that opens a file, kept by a module", []byte(proto2(call(global("collections", "OrderedDict")) + str("extra_repr") + memmap + "s")), "argument-rule"},
		{"joblib's class given to another function", []byte(proto2(call(global("numpy.ma.core", "_mareconstruct"), wrapper, global("numpy", "ndarray"), tuple(num(0)), str("b")))), "argument-rule"},
		{"a pickle behind a member's pickle", archive(t, member{"notes.txt", "N." + evil}), "global-dangerous"},
		{"a pickle for a storage that nobody declares", archive(t, good, data, member{"a/data/1", proto2(call(global("os", "system"), str("id")))}), "global-dangerous"},
		{"objects for a storage that nobody declares", archive(t, good, data, member{"a/data/x.npy", object}), "global-dangerous"},
		{"a member that decodes on and on", archive(t, member{"notes.txt", strings.Repeat("N0", 40_000) + evil}), "global-dangerous"},
		{"a name that is too long to look at", []byte(proto2("X\x02\x00\x00\x00osX\x86\x38\x01\x00" + strings.Repeat("path.os.", 10_000) + "system\x93" + str("id") + "\x85R")), "global-computed"},
		{"a zip where the pickle ends", []byte(proto2(raw(zip)) + zip), "zip-inside"},
	} {
		r := judge(t, c.file)
		if has(r, c.id) == nil || r.Severity < scan.Suspicious {
			t.Errorf("%s: %s, complete %v: %+v", c.name, r.Severity, r.Complete, r.Findings)
		}
	}
	// The class of an array is no more than that.
	array := call(global("numpy.core.multiarray", "_reconstruct"), memmap, tuple(num(0)), raw("b"))
	if r := judge(t, []byte(proto2(array))); has(r, "argument-rule") != nil {
		t.Errorf("an array that was mapped: %+v", r.Findings)
	}
}
