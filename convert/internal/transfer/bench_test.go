package transfer

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
	"path/filepath"
	"testing"

	"depickle/scan/tensor"
)

// benchSource is a file of n bytes that is in the system's cache.
func benchSource(b *testing.B, n int64) Source {
	f, err := os.Create(filepath.Join(b.TempDir(), "source"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	p := make([]byte, 1<<20)
	for i := range p {
		p[i] = byte(i * 131 >> 3)
	}
	for at := int64(0); at < n; at += int64(len(p)) {
		if _, err := f.WriteAt(p[:min(n-at, int64(len(p)))], at); err != nil {
			b.Fatal(err)
		}
	}
	return Source{R: f, Len: n}
}

// rewriter writes to the same file again and again, so that its pages are
// there from the second round on.
type rewriter struct {
	f  *os.File
	at int64
}

func (r *rewriter) Write(p []byte) (int, error) {
	n, err := r.f.WriteAt(p, r.at)
	r.at += int64(n)
	return n, err
}

var benchLayouts = []struct {
	name  string
	bytes int64 // of the storage
	l     Layout
}{
	{"contiguous", 256 << 20, Layout{Size: 4, Geometry: geometry(0, dims(8192, 8192), dims(8192, 1))}},
	{"contiguous-swapped", 256 << 20, Layout{Size: 4, Swap: 4, Geometry: geometry(0, dims(8192, 8192), dims(8192, 1))}},
	{"contiguous-negative", 256 << 20, Layout{Size: 4, Neg: true, SignUnit: 4, Geometry: geometry(0, dims(8192, 8192), dims(8192, 1))}},
	{"transposed-f32", 256 << 20, Layout{Size: 4, Geometry: geometry(0, dims(8192, 8192), dims(1, 8192))}},
	{"transposed-f16", 128 << 20, Layout{Size: 2, Geometry: geometry(0, dims(8192, 8192), dims(1, 8192))}},
	{"transposed-f32-4096", 64 << 20, Layout{Size: 4, Geometry: geometry(0, dims(4096, 4096), dims(1, 4096))}},
	{"transposed-embedding", 250 << 20, Layout{Size: 2, Geometry: geometry(0, dims(4096, 32000), dims(1, 4096))}},
	{"transposed-embedding2", 250 << 20, Layout{Size: 2, Geometry: geometry(0, dims(32000, 4096), dims(1, 32000))}},
	{"conv-OHWI-to-OIHW", 144 << 20, Layout{Size: 4, Geometry: geometry(0, dims(2048, 2048, 3, 3), dims(18432, 1, 6144, 2048))}},
	{"conv-NHWC-to-NCHW", 128 << 20, Layout{Size: 4, Geometry: geometry(0, dims(16, 512, 64, 64), dims(2097152, 1, 32768, 512))}},
	{"planar-to-interleaved", 192 << 20, Layout{Size: 4, Geometry: geometry(0, dims(16<<20, 3), dims(1, 16<<20))}},
	{"interleaved-to-planar", 192 << 20, Layout{Size: 4, Geometry: geometry(0, dims(3, 16<<20), dims(1, 3))}},
	{"heads", 128 << 20, Layout{Size: 2, Geometry: geometry(0, dims(32, 16384, 128), dims(128, 4096, 1))}},
	{"reversed", 256 << 20, Layout{Size: 4, Geometry: geometry(0, dims(256, 512, 512), dims(1, 256, 131072))}},
	{"expanded-rows", 1 << 20, Layout{Size: 4, Geometry: geometry(0, dims(256, 262144), dims(0, 1))}},
	{"expanded-columns", 1 << 20, Layout{Size: 4, Geometry: geometry(0, dims(262144, 256), dims(1, 0))}},
	{"sliced-every-2nd", 256 << 20, Layout{Size: 4, Geometry: geometry(0, dims(8192, 4096), dims(8192, 2))}},
	{"sliced-narrow", 256 << 20, Layout{Size: 4, Geometry: geometry(0, dims(8192, 2048), dims(8192, 1))}},
	{"sliced-3-of-4", 256 << 20, Layout{Size: 4, Geometry: geometry(0, dims(16<<20, 3), dims(4, 1))}},
}

func BenchmarkCopy(b *testing.B) {
	for _, bench := range benchLayouts {
		b.Run(bench.name, func(b *testing.B) {
			src := benchSource(b, bench.bytes)
			f, err := os.Create(filepath.Join(b.TempDir(), "output"))
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			sinks := []struct {
				name string
				w    func() io.Writer
			}{
				{"discard", func() io.Writer { return io.Discard }},
				{"file", func() io.Writer { return &rewriter{f: f} }},
				{"sha256", func() io.Writer { return sha256.New() }},
			}
			for _, sink := range sinks {
				b.Run(sink.name, func(b *testing.B) {
					n, err := bench.l.Bytes(src)
					if err != nil {
						b.Fatal(err)
					}
					b.SetBytes(n)
					var c Copier
					for b.Loop() {
						if err := c.Copy(context.Background(), sink.w(), src, bench.l); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}

// benchOutput is a layout with its source, its output and the output's size.
func benchOutput(b *testing.B, bytes int64, l Layout) (Source, *os.File, int64) {
	src := benchSource(b, bytes)
	f, err := os.Create(filepath.Join(b.TempDir(), "output"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	if err := new(Copier).CopyAt(context.Background(), f, 0, src, l); err != nil {
		b.Fatal(err)
	}
	n, err := l.Bytes(src)
	if err != nil {
		b.Fatal(err)
	}
	return src, f, n
}

func BenchmarkCopyAt(b *testing.B) {
	for _, bench := range benchLayouts {
		b.Run(bench.name, func(b *testing.B) {
			src, f, n := benchOutput(b, bench.bytes, bench.l)
			b.SetBytes(n)
			var c Copier
			for b.Loop() {
				if err := c.CopyAt(context.Background(), f, 0, src, bench.l); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	for _, bench := range benchLayouts {
		b.Run(bench.name, func(b *testing.B) {
			src, f, n := benchOutput(b, bench.bytes, bench.l)
			b.SetBytes(n)
			for b.Loop() {
				if diff, err := Check(context.Background(), f, 0, src, bench.l); diff != Same || err != nil {
					b.Fatal(diff, err)
				}
			}
		})
	}
}

func BenchmarkNaive(b *testing.B) {
	for _, bench := range benchLayouts {
		b.Run(bench.name, func(b *testing.B) {
			src := benchSource(b, bench.bytes)
			n, err := bench.l.Bytes(src)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(n)
			for b.Loop() {
				if _, err := io.Copy(io.Discard, NewNaive(src, bench.l)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkHash(b *testing.B) {
	src := benchSource(b, 256<<20)
	buf := make([]byte, 1<<20)
	b.SetBytes(src.Len)
	for b.Loop() {
		if _, err := Hash(context.Background(), src.R, src.Off, src.Len, buf); err != nil {
			b.Fatal(err)
		}
	}
}

func dims(n ...int64) []int64 { return n }

func geometry(offset int64, shape, stride []int64) tensor.Geometry {
	return tensor.Geometry{Offset: offset, Shape: shape, Stride: stride}
}
