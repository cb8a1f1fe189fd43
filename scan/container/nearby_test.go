package container

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
)

// TestNearby: what it reads is what stands there, in any order of places.
func TestNearby(t *testing.T) {
	data := make([]byte, 1<<20)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	r := &counting{r: bytes.NewReader(data)}
	n := &nearby{r: r}
	check := func(off int64, size int) {
		t.Helper()
		p := make([]byte, size)
		k, err := n.ReadAt(p, off)
		want := data[min(off, int64(len(data))):min(off+int64(size), int64(len(data)))]
		if !bytes.Equal(p[:k], want) || (k < size) != (err == io.EOF) {
			t.Fatalf("at %d: %d of %d bytes, %v", off, k, size, err)
		}
	}
	for off := int64(0); off < int64(len(data)); off += 300 {
		check(off, 6)
	}
	if r.bytes > 2<<20 {
		t.Errorf("%d bytes read of %d", r.bytes, len(data))
	}
	for range 10_000 {
		check(rng.Int64N(int64(len(data))+10), rng.IntN(20))
	}
	check(0, 6)
	check(int64(len(data))-3, 6)
	check(int64(len(data))+3, 6)
}
