package provenance

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"depickle/scan/fault"
)

const (
	vectorHeader = `{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}`
	wBytes       = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17"
)

func tensorW() Tensor {
	return Tensor{Name: "w", Path: "/state_dict/w", DType: "F32", Shape: []int64{2, 3}, SHA256: hashOf(wBytes)}
}

func mustContent(tensors ...Tensor) Digest {
	d, err := ContentHash(tensors)
	if err != nil {
		panic(err)
	}
	return d
}

// TestDocumentedVectors compares the code with the vectors, and the vectors
// with those of the package documentation.
func TestDocumentedVectors(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(doc), "\r\n", "\n")
	b := Tensor{Name: "b.é", DType: "U8", SHA256: hashOf("\x07")}
	z := Tensor{Name: "Z", DType: "BF16", Shape: []int64{0}, SHA256: hashOf("")}
	set, err := SourceSetHash([]SourceFile{{"b.bin", hashOf("abc")}, {"a/c.bin", hashOf("")}})
	if err != nil {
		t.Fatal(err)
	}
	dropped, err := (&Record{Tensors: []Tensor{tensorW()}, Aliases: []Alias{{"v", "w"}}}).ContentHash()
	if err != nil {
		t.Fatal(err)
	}
	file := "\x58\x00\x00\x00\x00\x00\x00\x00" + vectorHeader + wBytes
	header, err := HeaderHash(strings.NewReader(file), 96)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name      string
		got       Digest
		want      string
		described string
	}{
		{"no tensors", mustContent(), "155b4cf8d70fca6899bd6783cebac0f53cacddeab3ceb3861a776481af36c08b", "no tensors"},
		{"one", mustContent(tensorW()), "46c0ed5e3c547c04507d60b8bade6be6aae15b3707e8d43466b389fa4c7e6caf", `"w", F32, [2 3], bytes 00 01 02 … 17`},
		{"three", mustContent(tensorW(), b, z), "1fecb4815d20576fa8e609fbf5827d65911e34e916943e101d310e0301e04ff7", `that, and "b.é", U8, [], byte 07, and "Z", BF16, [0], no bytes`},
		{"dropped", dropped, "4757549c8c1de21b65ef0ae75519b4a90cc6392ab8233d9b192585b986299664", `"w" as above, and "v" that was dropped for it`},
		{"three in other order", mustContent(z, tensorW(), b), "1fecb4815d20576fa8e609fbf5827d65911e34e916943e101d310e0301e04ff7", ""},
		{"set", set, "6b64fecf643c6e52a728238ce013c7ea093fb752b770ba58efbdb35d8ffd09d3", `"a/c.bin" without a byte, "b.bin" of the bytes "abc"`},
		{"header", header, "a1842e97b9b1ea4e44ac1f66c9d2895477258f233b9238a3214ec8e1b0d460db", vectorHeader},
	}
	for _, tt := range tests {
		if tt.got.String() != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, tt.got, tt.want)
		}
		if tt.described != "" && !strings.Contains(text, "//\t"+tt.described+"\n//\t\t"+tt.want+"\n") {
			t.Errorf("%s: doc.go does not have this vector", tt.name)
		}
	}
}

// TestContentByHand spells out what is hashed, independent of the code.
func TestContentByHand(t *testing.T) {
	first, second := hashOf("\x07"), hashOf(wBytes)
	b := "depickle.content.v1\x00" +
		"\x02\x00\x00\x00\x00\x00\x00\x00" +
		"\x04\x00\x00\x00\x00\x00\x00\x00b.é" + "\x02\x00\x00\x00\x00\x00\x00\x00U8" +
		"\x00\x00\x00\x00\x00\x00\x00\x00" + string(first[:]) +
		"\x01\x00\x00\x00\x00\x00\x00\x00w" + "\x03\x00\x00\x00\x00\x00\x00\x00F32" +
		"\x02\x00\x00\x00\x00\x00\x00\x00" + "\x02\x00\x00\x00\x00\x00\x00\x00" + "\x03\x00\x00\x00\x00\x00\x00\x00" + string(second[:])
	in := []Tensor{tensorW(), {Name: "b.é", Path: "ignored", DType: "U8", SHA256: first}}
	if got, want := mustContent(in...), hashOf(b); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if in[0].Name != "w" {
		t.Error("the argument was sorted")
	}
}

// TestContentTellsApart: moving a byte from one field to the next must not
// give the same digest.
func TestContentTellsApart(t *testing.T) {
	base := Tensor{Name: "ab", DType: "U8", Shape: []int64{2, 3}}
	variants := []func(*Tensor){
		func(t *Tensor) {},
		func(t *Tensor) { t.Name, t.DType = "a", "bU8" },
		func(t *Tensor) { t.Shape = []int64{3, 2} },
		func(t *Tensor) { t.Shape = []int64{2, 3, 1} },
		func(t *Tensor) { t.Shape = []int64{6} },
		func(t *Tensor) { t.SHA256[31] = 1 },
		func(t *Tensor) { t.DType = "I8" },
	}
	seen := map[Digest]int{}
	for i, f := range variants {
		v := base
		f(&v)
		d := mustContent(v)
		if j, twice := seen[d]; twice {
			t.Errorf("variants %d and %d have one digest", i, j)
		}
		seen[d] = i
	}
}

func TestHashErrors(t *testing.T) {
	content := func(ts ...Tensor) error { _, err := ContentHash(ts); return err }
	set := func(fs ...SourceFile) error { _, err := SourceSetHash(fs); return err }
	tests := []struct {
		err  error
		want string
	}{
		{content(Tensor{Name: "a"}, Tensor{Name: "b"}, Tensor{Name: "a"}), `malformed: "a": name stands twice`},
		{content(Tensor{Name: "\xff"}), `malformed: "\xff": name is not valid UTF-8`},
		{content(Tensor{Name: "a", Shape: []int64{-1}}), `malformed: "a": shape has a negative dimension`},
		{set(), "malformed: a set of sources has no file"},
		{set(SourceFile{Name: "a"}, SourceFile{Name: "a"}), `malformed: "a": name stands twice`},
		{set(SourceFile{Name: "/a"}), `malformed: "/a": name is not a relative path`},
		{set(SourceFile{Name: "../a"}), `malformed: "../a": name is not a relative path`},
		{set(SourceFile{Name: "./a"}), `malformed: "./a": name is not a relative path`},
		{set(SourceFile{Name: "."}), `malformed: ".": name is not a relative path`},
		{set(SourceFile{Name: "a\xff"}), `malformed: "a\xff": name is not a relative path`},
	}
	for _, tt := range tests {
		if tt.err == nil || tt.err.Error() != tt.want || !fault.Is(tt.err, fault.Malformed) {
			t.Errorf("got %v, want %s", tt.err, tt.want)
		}
	}
	if _, err := HeaderHash(strings.NewReader("short"), 6); err == nil {
		t.Error("HeaderHash of a file that is too short: no error")
	}
}

func TestRecordContent(t *testing.T) {
	w, v := tensorW(), tensorW()
	v.Name = "v"
	both := mustContent(w, v)
	other := v
	other.SHA256[0]++
	tests := []struct {
		name string
		r    Record
		want Digest
		err  string
	}{
		{"no alias", Record{Tensors: []Tensor{w}}, mustContent(w), ""},
		{"dropped", Record{Tensors: []Tensor{w}, Aliases: []Alias{{"v", "w"}}}, both, ""},
		{"copied", Record{Tensors: []Tensor{w, v}, Aliases: []Alias{{"v", "w"}}}, both, ""},
		{"copy that differs", Record{Tensors: []Tensor{w, other}, Aliases: []Alias{{"v", "w"}}}, Digest{}, `malformed: "v": differs from the tensor that it is an alias of`},
		{"of nothing", Record{Tensors: []Tensor{w}, Aliases: []Alias{{"v", "x"}}}, Digest{}, `malformed: "v": alias of no tensor`},
		{"twice", Record{Tensors: []Tensor{w}, Aliases: []Alias{{"v", "w"}, {"v", "w"}}}, Digest{}, `malformed: "v": name stands twice`},
	}
	for _, tt := range tests {
		before := len(tt.r.Tensors)
		got, err := tt.r.ContentHash()
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("%s: got %s %v", tt.name, got, err)
		}
		if len(tt.r.Tensors) != before {
			t.Errorf("%s: the record was changed", tt.name)
		}
	}
}

func TestDigestText(t *testing.T) {
	d := hashOf("abc")
	const text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if d.String() != text {
		t.Errorf("String: %s", d)
	}
	if b, err := d.MarshalText(); string(b) != text || err != nil {
		t.Errorf("MarshalText: %s %v", b, err)
	}
	var back Digest
	if err := back.UnmarshalText([]byte(text)); err != nil || back != d {
		t.Errorf("UnmarshalText: %s %v", back, err)
	}
	for _, bad := range []string{"", text[1:], text + "0", strings.ToUpper(text), "g" + text[1:], " " + text[1:], hex.EncodeToString([]byte(text))} {
		kept := d
		if err := kept.UnmarshalText([]byte(bad)); !fault.Is(err, fault.Malformed) || kept != d {
			t.Errorf("UnmarshalText(%q): %s %v", bad, kept, err)
		}
	}
}

func TestText(t *testing.T) {
	tests := []struct{ in, base, text string }{
		{"model.pt", "model.pt", "model.pt"},
		{"/home/me/model.pt", "model.pt", "/home/me/model.pt"},
		{`C:\Users\me/model.pt`, "model.pt", `C:\Users\me/model.pt`},
		{"dir/", "", "dir/"},
		{"d/\xffé\uFFFD\xed\xa0\x80", `\xffé` + "\uFFFD" + `\xed\xa0\x80`, `d/\xffé` + "\uFFFD" + `\xed\xa0\x80`},
	}
	for _, tt := range tests {
		if got := BaseName(tt.in); got != tt.base {
			t.Errorf("BaseName(%q) = %q, want %q", tt.in, got, tt.base)
		}
		if got := Text(tt.in); got != tt.text {
			t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.text)
		}
	}
}
