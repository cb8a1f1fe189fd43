package convert_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"depickle/convert"
	"depickle/convert/plan"
	"depickle/convert/safetensors"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/fault"
)

func fixture(name string) string { return filepath.Join(checkpoints, name) }

// header reads an output's header by the strict reader.
func header(t *testing.T, path string) *safetensors.Header {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	h, err := safetensors.Read(f, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestDropAliases(t *testing.T) {
	copied, _, err := convertFile(t, fixture("tied.pt"), t.TempDir(), convert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dropped, _, err := convertFile(t, fixture("tied.pt"), t.TempDir(), convert.Options{DropAliases: true})
	if err != nil {
		t.Fatal(err)
	}
	h := header(t, dropped.Output)
	// The head goes, whatever its place in byte order; views that differ stay.
	if got := h.Metadata["lm_head.weight"]; got != "embed.weight" {
		t.Errorf("metadata names %q for lm_head.weight, want embed.weight", got)
	}
	if slices.ContainsFunc(h.Tensors, func(x safetensors.Tensor) bool { return x.Name == "lm_head.weight" }) {
		t.Error("lm_head.weight was written")
	}
	if copied.Record.Output.ContentSHA256 != dropped.Record.Output.ContentSHA256 {
		t.Error("dropping aliases changes content_sha256, which is over every name")
	}
	if n := len(header(t, copied.Output).Tensors); n != 5 {
		t.Errorf("%d tensors were written without dropping, want 5", n)
	}
	verified(t, fixture("tied.pt"), dropped)
}

func TestMetadata(t *testing.T) {
	res, _, err := convertFile(t, fixture("tiny.pt"), t.TempDir(), convert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"format":                  "pt",
		"depickle.version":        convert.Version,
		"depickle.source_sha256":  res.Record.Source.SHA256.String(),
		"depickle.content_sha256": res.Record.Output.ContentSHA256.String(),
	}
	have := header(t, res.Output).Metadata
	for k, v := range want {
		if have[k] != v {
			t.Errorf("metadata %s is %q, want %q", k, have[k], v)
		}
	}
	if len(have) != len(want) {
		t.Errorf("metadata has %d keys, want %d", len(have), len(want))
	}
}

func TestRoots(t *testing.T) {
	for _, c := range []struct {
		file, root, want string
		first            string
		kind             fault.Kind
	}{
		{"root_basicsr.pt", "auto", "/params_ema", "a.bias", 0},
		{"root_basicsr.pt", "/params", "/params", "a.bias", 0},
		{"root_basicsr.pt", "none", "", "params.a.bias", 0},
		{"lightning.ckpt", "auto", "/state_dict", "", 0},
		{"root_basicsr.pt", "/missing", "", "", fault.Unsupported},
		{"root_basicsr.pt", "params", "", "", fault.Unsupported},
	} {
		res, _, err := convertFile(t, fixture(c.file), t.TempDir(), convert.Options{Root: c.root})
		if c.kind != 0 {
			if !fault.Is(err, c.kind) {
				t.Errorf("%s --root %s: %v, want %v", c.file, c.root, err, c.kind)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s --root %s: %v", c.file, c.root, err)
			continue
		}
		if res.Record.Root != c.want {
			t.Errorf("%s --root %s took %q, want %q", c.file, c.root, res.Record.Root, c.want)
		}
		if c.first != "" && !slices.ContainsFunc(res.Plan.Items, func(it plan.Item) bool { return it.Name == c.first }) {
			t.Errorf("%s --root %s has no %q", c.file, c.root, c.first)
		}
	}
}

// TestNothingLost: what stands outside of the root is listed, tensor by tensor.
func TestNothingLost(t *testing.T) {
	res, _, err := convertFile(t, fixture("root_basicsr.pt"), t.TempDir(), convert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	whole, _, err := convertFile(t, fixture("root_basicsr.pt"), t.TempDir(), convert.Options{Root: "none"})
	if err != nil {
		t.Fatal(err)
	}
	if have, want := len(res.Record.Tensors)+len(res.Record.NotSelected), len(whole.Record.Tensors); have != want {
		t.Errorf("%d tensors are accounted for, the file has %d", have, want)
	}
	if len(res.Record.Candidates) != 1 || res.Record.Candidates[0].Option != "--root /params" {
		t.Errorf("candidates %+v, want --root /params", res.Record.Candidates)
	}
}

func TestJudgement(t *testing.T) {
	for _, c := range []struct {
		file string
		o    convert.Options
		kind fault.Kind // 0: converts
	}{
		{"unknown_global.pkl", convert.Options{}, 0},
		{"unknown_global.pkl", convert.Options{Strict: true}, fault.Refused},
		{"hostile_torch.pt", convert.Options{}, fault.Refused},
		{"hostile_torch.pt", convert.Options{Disarm: true}, 0},
		{"zip_crc_wrong.pt", convert.Options{}, fault.Malformed},
		{"zip_crc_wrong.pt", convert.Options{IgnoreCRC: true}, 0},
		{"no_tensors_scalars.pt", convert.Options{}, fault.Unsupported},
		{"no_tensors_scalars.pt", convert.Options{AllowEmpty: true}, 0},
		{"tiny.pt", convert.Options{MaxOutput: 10}, fault.Limit},
	} {
		dir := t.TempDir()
		res, _, err := convertFile(t, fixture(c.file), dir, c.o)
		switch {
		case c.kind == 0 && err != nil:
			t.Errorf("%s %+v: %v", c.file, c.o, err)
		case c.kind == 0:
			verified(t, fixture(c.file), res)
		case !fault.Is(err, c.kind):
			t.Errorf("%s %+v: %v, want %v", c.file, c.o, err, c.kind)
		default:
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("%s: %d files were left behind", c.file, len(left))
			}
		}
	}
}

func TestUncleared(t *testing.T) {
	for _, c := range []*scan.Clearance{nil, {}} {
		if _, err := convert.Convert(context.Background(), c, convert.Dir(t.TempDir()), convert.Options{Disarm: true}); !fault.Is(err, fault.Refused) {
			t.Errorf("%v, want a refusal", err)
		}
	}
}

func TestCancelled(t *testing.T) {
	in, err := convert.Open(fixture("tiny.pt"), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	_, clearance, err := scan.Scan(context.Background(), in.Source, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	o := convert.Options{Name: "tiny.pt", Progress: func(int64, int64) { cancel() }}
	if _, err := convert.Convert(ctx, clearance, convert.Dir(dir), o); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want a cancelled context", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%d files were left behind", len(left))
	}
}

// changing is a source whose bytes change after it was judged.
type changing struct {
	b []byte
}

func (c *changing) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(c.b)) {
		return 0, io.EOF
	}
	n := copy(p, c.b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func TestSourceChanges(t *testing.T) {
	b, err := os.ReadFile(fixture("tiny.pt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{80, len(b) - 30} {
		c := &changing{b: slices.Clone(b)}
		src, err := container.Open(c, int64(len(b)), container.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, clearance, err := scan.Scan(context.Background(), src, scan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c.b[at] ^= 1
		dir := t.TempDir()
		_, err = convert.Convert(context.Background(), clearance, convert.Dir(dir), convert.Options{Name: "tiny.pt"})
		if !fault.Is(err, fault.Changed) {
			t.Errorf("byte %d changed after the scan: %v", at, err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%d files were left behind", len(left))
		}
	}
}

func TestOutputName(t *testing.T) {
	for in, want := range map[string]string{
		"pytorch_model.bin":                "model.safetensors",
		"dir/pytorch_model.bin":            "model.safetensors",
		"pytorch_model-00001-of-00002.bin": "model-00001-of-00002.safetensors",
		"pytorch_model.fp16.bin":           "model.fp16.safetensors",
		"last.ckpt":                        "last.safetensors",
		"model.pth.tar":                    "model.safetensors",
		"model":                            "model.safetensors",
		"v1.5.pt":                          "v1.5.safetensors",
		".pt":                              ".pt.safetensors",
	} {
		if got := convert.OutputName(in); got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
	}
}

// TestFlips: no byte of an output or of its record can change unnoticed.
func TestFlips(t *testing.T) {
	res, _, err := convertFile(t, fixture("tiny.pt"), t.TempDir(), convert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{res.Output, res.RecordPath} {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range b {
			b[i] ^= 1
			if err := os.WriteFile(path, b, 0o666); err != nil {
				t.Fatal(err)
			}
			if v, err := convert.Verify(context.Background(), res.Output, res.RecordPath, nil); err == nil {
				t.Errorf("%s: byte %d changed, verify says %+v", filepath.Base(path), i, v)
			} else if strings.Contains(err.Error(), "\n") {
				t.Errorf("%s: byte %d: more than one line: %v", filepath.Base(path), i, err)
			}
			b[i] ^= 1
		}
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	verified(t, fixture("tiny.pt"), res)
}
