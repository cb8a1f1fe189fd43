package opcode

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

func frameOf(n byte) string { return "\x95" + string([]byte{n, 0, 0, 0, 0, 0, 0, 0}) }

func TestFrames(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string // Frame of each opcode
	}{
		{"whole", "\x80\x04" + frameOf(2) + "N.", []string{"", "", "", ""}},
		{"empty", frameOf(0) + "N.", []string{"", "", ""}},
		{"two", frameOf(2) + "K\x01" + frameOf(1) + ".", []string{"", "", "", ""}},
		{"payload between frames", frameOf(1) + "N" + "C\x02ab" + frameOf(1) + ".", []string{"", "", "", "", ""}},
		{"argument crosses", frameOf(1) + "K\x01.", []string{"", crossesFrame, ""}},
		{"payload crosses", frameOf(3) + "C\x02ab.", []string{"", crossesFrame, ""}},
		{"line crosses", frameOf(2) + "I12\n.", []string{"", crossesFrame, ""}},
		{"frame in frame", frameOf(11) + "N" + frameOf(1) + "N.", []string{"", "", nestedFrame, "", ""}},
		{"frame crosses frame", frameOf(2) + frameOf(1) + "N.", []string{"", nestedFrame, "", ""}},
		{"stops early", frameOf(3) + "N.N", []string{"", "", stopsInFrame}},
	} {
		ops, err := decode([]byte(c.in))
		if err != nil || len(ops) != len(c.want) {
			t.Errorf("%s: %d opcodes, %v", c.name, len(ops), err)
			continue
		}
		for i, op := range ops {
			if op.Frame != c.want[i] {
				t.Errorf("%s: %s: %q, want %q", c.name, op.Code, op.Frame, c.want[i])
			}
		}
	}
}

func TestSkip(t *testing.T) {
	data := "N" + "raw." + frameOf(6) + "Nraw2."
	d := NewDecoder(strings.NewReader(data), 0, int64(len(data)), limit.Limits{})
	var op Op
	next := func(c Code, frame string) {
		t.Helper()
		if err := d.Next(&op); err != nil || op.Code != c || op.Frame != frame {
			t.Fatalf("%s %q %v, want %s %q", op.Code, op.Frame, err, c, frame)
		}
	}
	next(None, "")
	if err := d.Skip(4); err != nil || d.Offset() != 5 {
		t.Fatal(d.Offset(), err)
	}
	next(Frame, "")
	next(None, "")
	if err := d.Skip(0); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{-1, 6, 1 << 62} {
		if err := d.Skip(n); !fault.Is(err, fault.Malformed) {
			t.Errorf("Skip(%d): %v", n, err)
		}
	}
	if err := d.Skip(4); err != nil {
		t.Fatal(err)
	}
	next(Stop, rawInFrame)
}

// ReadAt gives the same bytes whether they are in the window or not.
func TestReadAt(t *testing.T) {
	data := make([]byte, 300_000)
	for i := range data {
		data[i] = byte(i % 251)
	}
	copy(data, "B\x00\x00\x04\x00")
	data[5+1<<18] = '.'
	d := NewDecoder(bytes.NewReader(data), 0, int64(len(data))-100, limit.Limits{})
	var op Op
	for op.Code != Stop {
		if err := d.Next(&op); err != nil {
			t.Fatal(err)
		}
		if op.Code == BinBytes && (op.Data != nil || op.Payload != Extent{5, 1 << 18}) {
			t.Fatalf("%v, %d bytes of data", op.Payload, len(op.Data))
		}
	}
	p := make([]byte, 50)
	for _, off := range []int64{0, 4, 70_000, 1 << 18, 299_850} {
		if n, err := d.ReadAt(p, off); n != len(p) || err != nil || !bytes.Equal(p, data[off:off+50]) {
			t.Errorf("at %d: %d %v", off, n, err)
		}
	}
	for _, c := range []struct {
		off int64
		n   int
	}{{299_899, 1}, {299_900, 0}, {-1, 0}, {1 << 62, 0}} {
		if n, err := d.ReadAt(p, c.off); n != c.n || err != io.EOF {
			t.Errorf("at %d: %d %v, want %d and EOF", c.off, n, err, c.n)
		}
	}
}

// shrunk is a file that lost its end after its size was taken.
type shrunk struct{ r *strings.Reader }

func (s shrunk) ReadAt(p []byte, off int64) (int, error) { return s.r.ReadAt(p, off) }

func TestShrunk(t *testing.T) {
	d := NewDecoder(shrunk{strings.NewReader("NN")}, 0, 5, limit.Limits{})
	var op Op
	if err := d.Next(&op); !fault.Is(err, fault.Changed) {
		t.Errorf("%v, want changed", err)
	}
}

// The decoder reads nothing outside of its range.
func TestRange(t *testing.T) {
	data := "...C\x05abcde."
	d := NewDecoder(strings.NewReader(data), 3, 9, limit.Limits{})
	var op Op
	if err := d.Next(&op); !fault.Is(err, fault.Malformed) || !strings.Contains(err.Error(), "5 bytes should follow, 4 are left") {
		t.Error(err)
	}
	for _, r := range [][2]int64{{5, 5}, {6, 5}, {-1, 5}, {1 << 62, 1 << 61}} {
		d := NewDecoder(strings.NewReader(data), r[0], r[1], limit.Limits{})
		if err := d.Next(&op); !fault.Is(err, fault.Malformed) {
			t.Errorf("%v: %v", r, err)
		}
	}
}

// Decoding a common opcode allocates nothing.
func TestAllocations(t *testing.T) {
	in := []byte("(K\x01J\x01\x00\x00\x00I42\nF1.25\np12\ng12\nctorch\nFloatStorage\nX\x03\x00\x00\x00abc.")
	r := bytes.NewReader(in)
	d := NewDecoder(r, 0, int64(len(in)), limit.Limits{})
	var op Op
	n := testing.AllocsPerRun(100, func() {
		d.off = 0
		for op.Code = None; op.Code != Stop; {
			if err := d.Next(&op); err != nil {
				t.Fatal(err)
			}
		}
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
