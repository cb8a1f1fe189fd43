package scan_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"depickle/scan"
	"depickle/scan/container"
)

// keysPickle is a dict of n keys, as protocol 2 writes it.
func keysPickle(n int) []byte {
	var b bytes.Buffer
	b.WriteString("\x80\x02}q\x00")
	for i := 0; i < n; i += 1000 {
		b.WriteString("(")
		for k := i; k < min(i+1000, n); k++ {
			fmt.Fprintf(&b, "%sr%s%s", str(fmt.Sprintf("some.key.%07d", k)), num(int32(k + 1))[1:], num(int32(k)))
		}
		b.WriteString("u")
	}
	b.WriteString(".")
	return b.Bytes()
}

// tensorsFile is a torch file of n tensors.
func tensorsFile(tb testing.TB, n int) []byte {
	var b strings.Builder
	members := []member{{}}
	b.WriteString("}(")
	for i := range n {
		key := fmt.Sprint(i)
		b.WriteString(str("layer." + key + ".weight"))
		b.WriteString(tensor(key, 4))
		members = append(members, member{"a/data/" + key, strings.Repeat("\x00", 16)})
	}
	members[0] = member{"a/data.pkl", proto2(b.String() + "u")}
	return archive(tb, members...)
}

func benchmarkScan(b *testing.B, file []byte) {
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		src, err := container.Open(bytes.NewReader(file), int64(len(file)), container.Options{})
		if err != nil {
			b.Fatal(err)
		}
		r, _, err := scan.Scan(context.Background(), src, scan.Options{})
		if err != nil || r.Verdict != scan.Clean {
			b.Fatal(r, err)
		}
		src.Close()
	}
}

func BenchmarkScanKeys(b *testing.B)    { benchmarkScan(b, keysPickle(1_000_000)) }
func BenchmarkScanTensors(b *testing.B) { benchmarkScan(b, tensorsFile(b, 20_000)) }
