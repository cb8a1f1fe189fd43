package opcode

import (
	"errors"
	"io"
	"math"
	"runtime"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// sparse is a file that is longer than its bytes: zeros follow them. It counts
// what is read.
type sparse struct {
	head  []byte
	end   int64
	reads int64
}

func (s *sparse) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= s.end {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), s.end-off))
	clear(p[:n])
	if off < int64(len(s.head)) {
		copy(p[:n], s.head[off:])
	}
	s.reads += int64(n)
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// FuzzDecoderNeverPanicsNorOverallocates has this property, for any bytes and
// any length that the file may claim to have behind them: nothing panics, and
// decoding costs no more than
//   - in bytes read, some windows, two for each opcode that jumps over a
//     payload, and what it looks through for the ends of lines;
//   - in memory, see frugal: whatever the lengths say;
//   - in what is kept of each opcode, a window of data, a line of a name or
//     number, an integer of as many bytes, and notes of a bounded length.
func FuzzDecoderNeverPanicsNorOverallocates(f *testing.F) {
	for _, c := range one {
		f.Add([]byte(c.in+"."), int64(0), uint16(0))
	}
	for _, s := range []string{
		"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f", "B\xff\xff\xff\x7f", "B\xff\xff\xff\xff",
		"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f", "\x8b\xff\xff\xff\x7f", "\x8b\x00\x00\x10\x00", "X\x00\x00\x01\x00", "C\xff",
	} {
		f.Add([]byte(s), int64(0), uint16(0))
		f.Add([]byte(s), int64(1<<20), uint16(16))
		f.Add([]byte(s), int64(math.MaxInt64), uint16(16))
	}
	for _, s := range []string{"V", "I", "c", "S'", "L", "F", "p"} {
		f.Add([]byte(s), int64(1<<22), uint16(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, more int64, text uint16) {
		end, ok := limit.Add(int64(len(data)), max(more, 0)%(1<<24))
		if !ok {
			t.Skip()
		}
		l := limit.Limits{Text: int64(text)}
		r := &sparse{head: data, end: end}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		ops, scanned := bounded(t, r, l)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > frugal(len(data), ops) {
			t.Errorf("%d bytes allocated for %d opcodes of %d bytes", used, ops, len(data))
		}
		if most := 2*inline*(ops+2) + 2*scanned; r.reads > most {
			t.Errorf("%d bytes read for %d opcodes, at most %d", r.reads, ops, most)
		}
	})
}

// frugal is what decoding may allocate in all: the window and the table of
// names, 4 times the input for integers and names, and a note for each opcode.
func frugal(n int, ops int64) uint64 { return 512<<10 + 4*uint64(n) + 512*uint64(ops) }

// bounded decodes a file, and returns how many opcodes it has, at most 10,000,
// and the bytes of its lines.
func bounded(t *testing.T, r *sparse, l limit.Limits) (ops, lines int64) {
	d := NewDecoder(r, 0, r.end, l)
	var op Op
	for op.Code != Stop && ops < 10_000 {
		ops++
		err := d.Next(&op)
		if e := (*fault.Error)(nil); err != nil && (!errors.As(err, &e) || len(err.Error()) > 1000) {
			t.Fatalf("error %T of %d bytes", err, len(err.Error()))
		}
		if err != nil {
			return ops, lines + r.end - d.Offset() // a line that has no end
		}
		if len(op.Data) > inline || len(op.Note) > 1000 || len(op.Frame) > 1000 {
			t.Fatalf("%s keeps %d bytes, notes %d and %d", op.Code, len(op.Data), len(op.Note), len(op.Frame))
		}
		if len(op.Module)+len(op.Name) > inline || (op.Big != nil && op.Big.BitLen() > 8*maxLong) {
			t.Fatalf("%s keeps a name of %d bytes, or an integer beyond %d", op.Code, len(op.Module)+len(op.Name), maxLong)
		}
		switch op.Code {
		case String, Unicode, Global, Inst, Int, Long, Float, Get, Put, PersID:
			lines += op.End - op.Offset
		}
	}
	return ops, lines
}
