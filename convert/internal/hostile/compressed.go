package hostile

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"strings"
)

// compressed are files around a pickle that lie about what they hold. Nothing
// of them is converted; a scan opens them.
func compressed() []Vector {
	zip := func(data string) string {
		var out bytes.Buffer
		w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
		_, _ = io.WriteString(w, data)
		_ = w.Close()
		return out.String()
	}
	whole := zip(proto2("N"))
	return []Vector{
		late("compressed-pickle", "a pickle in gzip", "decompress it first", held(whole)),
		failed("compressed-cut", "the same, cut off", "decompress it first", held(whole[:len(whole)-6])),
		failed("compressed-behind", "the same, with bytes behind it", "decompress it first", held(whole+"more")),
		refused("compressed-payload", "a pickle that calls, in gzip", "os.system", held(zip(evil))),
		refused("compressed-payload-cut", "the same, cut off behind the call", "os.system", held(cut(zip(strings.TrimSuffix(evil, ".")+strings.Repeat("N0", 40_000))))),
		failed("compressed-bomb", "a gibibyte of zeros in a megabyte, a gzip member for each of it", "decompress it first", func() Data { return Data{{zip(strings.Repeat("\x00", 1<<20)), 1024}} }),
		failed("compressed-deep", "gzip in gzip, ten deep", "decompress it first", func() Data {
			data := proto2("N")
			for range 10 {
				data = zip(data)
			}
			return bytesOf(data)
		}),
		failed("tar-cut", "a tar archive without an end", "unpack it", held(tarOf("a.pkl", proto2("N"))[:1024])),
		late("tar-pickle", "a pickle in a tar archive", "unpack it", held(tarOf("a.pkl", proto2("N")))),
		refused("tar-payload", "one that calls", "os.system", held(tarOf("notes.txt", evil))),
	}
}

func held(data string) func() Data { return func() Data { return bytesOf(data) } }

// evil is a pickle that would run a command.
var evil = "\x80\x02cos\nsystem\n(X\x04\x00\x00\x00truetR."

func cut(data string) string { return data[:len(data)*3/4] }

func tarOf(name, data string) string {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	_ = w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data))})
	_, _ = io.WriteString(w, data)
	_ = w.Close()
	return out.String()
}
