package codec

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"depickle/scan/fault"
)

// TestOpen unpacks what Python's lzma and lz4 wrote.
func TestOpen(t *testing.T) {
	want, err := os.ReadFile("../../testdata/containers/good_plain.pkl")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"xz": "good_xz.pkl.xz", "lzma": "good_lzma.pkl.lzma", "lz4": "good_lz4.pkl.lz4"}
	for _, c := range All() {
		if files[c.Name] == "" {
			continue // of members of archives: in testdata/containers
		}
		data, err := os.ReadFile("../../testdata/containers/" + files[c.Name])
		if err != nil {
			t.Fatal(err)
		}
		if !c.Is(data[:64]) || c.Is(want) || c.Is(nil) {
			t.Errorf("%s: not told by its first bytes", c.Name)
		}
		r, err := c.Open(bufio.NewReader(bytes.NewReader(data)))
		if err != nil {
			t.Fatal(c.Name, err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", c.Name, len(got), err)
		}
		for n := range len(data) - 1 {
			r, err := c.Open(bufio.NewReader(bytes.NewReader(data[:n])))
			if err == nil {
				_, err = io.ReadAll(r)
			}
			if err == nil && n > 0 {
				t.Errorf("%s cut off at %d of %d: no error", c.Name, n, len(data))
			}
		}
	}
}

// TestWindow: a header that asks for gigabytes gets an error, and no memory.
func TestWindow(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	head := "\x5d\x00\x00\x00\x40" + "\xff\xff\xff\xff\xff\xff\xff\xff" + strings.Repeat("\x00", 100) // 1 GiB
	if !isLZMA([]byte(head)) {
		t.Fatal("no lzma file")
	}
	if _, err := openLZMA(bufio.NewReader(strings.NewReader(head))); !fault.Is(err, fault.Limit) {
		t.Errorf("lzma: %v", err)
	}
	// A block header of 12 bytes: one filter, LZMA2, a dictionary of 4 GiB.
	xz := "\xfd7zXZ\x00\x00\x01\x69\x22\xde\x36" + "\x02\x00\x21\x01\x28\x00\x00\x00"
	r, err := openXZ(bufio.NewReader(strings.NewReader(xz + strings.Repeat("\x00", 100))))
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if err == nil {
		t.Error("xz: no error")
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}
