package safetensors

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"depickle/scan/fault"
)

// memory is a file in memory. It fails, or takes fewer bytes without saying
// why, from some offset on.
type memory struct {
	mu    sync.Mutex
	b     []byte
	fails int64 // 0 for never
	err   error
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := int64(len(p))
	if m.fails > 0 && off+n > m.fails {
		n = max(0, m.fails-off)
	}
	if grow := off + n - int64(len(m.b)); grow > 0 {
		m.b = append(m.b, make([]byte, grow)...)
	}
	copy(m.b[off:], p[:n])
	if n < int64(len(p)) {
		return int(n), m.err
	}
	return int(n), nil
}

// valid reports whether the file can be read, and how it was refused.
func (m *memory) valid() (*Reader, error) {
	return NewReader(bytes.NewReader(m.b), int64(len(m.b)))
}

// three are tensors of 6, 3 and 0 bytes.
func three(t *testing.T) *Header {
	return mustHeader(t, []Tensor{
		{Name: "w", DType: U16, Shape: []int64{3}},
		{Name: "b", DType: U8, Shape: []int64{3}},
		{Name: "none", DType: F32, Shape: []int64{0}},
	}, map[string]string{"sum": "00"})
}

func mustCreate(t *testing.T, w *Writer, name string) io.Writer {
	t.Helper()
	x, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestWriter(t *testing.T) {
	h := three(t)
	for _, order := range [][]string{{"w", "b"}, {"b", "w"}, {"none", "b", "w"}} {
		m := &memory{}
		w, err := NewWriter(m, h)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range order {
			x := mustCreate(t, w, name)
			for _, piece := range map[string][]string{"w": {"12", "", "345", "6"}, "b": {"789"}, "none": {""}}[name] {
				if n, err := io.WriteString(x, piece); n != len(piece) || err != nil {
					t.Fatalf("%s: %d bytes, %v", name, n, err)
				}
			}
			if r, err := m.valid(); err == nil {
				t.Errorf("valid before Close: %+v", r.Header())
			}
		}
		w.Header().Metadata["sum"] = "ff"
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		want := `{"__metadata__":{"sum":"ff"},"none":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},` +
			`"w":{"dtype":"U16","shape":[3],"data_offsets":[0,6]},"b":{"dtype":"U8","shape":[3],"data_offsets":[6,9]}}`
		if got := string(m.b[8:]); got != want+strings.Repeat(" ", (8-len(want)%8)%8)+"123456789" {
			t.Errorf("order %v: %q", order, got)
		}
		if _, err := m.valid(); err != nil {
			t.Error(err)
		}
	}
	if h.Metadata["sum"] != "00" {
		t.Error("the header of the argument was changed")
	}
}

func TestWriterRefuses(t *testing.T) {
	both := func(w *Writer, b, u string) error {
		for name, text := range map[string]string{"w": u, "b": b} {
			x, err := w.Create(name)
			if err != nil {
				return err
			}
			if _, err := io.WriteString(x, text); err != nil {
				return err
			}
		}
		return nil
	}
	twice := func(w *Writer) error {
		_, err := w.Create("b")
		if err == nil {
			_, err = w.Create("b")
		}
		return err
	}
	tests := []struct {
		name, want string
		kind       fault.Kind
		write      func(*Writer) error
	}{
		{"nothing written", `malformed: "w": the tensor has 6 bytes, only 0 were written`, fault.Malformed,
			func(*Writer) error { return nil }},
		{"begun alone", `malformed: "b": the tensor has 3 bytes, only 0 were written`, fault.Malformed,
			func(w *Writer) error { return both(w, "", "123456") }},
		{"one byte short", `malformed: "w": the tensor has 6 bytes, only 5 were written`, fault.Malformed,
			func(w *Writer) error { return both(w, "789", "12345") }},
		{"one byte long", `malformed: "b": the tensor has 3 bytes, more were written`, fault.Malformed,
			func(w *Writer) error { return both(w, "7890", "123456") }},
		{"one byte long, and nobody looked", `malformed: "b": the tensor has 3 bytes, more were written`, fault.Malformed,
			func(w *Writer) error {
				if err := both(w, "789", "123456"); err != nil {
					return err
				}
				for _, x := range w.tensors {
					if x != nil && x.t.Name == "b" {
						_, _ = io.WriteString(x, "0")
					}
				}
				return nil
			}},
		{"bytes for none", `malformed: "none": the tensor has 0 bytes, more were written`, fault.Malformed,
			func(w *Writer) error {
				x, err := w.Create("none")
				if err == nil {
					_, err = io.WriteString(x, "0")
				}
				return err
			}},
		{"twice", `unsupported: "b": the tensor is written twice`, fault.Unsupported, twice},
		{"unknown", `unsupported: "B": the header names no such tensor`, fault.Unsupported,
			func(w *Writer) error { _, err := w.Create("B"); return err }},
		{"longer metadata", "unsupported: metadata changed the header's length from 200 to 208 bytes", fault.Unsupported,
			func(w *Writer) error {
				w.Header().Metadata["sum"] = strings.Repeat("0", 11)
				return both(w, "789", "123456")
			}},
		{"metadata that is no text", `unsupported: metadata "sum" is not valid UTF-8`, fault.Unsupported,
			func(w *Writer) error {
				w.Header().Metadata["sum"] = "\xff\xff"
				return both(w, "789", "123456")
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &memory{}
			w, err := NewWriter(m, three(t))
			if err != nil {
				t.Fatal(err)
			}
			err = tt.write(w)
			closed := w.Close()
			if closed == nil {
				t.Fatal("Close says nothing")
			}
			if err == nil {
				err = closed
			}
			if err.Error() != tt.want || !fault.Is(err, tt.kind) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if r, err := m.valid(); err == nil {
				t.Errorf("the file is valid all the same: %+v", r.Header())
			}
		})
	}
}

func TestNewWriterRefuses(t *testing.T) {
	m := &memory{}
	hole := &Header{Tensors: []Tensor{{Name: "a", DType: U8, Shape: []int64{2}, Begin: 1, End: 3}}}
	if _, err := NewWriter(m, hole); err == nil || err.Error() != `malformed: "a": data begins at 1 and leaves a hole from 0` {
		t.Errorf("a hole: %v", err)
	}
	far := &Header{Tensors: []Tensor{{Name: "a", DType: U8, Shape: []int64{1 << 60, 2}, End: 1 << 61}}}
	if _, err := NewWriter(m, far); !fault.Is(err, fault.Malformed) {
		t.Errorf("2^64 bits: %v", err)
	}
	if len(m.b) != 0 {
		t.Error("something was written")
	}
}

// TestWriterOverOld: a valid file that was there before is valid no more, from
// the beginning until Close.
func TestWriterOverOld(t *testing.T) {
	m := &memory{}
	for range 2 {
		w, err := NewWriter(m, three(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.valid(); err == nil {
			t.Fatal("the old file is still valid")
		}
		_, _ = io.WriteString(mustCreate(t, w, "w"), "123456")
		_, _ = io.WriteString(mustCreate(t, w, "b"), "789")
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.valid(); err != nil {
		t.Error(err)
	}
}

// TestWriterDiskFails: wherever the disk fails, the error is told and the file
// is not valid; likewise of a disk that takes fewer bytes and says nothing.
func TestWriterDiskFails(t *testing.T) {
	full := errors.New("disk full")
	size := three(t).FileBytes()
	for _, err := range []error{full, nil} {
		for at := int64(1); at < size; at++ {
			m := &memory{fails: at, err: err}
			told := writeThree(t, m)
			if told == nil {
				t.Errorf("fails at %d: no error", at)
			}
			if err != nil && !errors.Is(told, err) {
				t.Errorf("fails at %d: %v", at, told)
			}
			if _, err := m.valid(); err == nil {
				t.Errorf("fails at %d: valid", at)
			}
		}
	}
}

func writeThree(t *testing.T, m *memory) error {
	w, err := NewWriter(m, three(t))
	if err != nil {
		return err
	}
	var errs []error
	for name, text := range map[string]string{"w": "123456", "b": "789"} {
		_, err := io.WriteString(mustCreate(t, w, name), text)
		errs = append(errs, err)
	}
	return errors.Join(append(errs, w.Close())...)
}

// TestWriterSideBySide: a goroutine for each tensor, each name also tried by a
// second one.
func TestWriterSideBySide(t *testing.T) {
	want := map[string]string{}
	var tensors []Tensor
	for i := range 50 {
		name := fmt.Sprint("t", i)
		want[name] = strings.Repeat(string(rune('A'+i)), 1+i*37%101)
		tensors = append(tensors, Tensor{Name: name, DType: U8, Shape: []int64{int64(len(want[name]))}})
	}
	m := &memory{}
	w, err := NewWriter(m, mustHeader(t, tensors, nil))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	refused := make(chan error, 2*len(want))
	for _, name := range slices.Collect(maps.Keys(want)) {
		for range 2 {
			wg.Go(func() {
				x, err := w.Create(name)
				if err != nil {
					refused <- err
					return
				}
				for i := range len(want[name]) {
					if _, err := io.WriteString(x, want[name][i:i+1]); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if len(refused) != len(want) {
		t.Errorf("%d refused, want %d", len(refused), len(want))
	}
	r, err := m.valid()
	if err != nil {
		t.Fatal(err)
	}
	for name := range want {
		s, _ := r.Section(name)
		if got, err := io.ReadAll(s); string(got) != want[name] || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
