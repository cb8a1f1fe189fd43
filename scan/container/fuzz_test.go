package container

import (
	"bytes"
	"errors"
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
