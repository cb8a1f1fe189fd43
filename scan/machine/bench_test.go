package machine

import (
	"io"
	"strings"
	"testing"

	"depickle/scan/limit"
)

func benchmark(b *testing.B, data string) {
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		m, err := open(b, data, limit.Limits{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := m.Step(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkDict runs a dict of a million keys.
func BenchmarkDict(b *testing.B) { benchmark(b, dict(1_000_000)) }

// BenchmarkStateDict runs what torch writes of 20,000 tensors.
func BenchmarkStateDict(b *testing.B) {
	one := "X\x08\x00\x00\x00l.weightq\x01h\x02((h\x03h\x04X\x01\x00\x00\x000q\x05h\x06K\x06tq\x07QK\x00K\x02K\x03\x86q\x08K\x03K\x01\x86q\x09\x89h\x0a)Rq\x0btq\x0cRq\x0d"
	data := "\x80\x02X\x07\x00\x00\x00storageq\x03ctorch\nFloatStorage\nq\x04X\x03\x00\x00\x00cpuq\x06ctorch._utils\n_rebuild_tensor_v2\nq\x02ccollections\nOrderedDict\nq\x0a)R(" +
		strings.Repeat(one, 20_000) + "u."
	benchmark(b, data)
}
