package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"depickle/convert"
)

func tensorsOf(names ...string) []*convert.TensorInfo {
	var out []*convert.TensorInfo
	for _, n := range names {
		out = append(out, &convert.TensorInfo{Name: n, Selected: true, DType: "float32", Shape: []int64{2}, Bytes: 8, Contiguous: true})
	}
	return out
}

func TestGrouped(t *testing.T) {
	var layers []string
	for i := range 12 {
		layers = append(layers, fmt.Sprintf("layers.%d.weight", i))
	}
	tests := []struct {
		names []string
		want  string
	}{
		{[]string{"a", "b"}, "a 1, b 1"},
		{[]string{"l.0.w", "l.0.b", "l.1.w", "l.1.b"}, "l.{0..1}.w 2, l.{0..1}.b 2"},
		{layers, "layers.{0..11}.weight 12"},
		{[]string{"l.0.w", "l.3.w", "l.5.w"}, "l.{0,3,5}.w 3"},
		{[]string{"0.1", "0.2", "1.1", "1.2"}, "{0..1}.{1..2} 4"},
		{[]string{"l.0.0", "l.0.1", "l.0.2", "l.0.8", "l.0.9", "l.0.77"}, "l.0.{6 of 0..77} 6"},
		{[]string{"l.00.w", "l.01.w"}, "l.00.w 1, l.01.w 1"},
		{[]string{"l.-1.w", "l.1e3.w", "l.+2.w", "l.99999999999999999999.w"}, "l.-1.w 1, l.1e3.w 1, l.+2.w 1, l.99999999999999999999.w 1"},
		{[]string{"x\x00.1", "x.1.1", "x\x00.2"}, "x\x00.1 1, x.1.1 1, x\x00.2 1"},
		{[]string{"", "."}, " 1, . 1"},
	}
	for _, tt := range tests {
		var got []string
		for _, g := range grouped(tensorsOf(tt.names...)) {
			got = append(got, fmt.Sprint(g.name(), " ", g.count))
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%q: %q, want %q", tt.names, s, tt.want)
		}
	}
	// What differs otherwise is not joined.
	two := tensorsOf("l.0.w", "l.1.w")
	two[1].Shape = []int64{3}
	if g := grouped(two); len(g) != 2 {
		t.Errorf("two shapes are %d groups", len(g))
	}
	two[1].Shape, two[1].Bytes, two[0].Bytes = []int64{2}, 1<<63-1, 1<<63-1
	if g := grouped(two); len(g) != 1 || g[0].bytes != 1<<63-1 {
		t.Errorf("%d groups of %d bytes", len(g), g[0].bytes)
	}
}

func TestTable(t *testing.T) {
	list := tensorsOf("l.0.w", "l.1.w", "é")
	list[2].Bytes, list[2].Reason, list[2].Shape = 2048, "quantized", []int64{2, 1}
	got := table("", list, folding{tensors: 9, column: 30})
	want := []string{
		"",
		"  name        dtype    shape           size",
		"  l.{0..1}.w  float32  [2]     × 2     16 B",
		"  é           float32  [2, 1]       2.0 KiB  (quantized)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	got = table("left", list, folding{column: 30})
	if len(got) != 5 || got[2] != "  l.0.w  float32  [2]           8 B" {
		t.Errorf("with --all: %q", got)
	}
	got = table("", tensorsOf("a", "b", "c", "d"), folding{tensors: 2, column: 30})
	if len(got) != 5 || got[4] != "  … 2 more lines; --all shows every tensor" {
		t.Errorf("cut: %q", got)
	}
}

func node(key, kind, text string, children ...*convert.Node) *convert.Node {
	return &convert.Node{Key: key, Type: kind, Text: text, Len: len(children), Children: children}
}

func TestTreeLines(t *testing.T) {
	var ints []*convert.Node
	for i := range 9 {
		ints = append(ints, node(fmt.Sprint(i), "int", fmt.Sprint(i*i)))
	}
	top := node("", "dict", "",
		node("epoch", "int", "3"),
		node("betas", "tuple", "", node("0", "float", "0.9"), node("1", "None", "")),
		node("empty", "dict", ""),
		node("n", "list", "", ints...),
		node("esc\x1b", "dict", "", node("k", "dict", "", node("deep", "str", `"x"`))),
	)
	got := treeLines([]*convert.Node{top}, folding{values: 40, depth: 2, entries: 12, column: 30})
	want := []string{
		"",
		"  dict of 5",
		"    epoch    int 3",
		"    betas    tuple (0.9, None)",
		"    n        list [0, 1, 4, 9, 16, 25, … 3 more]",
		`    esc\x1b  dict of 1`,
		"      k  dict of 1",
		"    … 1 more",
		"  … 5 more values; --all shows them",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	all := treeLines([]*convert.Node{top}, folding{column: 30})
	if len(all) != 1+6+9+2 || slices.Contains(all, "    … 1 more") {
		t.Errorf("with --all: %q", all)
	}
	few := treeLines([]*convert.Node{top}, folding{values: 3, depth: 2, entries: 2, column: 30})
	if len(few) > 7 || !strings.Contains(few[len(few)-1], "more values") {
		t.Errorf("cut: %q", few)
	}
}

// keys are pressed one after another.
func keys(s string) func(context.Context) (byte, error) {
	return func(context.Context) (byte, error) {
		if s == "" {
			return 0, errors.New("nobody is there")
		}
		k := s[0]
		s = s[1:]
		return k, nil
	}
}

func TestPage(t *testing.T) {
	lines := strings.Split("a b c d e f g h i j", " ")
	tests := []struct {
		keys, want string
		height     int
	}{
		{"", "abcdefghij", 11},
		{"", "abcdefghi", 10}, // asks, and hears an error
		{"  ", "abcdefghij", 5},
		{"\r\n ", "abcdefghij", 4},
		{"q", "abcd", 5},
		{" \x03", "abcdefgh", 5},
		{"xyza", "abcdefghij", 3},
		{"", "a", 2},
	}
	for _, tt := range tests {
		var b bytes.Buffer
		s := &screen{out: &b, width: 80, height: tt.height, key: keys(tt.keys)}
		s.page(t.Context(), lines)
		shown := strings.ReplaceAll(b.String(), prompt, "")
		got := strings.Join(strings.FieldsFunc(shown, func(r rune) bool { return r < 'a' || r > 'z' }), "")
		if got != tt.want {
			t.Errorf("keys %q, %d rows: %q, want %q", tt.keys, tt.height, got, tt.want)
		}
	}
	// Nobody to ask: everything.
	var b bytes.Buffer
	(&screen{out: &b, width: 80, height: 3}).page(t.Context(), []string{"a", "b", "c", "d\x1b[2J"})
	if b.String() != "a\nb\nc\nd\\x1b[2J\n" {
		t.Errorf("%q", b.String())
	}
}

func TestRows(t *testing.T) {
	s := &screen{width: 10}
	for text, want := range map[string]int{"": 1, "123456789x": 1, "123456789xy": 2, strings.Repeat("模", 6): 2, strings.Repeat("é", 10): 1} {
		if got := s.rows([]string{text}); got != want {
			t.Errorf("%q: %d rows, want %d", text, got, want)
		}
	}
}

func TestTerminalOfNone(t *testing.T) {
	a := &app{out: &bytes.Buffer{}}
	if _, ok := a.terminal(); ok {
		t.Error("a buffer is a terminal")
	}
	a.out = &checkedWriter{w: &bytes.Buffer{}}
	if _, ok := a.terminal(); ok {
		t.Error("a checked buffer is a terminal")
	}
}
