package convert_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"depickle/convert"
	"depickle/convert/safetensors"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// FuzzCleanLoads has this property, for any bytes of a whole file: what scan
// calls clean and complete, load takes, or refuses as unsupported or over a
// limit, never for policy, malformed input or geometry. So what load refuses
// for those, scan found. FuzzAgreeBytes, FuzzAgreeOpcodes and FuzzAgreeGrammar
// hold it for the pickles inside of well-formed files.
func FuzzCleanLoads(f *testing.F) {
	for _, path := range small(f, 3000) {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, file []byte) { agree(t, "the file", file) })
}

// small are the fixtures of at most that many bytes.
func small(t testing.TB, most int64) (paths []string) {
	t.Helper()
	all, err := filepath.Glob(fixture("*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(path, ".json") && st.Size() <= most {
			paths = append(paths, path)
		}
	}
	if len(paths) < 200 {
		t.Fatalf("%d small fixtures", len(paths))
	}
	return paths
}

// FuzzWrittenPassesStrictReader has this property: of a checkpoint whose
// opcodes were changed, convert writes an output that the strict reader takes
// and that verify finds to match record and source, or it writes nothing.
// testdata/tools/differ.py holds the same for the reference library.
func FuzzWrittenPassesStrictReader(f *testing.F) {
	all := vessels(f)
	pool := parts(all)
	for i := range all {
		f.Add(uint16(i), uint64(i), uint8(i))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, which uint16, seed uint64, options uint8) {
		v := all[int(which)%len(all)]
		file := v.around(mutate(rand.New(rand.NewPCG(seed, 3)), v.pickle, pool))
		source := filepath.Join(dir, "source.pt")
		if err := os.WriteFile(source, file, 0o666); err != nil {
			t.Fatal(err)
		}
		o := convert.Options{DropAliases: options&1 != 0, Disarm: options&2 != 0, AllowEmpty: options&4 != 0}
		if options&8 != 0 {
			o.Root = "none"
		}
		written(t, source, o)
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != 1 {
			t.Fatalf("%d files are left, want the source alone: %v", len(left), err)
		}
	})
}

// written converts a file, holds what comes of it against what must be true,
// and removes it.
func written(t *testing.T, source string, o convert.Options) {
	t.Helper()
	in := opened(t, source)
	defer in.Close()
	_, clearance, err := scan.Scan(context.Background(), in.Source, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Name, o.Recheck = in.Name, in.Recheck
	group := convert.NewGroup(convert.SyncNone)
	defer group.Close()
	res, err := group.Convert(context.Background(), clearance, convert.Dir(filepath.Dir(source)), o)
	if err == nil {
		err = errors.Join(group.Publish([]*convert.Result{res})...)
	}
	if err != nil {
		if f := (*fault.Error)(nil); !errors.As(err, &f) {
			t.Fatalf("no fault: %v", err)
		}
		return
	}
	defer os.Remove(res.Output)
	defer os.Remove(res.RecordPath)
	data, err := os.ReadFile(res.Output)
	if err != nil {
		t.Fatal(err)
	}
	h, err := safetensors.Read(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("the strict reader does not take what was written: %v", err)
	}
	again, err := h.Encode()
	if err != nil || !bytes.HasPrefix(data, again) {
		t.Fatalf("the header is not in its canonical form: %v", err)
	}
	verified(t, source, res)
}

func opened(t *testing.T, path string) *convert.Input {
	t.Helper()
	limits := limit.Limits{Objects: 200_000, Stack: 100_000, Spool: 16 << 20, Tensors: 10_000, Output: 16 << 20}
	in, err := convert.Open(path, container.Options{Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// FuzzFlippedByteNeverVerifies has this property: with bytes of a source, of
// its output or of the record changed, by any pattern over eight bytes at any
// place, nothing verifies. With the record there is no exception. Without it
// the header's metadata is not protected, as the documentation of package
// verify says, and there an output may still be said to match.
func FuzzFlippedByteNeverVerifies(f *testing.F) {
	sets := converted(f)
	for i := range sets {
		for file := range uint8(4) {
			f.Add(uint8(i), file, uint32(0), uint64(1))
			f.Add(uint8(i), file, uint32(100*i), uint64(0x20))
			f.Add(uint8(i), file, uint32(1<<31), uint64(0x8000000000000000))
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, which, file uint8, at uint32, mask uint64) {
		set := sets[int(which)%len(sets)]
		place := int(file) % 4
		bare := place == 3 // the output again, without its record
		if bare {
			place = 0
		}
		changed := set
		changed[place] = flipped(set[place], at, mask)
		if bytes.Equal(changed[place], set[place]) {
			return
		}
		paths := changed.write(t, dir)
		if bare {
			paths[1] = ""
		}
		in := opened(t, paths[2])
		defer in.Close()
		v, err := convert.Verify(t.Context(), paths[0], paths[1], in)
		switch {
		case err == nil && bare && len(v.NotChecked) > 0 && onlyMetadata(set[0], changed[0]):
		case err == nil:
			t.Fatalf("set %d, file %d, mask %x at %d: verifies: %+v", which, file, mask, at, v)
		case len(err.Error()) > 1000 || strings.Contains(err.Error(), "\n"):
			t.Fatalf("not said in a line: %q", err.Error())
		}
	})
}

// trio is an output, its record and its source.
type trio [3][]byte

// converted makes outputs and records of some fixtures.
func converted(f *testing.F) (sets []trio) {
	f.Helper()
	for _, c := range []struct {
		file string
		o    convert.Options
	}{
		{"tiny.pt", convert.Options{}},
		{"tied.pt", convert.Options{DropAliases: true}},
		{"bare_tensor_legacy.pt", convert.Options{Values: convert.ValuesNone}},
		{"numpy_protocol2.pkl", convert.Options{Values: convert.ValuesAll}},
		{"root_basicsr.pt", convert.Options{Root: "/params"}},
		{"conj.pt", convert.Options{}},
	} {
		in, err := convert.Open(fixture(c.file), container.Options{})
		if err != nil {
			f.Fatal(err)
		}
		_, clearance, err := scan.Scan(f.Context(), in.Source, scan.Options{})
		if err != nil {
			f.Fatal(err)
		}
		c.o.Name = in.Name
		res, err := convert.Convert(f.Context(), clearance, convert.Dir(f.TempDir()), c.o)
		if err != nil {
			f.Fatal(err)
		}
		in.Close()
		var set trio
		for i, path := range []string{res.Output, res.RecordPath, fixture(c.file)} {
			if set[i], err = os.ReadFile(path); err != nil {
				f.Fatal(err)
			}
		}
		sets = append(sets, set)
	}
	return sets
}

// write puts the files into a folder.
func (set *trio) write(t *testing.T, dir string) (paths [3]string) {
	t.Helper()
	for i, name := range []string{"x.safetensors", "x.safetensors.json", "x.pt"} {
		paths[i] = filepath.Join(dir, name)
		if err := os.WriteFile(paths[i], set[i], 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

// flipped changes eight bytes by a pattern; those behind the end do not count.
func flipped(data []byte, at uint32, mask uint64) []byte {
	out := bytes.Clone(data)
	i := int(int64(at) % int64(len(out)))
	for k, x := range binary.LittleEndian.AppendUint64(nil, mask) {
		if i+k < len(out) {
			out[i+k] ^= x
		}
	}
	return out
}

// onlyMetadata reports whether two outputs hold the same tensors and the same
// digests: what differs is metadata that no digest is over.
func onlyMetadata(a, b []byte) bool {
	x, err1 := safetensors.Read(bytes.NewReader(a), int64(len(a)))
	y, err2 := safetensors.Read(bytes.NewReader(b), int64(len(b)))
	if err1 != nil || err2 != nil || !bytes.Equal(a[x.DataStart():], b[y.DataStart():]) || len(x.Tensors) != len(y.Tensors) {
		return false
	}
	for i := range x.Tensors {
		if x.Tensors[i].Name != y.Tensors[i].Name || x.Tensors[i].Begin != y.Tensors[i].Begin {
			return false
		}
	}
	for _, k := range []string{"depickle.content_sha256", "depickle.source_sha256"} {
		if x.Metadata[k] != y.Metadata[k] {
			return false
		}
	}
	return true
}

// FuzzInspectAgreesWithConvert has this property, for any bytes of a file:
// inspect ends without a panic, its errors are faults and its answer is JSON;
// and a file of which it knows no refusal converts, unless what only shows when
// storages are read is wrong.
func FuzzInspectAgreesWithConvert(f *testing.F) {
	for _, path := range small(f, 3000) {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, len(data)%2 == 0)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, file []byte, stats bool) {
		source := filepath.Join(dir, "source.pt")
		if err := os.WriteFile(source, file, 0o666); err != nil {
			t.Fatal(err)
		}
		in := opened(t, source)
		defer in.Close()
		i, err := convert.Inspect(t.Context(), in, convert.InspectOptions{Stats: stats})
		if f := (*fault.Error)(nil); err != nil && !errors.As(err, &f) {
			t.Fatalf("no fault: %v", err)
		}
		if _, err := json.Marshal(i); err != nil {
			t.Fatal(err)
		}
		again := opened(t, source)
		defer again.Close()
		_, clearance, scanErr := scan.Scan(t.Context(), again.Source, scan.Options{})
		if scanErr != nil {
			t.Fatal(scanErr)
		}
		res, convertErr := convert.Convert(t.Context(), clearance, convert.Dir(dir), convert.Options{Name: "x", DryRun: true})
		if (convertErr == nil) != (err == nil && i.Refusal == "") {
			t.Fatalf("convert says %v, inspect %v and %q", convertErr, err, i.Refusal)
		}
		if convertErr != nil {
			return
		}
		names := map[string]bool{}
		for _, x := range i.Tensors {
			names[x.Name] = true
		}
		for _, it := range res.Plan.Items {
			if !names[it.Name] {
				t.Fatalf("inspect does not list %q", it.Name)
			}
		}
	})
}
