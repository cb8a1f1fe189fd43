package convert_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"depickle/convert/internal/raced"
	"depickle/sandboxload"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// The judge and the loader read a pickle by the same machine and decide apart.
// What the judge calls clean, the loader must take, unless depickle does not
// support it or a limit is hit; what the loader refuses as malformed or by
// policy, the judge must have found.

// vessel is a fixture whose pickle can be replaced by another one.
type vessel struct {
	name   string
	pickle []byte
	around func(pickle []byte) []byte
}

// maxVessel bounds the fixtures that are mutated: larger ones are slow and no
// different.
const maxVessel = 64 << 10

func vessels(t testing.TB) []vessel {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(checkpoints, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var out []vessel
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, ".json") || len(data) > maxVessel {
			continue
		}
		if v, ok := open(t, data); ok {
			v.name = filepath.Base(path)
			out = append(out, v)
		}
	}
	if len(out) < 300 {
		t.Fatalf("%d fixtures that can be mutated", len(out))
	}
	return out
}

// open takes a file apart at its object's pickle.
func open(t testing.TB, data []byte) (vessel, bool) {
	src, err := container.Open(bytes.NewReader(data), int64(len(data)), container.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for _, st := range src.Streams {
		if st.Role != container.Object || st.Err != nil || !src.Format.Converted() {
			continue
		}
		pickle := make([]byte, st.Extent.Len)
		if _, err := io.ReadFull(src.Section(st.Extent), pickle); err != nil {
			t.Fatal(err)
		}
		if src.Format == container.TorchZip {
			return vessel{"", pickle, rezip(t, data, st.Member)}, true
		}
		head, tail := data[:st.Extent.Off], data[st.Extent.Off+st.Extent.Len:]
		return vessel{"", pickle, func(p []byte) []byte { return append(append(bytes.Clone(head), p...), tail...) }}, true
	}
	return vessel{}, false
}

// rezip writes an archive again, stored, with one member replaced.
func rezip(t testing.TB, data []byte, replace string) func([]byte) []byte {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return func([]byte) []byte { return data } // none that Go reads
	}
	type file struct {
		name string
		data []byte
	}
	var files []file
	for _, f := range r.File {
		rc, err := f.Open()
		if err != nil {
			return func([]byte) []byte { return data }
		}
		b, _ := io.ReadAll(rc) // a wrong CRC is the fixture's point
		files = append(files, file{f.Name, b})
	}
	return func(p []byte) []byte {
		var buf bytes.Buffer
		w := zip.NewWriter(&buf)
		for _, f := range files {
			out, err := w.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Store})
			if err != nil {
				t.Fatal(err)
			}
			if f.name == replace {
				f.data = p
			}
			if _, err := out.Write(f.data); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return buf.Bytes()
	}
}

// agree holds judge and loader against each other, and reports whether the
// file was clean.
func agree(t testing.TB, name string, file []byte) bool {
	t.Helper()
	limits := limit.Limits{Objects: 200_000, Stack: 100_000, Spool: 16 << 20, Tensors: 10_000}
	o := container.Options{Limits: limits, TempDir: t.TempDir()}
	report, loadErr := both(t, file, o)
	clean := report.Severity == scan.Clean && report.Complete
	var f *fault.Error
	switch {
	case loadErr == nil:
	case !errors.As(loadErr, &f):
		t.Errorf("%s: the loader's error is no fault: %v\n%q", name, loadErr, shorten(file))
	case clean && f.Kind != fault.Unsupported && f.Kind != fault.Limit:
		t.Errorf("%s: clean, and the loader says %v\n%q", name, loadErr, shorten(file))
	}
	return clean
}

func both(t testing.TB, file []byte, o container.Options) (*scan.Report, error) {
	t.Helper()
	src, err := container.Open(bytes.NewReader(file), int64(len(file)), o)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	report, _, err := scan.Scan(context.Background(), src, scan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// A Source of its own: the two judgements share nothing.
	own, err := container.Open(bytes.NewReader(file), int64(len(file)), o)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	_, err = sandboxload.Load(context.Background(), own, sandboxload.Options{})
	return report, err
}

func shorten(b []byte) []byte { return b[:min(len(b), 2000)] }

// TestAgree holds them against each other on every fixture, and on some
// mutations of each.
func TestAgree(t *testing.T) {
	all := vessels(t)
	pool := parts(all)
	clean, mutants, each := 0, 0, 20
	if raced.On {
		each = 4
	}
	for i, v := range all {
		agree(t, v.name, v.around(v.pickle))
		rng := rand.New(rand.NewPCG(uint64(i), 1))
		for range each {
			mutants++
			if agree(t, v.name, v.around(mutate(rng, v.pickle, pool))) {
				clean++
			}
		}
	}
	t.Logf("%d fixtures, %d mutants, of which %d are clean", len(all), mutants, clean)
	if clean < mutants/50 {
		t.Errorf("only %d of %d mutants are clean: the mutations break everything", clean, mutants)
	}
}

// FuzzAgreeBytes mutates the bytes of a fixture's pickle.
func FuzzAgreeBytes(f *testing.F) {
	all := vessels(f)
	for i, v := range all {
		f.Add(uint16(i), v.pickle)
	}
	f.Fuzz(func(t *testing.T, which uint16, pickle []byte) {
		v := all[int(which)%len(all)]
		agree(t, v.name, v.around(pickle))
	})
}

// FuzzAgreeOpcodes mutates the opcodes of a fixture's pickle, so that most of
// what comes out is still a pickle.
func FuzzAgreeOpcodes(f *testing.F) {
	all := vessels(f)
	pool := parts(all)
	for i := range all {
		f.Add(uint16(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, which uint16, seed uint64) {
		v := all[int(which)%len(all)]
		agree(t, v.name, v.around(mutate(rand.New(rand.NewPCG(seed, 2)), v.pickle, pool)))
	})
}

// opcodes splits a pickle at its opcodes.
func opcodes(pickle []byte) [][]byte {
	d := opcode.NewDecoder(bytes.NewReader(pickle), 0, int64(len(pickle)), limit.Limits{})
	var out [][]byte
	var op opcode.Op
	for d.Next(&op) == nil {
		out = append(out, pickle[op.Offset:op.End])
		if op.Code == opcode.Stop {
			break
		}
	}
	return out
}

// parts are different opcodes of all fixtures, and some that no pickler writes.
func parts(all []vessel) [][]byte {
	seen := map[string]bool{}
	var out [][]byte
	add := func(b []byte) {
		if len(b) <= 200 && !seen[string(b)] && len(seen) < 20_000 {
			seen[string(b)] = true
			out = append(out, b)
		}
	}
	for _, v := range all {
		for _, op := range opcodes(v.pickle) {
			add(op)
		}
	}
	for _, s := range strings.Fields("c__builtin__|set| c__builtin__|list| c__builtin__|bytearray| c__builtin__|bytes| c__builtin__|getattr| " +
		"ccopy_reg|_reconstructor| ctorch|Size| ctorch|Tensor| ctorch|float32| ctorch.nn.parameter|Parameter| ctorch|uint8| " +
		"ctorch.storage|_load_from_bytes| c_codecs|encode| ctorch._tensor|_rebuild_from_type_v2| cos|system| cm|A| " +
		"cnumpy|ndarray| cnumpy|dtype| cnumpy.core.multiarray|_reconstruct| cnumpy.core.multiarray|scalar| cnumpy.core.numeric|_frombuffer| " +
		"c__builtin__|object| c__builtin__|int| c__builtin__|tuple| ccollections|Counter| ccollections|defaultdict|") {
		add([]byte(strings.ReplaceAll(s, "|", "\n")))
	}
	for _, s := range []string{"\x81", "\x92", "o", "R", "b", "2", "0", "1", "(", ")", "}", "]", "\x8f", "\x90", "\x91", "l", "d", "t", "\x85", "\x86",
		"\x87", "a", "e", "s", "u", "\x94", "h\x00", "h\x01", "h\x02", "h\x05", "q\x00", "q\x01", "q\x05", "N", "\x88", "\x89", "Q", "\x93", "K\x00",
		"K\x01", "K\x02", "J\xff\xff\xff\xff", "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f", "\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "C\x01a", "C\x00",
		"X\x06\x00\x00\x00latin1", "X\x00\x00\x00\x00", "X\x02\x00\x00\x00f4", "S'a'\n", "U\x01a"} {
		add([]byte(s))
	}
	return out
}

// mutate changes a few opcodes of a pickle: drops, repeats, swaps, replaces or
// inserts some, or changes a byte of an argument.
func mutate(rng *rand.Rand, pickle []byte, pool [][]byte) []byte {
	ops := opcodes(pickle)
	if len(ops) < 2 {
		return pickle
	}
	ops = append([][]byte(nil), ops...)
	for range 1 + rng.IntN(3) {
		i := rng.IntN(len(ops))
		switch rng.IntN(7) {
		case 0: // drop
			ops = append(ops[:i], ops[i+1:]...)
		case 1: // repeat
			ops = insert(ops, i, ops[i])
		case 2: // swap
			j := rng.IntN(len(ops))
			ops[i], ops[j] = ops[j], ops[i]
		case 3: // replace
			ops[i] = pool[rng.IntN(len(pool))]
		case 4: // insert
			ops = insert(ops, i, pool[rng.IntN(len(pool))])
		case 5: // change a byte of the argument
			if op := bytes.Clone(ops[i]); len(op) > 1 {
				op[1+rng.IntN(len(op)-1)] = byte(rng.IntN(256))
				ops[i] = op
			}
		case 6: // move a run
			j := min(len(ops), i+1+rng.IntN(8))
			run := append([][]byte(nil), ops[i:j]...)
			rest := append(append([][]byte(nil), ops[:i]...), ops[j:]...)
			k := rng.IntN(len(rest) + 1)
			ops = append(append(append([][]byte(nil), rest[:k]...), run...), rest[k:]...)
		}
		if len(ops) < 2 {
			break
		}
	}
	return bytes.Join(ops, nil)
}

func insert(ops [][]byte, i int, op []byte) [][]byte {
	return append(append(append([][]byte(nil), ops[:i]...), op), ops[i:]...)
}
