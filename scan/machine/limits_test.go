package machine

import (
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

func TestLimits(t *testing.T) {
	long := strings.Repeat("n", 200)
	for _, c := range []struct {
		name string
		l    limit.Limits
		ok   string // within the bound
		bad  string // beyond it
	}{
		{"stack", limit.Limits{Stack: 3}, "NNN000N.", "NNNN000N."},
		{"marks", limit.Limits{Marks: 2}, "((00N.", "(((000N."},
		// Looked at when a quarter more were made than may be held.
		{"objects", limit.Limits{Objects: 4}, "]]]].", "]]]]]]]."},
		{"objects that go", limit.Limits{Objects: 4}, "]" + strings.Repeat("]0", 100) + "]]].", "]" + strings.Repeat("]0", 100) + "]]]]]]."},
		{"objects of a tuple", limit.Limits{Objects: 6}, "(NNNNNNNNNNNNt.", "(NNNNNNNNNNNNt(NNNNNNNNNNNNt."},
		{"objects in tuples", limit.Limits{Objects: 4}, "]]\x86.", "]\x85\x85\x85\x85\x85\x85."},
		{"objects of calls", limit.Limits{Objects: 9}, "ca\nb\n" + strings.Repeat(")R", 4) + ".", "ca\nb\n" + strings.Repeat(")R", 10) + "."},
		{"objects in the memo", limit.Limits{Objects: 4}, "]q\x000]q\x010h\x00h\x01.", "]q\x000]q\x010]q\x020]q\x030]q\x040]q\x050]q\x060h\x00h\x01h\x02h\x03h\x04h\x05h\x06."},
		{"objects of globals", limit.Limits{Objects: 2}, "ca\nb\nca\nb\n.", "ca\nb\nca\nb\nca\nb\nca\nb\n."},
		{"objects of big integers", limit.Limits{Objects: 2}, "\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01.", strings.Repeat("\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x00\x01", 4) + "."},
		{"slots fetched", limit.Limits{Memo: 2}, "Nq\x00q\x01h\x00h\x01.", "Nq\x00q\x01q\x02h\x00h\x01h\x02."},
		{"slots far out", limit.Limits{}, "N" + farPuts(1<<16) + ".", "N" + farPuts(1<<16+1) + "."},
		{"names", limit.Limits{Kept: 1000}, "ca\n" + long + "\n.", "ca\n" + strings.Repeat(long, 6) + "\n."},
		{"big integers", limit.Limits{Kept: 1000}, "\x8b\xe8\x03\x00\x00" + strings.Repeat("\x7f", 1000) + ".", "\x8b\xf8\x03\x00\x00" + strings.Repeat("\x7f", 1016) + "."},
	} {
		if err := run(t, c.ok, c.l, nil); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := run(t, c.bad, c.l, nil); kind(err) != fault.Limit {
			t.Errorf("%s: beyond the bound: %v", c.name, err)
		}
	}
}

// TestLongName: a name that is too long to be read is one that nobody knows.
func TestLongName(t *testing.T) {
	for n, opaque := range map[int]bool{1 << 16: false, 1<<16 + 1: true} {
		size := string(binary.LittleEndian.AppendUint32(nil, uint32(n)))
		seen := false
		err := run(t, "X"+size+strings.Repeat("a", n)+"\x8c\x01b\x93.", limit.Limits{}, func(m *Machine, ev *Event) {
			if ev.What == Found {
				seen = true
				if ev.Result.Node.Opaque != opaque {
					t.Errorf("%d bytes: opaque %v", n, !opaque)
				}
			}
		})
		if err != nil || !seen {
			t.Errorf("%d bytes: %v, reached %v", n, err, seen)
		}
	}
}

// farPuts stores n times far from all other slots.
func farPuts(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("r")
		b.Write(binary.LittleEndian.AppendUint32(nil, uint32(1<<31)+uint32(i)))
	}
	return b.String()
}

// TestText: text above Limits.Text is not read, and nor is what is no text.
func TestText(t *testing.T) {
	for _, c := range []struct {
		data string
		want string
		ok   bool
	}{
		{"X\x0a\x00\x00\x000123456789.", "0123456789", true},
		{"X\x0b\x00\x00\x000123456789a.", "", false},
		{"C\x01a.", "", false},
		{"N.", "", false},
	} {
		run(t, c.data, limit.Limits{Text: 10}, func(m *Machine, ev *Event) {
			if s, ok := m.Text(ev.Result); s != c.want || ok != c.ok {
				t.Errorf("%q: %q, %v", c.data, s, ok)
			}
			if s, ok := m.Text(ev.Result); s != c.want || ok != c.ok {
				t.Errorf("%q: %q, %v the second time", c.data, s, ok)
			}
		})
	}
}

// TestFailingReader: what Text cannot read ends the run, and is not taken for
// a text that does not decode.
func TestFailingReader(t *testing.T) {
	data := "X\x01\x00\x00\x00aq\x000B\x00\x00\x04\x00" + strings.Repeat("x", 256<<10) + "0h\x00."
	src, err := container.Open(strings.NewReader(data), int64(len(data)), container.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	m := New(src, src.Streams[0], 0)
	for {
		ev, err := m.Step()
		if err != nil {
			if err == io.EOF || kind(err) != fault.Changed {
				t.Errorf("ends with %v", err)
			}
			return
		}
		if ev.Op.Code == opcode.BinGet {
			// The file shrinks under the machine.
			m.dec = opcode.NewDecoder(strings.NewReader(""), int64(len(data))-1, int64(len(data)), limit.Limits{})
			if s, ok := m.Text(ev.Result); ok {
				t.Fatalf("read %q", s)
			}
		}
	}
}

// allocated is the bytes that f allocates, and live those that are left.
func allocated(f func() any) (total, live uint64) {
	var before, after, end runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	keep := f()
	runtime.ReadMemStats(&after)
	runtime.GC()
	runtime.ReadMemStats(&end)
	runtime.KeepAlive(keep)
	if end.HeapAlloc < before.HeapAlloc {
		return after.TotalAlloc - before.TotalAlloc, 0
	}
	return after.TotalAlloc - before.TotalAlloc, end.HeapAlloc - before.HeapAlloc
}

// dict is a pickle of n keys, each memoised and never fetched, as picklers
// write it.
func dict(n int) string {
	var b strings.Builder
	b.WriteString("\x80\x04}\x94")
	for i := 0; i < n; {
		b.WriteString("(")
		for j := 0; j < 1000 && i < n; j++ {
			key := fmt.Sprintf("layer.%08d", i)
			b.WriteByte(0x8c)
			b.WriteByte(byte(len(key)))
			b.WriteString(key + "\x94J")
			b.Write(binary.LittleEndian.AppendUint32(nil, uint32(i)))
			i++
		}
		b.WriteString("u")
	}
	b.WriteString(".")
	return b.String()
}

// TestNoKeyIsKept: memory does not grow with keys that nobody fetches.
func TestNoKeyIsKept(t *testing.T) {
	data := dict(300_000)
	m, err := open(t, data, limit.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, live := allocated(func() any {
		for {
			if _, err := m.Step(); err == io.EOF {
				return m
			} else if err != nil {
				t.Fatal(err)
			}
		}
	})
	// One bit per slot, a stack of 2,000 values, a window.
	if live > 1<<20 {
		t.Errorf("%d bytes are live", live)
	}
}

// TestHostileMemory: a short pickle costs little, whatever it says.
func TestHostileMemory(t *testing.T) {
	text := func(n int) string {
		return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(n))) + strings.Repeat("a", n)
	}
	var distinct strings.Builder
	distinct.WriteString("(")
	for i := range 300 {
		fmt.Fprintf(&distinct, "\x8c\xff%s%05dr%s", strings.Repeat("a", 250), i, binary.LittleEndian.AppendUint32(nil, uint32(i)))
	}
	for i := range 60_000 {
		fmt.Fprintf(&distinct, "j%sh\x00\x93", binary.LittleEndian.AppendUint32(nil, uint32(i%300)))
	}
	distinct.WriteString("t.")
	for _, c := range []struct {
		name, data string
		most       uint64
	}{
		{"long names by STACK_GLOBAL", text(60_000) + "q\x00" + strings.Repeat("h\x00h\x00\x93", 20_000) + ".", 16 << 20},
		{"many names by STACK_GLOBAL", distinct.String(), 64 << 20},
		{"slots far out", "Nr\xff\xff\xff\x03r\xff\xff\xff\x01r\xff\xff\xff\x00.", 1 << 20},
		{"slots that are never filled", strings.Repeat("j\xff\xff\xff\x03j\xff\xff\xff\x01", 1000) + ".", 1 << 20},
	} {
		_, live := allocated(func() any {
			m, err := open(t, c.data, limit.Limits{Kept: 4 << 20})
			if err != nil {
				t.Fatal(c.name, err)
			}
			for {
				if _, err := m.Step(); err != nil {
					return m
				}
			}
		})
		if live > c.most {
			t.Errorf("%s: %d bytes are live of a pickle of %d", c.name, live, len(c.data))
		}
	}
}

// TestRereads: texts that are fetched again and again end the run before they
// cost more than the file is worth.
func TestRereads(t *testing.T) {
	n := 1 << 20
	data := "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(n))) + strings.Repeat("a", n) + "q\x00(" + strings.Repeat("h\x00", 100_000) + "t."
	start := time.Now()
	reads := 0
	err := run(t, data, limit.Limits{}, func(m *Machine, ev *Event) {
		if ev.Op.Code == opcode.BinGet {
			if _, ok := m.Text(ev.Result); ok {
				reads++
			}
		}
	})
	if kind(err) != fault.Limit || reads > 100 {
		t.Errorf("read %d times in %v: %v", reads, time.Since(start), err)
	}
}

// TestOpaque: a tuple too long to keep has no items, but is a tuple.
func TestOpaque(t *testing.T) {
	for _, n := range []int{maxItems, maxItems + 1} {
		run(t, "("+strings.Repeat("N", n)+"t.", limit.Limits{}, func(_ *Machine, ev *Event) {
			if ev.What != Ended {
				return
			}
			items, ok := ev.Result.Tuple()
			if ev.Result.Kind != Tuple || ok != (n <= maxItems) || (ok && len(items) != n) {
				t.Errorf("%d items: %v, %d", n, ok, len(items))
			}
		})
	}
}
