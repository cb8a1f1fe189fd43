package safetensors

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"testing"
)

// FuzzRead: Read never panics; what it accepts can be encoded, and comes back
// the same.
func FuzzRead(f *testing.F) {
	for _, r := range rejected {
		f.Add(r.file)
	}
	f.Add(file(good, 2))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if err.Error() == "" || len(err.Error()) > 1000 {
				t.Errorf("error of %d bytes", len(err.Error()))
			}
			return
		}
		if h.FileBytes() != int64(len(b)) {
			t.Fatalf("accounts for %d of %d bytes", h.FileBytes(), len(b))
		}
		encoded, err := h.Encode()
		if err != nil {
			t.Fatalf("accepted, but Encode says %v", err)
		}
		h.start = int64(len(encoded))
		roundTrip(t, h, encoded)
	})
}

// FuzzEncode: what Encode writes, Read accepts and gives back equal.
func FuzzEncode(f *testing.F) {
	f.Add("a", "b", uint8(F32), uint8(F4), int64(2), int64(0), "k", "v")
	f.Add("", "\x00\u2028", uint8(U64), uint8(U64), int64(1<<40), int64(1), "", "\"\\")
	f.Fuzz(func(t *testing.T, n1, n2 string, d1, d2 uint8, s1, s2 int64, k, v string) {
		h, err := NewHeader([]Tensor{
			{Name: n1, DType: DType(d1), Shape: []int64{s1, s2}},
			{Name: n2, DType: DType(d2), Shape: []int64{s2}},
		}, map[string]string{k: v})
		if err != nil {
			return
		}
		encoded, err := h.Encode()
		if err != nil {
			t.Fatalf("NewHeader accepts, but Encode says %v", err)
		}
		if h.DataBytes() > 1<<20 {
			return
		}
		roundTrip(t, h, encoded)
	})
}

// FuzzWriter: pieces of any length for two tensors in any order. What Close
// accepts, NewReader accepts and gives back; it accepts what has every byte,
// and what it refuses is no valid file.
func FuzzWriter(f *testing.F) {
	f.Add("a", "b", uint8(U16), uint8(U8), uint8(3), uint8(5), []byte{0, 13, 5, 4}, "k", "v")
	f.Add("", "\"", uint8(F4), uint8(U64), uint8(2), uint8(0), []byte{2, 2}, "", "")
	f.Add("a", "b", uint8(U8), uint8(U8), uint8(2), uint8(2), []byte{4, 5, 1, 3}, "k", "v")
	f.Fuzz(func(t *testing.T, n1, n2 string, d1, d2, s1, s2 uint8, pieces []byte, k, v string) {
		h, err := NewHeader([]Tensor{
			{Name: n1, DType: DType(d1), Shape: []int64{int64(s1)}},
			{Name: n2, DType: DType(d2), Shape: []int64{int64(s2)}},
		}, map[string]string{k: v})
		if err != nil {
			return
		}
		m := &memory{}
		w, err := NewWriter(m, h)
		if err != nil {
			t.Fatalf("NewHeader accepts, but NewWriter says %v", err)
		}
		want, long := feed(t, w, pieces)
		whole := !long && int64(len(want[0])+len(want[1])) == h.DataBytes()
		if err := w.Close(); (err == nil) != whole {
			t.Fatalf("Close says %v", err)
		}
		r, err := m.valid()
		if (err == nil) != whole {
			t.Fatalf("NewReader says %v, whole: %v", err, whole)
		}
		if !whole {
			return
		}
		for i, x := range h.Tensors {
			s, ok := r.Section(x.Name)
			if !ok {
				t.Fatalf("%q is not found", x.Name)
			}
			if got, err := io.ReadAll(s); err != nil || !bytes.Equal(got, want[i]) {
				t.Errorf("%q: %x, %v, want %x", x.Name, got, err, want[i])
			}
		}
		roundTrip(t, h, m.b[:h.DataStart()])
	})
}

// feed writes pieces: the last bit of each byte says to which tensor, the others
// how long it is. It returns what the tensors took, and whether a piece was too
// long.
func feed(t *testing.T, w *Writer, pieces []byte) (want [2][]byte, long bool) {
	var out [2]io.Writer
	for i, x := range w.Header().Tensors {
		out[i] = mustCreate(t, w, x.Name)
	}
	for i, p := range pieces {
		which := p & 1
		x := w.Header().Tensors[which]
		piece := bytes.Repeat([]byte{byte(i)}, int(p>>1))
		tooLong := int64(len(want[which])+len(piece)) > x.End-x.Begin
		if _, err := out[which].Write(piece); (err != nil) != tooLong {
			t.Fatalf("piece %d of %d bytes: %v", i, len(piece), err)
		}
		if tooLong {
			long = true
		} else {
			want[which] = append(want[which], piece...)
		}
	}
	return want, long
}

// TestMemoryFollowsInput: a short header must not cost much, whatever it
// declares; a long one costs a small multiple of its bytes.
func TestMemoryFollowsInput(t *testing.T) {
	shapes := append([]byte(`{"a":{"dtype":"U8","shape":[`), bytes.Repeat([]byte("0,"), 1<<20)...)
	names := []byte{'{'}
	for i := range 20000 {
		names = append(names, '"', byte('a'+i%26), byte('a'+i/26%26), byte('a'+i/676))
		names = append(names, `":{"dtype":"U8","shape":[],"data_offsets":[0,0]},`...)
	}
	tests := map[string][]byte{
		"claims 100 MB":           length(MaxHeader, "{}"),
		"2^62 elements":           entry(`"U8"`, `[4611686018427387904]`, `[0,4611686018427387904]`),
		"a million dimensions":    file(string(shapes), 0),
		"twenty thousand entries": file(string(names), 0),
		"one long name":           file(`{"`+string(bytes.Repeat([]byte("a"), 1<<20)), 0),
	}
	for name, b := range tests {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(bytes.NewReader(b), int64(len(b)))
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(64<<10+16*len(b)); got > most {
			t.Errorf("%s: %d bytes allocated for %d", name, got, len(b))
		}
	}
}

func BenchmarkHeader(b *testing.B) {
	tensors := make([]Tensor, 20000)
	for i := range tensors {
		name := binary.BigEndian.AppendUint32([]byte("model.layers.weight."), uint32(i)|0x20202020)
		tensors[i] = Tensor{Name: string(bytes.ToValidUTF8(name, []byte("?"))) + string(rune(0x4e00+i)), DType: F32, Shape: []int64{0, 4}}
	}
	h, err := NewHeader(tensors, nil)
	if err != nil {
		b.Fatal(err)
	}
	encoded, err := h.Encode()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = NewHeader(tensors, nil)
		}
	})
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = h.Encode()
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(encoded)))
		for b.Loop() {
			if _, err := Read(bytes.NewReader(encoded), int64(len(encoded))); err != nil {
				b.Fatal(err)
			}
		}
	})
}
