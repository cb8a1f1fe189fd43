package safetensors

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// reference is run by a Python that has the safetensors package. It reads our
// file with the reference library, and writes the same tensors with it, into
// a second file.
const reference = `
import ctypes, json, sys, safetensors
data = open(sys.argv[1], "rb").read()
got = safetensors.deserialize(data)
entries = [[n, t["dtype"], list(t["shape"]), bytes(t["data"]).hex()] for n, t in got]
with safetensors.safe_open(sys.argv[1], framework="np") as f:
    meta = f.metadata()
if all(t["dtype"] not in ("F4", "F6_E2M3", "F6_E3M2") for _, t in got):
    names = {"BOOL": "bool", "U8": "uint8", "I8": "int8", "F8_E5M2": "float8_e5m2", "F8_E4M3": "float8_e4m3fn",
        "F8_E8M0": "float8_e8m0fnu", "F8_E4M3FNUZ": "float8_e4m3fnuz", "F8_E5M2FNUZ": "float8_e5m2fnuz",
        "I16": "int16", "U16": "uint16", "F16": "float16", "BF16": "bfloat16", "I32": "int32", "U32": "uint32",
        "F32": "float32", "C64": "complex64", "F64": "float64", "I64": "int64", "U64": "uint64"}
    back = {n: {"dtype": names[t["dtype"]], "shape": list(t["shape"]), "data": bytes(t["data"])} for n, t in got}
    if hasattr(safetensors, "TensorSpec"):
        keep = {n: ctypes.create_string_buffer(t["data"], max(len(t["data"]), 1)) for n, t in back.items()}
        back = {n: safetensors.TensorSpec(dtype=t["dtype"], shape=t["shape"],
            data_ptr=ctypes.addressof(keep[n]), data_len=len(t["data"])) for n, t in back.items()}
    open(sys.argv[2], "wb").write(safetensors.serialize(back, meta))
json.dump([entries, meta], sys.stdout)
`

// TestReference compares with the reference library, both ways: it reads what
// we write, and writes the same bytes.
func TestReference(t *testing.T) {
	python := os.Getenv("DEPICKLE_PYTHON")
	if python == "" {
		t.Skip("DEPICKLE_PYTHON names no Python")
	}
	if err := exec.Command(python, "-c", "import safetensors, numpy").Run(); err != nil {
		t.Skipf("%s has no safetensors with numpy", python)
	}
	var plain, packed []Tensor
	for d := Bool; d < numDTypes; d++ {
		all := &plain
		if d.Bits() < 8 {
			all = &packed
		}
		*all = append(*all,
			Tensor{Name: "z." + d.String(), DType: d, Shape: []int64{2, 4}},
			Tensor{Name: "é \"\\\x01" + d.String(), DType: d, Shape: []int64{8, 1}},
			Tensor{Name: "empty." + d.String(), DType: d, Shape: []int64{3, 0}})
		if d.Bits() >= 8 {
			*all = append(*all, Tensor{Name: "scalar." + d.String(), DType: d})
		}
	}
	many := make(map[string]string)
	for i := range 20 {
		many[fmt.Sprint("key ", i)] = strings.Repeat("é\n", i)
	}
	one := map[string]string{"format": "pt"}
	t.Run("all whole bytes", func(t *testing.T) { compareReference(t, python, plain, one, true) })
	t.Run("no metadata", func(t *testing.T) { compareReference(t, python, plain, nil, true) })
	t.Run("packed", func(t *testing.T) { compareReference(t, python, packed, one, false) })
	t.Run("much metadata", func(t *testing.T) { compareReference(t, python, plain, many, false) })
	t.Run("no tensors", func(t *testing.T) { compareReference(t, python, nil, one, true) })
}

// compareReference writes a file, has the reference read it, and where same
// is set, compares the file that the reference wrote of it byte by byte.
func compareReference(t *testing.T, python string, tensors []Tensor, meta map[string]string, same bool) {
	h := mustHeader(t, tensors, meta)
	ours := written(t, h)
	dir := t.TempDir()
	in, out := filepath.Join(dir, "ours.safetensors"), filepath.Join(dir, "theirs.safetensors")
	if err := os.WriteFile(in, ours, 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, err := exec.Command(python, "-c", reference, in, out).Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr(err))
	}
	seen := map[string]string{}
	for _, x := range h.Tensors {
		shape := []any{}
		for _, d := range x.Shape {
			shape = append(shape, float64(d))
		}
		seen[x.Name] = fmt.Sprintf("%s %v %x", x.DType, shape, ours[h.DataStart()+x.Begin:h.DataStart()+x.End])
	}
	var got [2]json.RawMessage
	var list [][4]any
	var gotMeta map[string]string
	for _, err := range []error{json.Unmarshal(stdout, &got), json.Unmarshal(got[0], &list), json.Unmarshal(got[1], &gotMeta)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(list) != len(seen) {
		t.Fatalf("the reference reads %d tensors, want %d", len(list), len(seen))
	}
	for _, e := range list {
		if name := fmt.Sprint(e[0]); fmt.Sprintf("%s %v %s", e[1], e[2], e[3]) != seen[name] {
			t.Errorf("the reference reads %q as %v, want %s", name, e[1:], seen[name])
		}
	}
	if fmt.Sprint(gotMeta) != fmt.Sprint(meta) {
		t.Errorf("the reference reads metadata %v, want %v", gotMeta, meta)
	}
	if !same {
		return
	}
	theirs, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if string(theirs) != string(ours) {
		t.Errorf("the reference writes\n%q\nwe write\n%q", theirs, ours)
	}
}

// written is a file that Writer wrote, the last tensor first. Its elements are
// 0 and 1, which are valid in every dtype.
func written(t *testing.T, h *Header) []byte {
	t.Helper()
	m := &memory{}
	w, err := NewWriter(m, h)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range slices.Backward(h.Tensors) {
		data := make([]byte, x.End-x.Begin)
		for i := range data {
			data[i] = byte((x.Begin + int64(i)) % 2)
		}
		out := mustCreate(t, w, x.Name)
		for piece := range slices.Chunk(data, 5) {
			if _, err := out.Write(piece); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return m.b
}

func stderr(err error) []byte {
	if e, ok := err.(*exec.ExitError); ok {
		return e.Stderr
	}
	return nil
}
