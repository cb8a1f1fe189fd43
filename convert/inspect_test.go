package convert_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"depickle/convert"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// inspect opens and inspects a file.
func inspect(t *testing.T, path string, o convert.InspectOptions) (*convert.Inspection, error) {
	t.Helper()
	in, err := convert.Open(path, container.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	i, err := convert.Inspect(t.Context(), in, o)
	if i == nil {
		t.Fatalf("%s: no inspection beside %v", path, err)
	}
	return i, err
}

// TestInspectFixtures: of what converts, inspect says the names, types and
// shapes that the output has; what is no tensor file it shows all the same.
func TestInspectFixtures(t *testing.T) {
	for _, side := range fixtures(t) {
		path := strings.TrimSuffix(side, ".truth.json")
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			want := readTruth(t, side)
			i, err := inspect(t, path, convert.InspectOptions{Stats: true})
			if want.Expect != "malformed" && want.Expect != "refused" && err != nil {
				t.Fatal(err)
			}
			if _, err := json.Marshal(i); err != nil {
				t.Errorf("as JSON: %v", err)
			}
			// That a storage's CRC is wrong shows when it is read.
			if i.Refusal == "" && err == nil && want.Expect != "converted" && want.Reason != "crc" {
				t.Errorf("no reason why convert would not convert it")
			}
			if want.Expect == "converted" {
				selected(t, i, want)
			}
		})
	}
}

func selected(t *testing.T, i *convert.Inspection, want truth) {
	t.Helper()
	if i.Refusal != "" {
		t.Errorf("convert would not: %s", i.Refusal)
	}
	have := map[string]string{}
	for _, x := range i.Tensors {
		if x.Selected && x.Reason == "" {
			have[x.Name] = x.Path
		}
		if (x.Stats == nil) == (x.NoStats == "") {
			t.Errorf("%s: statistics %v, and %q", x.Path, x.Stats, x.NoStats)
		}
	}
	if len(have) != len(want.Tensors) {
		t.Errorf("%d tensors, want %d", len(have), len(want.Tensors))
	}
	for _, w := range want.Tensors {
		if path, ok := have[w.Name]; !ok || path != w.Path {
			t.Errorf("%q is at %q, want %q", w.Name, path, w.Path)
		}
	}
}

func TestInspectSharing(t *testing.T) {
	i, err := inspect(t, fixture("tied.pt"), convert.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	type sharing struct {
		path, same string
		storage    int
		n          int
		with       []string
	}
	var got []sharing
	for _, x := range i.Tensors {
		got = append(got, sharing{x.Path, x.SameAs, x.Storage.Index, x.Sharing, x.SharedWith})
	}
	want := []sharing{
		{"/embed.weight", "", 0, 4, []string{"/lm_head.weight", "/view", "/flat"}},
		{"/lm_head.weight", "/embed.weight", 0, 4, []string{"/embed.weight", "/view", "/flat"}},
		{"/other", "", 1, 0, nil},
		{"/view", "", 0, 4, []string{"/embed.weight", "/lm_head.weight", "/flat"}},
		{"/flat", "", 0, 4, []string{"/embed.weight", "/lm_head.weight", "/view"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if len(i.Storages) != 2 || i.Storages[0].Tensors != 4 || i.Storages[0].Bytes != 24 || i.Storages[0].Key != "0" || i.Bytes != 104 {
		t.Errorf("storages %+v, %d bytes", i.Storages, i.Bytes)
	}
}

func TestInspectProtocols(t *testing.T) {
	for n := range 6 {
		for _, name := range []string{"protocol%d_zip.pt", "protocol%d_legacy.pt", "numpy_protocol%d.pkl"} {
			name := fmt.Sprintf(name, n)
			i, err := inspect(t, fixture(name), convert.InspectOptions{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			k := slices.IndexFunc(i.Streams, func(s convert.StreamInfo) bool { return s.Role == "object" })
			if i.Streams[k].Protocol != n {
				t.Errorf("%s: protocol %d", name, i.Streams[k].Protocol)
			}
		}
	}
	i, err := inspect(t, fixture("state_dict_legacy.pt"), convert.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var roles []string
	for _, s := range i.Streams {
		roles = append(roles, s.Role)
	}
	if got, want := strings.Join(roles, ", "), "magic number, protocol version, system info, object, storage keys"; got != want {
		t.Errorf("roles %s, want %s", got, want)
	}
}

func TestInspectRoots(t *testing.T) {
	tests := []struct {
		name, root string
		candidates string
	}{
		{"lightning.ckpt", "/state_dict", "/callbacks 1 --root /callbacks; /optimizer_states 12 --root /optimizer_states"},
		{"state_dict.pt", "", ""},
		{"streams_two.pkl", "", ""},
	}
	for _, tt := range tests {
		i, err := inspect(t, fixture(tt.name), convert.InspectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range i.Candidates {
			got = append(got, fmt.Sprint(c.Path, " ", c.Tensors, " ", c.Option))
		}
		if i.Root != tt.root || strings.Join(got, "; ") != tt.candidates {
			t.Errorf("%s: root %q, candidates %q", tt.name, i.Root, got)
		}
	}
}

// TestInspectDangerous: a dangerous file is shown like any other, and what it
// calls is only named.
func TestInspectDangerous(t *testing.T) {
	i, err := inspect(t, fixture("hostile_torch.pt"), convert.InspectOptions{Stats: true})
	if err != nil {
		t.Fatal(err)
	}
	if i.Scan.Verdict != scan.Dangerous || len(i.Tensors) != 1 || i.Tensors[0].Stats.Count != 2 || !strings.HasPrefix(i.Refusal, "refused: ") {
		t.Errorf("%v, %+v, %q", i.Scan.Verdict, i.Tensors, i.Refusal)
	}
	i, err = inspect(t, fixture("hostile_os_system.pkl"), convert.InspectOptions{})
	if err != nil || len(i.Tree) != 1 || len(i.Tree[0].Children) != 2 {
		t.Fatalf("%v, %+v", err, i.Tree)
	}
	if called := i.Tree[0].Children[1]; called.Type != "object" || called.Text != "os.system" || called.Children[0].Key != "__args__" {
		t.Errorf("%+v", called)
	}
}

// TestInspectUnread: what was read is there beside the error.
func TestInspectUnread(t *testing.T) {
	tests := []struct {
		name, want string
		tensors    int
		streams    int
	}{
		{"truncated.pkl", "malformed: at offset 0x2: FRAME: a frame of 156 bytes should follow, 146 are left", 0, 1},
		{"legacy_trailing.pt", "the file was not read whole: bytes follow the last storage", 1, 5},
		{"zip_missing_storage.pt", "the archive has no member for this storage", 0, 1},
		{"zip_truncated.pt", "the zip archive has no end record", 0, 0},
		{"empty_file.pt", "an empty file", 0, 0},
		{"lfs_pointer.pt", "a git-LFS pointer", 0, 0},
		{"geometry_outside.pt", "reaches outside of its storage", 0, 5},
	}
	for _, tt := range tests {
		i, err := inspect(t, fixture(tt.name), convert.InspectOptions{})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		if len(i.Tensors) != tt.tensors || len(i.Streams) != tt.streams || i.Scan == nil {
			t.Errorf("%s: %d tensors, %d streams, scan %v", tt.name, len(i.Tensors), len(i.Streams), i.Scan)
		}
	}
}

// TestInspectOutput: a SafeTensors file, the record beside it, and the record.
func TestInspectOutput(t *testing.T) {
	res, _, err := convertFile(t, fixture("tied.pt"), t.TempDir(), convert.Options{DropAliases: true})
	if err != nil {
		t.Fatal(err)
	}
	i, err := inspect(t, res.Output, convert.InspectOptions{Stats: true})
	if err != nil {
		t.Fatal(err)
	}
	if i.Format != "safetensors" || i.Scan != nil || len(i.Tensors) != 4 || i.Metadata["lm_head.weight"] != "embed.weight" {
		t.Errorf("%s, scan %v, %d tensors, %v", i.Format, i.Scan, len(i.Tensors), i.Metadata)
	}
	if x := i.Tensors[0]; x.Name != "embed.weight" || x.DType != "F32" || x.Bytes != 24 || x.Stats.Count != 6 || x.Stats.Max.String() != "1.6907901763916016" {
		t.Errorf("%+v", x)
	}
	if r := i.Record; r == nil || r.Error != "" || r.Verdict != "clean" || r.Tensors != 4 || r.Aliases != 1 || r.Source != "tied.pt" {
		t.Errorf("record %+v", r)
	}
	i, err = inspect(t, res.RecordPath, convert.InspectOptions{Stats: true})
	if err != nil {
		t.Fatal(err)
	}
	if i.Format != "record" || len(i.Tensors) != 5 || i.Tensors[0].SHA256 == "" || i.Tensors[4].SameAs != "embed.weight" || i.Record.Output != filepath.Base(res.Output) {
		t.Errorf("%s, %+v, %+v", i.Format, i.Tensors, i.Record)
	}
	// A record that is another file's, or damaged, is said to be so.
	other, _, err := convertFile(t, fixture("tiny.pt"), t.TempDir(), convert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ from, want string }{{other.RecordPath, "not of this file"}, {fixture("tiny.pt"), "malformed: "}} {
		b, err := os.ReadFile(tt.from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(res.RecordPath, b, 0o666); err != nil {
			t.Fatal(err)
		}
		i, err := inspect(t, res.Output, convert.InspectOptions{})
		if err != nil || len(i.Tensors) != 4 || !strings.Contains(i.Record.Error, tt.want) {
			t.Errorf("%v, %d tensors, record %+v; want %q", err, len(i.Tensors), i.Record, tt.want)
		}
	}
}

// TestInspectBrokenOutput: the strict reader's message comes through, also
// where the content gives no hint of the format.
func TestInspectBrokenOutput(t *testing.T) {
	header := `{"w":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`
	file := append([]byte{byte(len(header)), 0, 0, 0, 0, 0, 0, 0}, header...)
	long := bytes.Clone(file)
	long[1] = 255
	tests := []struct {
		content []byte
		want    string
	}{
		{append(bytes.Clone(file), 1, 2), ""},
		{append(bytes.Clone(file), 1), "the file"},
		{append(bytes.Clone(file), 1, 2, 3), "the file"},
		{long, "header"},
		{nil, "an empty file"},
		{[]byte("short"), "no room for a header length"},
	}
	for n, tt := range tests {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		if err := os.WriteFile(path, tt.content, 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := inspect(t, path, convert.InspectOptions{Stats: true})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%d: %v, want %q", n, err, tt.want)
		}
	}
	path := filepath.Join(t.TempDir(), "x.safetensors.json")
	if err := os.WriteFile(path, []byte(`{"schema": "depickle.record/1", "x": 1}`), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := inspect(t, path, convert.InspectOptions{}); !fault.Is(err, fault.Malformed) || !strings.Contains(err.Error(), "conversion record") {
		t.Errorf("a broken record: %v", err)
	}
}

func TestInspectCancelled(t *testing.T) {
	in, err := convert.Open(fixture("lightning.ckpt"), container.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := convert.Inspect(ctx, in, convert.InspectOptions{Stats: true}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// TestInspectProgress: the bytes read for statistics add up.
func TestInspectProgress(t *testing.T) {
	var last, total int64
	in, err := convert.Open(fixture("bare_tensor.pt"), container.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	i, err := convert.Inspect(t.Context(), in, convert.InspectOptions{Stats: true, Progress: func(d, n int64) { last, total = max(last, d), n }})
	if err != nil || last != total || total != i.Bytes || total == 0 {
		t.Errorf("%v: %d of %d, the tensors have %d", err, last, total, i.Bytes)
	}
}

// TestInspectDamaged: whatever byte of a file is changed or missing, Inspect
// returns, and what it returns is JSON.
func TestInspectDamaged(t *testing.T) {
	for _, name := range []string{"tiny.pt", "state_dict_legacy.pt", "numpy_protocol4.pkl", "module_linear.pt"} {
		whole, err := os.ReadFile(fixture(name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "x")
		try := func(b []byte) {
			if err := os.WriteFile(path, b, 0o666); err != nil {
				t.Fatal(err)
			}
			i, err := inspect(t, path, convert.InspectOptions{Stats: true})
			if _, bad := json.Marshal(i); bad != nil {
				t.Errorf("%s: %v, %v", name, err, bad)
			}
			if err == nil && i.Scan != nil && !i.Scan.Complete {
				t.Errorf("%s: no error although the file was not read whole", name)
			}
		}
		step := 3
		if testing.Short() || len(whole) > 1500 {
			step = 17
		}
		for n := 0; n < len(whole); n += step {
			try(whole[:n])
			b := bytes.Clone(whole)
			b[n] ^= byte(n) | 1
			try(b)
		}
	}
}
