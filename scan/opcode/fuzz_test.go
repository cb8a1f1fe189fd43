package opcode

import (
	"bytes"
	"io"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// FuzzDecode keeps these properties of any bytes:
//   - nothing panics, and errors are faults, never io.EOF;
//   - opcodes adjoin: each begins where the last one ended, and is not empty;
//   - payloads lie inside of their opcode;
//   - an error stands in the data, and comes again;
//   - memory is bounded: see budget;
//   - where the window ends makes no difference.
func FuzzDecode(f *testing.F) {
	for _, c := range one {
		f.Add([]byte(c.in+"."), uint16(len(c.in)/2))
	}
	f.Add([]byte(frameOf(3)+"C\x09"), uint16(2))
	f.Fuzz(func(t *testing.T, data []byte, at uint16) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		whole := walk(t, data, 0)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > budget(len(data)) {
			t.Errorf("%d bytes allocated for %d", used, len(data))
		}
		// The same behind a payload that moves the end of the window to at.
		pad := int64(inline) - int64(at)%inline
		if pad <= 5 {
			return
		}
		padded := append([]byte{'B', byte(pad - 5), byte((pad - 5) >> 8), 0, 0}, make([]byte, pad-5)...)
		shifted := walk(t, append(padded, data...), pad)
		if len(whole) != len(shifted) {
			t.Fatalf("%d opcodes, %d with the window elsewhere", len(whole), len(shifted))
		}
		for i := range whole {
			if whole[i] != shifted[i] {
				t.Fatalf("%s, with the window elsewhere %s", whole[i], shifted[i])
			}
		}
	})
}

// budget is what decoding may allocate in all: the window, and what notes and
// integers cost beside the bytes they stand for.
func budget(n int) uint64 { return 1<<20 + 1024*uint64(n) }

// walk decodes data and describes each opcode, and the error at the end, with
// offsets counted from base on.
func walk(t *testing.T, data []byte, base int64) []string {
	d := NewDecoder(bytes.NewReader(data), 0, int64(len(data)), limit.Limits{})
	var out []string
	var op Op
	for op.Code != Stop {
		at := d.Offset()
		if err := d.Next(&op); err != nil {
			e, ok := err.(*fault.Error)
			if !ok || e.Offset < at || e.Offset > int64(len(data)) {
				t.Fatalf("%T %v", err, err)
			}
			if again := d.Next(&op); again == nil || again.Error() != err.Error() {
				t.Fatalf("%v, then %v", err, again)
			}
			return append(out, strings.ReplaceAll(e.Text, "\n", " "))
		}
		if op.Offset != at || op.End <= at || op.End > int64(len(data)) || d.Offset() != op.End {
			t.Fatalf("%s from %d to %d, at %d of %d", op.Code, op.Offset, op.End, at, len(data))
		}
		if p := op.Payload; p.Len > 0 && (p.Off <= op.Offset || p.Off+p.Len > op.End) {
			t.Fatalf("%s from %d to %d has payload %v", op.Code, op.Offset, op.End, p)
		}
		if p := op.Payload; p.Len <= inline && p.Off > 0 && !bytes.Equal(op.Data, data[p.Off:p.Off+p.Len]) {
			t.Fatalf("%s shows other data than stands at %v", op.Code, p)
		}
		if op.Offset >= base {
			out = append(out, describe(op, base))
		}
	}
	return out
}

func describe(op Op, base int64) string {
	var b bytes.Buffer
	b.WriteString(op.Code.String())
	for _, n := range []int64{op.Offset - base, op.End - base, op.Int, op.Payload.Len, int64(math.Float64bits(op.Float))} {
		b.WriteByte(' ')
		b.WriteString(strconv.FormatInt(n, 10))
	}
	if op.Big != nil {
		b.WriteString(op.Big.Text(16))
	}
	b.WriteString(op.Module + op.Name + op.Note + op.Frame)
	b.Write(op.Data)
	return b.String()
}

// FuzzText keeps these properties of any payload: Text and TextReader agree,
// however the reader cuts the payload; what comes out is UTF-8 with
// surrogates where it is text.
func FuzzText(f *testing.F) {
	for _, s := range []string{`'a\x41\101\'`, `\u20ac\U0001f600\\u0041`, "é\xed\xa0\x80", `"\`} {
		for _, c := range []Code{String, Unicode, BinUnicode} {
			f.Add(byte(c), []byte(s), uint8(3))
		}
	}
	f.Fuzz(func(t *testing.T, code byte, raw []byte, step uint8) {
		c := Code(code)
		s, err := Text(c, raw)
		r := TextReader(c, &stepper{raw, int(step)%7 + 1})
		b, rerr := io.ReadAll(r)
		if (err == nil) != (rerr == nil) || (err == nil && string(b) != s) {
			t.Fatalf("%s %q: Text %q %v, TextReader %q %v", c, raw, s, err, b, rerr)
		}
		if err != nil && err.Error() != rerr.Error() {
			t.Fatalf("%s %q: Text %v, TextReader %v", c, raw, err, rerr)
		}
		if n, ok := surrogatepass([]byte(s), true); (c == Unicode || c == BinUnicode) && (!ok || n < len(s)) {
			t.Fatalf("%s %q gives %q", c, raw, s)
		}
	})
}

// stepper reads at most n bytes at once.
type stepper struct {
	b []byte
	n int
}

func (s *stepper) Read(p []byte) (int, error) {
	if len(s.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.b[:min(s.n, len(s.b))])
	s.b = s.b[n:]
	return n, nil
}
