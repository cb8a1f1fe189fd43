package provenance

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"

	"depickle/convert/internal/raced"
	"depickle/scan/fault"
)

// repeated is text that stands in a record n times.
type repeated struct {
	head, item, tail string
	n                int
}

// record gives the documented record with old replaced by the repeated text,
// and with a digest that matches, without holding it.
func (x repeated) record(t *testing.T, old string) io.Reader {
	t.Helper()
	text := encode(t, example())
	before, after, ok := strings.Cut(text, old)
	if !ok {
		t.Fatalf("%q is not in the record", old)
	}
	stream := func(after string) io.Reader {
		return io.MultiReader(strings.NewReader(before+x.head), &again{[]byte(x.item), 0, x.n}, strings.NewReader(x.tail+after))
	}
	body := after[:len(after)-tailSize]
	s := newSumming(stream(body+zeros+sumEnd), 1<<40)
	if err := s.drain(); err != nil {
		t.Fatal(err)
	}
	s.h.Write(s.held)
	return stream(body + sum(s.h).String() + sumEnd)
}

// again reads an item n times.
type again struct {
	item []byte
	at   int
	n    int
}

func (a *again) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if a.n == 0 {
			return n, io.EOF
		}
		k := copy(p[n:], a.item[a.at:])
		n += k
		if a.at += k; a.at == len(a.item) {
			a.at, a.n = 0, a.n-1
		}
	}
	return n, nil
}

// TestHostileRecords: what a record holds costs no more memory than its bounds
// say, and is refused in one line or read.
func TestHostileRecords(t *testing.T) {
	if raced.On {
		t.Skip("hundreds of MB, one by one; CI runs them without the race detector")
	}
	const values = `{"epoch": 3}`
	left := "\n" + `    {"path": "/ema/w", "dtype": "F32", "shape": [2, 3], "reason": "outside of the root"}`
	tests := []struct {
		name string
		old  string
		x    repeated
		most int64 // of MiB allocated in all, garbage among it
		kind fault.Kind
	}{
		{"values of 100 MB in a string", values, repeated{`"`, strings.Repeat("a", 1000), `"`, 100_000}, 150, fault.Limit},
		{"values of 100 MB in a list", values, repeated{`[0`, strings.Repeat(",0", 500), `]`, 100_000}, 150, fault.Limit},
		{"values of 100 MB of space", values, repeated{``, strings.Repeat(" ", 1000), `0`, 100_000}, 150, fault.Limit},
		{"values 10,000 deep", values, repeated{``, `[`, strings.Repeat("]", 10_000), 10_000}, 8, fault.Malformed},
		{"a million warnings", `"the source holds more than weights"`, repeated{`""`, "," + `""`, ``, 1_000_000}, 150, 0},
		{"200,000 tensors left", left, repeated{left, "," + left, ``, 200_000}, 300, 0},
		{"a million tensors", `{"name": "w"`, repeated{`{"name": "w"`, `, "path": "", "dtype": "", "shape": [], "sha256": "` + zeros + `"}, {"name": "w"`, ``, 1_000_000}, 8, fault.Changed},
		{"a name of 10 MB", `"name": "w"`, repeated{`"name": "`, strings.Repeat("w", 1000), `"`, 10_000}, 50, fault.Limit},
		{"a shape of a million dimensions", `[2, 3]`, repeated{`[2`, `, 2`, `]`, 1_000_000}, 8, fault.Limit},
		{"100,000 options", `"aliases": "copy"`, repeated{`"aliases": "copy"`, `, "aliases": "copy"`, ``, 100_000}, 8, fault.Malformed},
		{"100 MB between members", `"verdict": "suspicious"`, repeated{`"verdict": "suspicious"`, strings.Repeat(" ", 1000), ``, 100_000}, 50, fault.Limit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := tt.x.record(t, tt.old)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r, _, _, err := DecodeBounded(in, Bounds{Names: 100, Listed: 10, SkipValues: true})
			runtime.ReadMemStats(&after)
			if got := int64(after.TotalAlloc-before.TotalAlloc) >> 20; got > tt.most {
				t.Errorf("%d MiB were allocated, want %d at most", got, tt.most)
			}
			switch {
			case tt.kind == 0 && err != nil, tt.kind != 0 && !fault.Is(err, tt.kind):
				t.Errorf("got %v", err)
			case err != nil && (len(err.Error()) > 500 || strings.Contains(err.Error(), "\n")):
				t.Errorf("not in a line: %v", err)
			case err == nil && (len(r.Warnings) > 10 || len(r.NotSelected) > 10 || r.Values != nil):
				t.Errorf("kept %d warnings, %d tensors, values %s", len(r.Warnings), len(r.NotSelected), r.Values)
			}
		})
	}
}

// TestRanAhead: behind values that let the reader run ahead, other text is as
// bounded as before.
func TestRanAhead(t *testing.T) {
	text := strings.Replace(encode(t, example()), `{"epoch": 3}`, `"`+strings.Repeat("a", 19<<20)+`"`, 1)
	long := strings.Replace(text, "more than weights", strings.Repeat("b", 12<<20), 1)
	if _, _, err := Decode(strings.NewReader(seal(long))); !fault.Is(err, fault.Limit) {
		t.Errorf("a long text: %v", err)
	}
	if _, _, err := Decode(strings.NewReader(seal(text))); err != nil {
		t.Error(err)
	}
}

// TestBounds: what is bounded is read all the same, and counted.
func TestBounds(t *testing.T) {
	r := example()
	r.Skipped = append(r.Skipped, r.Skipped[0], r.Skipped[0])
	r.Tensors = append(r.Tensors, Tensor{Name: "x"})
	text := encode(t, r)
	got, counts, claimed, err := DecodeBounded(strings.NewReader(text), Bounds{Names: 2, Listed: 1, SkipValues: true})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Counts{1, 1, 1, 2, 0, 1, 3, 1}); counts != want {
		t.Errorf("counts %+v, want %+v", counts, want)
	}
	if len(got.Skipped) != 1 || len(got.Tensors) != 2 || got.Values != nil {
		t.Errorf("kept %+v", got)
	}
	if _, sum, _ := Decode(strings.NewReader(text)); sum != claimed || sum == (Digest{}) {
		t.Errorf("digest %s, and %s when all is kept", claimed, sum)
	}
	if _, _, _, err := DecodeBounded(strings.NewReader(text), Bounds{Names: 1}); !fault.Is(err, fault.Changed) {
		t.Errorf("a name too many: %v", err)
	}
}

// TestLargest: what Encode writes, Decode reads.
func TestLargest(t *testing.T) {
	if raced.On {
		t.Skip("hundreds of MB, one by one; CI runs them without the race detector")
	}
	r := example()
	r.Root = strings.Repeat("\x00", MaxText) // six characters for each
	r.Values = []byte(`"` + strings.Repeat("a", MaxValues-2) + `"`)
	r.NotSelected[0].Shape = make([]int64, maxRank)
	text := encode(t, r)
	back, _, err := Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if back.Root != r.Root || !bytes.Equal(back.Values, r.Values) || len(back.NotSelected[0].Shape) != maxRank {
		t.Error("reads otherwise")
	}
	for name, change := range map[string]func(*Record){
		"text":   func(r *Record) { r.Root = strings.Repeat("a", MaxText+1) },
		"values": func(r *Record) { r.Values = append([]byte(" "), r.Values...) },
		"shape":  func(r *Record) { r.NotSelected[0].Shape = make([]int64, maxRank+1) },
		"options": func(r *Record) {
			for i := range maxOptions {
				r.Options[strings.Repeat("o", i)] = ""
			}
		},
	} {
		large := *r
		large.Options = map[string]string{"values": "plain"}
		large.NotSelected = []NotSelected{{Path: "p"}}
		change(&large)
		if _, err := large.Encode(io.Discard); !fault.Is(err, fault.Limit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOtherSchema: a record of another form is told from one that was changed.
func TestOtherSchema(t *testing.T) {
	other := strings.Replace(encode(t, example()), "record/1", "record/2", 1)
	if _, _, err := Decode(strings.NewReader(other)); !fault.Is(err, fault.Malformed) {
		t.Errorf("a changed byte: %v", err)
	}
	if _, _, err := Decode(strings.NewReader(seal(other))); !fault.Is(err, fault.Unsupported) {
		t.Errorf("another schema: %v", err)
	}
	if _, _, err := Decode(strings.NewReader(other[:len(other)-9])); !fault.Is(err, fault.Unsupported) {
		t.Errorf("another schema with another end: %v", err)
	}
}
