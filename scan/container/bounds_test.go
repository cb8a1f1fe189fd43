package container

import (
	"bytes"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"

	"depickle/scan/limit"
)

// counting counts what is read.
type counting struct {
	r     io.ReaderAt
	bytes int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.bytes += int64(n)
	return n, err
}

// cost is what opening a file takes: bytes read and allocated.
func cost(t *testing.T, r io.ReaderAt, size int64) (s *Source, read int64, allocated uint64) {
	t.Helper()
	c := &counting{r: r}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s, err := Open(c, size, Options{TempDir: t.TempDir()})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, c.bytes, after.TotalAlloc - before.TotalAlloc
}

// TestCost: what a file costs is bounded by its size, whatever it says.
func TestCost(t *testing.T) {
	long := strings.Repeat("n", 60_000)
	shared := archive{entries: []entry{{name: "m", local: long, data: "x"}}}
	for range 3000 {
		shared.entries = append(shared.entries, entry{name: "m", same: new(int)})
	}
	prefix := archive{entries: []entry{{name: long + "/data.pkl", data: "N."}}}
	for range 3000 {
		prefix.entries = append(prefix.entries, entry{name: "x"})
	}
	bombs := archive{entries: []entry{{name: "m/data.pkl", data: "N."}}}
	for range 500 {
		bombs.entries = append(bombs.entries, entry{name: "m/x.pkl", data: "N", deflated: true, entry: put32(24, 1<<31-1)})
	}
	huge := archive{entries: checkpoint().entries, zip64: true, end64: put64(32, math.MaxInt64)}
	for _, c := range []struct {
		name, data      string
		read, allocated float64 // times the size, above 1 MiB
	}{
		{"a pickle in every second byte", strings.Repeat("N.", 50_000), 2600, 4000},
		{"lines without end", "V" + strings.Repeat("a", 1<<20), 4, 8},
		{"many lines", strings.Repeat("I1\n0", 1<<18) + ".", 4, 8},
		{"a header for a thousand names", shared.bytes(), 100, 200},
		{"a long prefix", prefix.bytes(), 100, 200},
		{"bombs", bombs.bytes(), 200, 2000},
		{"a huge count", huge.bytes(), 4, 8},
		{"zeros behind a pickle", "N." + strings.Repeat("\x00", 4<<20), 4, 8},
		{"zeros between members", with(2, func(e *entry) { e.lead = strings.Repeat("\x00", 4<<20) }).bytes(), 4, 8},
	} {
		_, read, allocated := cost(t, strings.NewReader(c.data), int64(len(c.data)))
		size := float64(len(c.data))
		if over := float64(read) - 1<<20; over > c.read*size {
			t.Errorf("%s: %d bytes read of %d", c.name, read, len(c.data))
		}
		if over := float64(allocated) - 1<<20; over > c.allocated*size {
			t.Errorf("%s: %d bytes allocated of %d", c.name, allocated, len(c.data))
		}
		t.Logf("%s: %.1f times read, %.1f times allocated", c.name, float64(read)/size, float64(allocated)/size)
	}
}

// TestSparse: a file of many gigabytes that holds nothing costs little. Its
// claims reach far, and its bytes are zeros.
func TestSparse(t *testing.T) {
	size := int64(1 << 35)
	for _, head := range []string{
		"\x80\x04\x8e" + string(le.AppendUint64(nil, 1<<39)) + "B" + string(le.AppendUint32(nil, math.MaxUint32)) + "X" + string(le.AppendUint32(nil, math.MaxUint32)),
		"T" + string(le.AppendUint32(nil, math.MaxUint32)),
		"GGUF",
		"PK\x03\x04",
		"\x08\x00\x00\x00\x00\x00\x00\x00{",
	} {
		s, read, allocated := cost(t, hole{head}, size)
		if read > 4<<20 || allocated > 8<<20 {
			t.Errorf("%q: %d bytes read, %d allocated: %s", head, read, allocated, s.Format)
		}
		for _, st := range s.Streams {
			if st.Err == nil && st.Role != Guess {
				t.Errorf("%q: a stream of %d bytes", head, st.Extent.Len)
			}
		}
	}
}

// hole is a file of zeros behind some bytes.
type hole struct{ head string }

func (h hole) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	if off < int64(len(h.head)) {
		copy(p, h.head[off:])
	}
	return len(p), nil
}

// FuzzOpen has these properties, for any bytes:
//   - Open never fails, since its reader does not, and never panics;
//   - what it allocates is bounded by the size of the input;
//   - extents lie inside the file or the spool;
//   - the oddities are few;
//   - opening it again gives the same;
//   - a Witness of a file that did not change says so.
func FuzzOpen(f *testing.F) {
	pickles, data := legacy()
	f.Add([]byte(pickles + data))
	f.Add([]byte(checkpoint(entry{name: "m/x.pkl", data: "N.", deflated: true, desc: 24}).bytes()))
	f.Add([]byte(archive{entries: checkpoint().entries, zip64: true, comment: "c"}.bytes()))
	f.Add([]byte("N.N."))
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	dir := f.TempDir()
	open := func(t *testing.T, b []byte) *Source {
		l := limit.Limits{Spool: 1 << 20, Directory: 1 << 20, Members: 1000}
		s, err := Open(bytes.NewReader(b), int64(len(b)), Options{Limits: l, TempDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s := open(t, b)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 8<<20+uint64(len(b))*4096 {
			t.Fatalf("%d bytes allocated for %d", got, len(b))
		}
		if len(s.Oddities) > 2000 {
			t.Fatalf("%d oddities", len(s.Oddities))
		}
		inside := func(e Extent) {
			t.Helper()
			end := int64(len(b))
			if e.Space == InSpool {
				end = s.spool.Size()
			}
			if e.Off < 0 || e.Len < 0 || e.Off > end || e.Len > end-e.Off {
				t.Fatalf("extent %+v in %d bytes", e, end)
			}
		}
		for _, st := range s.Streams {
			inside(st.Extent)
			if st.Err != nil && kindOf(st.Err) == "error" {
				t.Fatalf("stream: %v", st.Err)
			}
		}
		for _, e := range s.Unaccounted {
			inside(e)
		}
		for i := range s.Members {
			if e, err := s.Payload(&s.Members[i]); err == nil {
				inside(e)
			} else if kindOf(err) == "error" {
				t.Fatalf("payload: %v", err)
			}
		}
		again := open(t, b)
		if again.Format != s.Format || streams(again) != streams(s) || again.BigEndian != s.BigEndian {
			t.Fatalf("%s %s, then %s %s", s.Format, streams(s), again.Format, streams(again))
		}
		w := s.Witness()
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
