package convert

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"depickle/convert/internal/crew"
	"depickle/convert/internal/fsx"
	"depickle/scan"
	"depickle/scan/container"
)

// benchInput is the checkpoint that DEPICKLE_BENCH_INPUT names, or a fixture.
func benchInput() string {
	if path := os.Getenv("DEPICKLE_BENCH_INPUT"); path != "" {
		return path
	}
	return filepath.Join("..", "testdata", "checkpoints", "tiny.pt")
}

// BenchmarkCopyAlone is a conversion without hashing and comparison, from
// opening the source to the last byte of the output: what other converters
// do. DEPICKLE_BENCH_OUTPUT is the folder to write into, DEPICKLE_BENCH_ROOT
// the root.
func BenchmarkCopyAlone(b *testing.B) {
	dir := os.Getenv("DEPICKLE_BENCH_OUTPUT")
	if dir == "" {
		dir = b.TempDir()
	}
	for b.Loop() {
		copyAlone(b, filepath.Join(dir, "out.safetensors"))
	}
}

func copyAlone(b *testing.B, to string) {
	ctx := context.Background()
	in, err := Open(benchInput(), container.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer in.Close()
	_, c, err := scan.Scan(ctx, in.Source, scan.Options{})
	if err != nil {
		b.Fatal(err)
	}
	j, err := prepare(ctx, c, Options{Name: in.Name, Root: os.Getenv("DEPICKLE_BENCH_ROOT")})
	if err != nil {
		b.Fatal(err)
	}
	g := fsx.NewGroup(fsx.None)
	defer g.Close()
	out, err := g.Create(to, false)
	if err != nil {
		b.Fatal(err)
	}
	defer out.Discard()
	if err := out.Reserve(j.header.FileBytes()); err != nil {
		b.Fatal(err)
	}
	k := j.newCopying(out)
	k.bare = true
	if err := crew.Spread(ctx, k.run); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(j.header.FileBytes())
}
