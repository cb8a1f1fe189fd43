package transfer

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"testing"

	"depickle/convert/internal/raced"
)

// counter counts what is asked of a source.
type counter struct {
	r            io.ReaderAt
	calls, bytes int64
}

func (c *counter) ReadAt(p []byte, off int64) (int, error) {
	c.calls, c.bytes = c.calls+1, c.bytes+int64(len(p))
	return c.r.ReadAt(p, off)
}

// However the axes are turned, CopyAt and Check read the source about once and
// in pieces of a KiB or more. A stream in C order could not: bounded memory
// makes its pieces shorter, the larger the tensor is.
func TestReadsAreLinear(t *testing.T) {
	if raced.On {
		t.Skip("tens of MiB each; CI runs them without the race detector")
	}
	layouts := map[string]Layout{
		"square":   {Size: 4, Geometry: geometry(0, dims(4096, 4096), dims(1, 4096))},
		"wide":     {Size: 1, Geometry: geometry(0, dims(256, 1<<18), dims(1, 256))},
		"tall":     {Size: 1, Geometry: geometry(0, dims(1<<18, 256), dims(1, 1<<18))},
		"reversed": {Size: 2, Geometry: geometry(0, dims(256, 256, 512), dims(1, 256, 1<<16))},
	}
	const size = 64 << 20
	for name, l := range layouts {
		t.Run(name, func(t *testing.T) {
			n, err := l.Bytes(Source{R: zeros{}, Len: size})
			if err != nil {
				t.Fatal(err)
			}
			c := &counter{r: zeros{}}
			src := Source{R: c, Len: size}
			if err := new(Copier).CopyAt(context.Background(), discardAt{}, 0, src, l); err != nil {
				t.Fatal(err)
			}
			if c.bytes > 2*n || c.calls > n>>10 {
				t.Errorf("copying %d bytes took %d reads of %d bytes", n, c.calls, c.bytes)
			}
			if testing.Short() {
				return
			}
			*c = counter{r: zeros{}}
			out := &counter{r: zeros{}}
			if diff, err := Check(context.Background(), out, 0, src, l); diff != Same || err != nil {
				t.Fatal(diff, err)
			}
			if c.bytes > 4*n || c.calls > n>>9 || out.bytes > 4*n || out.calls > n>>9 {
				t.Errorf("checking %d bytes took %d reads of %d bytes, and %d of %d", n, c.calls, c.bytes, out.calls, out.bytes)
			}
		})
	}
}

// Pages show the range as it is, whichever were replaced, within the budget.
func TestPages(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	data := make([]byte, 1<<20+48)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	for size := int64(pageLeast); size <= pageMost; size *= 4 {
		for _, pass := range []int{1, 7, 1000} {
			budget := 5 * pitch(size)
			p := newPages(Source{bytes.NewReader(data), 16, 1 << 20}, size, budget, pass)
			for range 20000 {
				off := r.Int64N(1<<16) << 4
				if r.IntN(2) == 0 {
					off %= 4 * size
				}
				got, err := p.element(off, 16)
				if err != nil || !bytes.Equal(got, data[16+off:][:16]) {
					t.Fatalf("pages of %d: element at %d is % x, %v", size, off, got, err)
				}
			}
			if held := int64(len(p.numbers)) * p.pitch; held > budget || len(p.index) > len(p.numbers) {
				t.Errorf("pages of %d: %d bytes held, %d allowed", size, held, budget)
			}
			for _, off := range []int64{-16, 1<<20 - 15, 1 << 20, 1 << 62} {
				if _, err := p.element(off, 16); err == nil {
					t.Errorf("pages of %d: element at %d", size, off)
				}
			}
		}
	}
}

// fickle fails at one offset.
type fickle struct {
	io.ReaderAt
	at int64
}

func (f *fickle) ReadAt(p []byte, off int64) (int, error) {
	if off == f.at {
		return 0, errDisk
	}
	return f.ReaderAt.ReadAt(p, off)
}

// A page whose slot was lost to one that could not be read is read again.
func TestPagesAfterFailure(t *testing.T) {
	data := bytes.Repeat([]byte{1}, 4*pageLeast)
	copy(data[pageLeast:], bytes.Repeat([]byte{2}, 3*pageLeast))
	f := &fickle{bytes.NewReader(data), 64}
	p := newPages(Source{f, 0, int64(len(data))}, pageLeast, pageLeast, 1)
	if _, err := p.element(0, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := p.element(64, 1); err == nil {
		t.Fatal("no error")
	}
	p.arena[0][0] = 9 // what a read that failed half way may leave
	if got, err := p.element(0, 1); err != nil || got[0] != 1 {
		t.Errorf("after a failed read: %v, %v", got, err)
	}
}

// A Source gives nothing outside of itself, though the file goes on.
func TestSourceBounds(t *testing.T) {
	s := Source{zeros{}, 10, 20}
	for _, off := range []int64{-1, 17, 20, 21, 1<<63 - 1} {
		if s.read(make([]byte, 4), off) == nil {
			t.Errorf("4 bytes at %d of 20", off)
		}
	}
	if err := s.read(make([]byte, 4), 16); err != nil {
		t.Error(err)
	}
}

// Tiles stay within their bound and within the tensor.
func TestTile(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 20000 {
		d := make([]dim, 1+r.IntN(5))
		for i := range d {
			d[i] = dim{n: 1 + r.Int64N(1<<r.IntN(40)), src: r.Int64N(1 << 40)}
		}
		size, most := int64(1)<<r.IntN(5), int64(1)<<(10+r.IntN(14))
		got, bytes := tile(d, size, most), size
		for i, n := range got {
			if n < 1 || n > d[i].n {
				t.Fatalf("%v: tile %v", d, got)
			}
			bytes *= n
		}
		if bytes > most {
			t.Fatalf("%v: tile %v has %d bytes, %d allowed", d, got, bytes, most)
		}
	}
}
