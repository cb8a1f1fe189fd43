package container

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// magic is torch's magic number as it is written.
const magic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."

// legacy is a legacy torch file of two storages.
func legacy() (pickles, data string) {
	pickles = magic + "\x80\x02M\xe9\x03." + "\x80\x02}X\x0d\x00\x00\x00little_endian\x88s." +
		"\x80\x02(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x02NtQ." +
		"\x80\x02](X\x01\x00\x00\x000X\x01\x00\x00\x001e."
	return pickles, "\x02\x00\x00\x00\x00\x00\x00\x00" + "12345678" + "\x03\x00\x00\x00\x00\x00\x00\x00" + "abc"
}

func TestSniff(t *testing.T) {
	header := `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`
	st := string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + "x"
	tar := strings.Repeat("\x00", 257) + "ustar" + strings.Repeat("\x00", 250)
	for _, c := range []struct {
		name, data string
		format     Format
		note       string // part of it
		streams    string
	}{
		{"nothing", "", Empty, "0 bytes", ""},
		{"an LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", LFSPointer, "12345 bytes (12.1 KiB)", "6"},
		{"an LFS pointer without size", "version https://git-lfs.github.com/spec/v1\n", LFSPointer, "git lfs pull", "6"},
		{"an LFS pointer of a negative size", "version https://git-lfs.github.com/spec/v1\nsize -5\n", LFSPointer, "a git-LFS pointer; run", "6"},
		{"an LFS pointer of a size too large", "version https://git-lfs.github.com/spec/v1\nsize 99999999999999999999\n", LFSPointer, "a git-LFS pointer; run", "6"},
		{"HTML", "<!DOCTYPE html>\n<html>", HTML, "HTML page", "6"},
		{"HTML behind spaces", "\ufeff \r\n<HTML lang=en>", HTML, "HTML page", "6"},
		{"XML", "<?xml version=\"1.0\"?>", HTML, "HTML page", "6"},
		{"SafeTensors", st, SafeTensors, "SafeTensors already", ""},
		{"SafeTensors of nothing", "\x02\x00\x00\x00\x00\x00\x00\x00{}", SafeTensors, "SafeTensors already", ""},
		{"SafeTensors cut off", st[:30], Unknown, "no checkpoint", "6!malformed"},
		{"SafeTensors that is a pickle", "\x8a\x10\x00\x00\x00\x00\x00\x00{}" + strings.Repeat(" ", 8) + "0cos\nsystem\n(S'id'\ntR." + strings.Repeat(" ", 4300), SafeTensors, "SafeTensors already", "6"},
		{"GGUF", "GGUF\x03\x00\x00\x00", GGUF, "GGUF", "6"},
		{"HDF5", "\x89HDF\r\n\x1a\n", HDF5, "HDF5", "6"},
		{"7z", "7z\xbc\xaf\x27\x1c\x00", SevenZip, "7z", "6"},
		{"npy", "\x93NUMPY\x01\x00", Npy, ".npy", "0!malformed 6"},
		{"gzip", "\x1f\x8b\x08", Compressed, "gzip", "6"},
		{"bzip2", "BZh9", Compressed, "bzip2", "6"},
		{"xz", "\xfd7zXZ\x00", Compressed, "xz", "6"},
		{"zstd", "\x28\xb5\x2f\xfd", Compressed, "zstd", "6"},
		{"lz4", "\x04\x22\x4d\x18", Compressed, "lz4", "6"},
		{"zlib", "\x78\x9c\x01", Compressed, "zlib", "6"},
		{"openssl", "Salted__12345678", Unknown, "encrypted (openssl", "6"},
		{"age", "age-encryption.org/v1\n", Unknown, "encrypted", "6"},
		{"PGP", "-----BEGIN PGP MESSAGE-----\n", Unknown, "encrypted", "6"},
		{"tar", tar, Unknown, "tar archive", "6"},
		{"ONNX", "\x08\x07\x12\x07pytorch\x1a\x05", ONNX, "ONNX", "6!malformed"},
		{"TensorFlow", "\x0a\x0b\x0atensorflow", TensorFlow, "TensorFlow", "6!malformed"},
		{"msgpack", "\xde\x00\x10\xa4key", Unknown, "no checkpoint", "6!malformed"},
		{"msgpack of a small map", "\x81\xa6params\x81", Msgpack, "msgpack", "6!malformed"},
		{"Torch7", "\x04\x00\x00\x00\x01\x00\x00\x00", Lua, "Torch7", "6!malformed"},
		{"noise", "\xc3\x01\x02", Unknown, "no checkpoint", "6!malformed"},
		{"a zip of nothing", "PK\x05\x06" + strings.Repeat("\x00", 18), Zip, "without members", ""},
		{"a zip that is cut off", "PK\x03\x04", Zip, "truncated", "6!malformed"},

		{"a pickle", "N.", Pickle, "", "0"},
		{"two pickles", "N.\x80\x04N.", Pickle, "", "0 0"},
		{"a pickle of torch's magic alone", magic, TorchLegacy, "", "1 2!malformed"},
		{"a legacy file without its keys", magic + "\x80\x02M\xe9\x03." + "}." + "N.", TorchLegacy, "", "1 2 3 0 4!malformed"},
		{"torch's magic in text", "L119547037146038801333356L\n.", TorchLegacy, "", "1 2!malformed"},
		{"torch's magic computed", "\x80\x02cbuiltins\neval\n)R.N.N.N.N.", Pickle, "", "0 0 0 0 0"},
		{"torch's magic in second place", "N." + magic, Pickle, "", "0 0"},
		{"a pickle without STOP", "\x80\x02N", Pickle, "", "0!malformed"},
		{"a pickle with padding", "N.\x00\x00 \r\n\t", Pickle, "", "0"},
		{"a pickle that begins like GGUF", "GGUFFFFFF.", GGUF, "", "6"},
	} {
		s := openString(t, c.data, limit.Limits{})
		if s.Format != c.format || !strings.Contains(s.Note, c.note) || streams(s) != c.streams {
			t.Errorf("%s: %s, %q, streams %q", c.name, s.Format, s.Note, streams(s))
		}
		if s.Format.Converted() != (s.Format == TorchZip || s.Format == TorchLegacy || s.Format == Pickle) {
			t.Errorf("%s: converted %v", c.name, s.Format.Converted())
		}
	}
}

// TestTrailing: bytes behind the last pickle are not explained.
func TestTrailing(t *testing.T) {
	for _, c := range []struct {
		data    string
		streams string
		loose   int64
	}{
		{"N.junk", "0 5!malformed", 4}, {"N.N", "0 5!malformed", 1}, {"N.\x00\x00\x00", "0", 0}, {"N.\n", "0", 0}, {"N.\x00x", "0 5!malformed", 2}, {"N.N.\xff", "0 0 5!malformed", 1},
	} {
		if s := openString(t, c.data, limit.Limits{}); s.Format != Pickle || streams(s) != c.streams || unaccounted(s) != c.loose {
			t.Errorf("%q: %s, %q, %d", c.data, s.Format, streams(s), unaccounted(s))
		}
	}
}

// TestTruncated: each prefix of a file opens, says that something is missing,
// and never shows a stream outside of itself.
func TestTruncated(t *testing.T) {
	pickles, data := legacy()
	whole := map[string]string{
		"zip":         checkpoint(entry{name: "m/x", data: strings.Repeat("hello", 50), deflated: true, desc: 24}).bytes(),
		"zip64":       archive{entries: checkpoint().entries, zip64: true, comment: "comment"}.bytes(),
		"legacy":      pickles + data,
		"pickle":      "\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x8c\x01b\x93)R.",
		"protocol 0":  "(dp0\nS'a'\np1\nI5\nsV\\u00e9\nL7L\nsF1.5\nca\nb\ns.",
		"two pickles": "\x80\x04N.\x80\x02(K\x01K\x02t.",
	}
	for name, file := range whole {
		for n := range len(file) {
			s := openString(t, file[:n], limit.Limits{})
			complete := s.Format.Converted() && len(s.Unaccounted) == 0
			for _, st := range s.Streams {
				complete = complete && st.Err == nil
				if e := st.Extent; e.Off < 0 || e.Len < 0 || (e.Space == InFile && e.Off+e.Len > int64(n)) {
					t.Fatalf("%s cut to %d: stream at %+v", name, n, e)
				}
			}
			switch {
			case name == "legacy" && n >= len(pickles): // the storages are for Keys to find
			case name == "two pickles" && n == 4:
			case complete && !strings.HasPrefix(name, "zip"):
				t.Errorf("%s cut to %d of %d is complete: %s", name, n, len(file), streams(s))
			case complete && s.Format == TorchZip && name == "zip":
				t.Errorf("%s cut to %d of %d is complete", name, n, len(file))
			}
		}
	}
}

// TestDamaged: a file with any byte changed opens.
func TestDamaged(t *testing.T) {
	pickles, data := legacy()
	for _, file := range []string{
		checkpoint(entry{name: "m/x", data: strings.Repeat("hello", 50), deflated: true, desc: 24}).bytes(),
		archive{entries: checkpoint().entries, zip64: true, comment: "comment"}.bytes(),
		pickles + data,
	} {
		for i := range len(file) {
			for _, v := range []byte{0, 1, 0x7f, 0x80, 0xff} {
				b := []byte(file)
				b[i] = v
				s := openString(t, string(b), limit.Limits{})
				for i := range s.Members {
					s.Payload(&s.Members[i])
				}
			}
		}
	}
}

// TestRealFiles opens every file below the folders that there are: none of
// them fails, and those of the repository are what their names say.
func TestRealFiles(t *testing.T) {
	roots := []string{filepath.Join("..", "..", "testdata", "checkpoints")}
	if corpus := os.Getenv("DEPICKLE_CORPUS"); corpus != "" {
		roots = append(roots, corpus)
	}
	wrong := map[string]string{
		"empty_file.pt": "empty", "lfs_pointer.pt": "git-lfs-pointer", "not_a_pickle.pt": "html", "zip_truncated.pt": "zip",
		"zip_case_twin.pt": "torch-zip zip-case-twin", "zip_duplicate.pt": "torch-zip zip-duplicate", "zip_encrypted.pt": "torch-zip zip-encrypted",
	}
	seen := map[Format]int{}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			st, err := f.Stat()
			if err != nil {
				return err
			}
			s, err := Open(f, st.Size(), Options{TempDir: t.TempDir()})
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			defer s.Close()
			seen[s.Format]++
			if root == roots[0] && strings.HasSuffix(path, ".pt") {
				want, broken := wrong[filepath.Base(path)]
				if got := strings.TrimSpace(string(s.Format) + " " + odds(s)); broken && got != want {
					t.Errorf("%s: %s, want %s", path, got, want)
				}
				if !broken && (!s.Format.Converted() || odds(s) != "" || len(s.Unaccounted) > 0) {
					t.Errorf("%s: %s, %s, oddities %q, %v", path, s.Format, s.Note, odds(s), s.Unaccounted)
				}
			}
			for i := range s.Members {
				if _, err := s.Payload(&s.Members[i]); err != nil && kindOf(err) == "error" {
					t.Errorf("%s: %v", path, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if seen[TorchZip] == 0 || seen[TorchLegacy] == 0 {
		t.Errorf("formats: %v", seen)
	}
	t.Log(seen)
}

// TestNested: a checkpoint inside another counts its offsets from the file's
// beginning, and nesting ends.
func TestNested(t *testing.T) {
	pickles, data := legacy()
	inner := pickles + data
	zip := checkpoint().bytes()
	file := "junk" + inner + zip
	s := openString(t, file, limit.Limits{Nested: 2})
	n, err := s.Nested(Extent{Off: 4, Len: int64(len(inner))})
	if err != nil || n.Format != TorchLegacy || n.DataStart != int64(4+len(pickles)) || n.Streams[1].Extent.Off != int64(4+len(magic)) {
		t.Fatalf("%+v, %v", n, err)
	}
	if n.Size() != int64(len(inner)) || n.File().Off != 4 {
		t.Error(n.Size(), n.File())
	}
	z, err := n.Nested(Extent{Off: int64(4 + len(inner)), Len: int64(len(zip))})
	if err != nil || z.Format != TorchZip || odds(z) != "" || len(z.Unaccounted) != 0 {
		t.Fatalf("%v, %v", z, err)
	}
	if e, err := z.Payload(&z.Members[2]); err != nil || content(t, z, e) != "12345678" {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := z.Nested(Extent{Off: 4, Len: 5}); kindOf(err) != "limit" {
		t.Error(err)
	}
}

// TestInSpool: what was inflated can hold a checkpoint with text of its own
// to decode.
func TestInSpool(t *testing.T) {
	inner := "\x80\x02X\x04\x00\x00\x00\xc3\xa9\xc3\xa8."
	s := openString(t, checkpoint(entry{name: "m/x.pkl", data: inner, deflated: true}).bytes(), limit.Limits{})
	e := s.Streams[1].Extent
	if e.Space != InSpool || content(t, s, e) != inner {
		t.Fatalf("%+v", e)
	}
	n, err := s.Nested(e)
	if err != nil || n.Format != Pickle || streams(n) != "0" {
		t.Fatalf("%v, %v", n, err)
	}
	x, err := s.Latin1('X', Extent{Space: InSpool, Off: e.Off + 7, Len: 4})
	if err != nil || content(t, s, x) != "\xe9\xe8" {
		t.Errorf("%v, %v", x, err)
	}
}

// brokenReader fails behind some bytes.
type brokenReader struct {
	data string
	at   int64
	err  error
}

func (b brokenReader) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.at {
		return 0, b.err
	}
	return strings.NewReader(b.data).ReadAt(p, off)
}

// TestReaderFails: an error of the disk is Open's error, and never a verdict
// on the file.
func TestReaderFails(t *testing.T) {
	pickles, data := legacy()
	broken := errors.New("broken disk")
	for name, file := range map[string]string{
		"zip":     checkpoint(entry{name: "m/x", data: strings.Repeat("hello", 5000), deflated: true}, entry{name: "m/y", data: strings.Repeat("x", 9000), desc: 16}).bytes(),
		"legacy":  pickles + data,
		"pickles": strings.Repeat("N.", 5000),
		"padded":  "N." + strings.Repeat("\x00", 9000),
	} {
		for at := int64(0); at < int64(len(file)); at += 512 {
			_, err := Open(brokenReader{file, at, broken}, int64(len(file)), Options{TempDir: t.TempDir()})
			if err != nil && !errors.Is(err, broken) {
				t.Errorf("%s, broken at %d: %v", name, at, err)
			}
			if err == nil && name != "zip" {
				t.Errorf("%s, broken at %d: no error", name, at)
			}
		}
		_, err := Open(strings.NewReader(file), int64(len(file))+5000, Options{TempDir: t.TempDir()})
		if !fault.Is(err, fault.Changed) {
			t.Errorf("%s, shorter than said: %v", name, err)
		}
	}
	for _, size := range []int64{-1, 1<<63 - 1, 1<<62 + 1} {
		if _, err := Open(strings.NewReader(""), size, Options{}); !fault.Is(err, fault.Unsupported) {
			t.Errorf("size %d: %v", size, err)
		}
	}
}

// TestLatin1 decodes text that stands for bytes.
func TestLatin1(t *testing.T) {
	for _, c := range []struct {
		code       byte
		text, want string
		kind       string
	}{
		{'X', "a\xc3\xa9\xc3\xbf\x00", "a\xe9\xff\x00", ""},
		{'X', "\xc4\x80", "", "malformed"},
		{'X', "\xff", "", "malformed"},
		{'X', "\xed\xa0\x80", "", "malformed"},
		{'X', "", "", ""},
		{'V', `a\u00e9`, "a\xe9", ""},
		{'V', "\xe9", "\xe9", ""},
		{'V', `\u0100`, "", "malformed"},
		{'V', `\u00`, "", "malformed"},
	} {
		s := openString(t, c.text, limit.Limits{})
		e, err := s.Latin1(opcode.Code(c.code), Extent{Len: int64(len(c.text))})
		if err != nil {
			if kindOf(err) != c.kind {
				t.Errorf("%q: %v", c.text, err)
			}
			continue
		}
		if got := content(t, s, e); got != c.want || c.kind != "" {
			t.Errorf("%q: %q", c.text, got)
		}
		if again, err := s.Latin1(opcode.Code(c.code), Extent{Len: int64(len(c.text))}); err != nil || again != e {
			t.Errorf("%q: %v the second time, %v", c.text, again, err)
		}
	}
	s := openString(t, `'\x41\n'`, limit.Limits{})
	if e, err := s.Plain('S', Extent{Len: 8}); err != nil || content(t, s, e) != "A\n" {
		t.Error(err)
	}
	if b, err := io.ReadAll(EncodeLatin1(strings.NewReader("\u00e9"))); err != nil || string(b) != "\xe9" {
		t.Error(b, err)
	}
}
