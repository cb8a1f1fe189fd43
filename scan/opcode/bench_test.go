package opcode

import (
	"strings"
	"testing"

	"depickle/scan/limit"
)

// BenchmarkDecode reads a million opcodes, as torch and picklers of protocol 4
// write them, and as protocol 0 does.
func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, unit string }{
		{"torch", "X\x08\x00\x00\x00l.weightq\x01h\x02((h\x03h\x04K\x06tq\x07QK\x00K\x02\x86"},
		{"protocol 4", "\x8c\x0elayer.00000001\x94J\x01\x00\x00\x00"},
		{"protocol 0", "Vlayer\np1\nI12345\ncos\npath\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			ops := 0
			var op Op
			d := NewDecoder(strings.NewReader(c.unit), 0, int64(len(c.unit)), limit.Limits{})
			for d.Next(&op) == nil {
				ops++
			}
			data := strings.Repeat(c.unit, 1_000_000/ops) + "."
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				d := NewDecoder(strings.NewReader(data), 0, int64(len(data)), limit.Limits{})
				for op.Code = 0; op.Code != Stop; {
					if err := d.Next(&op); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
