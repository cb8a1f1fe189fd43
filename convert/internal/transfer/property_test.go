package transfer

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"depickle/convert/internal/raced"
)

// reference is the output by the definition of a strided tensor: for each
// index, offset plus index times stride, from a storage in memory.
func reference(storage []byte, l Layout) []byte {
	var out []byte
	shape, stride := l.Geometry.Shape, l.Geometry.Stride
	total := int64(1)
	for _, n := range shape {
		total *= n
	}
	for k := range total {
		at, rest := l.Geometry.Offset, k
		for i := len(shape) - 1; i >= 0; i-- {
			at += rest % shape[i] * stride[i]
			rest /= shape[i]
		}
		out = append(out, referenceElement(storage[at*l.Size:][:l.Size], l)...)
	}
	return out
}

func referenceElement(in []byte, l Layout) []byte {
	e := bytes.Clone(in)
	if l.Swap > 1 {
		for i := range e {
			unit := int64(i) / l.Swap * l.Swap
			e[i] = in[unit+l.Swap-1-(int64(i)-unit)]
		}
	}
	real, imag := l.SignUnit-1, l.Size-1
	switch {
	case l.Neg && l.Conj:
		e[real] += 128 // twice negated, the imaginary half is itself
	case l.Neg && real != imag:
		e[real] += 128
		e[imag] += 128
	case l.Neg, l.Conj:
		e[imag] += 128
	}
	return e
}

// randomCase is a layout and a storage that it fits into, of at most about
// most elements on either side.
func randomCase(r *rand.Rand, most int64) ([]byte, Layout) {
	l := Layout{Size: 1 << r.IntN(5)}
	rank := r.IntN(6)
	shape, stride := make([]int64, rank), make([]int64, rank)
	left := most
	for i := range shape {
		shape[i] = 1 + r.Int64N(min(left, 1+r.Int64N(left)))
		if r.IntN(3) == 0 {
			shape[i] = 1 + r.Int64N(min(left, 4))
		}
		left = max(left/shape[i], 1)
		if r.IntN(60) == 0 {
			shape[i] = 0
		}
	}
	// A packed storage in a random order of dimensions, then disturbed.
	step := int64(1)
	order := r.Perm(rank)
	if r.IntN(4) == 0 {
		for i := range order {
			order[i] = rank - 1 - i
		}
	}
	for _, i := range order {
		stride[i] = step
		switch r.IntN(8) {
		case 0:
			stride[i] = 0
		case 1:
			stride[i] = r.Int64N(step + 1) // overlaps
		case 2:
			stride[i] = step + r.Int64N(3)*step // gaps
		case 3:
			stride[i] = step + r.Int64N(7)
		}
		step = max(step, stride[i]*shape[i])
		if step > 4*most {
			step = 1 + r.Int64N(4)
		}
	}
	l.Geometry = geometry(r.Int64N(5), shape, stride)
	end := l.Geometry.Offset + 1
	for i := range shape {
		end += max(shape[i]-1, 0) * stride[i]
	}
	randomChange(r, &l)
	storage := make([]byte, (end+r.Int64N(3))*l.Size+r.Int64N(2))
	for i := range storage {
		storage[i] = byte(r.Uint32())
	}
	return storage, l
}

func randomChange(r *rand.Rand, l *Layout) {
	if r.IntN(3) == 0 {
		l.Swap = 1 << r.IntN(4)
		if l.Swap > l.Size {
			l.Swap = 0
		}
	}
	if l.Size == 1 || r.IntN(3) > 0 {
		return
	}
	l.SignUnit = min(l.Size, 8)
	if l.Size > 2 && r.IntN(2) == 0 {
		l.SignUnit = l.Size / 2
		l.Conj = r.IntN(2) == 0
	}
	l.Neg = r.IntN(2) == 0
}

// within puts a storage somewhere into a larger file.
func within(storage []byte) Source {
	const before = 13
	file := append(bytes.Repeat([]byte{0xaa}, before), storage...)
	file = append(file, 0xbb, 0xbb, 0xbb)
	return Source{R: bytes.NewReader(file), Off: before, Len: int64(len(storage))}
}

// checkAll holds Copy and the naive reader against the reference.
func checkAll(t *testing.T, c *Copier, storage []byte, l Layout) {
	t.Helper()
	want, src := reference(storage, l), within(storage)
	var got bytes.Buffer
	if err := c.Copy(context.Background(), &got, src, l); err != nil {
		t.Fatalf("%+v: copy: %v", l, err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Fatalf("%+v: copy wrote %d bytes, want %d; differs at %d", l, got.Len(), len(want), firstDifference(got.Bytes(), want))
	}
	naive, err := io.ReadAll(NewNaive(src, l))
	if err != nil {
		t.Fatalf("%+v: naive: %v", l, err)
	}
	if !bytes.Equal(naive, want) {
		t.Fatalf("%+v: naive read %d bytes, want %d; differs at %d", l, len(naive), len(want), firstDifference(naive, want))
	}
	diff, err := Compare(context.Background(), &got, NewNaive(src, l))
	if diff != Same || err != nil {
		t.Fatalf("%+v: compare: %d, %v", l, diff, err)
	}
	checkAt(t, c, src, l, want)
	off, n, ok, err := l.Plain(src)
	if err != nil {
		t.Fatalf("%+v: plain: %v", l, err)
	}
	if p := make([]byte, n); ok {
		if _, err := src.R.ReadAt(p, off); err != nil || !bytes.Equal(p, want) {
			t.Fatalf("%+v: plain range %d+%d is not the output: %v", l, off, n, err)
		}
	}
}

// once is an output that must be written everywhere, and nowhere twice.
type once struct {
	data    []byte
	written []bool
}

func (o *once) WriteAt(p []byte, off int64) (int, error) {
	for i := range p {
		if o.written[off+int64(i)] {
			return i, fmt.Errorf("byte %d written twice", off+int64(i))
		}
		o.written[off+int64(i)] = true
	}
	return copy(o.data[off:], p), nil
}

// checkAt holds CopyAt and Check against the reference, and changes one byte,
// which Check must find.
func checkAt(t *testing.T, c *Copier, src Source, l Layout, want []byte) {
	t.Helper()
	const before = 5
	o := &once{make([]byte, before+len(want)), make([]bool, before+len(want))}
	if err := c.CopyAt(context.Background(), o, before, src, l); err != nil {
		t.Fatalf("%+v: copy at: %v", l, err)
	}
	if !bytes.Equal(o.data[before:], want) || slices.Contains(o.written[:before], true) || slices.Contains(o.written[before:], false) {
		t.Fatalf("%+v: copy at differs at %d", l, firstDifference(o.data[before:], want))
	}
	got := bytes.NewReader(o.data)
	if diff, err := Check(context.Background(), got, before, src, l); diff != Same || err != nil {
		t.Fatalf("%+v: check: %d, %v", l, diff, err)
	}
	if len(want) == 0 {
		return
	}
	at := int64(len(want)) * 7 / 11
	o.data[before+at] ^= 1
	if diff, err := Check(context.Background(), got, before, src, l); diff != at/l.Size*l.Size || err != nil {
		t.Fatalf("%+v: check of a changed byte: %d, %v; want %d", l, diff, err, at/l.Size*l.Size)
	}
}

// Copy, the naive reader and the reference agree on every tensor.
func TestRandomLayouts(t *testing.T) {
	rounds := 6000
	if testing.Short() || raced.On {
		rounds = 500
	}
	var c Copier
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		storage, l := randomCase(r, 1+r.Int64N(3000))
		checkAll(t, &c, storage, l)
	}
}

// Tensors beyond the sizes of slab, stage and window: what small ones never
// reach.
func TestLargeLayouts(t *testing.T) {
	if testing.Short() || raced.On {
		t.Skip("tens of MiB each; CI runs them without the race detector")
	}
	layouts := map[string]Layout{
		"transposed":              {Size: 4, Geometry: geometry(1, dims(2100, 2300), dims(1, 2100))},
		"transposed, gaps":        {Size: 2, Geometry: geometry(3, dims(1500, 5001), dims(1, 3001))},
		"swapped":                 {Size: 8, Swap: 4, Geometry: geometry(0, dims(1<<20+1), dims(1))},
		"reversed":                {Size: 4, Geometry: geometry(0, dims(130, 210, 190), dims(1, 130, 27300))},
		"planar to interleaved":   {Size: 8, Geometry: geometry(0, dims(700001, 3), dims(1, 700001))},
		"interleaved to planar":   {Size: 16, Geometry: geometry(0, dims(3, 700001), dims(1, 3))},
		"one element everywhere":  {Size: 2, Geometry: geometry(5, dims(3000, 3001), dims(0, 0))},
		"columns repeated":        {Size: 1, Geometry: geometry(0, dims(4000, 5000), dims(1, 0))},
		"rows repeated":           {Size: 4, Geometry: geometry(0, dims(3, 1300000), dims(0, 1))},
		"sliding windows":         {Size: 1, Geometry: geometry(0, dims(6, 3000000), dims(1, 1))},
		"strided windows":         {Size: 1, Geometry: geometry(0, dims(2000, 5000), dims(999, 1000))},
		"strided past the window": {Size: 2, Geometry: geometry(0, dims(3, 5000), dims(7, 2000))},
		"elements far apart":      {Size: 2, Geometry: geometry(0, dims(3, 3000), dims(1, 5000))},
		"long rows":               {Size: 4, Geometry: geometry(0, dims(7, 500000), dims(500003, 1))},
		"rows across":             {Size: 4, Geometry: geometry(0, dims(20000, 5, 40), dims(40, 800000, 1))},
		"conv":                    {Size: 4, Conj: true, Neg: true, SignUnit: 2, Geometry: geometry(0, dims(700, 512, 3, 3), dims(4608, 1, 1536, 512))},
	}
	var c Copier
	r := rand.New(rand.NewPCG(1, 2))
	for name, l := range layouts {
		t.Run(name, func(t *testing.T) {
			end := l.Geometry.Offset + 1
			for i, n := range l.Geometry.Shape {
				end += (n - 1) * l.Geometry.Stride[i]
			}
			storage := make([]byte, end*l.Size)
			for i := range storage {
				storage[i] = byte(r.Uint32())
			}
			checkAll(t, &c, storage, l)
		})
	}
	if held := cap(c.slab) + cap(c.stage) + cap(c.window); held > 15<<20 {
		t.Errorf("copier holds %d bytes", held)
	}
}

// Whatever the layout, Copy and the naive reader write the same bytes or
// refuse alike; what they write is the reference's.
func FuzzCopy(f *testing.F) {
	f.Add(uint64(1), uint64(1), int64(0), int64(3), int64(4), int64(1), int64(1), int64(3), int64(24), uint8(2), uint8(0))
	f.Add(uint64(9), uint64(3), int64(2), int64(0), int64(4), int64(1), int64(0), int64(0), int64(0), uint8(3), uint8(7))
	f.Add(uint64(9), uint64(3), int64(1<<62), int64(1<<40), int64(1<<40), int64(-1), int64(1<<62), int64(3), int64(1<<63-1), uint8(4), uint8(255))
	f.Fuzz(func(t *testing.T, seed, length uint64, offset, n0, n1, n2, s0, s1, s2 int64, size, change uint8) {
		l := Layout{
			Size:     1 << (size % 6),
			Geometry: geometry(offset, dims(n0, n1, n2), dims(s0, s1, s2)),
			Swap:     int64(change & 15),
			Conj:     change&16 != 0,
			Neg:      change&32 != 0,
			SignUnit: 1 << (change >> 6),
		}
		storage := make([]byte, length%(1<<16))
		r := rand.New(rand.NewPCG(seed, length))
		for i := range storage {
			storage[i] = byte(r.Uint32())
		}
		src := within(storage)
		n, err := l.Bytes(src)
		if n > 1<<22 {
			return // right, but slow
		}
		if err == nil {
			checkAll(t, new(Copier), storage, l)
			return
		}
		if got := Copy(context.Background(), io.Discard, src, l); got == nil || got.Error() != err.Error() {
			t.Fatalf("copy says %v, want %v", got, err)
		}
		if got := new(Copier).CopyAt(context.Background(), &once{}, 0, src, l); got == nil || got.Error() != err.Error() {
			t.Fatalf("copy at says %v, want %v", got, err)
		}
		if _, got := Check(context.Background(), bytes.NewReader(nil), 0, src, l); got == nil || got.Error() != err.Error() {
			t.Fatalf("check says %v, want %v", got, err)
		}
		if _, got := io.ReadAll(NewNaive(src, l)); got == nil || got.Error() != err.Error() {
			t.Fatalf("naive says %v, want %v", got, err)
		}
	})
}
