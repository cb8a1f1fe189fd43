package provenance

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"

	"depickle/scan/fault"
)

func hashOf(s string) Digest { return sha256.Sum256([]byte(s)) }

// example is the record of the package documentation.
func example() *Record {
	header := "\x58\x00\x00\x00\x00\x00\x00\x00" + vectorHeader
	w := tensorW()
	return &Record{
		Version:      "0.1.0",
		Source:       Source{"model.pt", 12, hashOf("source bytes"), "torch zip"},
		Output:       Output{"model.safetensors", 120, hashOf(header + wBytes), hashOf(header), mustContent(w)},
		Options:      map[string]string{"values": "plain", "aliases": "copy"},
		PolicySHA256: hashOf("policy"),
		Severity:     "suspicious",
		Verdict:      "suspicious",
		Complete:     true,
		Findings:     []Finding{{"unknown-global", "suspicious", "not in any tier", "archive/data.pkl", 17}},
		Globals:      []Global{{"mylib", "Config", "unknown", 1}},
		Root:         "/state_dict",
		Candidates:   []Candidate{{"/ema", "--root /ema"}},
		Tensors:      []Tensor{w},
		NotSelected:  []NotSelected{{"/ema/w", "F32", []int64{2, 3}, "outside of the root"}},
		Skipped:      []Skipped{{"/hook", "global", "not a tensor"}},
		Values:       jsontext.Value(`{"epoch": 3}`),
		Warnings:     []string{"the source holds more than weights"},
	}
}

func encode(t testing.TB, r *Record) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := r.Encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// documented returns the example of the package documentation.
func documented(t *testing.T) string {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(doc), "\r\n", "\n")
	from, to := strings.Index(text, "//\t{\n"), strings.Index(text, "//\t}\n")
	if from < 0 || to < 0 {
		t.Fatal("no example in doc.go")
	}
	return strings.ReplaceAll(text[from:to]+"//\t}\n", "//\t", "")
}

func TestDocumentedRecord(t *testing.T) {
	want := documented(t)
	var b bytes.Buffer
	sum, err := example().Encode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	const worked = "be9a2d06f0a1bf5ba58aca5e1ce9a86607da571476d58de81babb824427f41ad"
	if sum.String() != worked {
		t.Errorf("record_sha256 %s, want %s", sum, worked)
	}
	if again := hashOf(strings.Replace(want, worked, strings.Repeat("0", 64), 1)); again != sum {
		t.Errorf("the rule gives %s", again)
	}
	back, claimed, err := Decode(strings.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	if claimed != sum || !reflect.DeepEqual(back, example()) {
		t.Errorf("decoded %s %+v", claimed, back)
	}
}

func TestRoundTrip(t *testing.T) {
	empty := &Record{Source: Source{Name: "a"}, Output: Output{Name: "b"}, Severity: "clean", Verdict: "inconclusive"}
	odd := example()
	odd.Complete = false
	odd.Options = map[string]string{"\"\\\x00": "\u2028<é", "": ""}
	odd.Findings[0].Offset = -1
	odd.Tensors = append(odd.Tensors, Tensor{Name: "\n", Shape: nil}, Tensor{Name: "big", Shape: []int64{1<<63 - 1, 0}})
	odd.Aliases = []Alias{{"x", "w"}, {"y", "w"}}
	odd.Values = jsontext.Value("[1e400, {\"a\": [\"\\ud83d\\ude00\", -0.0]},\n\n null]")
	odd.Warnings = nil
	many := example()
	for range 5000 {
		many.Tensors = append(many.Tensors, many.Tensors[0])
	}
	for name, r := range map[string]*Record{"empty": empty, "odd": odd, "many": many} {
		text := encode(t, r)
		for _, in := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
			back, _, err := Decode(in)
			if err != nil {
				t.Fatalf("%s: %v\n%.2000s", name, err, text)
			}
			if !reflect.DeepEqual(back, r) {
				t.Errorf("%s: got %+v\nwant %+v", name, back, r)
			}
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Record)
		want   string
	}{
		{"path as source", func(r *Record) { r.Source.Name = "/home/me/model.pt" }, `malformed: conversion record: "/home/me/model.pt" is not the name of a file alone`},
		{"Windows path as output", func(r *Record) { r.Output.Name = `C:\m` }, `malformed: conversion record: "C:\\m" is not the name of a file alone`},
		{"no name", func(r *Record) { r.Source.Name = "" }, `malformed: conversion record: "" is not the name of a file alone`},
		{"source size", func(r *Record) { r.Source.Size = -1 }, "malformed: conversion record: negative size"},
		{"output size", func(r *Record) { r.Output.Size = -1 }, "malformed: conversion record: negative size"},
		{"severity", func(r *Record) { r.Severity = "inconclusive" }, `malformed: conversion record: unknown severity "inconclusive"`},
		{"verdict", func(r *Record) { r.Verdict = "Clean" }, `malformed: conversion record: unknown verdict "Clean"`},
		{"values", func(r *Record) { r.Values = jsontext.Value(`{"a":1,"a":2}`) }, "malformed: conversion record: values are not strict JSON"},
		{"two values", func(r *Record) { r.Values = jsontext.Value(`1 2`) }, "malformed: conversion record: values are not strict JSON"},
		{"offset", func(r *Record) { r.Findings[0].Offset = -2 }, `malformed: conversion record: negative offset of finding "unknown-global"`},
		{"count", func(r *Record) { r.Globals[0].Count = -1 }, `malformed: conversion record: negative count of global "Config"`},
		{"shape", func(r *Record) { r.Tensors[0].Shape = []int64{-1} }, `malformed: conversion record: negative dimension of "w"`},
		{"shape outside", func(r *Record) { r.NotSelected[0].Shape = []int64{-1} }, `malformed: conversion record: negative dimension of "/ema/w"`},
		{"text", func(r *Record) { r.Tensors[0].Path = "a\xff" }, `malformed: conversion record: "a\xff" is not valid UTF-8`},
		{"key", func(r *Record) { r.Options["\xff"] = "" }, `malformed: conversion record: "\xff" is not valid UTF-8`},
	}
	for _, tt := range tests {
		r := example()
		tt.change(r)
		_, err := r.Encode(io.Discard)
		if err == nil || err.Error() != tt.want || !fault.Is(err, fault.Malformed) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

// full fails after some bytes.
type full struct{ room int }

var errFull = errors.New("disk full")

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestEncodeWriteError(t *testing.T) {
	r := example()
	for range 2000 {
		r.Tensors = append(r.Tensors, r.Tensors[0])
	}
	size := len(encode(t, r))
	for _, room := range []int{0, 100000, size - 1} {
		if _, err := r.Encode(&full{room}); !errors.Is(err, errFull) {
			t.Errorf("room for %d of %d bytes: %v", room, size, err)
		}
	}
}

// seal gives a changed record a digest that matches, so that a test reaches
// what lies behind that check.
func seal(text string) string {
	at := strings.LastIndex(text, sumField) + len(sumField)
	zeroed := text[:at] + zeros + text[at+digits:]
	return text[:at] + hashOf(zeroed).String() + text[at+digits:]
}

func TestDecodeRefuses(t *testing.T) {
	good := encode(t, example())
	change := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the record", old)
		}
		return seal(strings.Replace(good, old, new, 1))
	}
	tests := []struct{ name, text, want string }{
		{"nothing", "", "empty"},
		{"cut", good[:len(good)/2], "not strict JSON in UTF-8"},
		{"no newline at the end", good[:len(good)-1], "does not end with its digest"},
		{"newline more", good + "\n", "does not end with its digest"},
		{"second record", good + good, "something follows it"},
		{"NUL", good + "\x00", "something follows it"},
		{"byte order mark", "\ufeff" + good, "not strict JSON in UTF-8"},
		{"wrong digest", strings.Replace(good, `"size": 12`, `"size": 13`, 1), "was changed"},
		{"white space", strings.Replace(good, `"size": 12`, `"size":  12`, 1), "was changed"},
		{"last digit", strings.Replace(good, "41ad\"\n}", "41ae\"\n}", 1), "was changed"},
		{"digest with an escape", strings.Replace(good, "41ad\"\n}", `41a\u0064`+"\"\n}", 1), "does not end with its digest"},
		{"digest in upper case", strings.Replace(good, "be9a2d", "BE9A2D", 1), "not a SHA-256 of 64 digits in lower case"},
		{"digest is not last", change(`"policy_sha256"`, `"record_sha256"`), `member "record_sha256" where "policy_sha256" should stand`},
		{"other schema", change("record/1", "record/2"), `unsupported: conversion record of schema "depickle.record/2"`},
		{"duplicate", change(`"severity": "suspicious",`, `"severity": "clean", "severity": "suspicious",`), `name "severity" stands twice`},
		{"duplicate option", change(`"aliases": "copy"`, `"values": "copy"`), `name "values" stands twice`},
		{"duplicate in values", change(`{"epoch": 3}`, `{"epoch": 3, "epoch": 4}`), `name "epoch" stands twice`},
		{"duplicate by escape", change(`{"epoch": 3}`, `{"epoch": 3, "\u0065poch": 4}`), `name "epoch" stands twice`},
		{"unknown member", change(`"size": 12`, `"size": 12, "mtime": 0`), `member "mtime" where "sha256" should stand`},
		{"unknown member at the end", change(`"torch zip"`, `"torch zip", "x": 0`), `unknown member "x"`},
		{"other case", change(`"size": 12`, `"Size": 12`), `member "Size" where "size" should stand`},
		{"missing", change(`, "format": "torch zip"`, ``), `member "format" is missing`},
		{"float", change(`"size": 12`, `"size": 12.0`), `"12.0" is not a whole number in range`},
		{"exponent", change(`"size": 12`, `"size": 1e1`), `"1e1" is not a whole number in range`},
		{"negative", change(`"size": 12`, `"size": -12`), `"-12" is not a whole number in range`},
		{"negative zero", change(`"size": 12`, `"size": -0`), `"-0" is not a whole number in range`},
		{"2^63", change(`"size": 12`, `"size": 9223372036854775808`), `"9223372036854775808" is not a whole number in range`},
		{"offset", change(`"offset": 17`, `"offset": -2`), `"-2" is not a whole number in range`},
		{"number as text", change(`"size": 12`, `"size": "12"`), "not a number"},
		{"text as number", change(`"version": "0.1.0"`, `"version": 1`), "not a string"},
		{"null", change(`"version": "0.1.0"`, `"version": null`), "not a string"},
		{"bool as text", change(`"complete": true`, `"complete": "true"`), "not true or false"},
		{"bool null", change(`"complete": true`, `"complete": null`), "not true or false"},
		{"object as list", change(`"aliases": []`, `"aliases": {}`), `'{' where '[' should stand`},
		{"shape of text", change(`[2, 3]`, `["2", 3]`), "not a number"},
		{"invalid UTF-8", change(`torch zip`, "torch \xff"), "not strict JSON in UTF-8"},
		{"lone surrogate", change(`torch zip`, `torch \ud800`), "not strict JSON in UTF-8"},
		{"path", change(`model.pt`, `../model.pt`), "not the name of a file alone"},
		{"severity", change(`"severity": "suspicious",`, `"severity": "fine",`), `unknown severity "fine"`},
		{"deep values", change(`{"epoch": 3}`, strings.Repeat("[", 20000)+strings.Repeat("]", 20000)), "not strict JSON in UTF-8"},
	}
	for _, tt := range tests {
		r, _, err := Decode(strings.NewReader(tt.text))
		if err == nil {
			t.Errorf("%s: accepted %+v", tt.name, r)
		} else if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	if r, _, err := Decode(strings.NewReader(change(`"size": 12`, `"size": 13`))); err != nil || r.Source.Size != 13 {
		t.Errorf("seal does not work: %v", err)
	}
}

func TestDecodeReadError(t *testing.T) {
	good := encode(t, example())
	for _, n := range []int{0, 10, len(good) - 1, len(good)} {
		_, _, err := Decode(io.MultiReader(strings.NewReader(good[:n]), iotest.ErrReader(errFull)))
		if !errors.Is(err, errFull) {
			t.Errorf("failing after %d bytes: %v", n, err)
		}
	}
}

// endless is white space without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestDecodeLimit(t *testing.T) {
	good := encode(t, example())
	size := int64(len(good))
	if _, _, _, err := decode(strings.NewReader(good), size, Bounds{}); err != nil {
		t.Errorf("as large as allowed: %v", err)
	}
	if _, _, _, err := decode(strings.NewReader(good), size-1, Bounds{}); !fault.Is(err, fault.Limit) {
		t.Errorf("a byte too large: %v", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, _, err := decode(endless{}, 8<<20, Bounds{})
	runtime.ReadMemStats(&after)
	if !fault.Is(err, fault.Limit) {
		t.Errorf("without end: %v", err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 64<<20 {
		t.Errorf("without end: %d bytes allocated", got)
	}
}

// FuzzDecode: Decode never panics, and what it takes is encoded to a record
// that reads the same.
func FuzzDecode(f *testing.F) {
	f.Add(encode(f, example()))
	f.Fuzz(func(t *testing.T, text string) {
		if strings.HasSuffix(text, sumEnd) && strings.Contains(text, sumField) && len(text)-strings.LastIndex(text, sumField) > len(sumField)+digits {
			text = seal(text)
		}
		r, _, err := Decode(strings.NewReader(text))
		if err != nil {
			if len(err.Error()) > 1000 {
				t.Errorf("error of %d bytes", len(err.Error()))
			}
			return
		}
		back, _, err := Decode(strings.NewReader(encode(t, r)))
		if err != nil || !reflect.DeepEqual(back, r) {
			t.Errorf("%v: got %+v\nwant %+v", err, back, r)
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	r := example()
	for range 20000 {
		r.Tensors = append(r.Tensors, r.Tensors[0])
	}
	text := encode(b, r)
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			_, _ = r.Encode(io.Discard)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, _, err := Decode(strings.NewReader(text)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
