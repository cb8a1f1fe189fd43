package scan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"depickle/scan"
	"depickle/scan/codec"
	"depickle/scan/container"
)

const sevenzips = "../testdata/sevenzip"

// TestSevenZip: archives as 7-Zip and py7zr write them. What is packed in a way
// that is not read is never clean, and says so.
func TestSevenZip(t *testing.T) {
	table, err := os.ReadFile(filepath.Join(sevenzips, "expected.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimRight(string(table), "\n"), "\n")[1:] {
		row := strings.Split(line, "\t")
		data, err := os.ReadFile(filepath.Join(sevenzips, row[0]))
		if err != nil {
			t.Fatal(err)
		}
		r := opened(t, string(data))
		if r.Verdict.String() != row[1] || r.Format != container.SevenZip || r.Complete != (row[1] != "inconclusive") {
			t.Errorf("%s: %s, complete %v: %+v", row[0], r.Verdict, r.Complete, r.Findings)
		}
		said := false
		for _, f := range r.Findings {
			said = said || strings.Contains(f.Message, row[2])
		}
		if row[2] != "" && !said {
			t.Errorf("%s: %+v", row[0], r.Findings)
		}
		if r.Complete && r.Coverage.Accounted != r.Coverage.Bytes {
			t.Errorf("%s: %+v", row[0], r.Coverage)
		}
	}
}

// TestSevenZipDamaged: no byte of an archive can be changed, and no end of it
// cut off, so that what is harmful in it looks whole and harmless.
func TestSevenZipDamaged(t *testing.T) {
	for _, name := range []string{"bad_copy.7z", "bad_lzma.7z", "bad_lzma2_each.7z"} {
		data, err := os.ReadFile(filepath.Join(sevenzips, name))
		if err != nil {
			t.Fatal(err)
		}
		for i := range data {
			for _, bits := range []byte{0x01, 0xff} {
				changed := []byte(string(data))
				changed[i] ^= bits
				if r := opened(t, string(changed)); r.Verdict == scan.Clean {
					t.Errorf("%s is clean with byte %d ^ %#x: %+v", name, i, bits, r.Findings)
				}
			}
			if r := opened(t, string(data[:i])); r.Verdict == scan.Clean {
				t.Errorf("%s is clean cut off at %d", name, i)
			}
		}
	}
}

// TestSevenZipSearched: of an archive that is cut off, what is not packed is
// searched.
func TestSevenZipSearched(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(sevenzips, "bad_copy.7z"))
	if err != nil {
		t.Fatal(err)
	}
	r := opened(t, string(data[:len(data)-1]))
	if r.Complete || r.Severity != scan.Dangerous || has(r, "global-unread") == nil || !strings.Contains(r.Note, "cut off") {
		t.Errorf("%s, %q: %+v", r.Severity, r.Note, r.Findings)
	}
}

// TestSevenZipFound: one that cannot be opened counts in a directory too.
func TestSevenZipFound(t *testing.T) {
	for name, want := range map[string]string{"bad_aes_header.7z": "member-unread", "bad_ppmd.7z": "unsupported"} {
		f, err := os.Open(filepath.Join(sevenzips, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		st, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		src, err := container.Open(f, st.Size(), container.Options{Codecs: codec.All(), TempDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		defer src.Close()
		r, clearance, err := scan.Scan(t.Context(), src, scan.Options{Found: true})
		if err != nil || clearance != nil || r.Foreign || r.Complete || has(r, want) == nil {
			t.Errorf("%s: %v, foreign %v, complete %v: %+v", name, err, r.Foreign, r.Complete, r.Findings)
		}
	}
}
