package convert_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"depickle/convert"
	"depickle/convert/internal/raced"
	"depickle/convert/provenance"
	"depickle/convert/safetensors"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// patterns are how a byte is changed: by a bit at either end, and from one
// letter case to the other.
var patterns = []byte{0x01, 0x80, 0x20}

// pair is an output and its record, which a test changes.
type pair struct{ output, record string }

func newPair(t *testing.T, file string, o convert.Options) pair {
	t.Helper()
	res, _, err := convertFile(t, fixture(file), t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	return pair{res.Output, res.RecordPath}
}

// flips changes every byte of a file, one by one and put back, and calls f in
// between; few is one change for each byte.
func flips(t *testing.T, path string, few bool, f func(at int, data []byte)) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for i := range data {
		for k, x := range patterns {
			if (few || raced.On) && k != i%len(patterns) {
				continue
			}
			data[i] ^= x
			if _, err := file.WriteAt(data[i:i+1], int64(i)); err != nil {
				t.Fatal(err)
			}
			f(i, data)
			data[i] ^= x
		}
		if _, err := file.WriteAt(data[i:i+1], int64(i)); err != nil {
			t.Fatal(err)
		}
	}
}

// refuses wants a verification to say in one line what does not hold, such
// that the command exits with 1.
func refuses(t *testing.T, p pair, source, what string, at int) {
	t.Helper()
	v, err := verifyPair(t, p, source)
	switch {
	case err == nil:
		t.Errorf("%s at %d: verifies: %+v", what, at, v)
	case !fault.Is(err, fault.Changed) && !fault.Is(err, fault.Malformed):
		t.Errorf("%s at %d: does not exit with 1: %v", what, at, err)
	case strings.Contains(err.Error(), "\n") || len(err.Error()) > 1000 || len(err.Error()) < 20:
		t.Errorf("%s at %d: not said in a line: %v", what, at, err)
	}
}

func verifyPair(t *testing.T, p pair, source string) (*convert.Verified, error) {
	t.Helper()
	if source == "" {
		return convert.Verify(t.Context(), p.output, p.record, nil)
	}
	in, err := convert.Open(source, container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	return convert.Verify(t.Context(), p.output, p.record, in)
}

// conversions leave records of every kind: with aliases dropped, tensors
// without elements, objects among the values, a disarmed source, and none of
// these.
var conversions = []struct {
	file string
	o    convert.Options
	slow bool
}{
	{"tiny.pt", convert.Options{}, false},
	{"tied.pt", convert.Options{DropAliases: true}, false},
	{"views.pt", convert.Options{DropAliases: true}, true},
	{"root_basicsr.pt", convert.Options{Root: "/params"}, false},
	{"lightning.ckpt", convert.Options{Values: convert.ValuesAll}, true},
	{"hostile_torch.pt", convert.Options{Disarm: true, Values: convert.ValuesNone}, false},
}

// TestFlippedBytes: with its record, no byte of an output can change, nor of the
// record.
func TestFlippedBytes(t *testing.T) {
	for _, c := range conversions {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, c.file, c.o)
			flips(t, p.output, false, func(at int, _ []byte) { refuses(t, p, "", "output", at) })
			flips(t, p.record, c.slow, func(at int, _ []byte) { refuses(t, p, "", "record", at) })
			for _, source := range []string{"", fixture(c.file)} {
				if _, err := verifyPair(t, p, source); err != nil {
					t.Errorf("put back: %v", err)
				}
			}
		})
	}
}

// outside says what a header holds that nothing protects where there is no
// record, as package verify's documentation lists it: depickle.version, the
// digits of depickle.source_sha256 if there is no source either, and how JSON
// spells a character.
func outside(was, now *safetensors.Header, sourced bool) bool {
	a, b := *was, *now
	for k := range a.Metadata {
		// Digest forms are checked, and content_sha256 is compared.
		if k == "depickle.version" || k == "depickle.source_sha256" && !sourced {
			if a.Metadata[k] != b.Metadata[k] && len(a.Metadata[k]) == len(b.Metadata[k]) {
				return true
			}
		}
	}
	x, err1 := a.Encode()
	y, err2 := b.Encode()
	return err1 == nil && err2 == nil && bytes.Equal(x, y) // another spelling
}

// TestFlippedWithoutRecord: the header alone protects all but what outside
// lists. With the source less is left.
func TestFlippedWithoutRecord(t *testing.T) {
	for _, c := range conversions {
		for _, source := range []string{"", fixture(c.file)} {
			if source != "" && c.slow {
				continue
			}
			t.Run(c.file+"/"+filepath.Base(source), func(t *testing.T) {
				t.Parallel()
				p := newPair(t, c.file, c.o)
				p.record = ""
				flipsWithoutRecord(t, p, source)
			})
		}
	}
	t.Run("escapes", func(t *testing.T) {
		flipsWithoutRecord(t, pair{output: handmade(t)}, "")
	})
}

func flipsWithoutRecord(t *testing.T, p pair, source string) {
	good, err := os.ReadFile(p.output)
	if err != nil {
		t.Fatal(err)
	}
	was, err := safetensors.Read(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	flips(t, p.output, false, func(at int, data []byte) {
		now, err := safetensors.Read(bytes.NewReader(data), int64(len(data)))
		if err == nil && outside(was, now, source != "") {
			if v, err := verifyPair(t, p, source); err == nil {
				left++
				if len(v.NotChecked) == 0 {
					t.Errorf("output at %d: is not protected, and that is not said", at)
				}
			}
			return
		}
		refuses(t, p, source, "output", at)
	})
	if left == 0 {
		t.Error("all is protected: outside lists too much")
	}
}

// handmade writes an output whose names need escapes.
func handmade(t *testing.T) string {
	t.Helper()
	meta := map[string]string{"format": "pt", "depickle.version": "0.1.0", "a\x1e": "a\x1f",
		"depickle.source_sha256": provenance.Digest{}.String(), "depickle.content_sha256": provenance.Digest{}.String()}
	h, err := safetensors.NewHeader([]safetensors.Tensor{{Name: "a\x1f", DType: safetensors.U8, Shape: []int64{0}}}, meta)
	if err != nil {
		t.Fatal(err)
	}
	w := provenance.Tensor{Name: "a\x1f", DType: "U8", Shape: []int64{0}, SHA256: sha256.Sum256(nil)}
	v := w
	v.Name = "a\x1e"
	content, err := provenance.ContentHash([]provenance.Tensor{v, w})
	if err != nil {
		t.Fatal(err)
	}
	h.Metadata["depickle.content_sha256"] = content.String()
	b, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "handmade.safetensors")
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCut: an output or a record that was cut anywhere, or goes on, is refused.
// Without a record, an empty file is nothing to check.
func TestCut(t *testing.T) {
	for _, c := range conversions {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, c.file, c.o)
			cuts(t, p.output, func(n int) {
				refuses(t, p, "", "output of", n)
				bare := pair{output: p.output}
				if n > 0 {
					refuses(t, bare, "", "output alone, of", n)
				} else if _, err := verifyPair(t, bare, ""); !fault.Is(err, fault.Unsupported) {
					t.Errorf("an empty file: %v", err)
				}
			})
			cuts(t, p.record, func(n int) { refuses(t, p, "", "record of", n) })
			if _, err := verifyPair(t, p, ""); err != nil {
				t.Errorf("put back: %v", err)
			}
		})
	}
}

// cuts makes a file shorter by every number of bytes, and longer by some.
func cuts(t *testing.T, path string, f func(n int)) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write := func(b []byte) {
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, more := range []string{"\x00", " ", "\n", "}", string(data)} {
		write([]byte(string(data) + more))
		f(len(data) + len(more))
	}
	for n := len(data) - 1; n >= 0; n-- {
		if err := os.Truncate(path, int64(n)); err != nil {
			t.Fatal(err)
		}
		f(n)
	}
	write(data)
}
