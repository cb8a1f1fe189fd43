package safetensors

import (
	"bytes"
	"io"
	"testing"
)

func TestReader(t *testing.T) {
	b := file(`{"b":{"dtype":"U8","shape":[3],"data_offsets":[2,5]},"a":{"dtype":"BF16","shape":[],"data_offsets":[0,2]},`+
		`"none":{"dtype":"F64","shape":[0,7],"data_offsets":[5,5]},"__metadata__":{"k":"v"}}`, 5)
	copy(b[len(b)-5:], "12345")
	r, err := NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if r.Header().Metadata["k"] != "v" || len(r.Header().Tensors) != 3 {
		t.Errorf("header %+v", r.Header())
	}
	for name, want := range map[string]string{"a": "12", "b": "345", "none": ""} {
		s, ok := r.Section(name)
		if !ok {
			t.Errorf("%s: not found", name)
			continue
		}
		got, err := io.ReadAll(s)
		if err != nil || string(got) != want || s.Size() != int64(len(want)) {
			t.Errorf("%s: %q of %d bytes, %v", name, got, s.Size(), err)
		}
		// A section must not reach into the tensor behind.
		if n, err := s.ReadAt(make([]byte, 1), int64(len(want))); n != 0 || err != io.EOF {
			t.Errorf("%s: %d bytes beyond the end, %v", name, n, err)
		}
	}
	if x, ok := r.Tensor("b"); !ok || !equalTensors(x, Tensor{"b", U8, []int64{3}, 2, 5}) {
		t.Errorf("b: %+v %v", x, ok)
	}
	for _, name := range []string{"", "c", "__metadata__", "A"} {
		if x, ok := r.Tensor(name); ok || x.Shape != nil {
			t.Errorf("%q is found: %+v", name, x)
		}
		if s, ok := r.Section(name); ok || s != nil {
			t.Errorf("%q is found", name)
		}
	}
}

// TestReadersAgree: NewReader and Read are one reader.
func TestReadersAgree(t *testing.T) {
	for _, tt := range rejected {
		r, err := NewReader(bytes.NewReader(tt.file), int64(len(tt.file)))
		if r != nil || err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, %v", tt.name, r, err)
		}
	}
}
