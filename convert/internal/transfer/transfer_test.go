package transfer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"depickle/scan/fault"
)

// everyWay runs a layout through all ways to its output and returns their
// errors.
func everyWay(ctx context.Context, w io.Writer, src Source, l Layout) map[string]error {
	at, _ := w.(io.WriterAt)
	if at == nil {
		at = discardAt{}
	}
	_, naive := io.Copy(io.Discard, NewNaive(src, l))
	_, check := Check(ctx, zeros{}, 0, src, l)
	return map[string]error{
		"Copy":   Copy(ctx, w, src, l),
		"CopyAt": new(Copier).CopyAt(ctx, at, 0, src, l),
		"naive":  naive,
		"Check":  check,
	}
}

type discardAt struct{}

func (discardAt) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }

// zeros is a source of zeros without an end.
type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}

func TestRefused(t *testing.T) {
	const most = math.MaxInt64
	data := Source{R: bytes.NewReader(make([]byte, 64)), Len: 64}
	flat := geometry(0, dims(4), dims(1))
	tests := map[string]struct {
		src  Source
		l    Layout
		kind fault.Kind
		text string
	}{
		"one element too many":    {data, Layout{Size: 4, Geometry: geometry(0, dims(17), dims(1))}, fault.Malformed, "outside"},
		"offset too large":        {data, Layout{Size: 4, Geometry: geometry(13, dims(4), dims(1))}, fault.Malformed, "outside"},
		"part of an element":      {Source{data.R, 0, 15}, Layout{Size: 4, Geometry: flat}, fault.Malformed, "outside"},
		"offset that overflows":   {data, Layout{Size: 4, Geometry: geometry(most, dims(2), dims(most))}, fault.Malformed, "overflows"},
		"stride that overflows":   {data, Layout{Size: 4, Geometry: geometry(0, dims(1<<33, 2), dims(1<<33, 1))}, fault.Malformed, "overflows"},
		"size that overflows":     {data, Layout{Size: 4, Geometry: geometry(0, dims(1<<32, 1<<32), dims(0, 0))}, fault.Malformed, "overflows"},
		"bytes that overflow":     {data, Layout{Size: 4, Geometry: geometry(0, dims(1<<31, 1<<31), dims(0, 0))}, fault.Malformed, "overflows"},
		"negative size":           {data, Layout{Size: 4, Geometry: geometry(0, dims(-1), dims(1))}, fault.Malformed, "negative"},
		"negative stride":         {data, Layout{Size: 4, Geometry: geometry(3, dims(2), dims(-1))}, fault.Malformed, "negative"},
		"negative offset":         {data, Layout{Size: 4, Geometry: geometry(-1, dims(2), dims(1))}, fault.Malformed, "negative"},
		"other rank":              {data, Layout{Size: 4, Geometry: geometry(0, dims(2, 2), dims(1))}, fault.Malformed, "lengths"},
		"rank 65":                 {data, Layout{Size: 4, Geometry: geometry(0, make([]int64, 65), make([]int64, 65))}, fault.Malformed, "64"},
		"negative storage":        {Source{data.R, 0, -1}, Layout{Size: 4, Geometry: flat}, fault.Malformed, "no range"},
		"storage that overflows":  {Source{data.R, most, 64}, Layout{Size: 4, Geometry: flat}, fault.Malformed, "no range"},
		"no source":               {Source{nil, 0, 64}, Layout{Size: 4, Geometry: flat}, fault.Malformed, "without"},
		"no element size":         {data, Layout{Geometry: flat}, fault.Unsupported, "0 bytes"},
		"odd element size":        {data, Layout{Size: 3, Geometry: flat}, fault.Unsupported, "3 bytes"},
		"negative element size":   {data, Layout{Size: -4, Geometry: flat}, fault.Unsupported, "-4 bytes"},
		"odd byte order":          {data, Layout{Size: 4, Swap: 3, Geometry: flat}, fault.Unsupported, "3 bytes"},
		"byte order of 16":        {data, Layout{Size: 16, Swap: 16, Geometry: flat}, fault.Unsupported, "16 bytes"},
		"wider than an element":   {data, Layout{Size: 4, Swap: 8, Geometry: flat}, fault.Malformed, "8 bytes"},
		"negated integers":        {data, Layout{Size: 4, Neg: true, Geometry: flat}, fault.Unsupported, "floats"},
		"conjugate integers":      {data, Layout{Size: 4, Conj: true, Geometry: flat}, fault.Unsupported, "floats"},
		"negated bytes":           {data, Layout{Size: 1, Neg: true, SignUnit: 1, Geometry: flat}, fault.Unsupported, "floats"},
		"conjugate reals":         {data, Layout{Size: 4, Conj: true, SignUnit: 4, Geometry: flat}, fault.Malformed, "real"},
		"sign of a quarter":       {data, Layout{Size: 8, Neg: true, SignUnit: 2, Geometry: flat}, fault.Malformed, "sign"},
		"sign of two elements":    {data, Layout{Size: 4, Neg: true, SignUnit: 8, Geometry: flat}, fault.Malformed, "sign"},
		"source that is shorter":  {Source{data.R, 0, 68}, Layout{Size: 4, Geometry: geometry(0, dims(17), dims(1))}, fault.Changed, "ends after"},
		"shorter, strided":        {Source{data.R, 0, 80}, Layout{Size: 4, Geometry: geometry(0, dims(10), dims(2))}, fault.Changed, "ends after"},
		"shorter, transposed":     {Source{data.R, 8, 64}, Layout{Size: 4, Geometry: geometry(0, dims(4, 4), dims(1, 4))}, fault.Changed, "ends after"},
		"shorter, far apart":      {Source{data.R, 0, 8196}, Layout{Size: 4, Geometry: geometry(0, dims(2), dims(2048))}, fault.Changed, "ends after"},
		"shorter, by one element": {Source{data.R, 4, 64}, Layout{Size: 2, Swap: 2, Geometry: geometry(31, dims(1), dims(1))}, fault.Changed, "ends after"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for way, err := range everyWay(context.Background(), io.Discard, test.src, test.l) {
				if !fault.Is(err, test.kind) || !strings.Contains(err.Error(), test.text) {
					t.Errorf("%s: %v; want %s with %q", way, err, test.kind, test.text)
				}
			}
		})
	}
}

// An empty tensor costs its source nothing, wherever it claims to lie.
func TestEmpty(t *testing.T) {
	l := Layout{Size: 4, Geometry: geometry(1000, dims(3, 0, 1000), dims(1, 1<<40, 7))}
	for way, err := range everyWay(context.Background(), io.Discard, Source{}, l) {
		if err != nil {
			t.Errorf("%s: %v", way, err)
		}
	}
	if _, n, ok, err := l.Plain(Source{}); n != 0 || !ok || err != nil {
		t.Errorf("plain: %d, %v, %v", n, ok, err)
	}
}

func TestBitsAreKept(t *testing.T) {
	// A signalling NaN with a payload, minus zero, infinity, the least number.
	in := []byte{1, 0, 0xa0, 0x7f, 0, 0, 0, 0x80, 0, 0, 0x80, 0x7f, 1, 0, 0, 0}
	flat := geometry(0, dims(4), dims(1))
	pairs := geometry(0, dims(2), dims(1))
	tests := map[string]struct {
		l    Layout
		want []byte
	}{
		"plain":           {Layout{Size: 4, Geometry: flat}, in},
		"order kept":      {Layout{Size: 4, Swap: 1, Geometry: flat}, in},
		"negative":        {Layout{Size: 4, Neg: true, SignUnit: 4, Geometry: flat}, []byte{1, 0, 0xa0, 0xff, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 1, 0, 0, 0x80}},
		"conjugate":       {Layout{Size: 8, Conj: true, SignUnit: 4, Geometry: pairs}, []byte{1, 0, 0xa0, 0x7f, 0, 0, 0, 0, 0, 0, 0x80, 0x7f, 1, 0, 0, 0x80}},
		"both":            {Layout{Size: 8, Conj: true, Neg: true, SignUnit: 4, Geometry: pairs}, []byte{1, 0, 0xa0, 0xff, 0, 0, 0, 0x80, 0, 0, 0x80, 0xff, 1, 0, 0, 0}},
		"negative, 16":    {Layout{Size: 2, Neg: true, SignUnit: 2, Geometry: geometry(1, dims(3), dims(2))}, []byte{0xa0, 0xff, 0, 0, 0x80, 0xff}},
		"swapped":         {Layout{Size: 4, Swap: 4, Geometry: geometry(0, dims(1), dims(1))}, []byte{0x7f, 0xa0, 0, 1}},
		"swapped, signs":  {Layout{Size: 4, Swap: 4, Neg: true, SignUnit: 4, Geometry: geometry(0, dims(1), dims(1))}, []byte{0x7f, 0xa0, 0, 0x81}},
		"swapped halves":  {Layout{Size: 8, Swap: 4, Geometry: geometry(0, dims(1), dims(1))}, []byte{0x7f, 0xa0, 0, 1, 0x80, 0, 0, 0}},
		"swapped complex": {Layout{Size: 4, Swap: 2, Conj: true, SignUnit: 2, Geometry: geometry(0, dims(2), dims(1))}, []byte{0, 1, 0x7f, 0x20, 0, 0, 0x80, 0x80}},
		"wide":            {Layout{Size: 16, Swap: 8, Geometry: geometry(0, dims(1), dims(1))}, []byte{0x80, 0, 0, 0, 0x7f, 0xa0, 0, 1, 0, 0, 0, 1, 0x7f, 0x80, 0, 0}},
		"reversed axes":   {Layout{Size: 1, Geometry: geometry(0, dims(2, 2, 2), dims(1, 2, 4))}, []byte{1, 0, 0xa0, 0, 0, 0, 0x7f, 0x80}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := reference(in, test.l); !bytes.Equal(got, test.want) {
				t.Fatalf("the reference says % x, want % x", got, test.want)
			}
			checkAll(t, new(Copier), in, test.l)
		})
	}
}

var errDisk = errors.New("disk on fire")

type broken struct{}

func (broken) ReadAt([]byte, int64) (int, error)  { return 0, errDisk }
func (broken) WriteAt([]byte, int64) (int, error) { return 0, errDisk }
func (broken) Write([]byte) (int, error)          { return 0, errDisk }

type lazy struct{}

func (lazy) WriteAt(p []byte, _ int64) (int, error) { return len(p) - 1, nil }
func (lazy) Write(p []byte) (int, error)            { return len(p) - 1, nil }

func TestErrorsOfOthers(t *testing.T) {
	layouts := []Layout{
		{Size: 4, Geometry: geometry(0, dims(16), dims(1))},
		{Size: 4, Geometry: geometry(0, dims(8), dims(2))},
		{Size: 4, Geometry: geometry(0, dims(4, 4), dims(1, 4))},
	}
	data := Source{R: bytes.NewReader(make([]byte, 64)), Len: 64}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	for _, l := range layouts {
		for way, err := range everyWay(context.Background(), io.Discard, Source{R: broken{}, Len: 64}, l) {
			if !errors.Is(err, errDisk) {
				t.Errorf("%s from a broken source: %v", way, err)
			}
		}
		for way, err := range everyWay(context.Background(), broken{}, data, l) {
			if strings.HasPrefix(way, "Copy") && !errors.Is(err, errDisk) {
				t.Errorf("%s to a broken file: %v", way, err)
			}
		}
		for way, err := range everyWay(context.Background(), lazy{}, data, l) {
			if strings.HasPrefix(way, "Copy") && !errors.Is(err, io.ErrShortWrite) {
				t.Errorf("%s to a lazy file: %v", way, err)
			}
		}
		for way, err := range everyWay(stopped, io.Discard, data, l) {
			if way != "naive" && !errors.Is(err, context.Canceled) {
				t.Errorf("%s when stopped: %v", way, err)
			}
		}
		if _, err := Check(context.Background(), bytes.NewReader(nil), 0, data, l); !fault.Is(err, fault.Changed) {
			t.Errorf("check of a short output: %v", err)
		}
		if _, err := Check(context.Background(), broken{}, 0, data, l); !errors.Is(err, errDisk) {
			t.Errorf("check of a broken output: %v", err)
		}
		if _, err := Check(context.Background(), zeros{}, math.MaxInt64, data, l); !fault.Is(err, fault.Malformed) {
			t.Errorf("check at no place: %v", err)
		}
	}
}

func TestCompare(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789"), compareBuffer/4)
	changed := bytes.Clone(long)
	changed[compareBuffer+7] ^= 1
	tests := map[string]struct {
		got, want []byte
		diff      int64
	}{
		"both empty":      {nil, nil, Same},
		"equal":           {long, long, Same},
		"a whole buffer":  {long[:compareBuffer], long[:compareBuffer], Same},
		"first byte":      {[]byte("b"), []byte("a"), 0},
		"second buffer":   {changed, long, compareBuffer + 7},
		"got is shorter":  {long[:compareBuffer], long, compareBuffer},
		"want is shorter": {long, long[:compareBuffer+3], compareBuffer + 3},
		"got is empty":    {nil, []byte("a"), 0},
	}
	for name, test := range tests {
		for _, slow := range []func(io.Reader) io.Reader{iotest.HalfReader, iotest.DataErrReader} {
			diff, err := Compare(context.Background(), slow(bytes.NewReader(test.got)), slow(bytes.NewReader(test.want)))
			if diff != test.diff || err != nil {
				t.Errorf("%s: %d, %v; want %d", name, diff, err, test.diff)
			}
		}
	}
	// A reader that was cut short has not ended.
	cut := func() io.Reader { return iotest.ErrReader(io.ErrUnexpectedEOF) }
	if diff, err := Compare(context.Background(), cut(), cut()); diff != Same || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut short: %d, %v", diff, err)
	}
	if _, err := Compare(context.Background(), bytes.NewReader(nil), iotest.ErrReader(errDisk)); !errors.Is(err, errDisk) {
		t.Errorf("broken: %v", err)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Compare(stopped, bytes.NewReader(nil), bytes.NewReader(nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// shy shows some of its bytes where they lie, and none of others.
type shy struct{ *bytes.Reader }

func (s shy) View(off, n int64, f func([]byte) error) (int64, error) {
	if off/1000%3 == 1 {
		return 0, nil
	}
	b := make([]byte, min(n, 1000-off%1000))
	if _, err := s.ReadAt(b, off); err != nil {
		return 0, err
	}
	return int64(len(b)), f(b)
}

// TestFeedView: shown or read, every byte comes once, in its place.
func TestFeedView(t *testing.T) {
	data := make([]byte, 9_999)
	for i := range data {
		data[i] = byte(i * 131 >> 3)
	}
	for _, size := range []int{0, 1, 300, 1000, 4096} {
		for _, off := range []int64{0, 1, 999, 1000, 1500} {
			var got bytes.Buffer
			n := int64(len(data)) - off - 3
			err := Feed(context.Background(), &got, shy{bytes.NewReader(data)}, off, n, make([]byte, size))
			if err != nil || !bytes.Equal(got.Bytes(), data[off:off+n]) {
				t.Errorf("buffer of %d, from %d: %d bytes, %v", size, off, got.Len(), err)
			}
		}
	}
	mine := errors.New("mine")
	if err := Feed(context.Background(), failing{mine}, shy{bytes.NewReader(data)}, 0, 10, nil); err != mine {
		t.Errorf("an error of the writer: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestHash(t *testing.T) {
	data := make([]byte, 3<<20+17)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	file := bytes.NewReader(data)
	for _, buf := range [][]byte{nil, make([]byte, 1), make([]byte, 4097)} {
		n := int64(len(data) - 5)
		if len(buf) == 1 {
			n = 100
		}
		got, err := Hash(context.Background(), file, 5, n, buf)
		if want := sha256.Sum256(data[5 : 5+n]); got != want || err != nil {
			t.Errorf("buffer of %d: %x, %v; want %x", len(buf), got, err, want)
		}
	}
	if got, err := Hash(context.Background(), file, 1<<40, 0, nil); got != sha256.Sum256(nil) || err != nil {
		t.Errorf("nothing: %x, %v", got, err)
	}
	errs := map[string]struct {
		off, n int64
		kind   fault.Kind
	}{
		"past the end":    {5, int64(len(data)) - 4, fault.Changed},
		"negative offset": {-1, 1, fault.Malformed},
		"negative length": {0, -1, fault.Malformed},
		"overflow":        {math.MaxInt64, 1, fault.Malformed},
	}
	for name, test := range errs {
		if _, err := Hash(context.Background(), file, test.off, test.n, nil); !fault.Is(err, test.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Hash(stopped, file, 0, 1, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
