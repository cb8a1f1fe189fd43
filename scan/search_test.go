package scan_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"depickle/scan"
	"depickle/scan/container"
)

// TestSearch: what other unpicklers than CPython's would run, from a file that
// it refuses, is named.
func TestSearch(t *testing.T) {
	lines := "cos\nsystem\n(S'id'\ntR."
	texts := "\x8c\x02os\x94\x8c\x06system\x94\x93\x8c\x02id\x85R."
	for name, file := range map[string]string{
		"an underscore in a float":          "F1_0.5\n0" + lines,
		"a frame that is too long":          "\x80\x04\x95\x00\x00\x10\x00\x00\x00\x00\x00" + texts,
		"a list for arguments":              proto2(global("posix", "system") + "]" + str("id") + "aR"),
		"two texts without memo":            "\xff\x8c\x02os\x8c\x06system\x93",
		"long texts":                        "\xffX\x02\x00\x00\x00osq\x01\x8d\x06\x00\x00\x00\x00\x00\x00\x00systemr\x02\x00\x00\x00\x93",
		"texts in lines":                    "\xffVos\np0\nVsystem\np12\n\x93",
		"Python 2's texts":                  "\xffU\x02osT\x06\x00\x00\x00system\x93",
		"an instance":                       "\xff(S'id'\nios\nsystem\n.",
		"a dotted name":                     "\xffcbuiltins\neval.__call__\n(S",
		"a very long dotted name":           "cos\n" + strings.Repeat("path.os.", 10_000) + "system\n(S'id'\ntR.",
		"behind the first megabyte":         "\xff" + strings.Repeat("x\x00", 1<<19) + lines,
		"across the windows of the search":  "\xff" + strings.Repeat("\x00", 1<<20-10) + texts,
		"an object that numpy spells oddly": "\x93NUMPY\x01\x00\x36\x00{'descr':'O','fortran_order': False,'shape': (1,)     }\n" + lines,
	} {
		r := judge(t, []byte(file))
		if f := has(r, "global-unread"); f == nil && has(r, "global-dangerous") == nil || r.Severity != scan.Dangerous || r.Complete {
			t.Errorf("%s: %s, complete %v: %+v", name, r.Severity, r.Complete, r.Findings)
		}
	}
}

// TestSearchFindsNothing: words and numbers are no spelling, and harmless names
// are none of a dangerous one.
func TestSearchFindsNothing(t *testing.T) {
	for name, file := range map[string]string{
		"a list of words":       "tacos\nsystem\n##ing\nradios\nsystem\nthe\npics\nsystem\n",
		"a program":             "import os\nsystem = 1\n",
		"a checkpoint cut off":  proto2(tensor("0", 4))[:60],
		"harmless names":        "\xffccollections\nOrderedDict\n(\x8c\x0bcollections\x8c\x0bOrderedDict\x93",
		"a text of other size":  "\xff\x8c\x03os\x8c\x06system\x93",
		"a name and no module":  "\xff\x8c\x06system\x93",
		"nothing before a line": "\nsystem\n(",
	} {
		if r := judge(t, []byte(file)); has(r, "global-unread") != nil || r.Complete {
			t.Errorf("%s: complete %v: %+v", name, r.Complete, r.Findings)
		}
	}
	// A file that was found in a directory and is something else stays so.
	src, err := container.Open(strings.NewReader("\x00\x01 cos\nsystem\nof"), 16, container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if r, _, err := scan.Scan(t.Context(), src, scan.Options{Found: true}); err != nil || !r.Foreign {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestSearchAnything: whatever stands around it, a spelling is found, and no
// bytes are too odd.
func TestSearchAnything(t *testing.T) {
	pieces := []string{"\x8c\x02os", "\x8c\x06system", "\x93", "\x94", "q\x01", "p1\n", "c", "i", "os\n", "system\n", "(", ".", "\n", "V", "r", "\x00"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		var b strings.Builder
		b.WriteString("\xff")
		for range r.IntN(12) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		clean := b.String()
		judge(t, []byte(clean))
		if got := judge(t, []byte(clean+"\x00\x8c\x02os\x8c\x06system\x93"+strings.Repeat("\xfe", r.IntN(3)))); got.Severity != scan.Dangerous {
			t.Fatalf("%q: %+v", clean, got.Findings)
		}
	}
}
