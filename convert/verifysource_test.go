package convert_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"depickle/convert"
	"depickle/convert/provenance"
	"depickle/convert/safetensors"
	"depickle/scan/fault"
)

func readRecord(t *testing.T, path string) *provenance.Record {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, _, err := provenance.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func writeRecord(t *testing.T, path string, r *provenance.Record) {
	t.Helper()
	var b bytes.Buffer
	if _, err := r.Encode(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestRecordLies: a record with a digest of its own that matches, and beside
// its output consistent, but not what the source gives. Only with the source
// can that be seen, and then it is.
func TestRecordLies(t *testing.T) {
	const file = "root_basicsr.pt"
	for name, lie := range map[string]func(*provenance.Record){
		"source":        func(r *provenance.Record) { r.Source.Size++ },
		"options":       func(r *provenance.Record) { r.Options["strict"] = "yes" },
		"policy_sha256": func(r *provenance.Record) { r.PolicySHA256[0]++ },
		"severity":      func(r *provenance.Record) { r.Severity = "suspicious" },
		"verdict":       func(r *provenance.Record) { r.Verdict = "suspicious" },
		"complete":      func(r *provenance.Record) { r.Complete = false },
		"findings":      func(r *provenance.Record) { r.Findings = []provenance.Finding{{Severity: "note"}} },
		"globals":       func(r *provenance.Record) { r.Globals = r.Globals[1:] },
		"root":          func(r *provenance.Record) { r.Root = "" },
		"candidates":    func(r *provenance.Record) { r.Candidates = nil },
		"tensors":       func(r *provenance.Record) { r.Tensors[0].Path = "/params/w" },
		"not_selected":  func(r *provenance.Record) { r.NotSelected = nil },
		"skipped":       func(r *provenance.Record) { r.Skipped = []provenance.Skipped{{Path: "/x"}} },
		"values":        func(r *provenance.Record) { r.Values = []byte("{}") },
		"warnings":      func(r *provenance.Record) { r.Warnings = []string{"none"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, file, convert.Options{})
			r := readRecord(t, p.record)
			lie(r)
			writeRecord(t, p.record, r)
			if v, err := verifyPair(t, p, ""); err != nil || !v.Consistent || v.MatchesSource {
				t.Fatalf("without the source: %+v %v", v, err)
			}
			_, err := verifyPair(t, p, fixture(file))
			if want := `see its member "` + name + `"`; !fault.Is(err, fault.Changed) || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

// TestRecordContradicts: a record that does not fit its output, or itself, is
// refused without the source.
func TestRecordContradicts(t *testing.T) {
	for _, tt := range []struct {
		name string
		lie  func(*provenance.Record)
		want string
	}{
		{"size", func(r *provenance.Record) { r.Output.Size++ }, "bytes and the record names"},
		{"SHA-256", func(r *provenance.Record) { r.Output.SHA256[0]++ }, "the SHA-256 that the record names"},
		{"header", func(r *provenance.Record) { r.Output.HeaderSHA256[0]++ }, "the header_sha256 that the record names"},
		{"content", func(r *provenance.Record) { r.Output.ContentSHA256[0]++ }, "the content_sha256 that the record names"},
		{"source", func(r *provenance.Record) { r.Source.SHA256[0]++ }, "different sources"},
		{"version", func(r *provenance.Record) { r.Version = "0.0.9" }, "different versions"},
		{"tensor missing", func(r *provenance.Record) { r.Tensors = r.Tensors[1:] }, "tensors and the record names"},
		{"tensor twice", func(r *provenance.Record) { r.Tensors[0] = r.Tensors[1] }, "not the one that the record names in its place"},
		{"order", func(r *provenance.Record) { slices.Reverse(r.Tensors) }, "not the one that the record names in its place"},
		{"shape", func(r *provenance.Record) { r.Tensors[0].Shape = []int64{1} }, "not the one that the record names in its place"},
		{"tensor's SHA-256", func(r *provenance.Record) { r.Tensors[0].SHA256[0]++ }, "the tensor does not have the SHA-256"},
		{"alias missing", func(r *provenance.Record) { r.Aliases = nil }, "different aliases"},
		{"alias more", func(r *provenance.Record) {
			r.Aliases = append(r.Aliases, provenance.Alias{Name: "x", Of: r.Tensors[0].Name})
		}, "different aliases"},
		{"alias of another", func(r *provenance.Record) {
			r.Aliases = append(r.Aliases, provenance.Alias{Name: r.Tensors[0].Name, Of: r.Tensors[1].Name})
		}, "the record contradicts itself"},
		{"many names", func(r *provenance.Record) { r.Tensors = slices.Repeat(r.Tensors, 1000) }, "has no room for them"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, "tied.pt", convert.Options{DropAliases: true})
			r := readRecord(t, p.record)
			tt.lie(r)
			writeRecord(t, p.record, r)
			if _, err := verifyPair(t, p, ""); !fault.Is(err, fault.Changed) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestRootWithoutRecord: which part of the source an output is, no header
// says.
func TestRootWithoutRecord(t *testing.T) {
	for _, tt := range []struct{ file, root, found string }{
		{"root_basicsr.pt", "auto", "/params_ema"},
		{"root_basicsr.pt", "/params", "/params"},
		{"root_basicsr.pt", "none", ""},
		{"lightning.ckpt", "/optimizer_states", "/optimizer_states"},
	} {
		p := newPair(t, tt.file, convert.Options{Root: tt.root, NoRecord: true})
		v, err := verifyPair(t, p, fixture(tt.file))
		if err != nil || !v.MatchesSource || v.Root != tt.found || len(v.NotChecked) != 1 {
			t.Errorf("%s --root %s: %+v %v", tt.file, tt.root, v, err)
		}
	}
	// Deeper roots are not looked for, and that is said.
	p := newPair(t, "lightning.ckpt", convert.Options{Root: "/optimizer_states/0/state/0", NoRecord: true})
	if _, err := verifyPair(t, p, fixture("lightning.ckpt")); !fault.Is(err, fault.Changed) || !strings.Contains(err.Error(), "there is no record that names it") {
		t.Errorf("a deep root: %v", err)
	}
}

// otherVersion makes an output and its record those of another version.
func otherVersion(t *testing.T, p pair, version string) {
	t.Helper()
	data, err := os.ReadFile(p.output)
	if err != nil {
		t.Fatal(err)
	}
	h, err := safetensors.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	h.Metadata["depickle.version"] = version
	b, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	copy(data, b)
	if err := os.WriteFile(p.output, data, 0o666); err != nil {
		t.Fatal(err)
	}
	r := readRecord(t, p.record)
	r.Version = version
	r.Output.SHA256, r.Output.HeaderSHA256 = sha256.Sum256(data), sha256.Sum256(b)
	writeRecord(t, p.record, r)
}

// TestOtherVersion: of what another version wrote the tensors are compared,
// and no more is claimed.
func TestOtherVersion(t *testing.T) {
	p := newPair(t, "root_basicsr.pt", convert.Options{Root: "/params"})
	otherVersion(t, p, "0.0.9")
	v, err := verifyPair(t, p, fixture("root_basicsr.pt"))
	if err != nil || !v.MatchesSource || v.Root != "/params" {
		t.Fatalf("%+v %v", v, err)
	}
	if want := `the record was written by depickle "0.0.9" and this is ` + convert.Version; len(v.NotChecked) != 1 || !strings.HasPrefix(v.NotChecked[0], want) {
		t.Errorf("open: %q", v.NotChecked)
	}
	r := readRecord(t, p.record)
	r.Options["root"] = "auto"
	writeRecord(t, p.record, r)
	if _, err := verifyPair(t, p, fixture("root_basicsr.pt")); !fault.Is(err, fault.Changed) {
		t.Errorf("of another root: %v", err)
	}
}

// TestCRCIgnored: what the record warns of is derived too.
func TestCRCIgnored(t *testing.T) {
	p := newPair(t, "zip_crc_wrong.pt", convert.Options{IgnoreCRC: true})
	if v, err := verifyPair(t, p, fixture("zip_crc_wrong.pt")); err != nil || !v.MatchesSource {
		t.Fatalf("%+v %v", v, err)
	}
	r := readRecord(t, p.record)
	if len(r.Warnings) == 0 {
		t.Fatal("the record does not warn")
	}
	delete(r.Options, "ignore_crc")
	writeRecord(t, p.record, r)
	_, err := verifyPair(t, p, fixture("zip_crc_wrong.pt"))
	if !fault.Is(err, fault.Changed) || !strings.Contains(err.Error(), "does not convert the source by the options that the record names") {
		t.Errorf("without the option: %v", err)
	}
}

// TestDangerousSource: a record that hides --disarm.
func TestDangerousSource(t *testing.T) {
	p := newPair(t, "hostile_torch.pt", convert.Options{Disarm: true})
	r := readRecord(t, p.record)
	delete(r.Options, "disarm")
	writeRecord(t, p.record, r)
	_, err := verifyPair(t, p, fixture("hostile_torch.pt"))
	if !fault.Is(err, fault.Changed) || !strings.Contains(err.Error(), "refused: ") {
		t.Errorf("got %v", err)
	}
}

// TestNothingToCheck: files that are no outputs are called what they are, and
// nothing is said to be wrong with them.
func TestNothingToCheck(t *testing.T) {
	foreign := func(meta map[string]string) string {
		h, err := safetensors.NewHeader([]safetensors.Tensor{{Name: "w", DType: safetensors.U8, Shape: []int64{1}}}, meta)
		if err != nil {
			t.Fatal(err)
		}
		b, err := h.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\x07"
	}
	read := func(name string) string {
		b, err := os.ReadFile(fixture(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, tt := range []struct {
		name, data string
		kind       fault.Kind
		want       string
	}{
		{"another program's", foreign(map[string]string{"format": "pt"}), fault.Unsupported, "the file names no content_sha256, so depickle did not write it"},
		{"without metadata", foreign(nil), fault.Unsupported, "the file names no content_sha256"},
		{"half of ours", foreign(map[string]string{"format": "pt", "depickle.version": "0.1.0"}), fault.Changed, "does not name its depickle.source_sha256"},
		{"an index", `{"metadata": {"total_size": 1}, "weight_map": {"w": "model-00001-of-00001.safetensors"}}`, fault.Unsupported, "not a SafeTensors file but an index of shards"},
		{"a record", "{\n  \"schema\": \"depickle.record/1\"", fault.Unsupported, "not a SafeTensors file but a conversion record"},
		{"JSON", `{"a": 1}`, fault.Unsupported, "not a SafeTensors file but JSON"},
		{"nothing", "", fault.Unsupported, "an empty file"},
		{"a checkpoint", read("tiny.pt"), fault.Unsupported, "not a SafeTensors file but a checkpoint (torch-zip)"},
		{"a legacy checkpoint", read("bare_tensor_legacy.pt"), fault.Unsupported, "not a SafeTensors file but a checkpoint (torch-legacy)"},
		{"a git-LFS pointer", read("lfs_pointer.pt"), fault.Unsupported, "not a SafeTensors file but a git-LFS pointer"},
		{"an HTML page", "<!DOCTYPE html><html>", fault.Unsupported, "not a SafeTensors file but an HTML page"},
		{"noise", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09", fault.Malformed, "header"},
		{"a header of 2^63 bytes", "\x00\x00\x00\x00\x00\x00\x00\x80{", fault.Malformed, "over the format's limit"},
	} {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		if err := os.WriteFile(path, []byte(tt.data), 0o666); err != nil {
			t.Fatal(err)
		}
		v, err := convert.Verify(t.Context(), path, "", nil)
		if !fault.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %+v %v, want %q", tt.name, v, err, tt.want)
		}
	}
}

// TestHeaderForm: without a record, what the header must have is still proven.
func TestHeaderForm(t *testing.T) {
	p := newPair(t, "tiny.pt", convert.Options{NoRecord: true})
	good, err := os.ReadFile(p.output)
	if err != nil {
		t.Fatal(err)
	}
	h := header(t, p.output)
	source, content := h.Metadata["depickle.source_sha256"], h.Metadata["depickle.content_sha256"]
	for _, tt := range []struct{ old, new, want string }{
		{source, strings.ToUpper(source), "is not a SHA-256 of 64 digits in lower case"},
		{source, "g" + source[1:], "is not a SHA-256 of 64 digits in lower case"},
		{content, source, "do not have the content_sha256 that the header names"},
		{`"format":"pt"`, `"format":"tf"`, `the header's format is "tf" and not pt`},
		{`"depickle.version"`, `"depickle.versiom"`, "does not name its depickle.version"},
		{`"depickle.content_sha256"`, `"depickle.content_sha257"`, "does not name its depickle.content_sha256"},
	} {
		bad := bytes.Replace(good, []byte(tt.old), []byte(tt.new), 1)
		if bytes.Equal(bad, good) {
			t.Fatalf("%q is not in the header", tt.old)
		}
		if err := os.WriteFile(p.output, bad, 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := verifyPair(t, pair{output: p.output}, ""); !fault.Is(err, fault.Changed) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v", tt.new, err)
		}
	}
}

// TestOtherTensors: an output that names a source, and holds other tensors
// than it, is refused before any of them is read.
func TestOtherTensors(t *testing.T) {
	p := newPair(t, "tiny.pt", convert.Options{NoRecord: true})
	source, err := os.ReadFile(fixture("views.pt"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(p.output)
	if err != nil {
		t.Fatal(err)
	}
	was := header(t, p.output).Metadata["depickle.source_sha256"]
	data = bytes.Replace(data, []byte(was), []byte(provenance.Digest(sha256.Sum256(source)).String()), 1)
	if err := os.WriteFile(p.output, data, 0o666); err != nil {
		t.Fatal(err)
	}
	bare := pair{output: p.output}
	if v, err := verifyPair(t, bare, ""); err != nil || v.MatchesSource {
		t.Fatalf("without the source: %+v %v", v, err)
	}
	_, err = verifyPair(t, bare, fixture("views.pt"))
	if !fault.Is(err, fault.Changed) || !strings.Contains(err.Error(), "no root of the source that was tried gives these tensors") {
		t.Errorf("got %v", err)
	}
}
