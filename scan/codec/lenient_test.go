package codec

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
)

// TestDrained: what was unpacked in front of an error is given, as Python's
// lzma gives it.
func TestDrained(t *testing.T) {
	data, err := os.ReadFile("../../testdata/containers/good_lzma.pkl.lzma")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../testdata/containers/good_plain.pkl")
	if err != nil {
		t.Fatal(err)
	}
	// All of it stands in front of the cut, but for the mark of the end.
	r, err := openLZMA(bufio.NewReader(bytes.NewReader(data[:len(data)-6])))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err == nil || err == io.EOF || len(got) < len(want)*3/4 || !bytes.HasPrefix(want, got) {
		t.Errorf("%d bytes of %d, %v", len(got), len(want), err)
	}
}

// TestSkippable: frames that hold nothing stand in front of lz4 and zstd.
func TestSkippable(t *testing.T) {
	want, err := os.ReadFile("../../testdata/containers/good_plain.pkl")
	if err != nil {
		t.Fatal(err)
	}
	skipped := "\x5f\x2a\x4d\x18\x04\x00\x00\x00junk" + "\x50\x2a\x4d\x18\x00\x00\x00\x00"
	for _, name := range []string{"good_lz4.pkl.lz4", "good_zstd.pkl.zst"} {
		data, err := os.ReadFile("../../testdata/containers/" + name)
		if err != nil {
			t.Fatal(err)
		}
		file := skipped + string(data)
		if !isSkippable([]byte(file)) || isSkippable(data) {
			t.Errorf("%s: not told by its first bytes", name)
		}
		r, err := openSkippable(bufio.NewReader(strings.NewReader(file)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	for _, bad := range []string{skipped, skipped[:15], "\x50\x2a\x4d\x18\xff\xff\xff\xffjunk"} {
		r, err := openSkippable(bufio.NewReader(strings.NewReader(bad)))
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
