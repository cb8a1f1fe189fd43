package container

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// fixtureFiles are the smaller fixtures, of every format.
func fixtureFiles(f *testing.F) (files [][]byte) {
	f.Helper()
	paths, err := filepath.Glob("../../testdata/checkpoints/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if !strings.HasSuffix(path, ".json") && len(data) <= 4096 {
			files = append(files, data)
		}
	}
	if len(files) < 100 {
		f.Fatalf("%d fixtures", len(files))
	}
	return files
}

// scarce are limits that small files reach.
var scarce = limit.Limits{Spool: 1 << 16, Directory: 1 << 12, Members: 32, Nested: 2, Text: 1 << 12}

// FuzzContainerReadersNeverPanicNorOverallocate has this property: whatever a
// file holds, and whatever its pickle declares of its storages, opening it,
// inflating every member and finding every storage
//   - ends without a panic, and every error is a fault;
//   - costs memory and reads by the file's size and the limits, never by what
//     the file says: see dear;
//   - keeps no more in the spool than Limits.Spool, and leaves nothing behind;
//   - gives storages that lie inside of the file or the spool, have the size
//     that was declared, and in a legacy file do not overlap.
func FuzzContainerReadersNeverPanicNorOverallocate(f *testing.F) {
	for i, data := range fixtureFiles(f) {
		f.Add(data, "0", int64(i%40), uint8(i%9))
	}
	bomb := entry{name: "m/data/0", data: strings.Repeat("\x00", 1<<17), deflated: true}
	f.Add([]byte(checkpoint(bomb).bytes()), "0", int64(1<<17), uint8(1))
	liar := entry{name: "m/data/0", data: "abcdefgh", deflated: true, entry: put32(24, 1<<31-1)}
	f.Add([]byte(checkpoint(liar).bytes()), "0", int64(1<<31-1), uint8(1))
	pickles, data := legacy()
	f.Add([]byte(pickles+data), "0", int64(-1), uint8(8))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, key string, numel int64, size uint8) {
		r := &counting{r: bytes.NewReader(data)}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s, err := Open(r, int64(len(data)), Options{Limits: scarce, TempDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		for i := range s.Members {
			_, err := s.Payload(&s.Members[i])
			expected(t, err)
		}
		for _, st := range s.Streams {
			expected(t, st.Err)
			places(t, s, st, Declared{Key: key, Class: "torch.FloatStorage", ElemSize: int64(size), Numel: numel})
		}
		runtime.ReadMemStats(&after)
		if used, most := after.TotalAlloc-before.TotalAlloc, dear(len(data)); used > most {
			t.Errorf("%d bytes allocated for %d, at most %d", used, len(data), most)
		}
		if most := int64(dear(len(data))); r.bytes > most {
			t.Errorf("%d bytes read of %d, at most %d", r.bytes, len(data), most)
		}
		if used := s.spool.Size(); used > scarce.Spool {
			t.Errorf("%d bytes in the spool", used)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%d files left, %v", len(left), err)
		}
	})
}

// dear is what a file may cost in all: readers' buffers and a window for each
// of a bounded number of members and streams.
func dear(n int) uint64 { return 16<<20 + 2048*uint64(n) }

// expected reports an error that is no fault.
func expected(t *testing.T, err error) {
	t.Helper()
	if e := (*fault.Error)(nil); err != nil && (!errors.As(err, &e) || len(err.Error()) > 2000) {
		t.Fatalf("%T: %.200q", err, err.Error())
	}
}

// places declares one storage to a stream's calculator, and finds it.
func places(t *testing.T, s *Source, st Stream, d Declared) {
	t.Helper()
	places := s.NewStorages(st)
	if err := places.Declare(d); err != nil {
		expected(t, err)
		return
	}
	if s.Format == TorchLegacy {
		keys := []string{d.Key}
		if d.Numel%3 == 0 {
			keys = append(keys, d.Key, "other") // twice, and undeclared
		}
		end, err := places.Keys(keys)
		expected(t, err)
		if end < s.DataStart || (err == nil && end > s.base.Len) {
			t.Fatalf("storages from %d to %d in %d bytes: %v", s.DataStart, end, s.base.Len, err)
		}
	}
	e, err := places.Extent(d.Key)
	if err != nil {
		expected(t, err)
		return
	}
	room := s.base.Len
	if e.Space == InSpool {
		room = s.spool.Size()
	}
	if want := d.ElemSize * d.Numel; e.Len != want || e.Off < 0 || e.Off > room || e.Len > room-e.Off {
		t.Fatalf("storage %+v is %+v in %d bytes", d, e, room)
	}
}

// FuzzInflatesAsTheStandardLibrary has this property: a deflated member has the
// bytes that the standard library's inflater finds, if those are as many as it
// declares; else it is malformed. What remains behind the end of the compressed
// data is unaccounted for, unless it is zeros.
func FuzzInflatesAsTheStandardLibrary(f *testing.F) {
	for _, s := range []string{"", "a", "abcabcabcabc", strings.Repeat("\x00", 5000), strings.Repeat("pickle ", 99)} {
		f.Add([]byte(deflate(s)), uint32(len(s)))
		f.Add([]byte(deflate(s)+"xyz"), uint32(len(s)))
		f.Add([]byte(deflate(s)+"\x00\x00"), uint32(len(s)))
		f.Add([]byte(deflate(s))[1:], uint32(len(s)))
		f.Add([]byte(deflate(s)), uint32(len(s)+1))
	}
	f.Add([]byte("\x01\x03\x00\xfc\xffabc"), uint32(3)) // stored
	f.Add([]byte("\x4b\x4c\x4a\x06\x00"), uint32(3))    // fixed codes
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, raw []byte, size uint32) {
		if len(raw) == 0 || len(raw) > 1<<16 {
			return
		}
		size %= 1 << 20
		e := entry{name: "m/data/1", data: string(raw)}
		e.header = func(b []byte) {
			le.PutUint16(b[8:], methodDeflate)
			le.PutUint32(b[14:], 0) // its CRC was not recorded
			le.PutUint32(b[22:], size)
		}
		e.entry = func(b []byte) {
			le.PutUint16(b[10:], methodDeflate)
			le.PutUint32(b[16:], 0)
			le.PutUint32(b[24:], size)
		}
		file := checkpoint(e).bytes()
		s, err := Open(strings.NewReader(file), int64(len(file)), Options{TempDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		m := &s.Members[len(s.Members)-1]
		in := bytes.NewReader(raw)
		want, bad := io.ReadAll(io.LimitReader(flate.NewReader(in), int64(size)+1))
		before := len(s.Unaccounted)
		got, err := s.Payload(m)
		if bad != nil || len(want) != int(size) {
			if k := kindOf(err); k != fault.Malformed.String() {
				t.Fatalf("the standard library: %d bytes of %d, %v; ours: %v", len(want), size, bad, err)
			}
			return
		}
		if err != nil {
			t.Fatalf("the standard library finds %d bytes; ours: %v", size, err)
		}
		if !bytes.Equal(want, []byte(content(t, s, got))) {
			t.Fatalf("%d bytes, and others than the standard library finds", got.Len)
		}
		rest := bytes.TrimLeft(raw[len(raw)-in.Len():], "\x00")
		if (len(rest) > 0) != (len(s.Unaccounted) > before) {
			t.Fatalf("%d bytes remain, %d ranges are unaccounted for", len(rest), len(s.Unaccounted)-before)
		}
	})
}
