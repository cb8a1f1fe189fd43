package stats

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"depickle/scan/tensor"
)

// le spells numbers of any fixed size as bytes.
func le(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func summary(t testing.TB, d tensor.DType, p []byte) Summary {
	t.Helper()
	var c Collector
	if !c.Reset(d, int64(len(p))) {
		t.Fatalf("%s has no statistics", d)
	}
	c.Write(p)
	return c.Summary()
}

func TestSummary(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	inf32, nan32 := float32(inf), float32(nan)
	tests := []struct {
		name string
		d    tensor.DType
		data any
		want string // as JSON: count, nan, inf, zeros, min, max, mean, std
	}{
		{"nothing", tensor.Float32, []float32{}, `0 0 0 0 null null null null`},
		{"one", tensor.Float32, []float32{0.1}, `1 0 0 0 0.10000000149011612 0.10000000149011612 0.10000000149011612 0`},
		{"equal ones", tensor.Float32, []float32{0.1, 0.1, 0.1}, `3 0 0 0 0.10000000149011612 0.10000000149011612 0.10000000149011612 0`},
		{"float32", tensor.Float32, []float32{2, 4, 4, 4, 5, 5, 7, 9}, `8 0 0 0 2 9 5 2`},
		{"signs of zero", tensor.Float32, []float32{0, float32(math.Copysign(0, -1)), 1, -1}, `4 0 0 2 -1 1 0 0.7071067811865476`},
		{"specials", tensor.Float32, []float32{nan32, 1, inf32, 3, -inf32, nan32, -nan32, 0}, `8 3 2 1 0 3 1.3333333333333333 1.247219128924647`},
		{"no finite one", tensor.Float32, []float32{nan32, inf32}, `2 1 1 0 null null null null`},
		{"subnormal", tensor.Float32, []float32{math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32}, `2 0 0 0 -1.401298464324817e-45 1.401298464324817e-45 0 1.401298464324817e-45`},
		{"largest float32", tensor.Float32, []float32{math.MaxFloat32, -math.MaxFloat32}, `2 0 0 0 -3.4028234663852886e+38 3.4028234663852886e+38 0 3.4028234663852886e+38`},
		{"float64", tensor.Float64, []float64{1, 2, nan, inf, 0}, `5 1 1 1 0 2 1 0.816496580927726`},
		{"largest float64", tensor.Float64, []float64{math.MaxFloat64, -math.MaxFloat64}, `2 0 0 0 -1.7976931348623157e+308 1.7976931348623157e+308 0 1.7976931348623157e+308`},
		{"all large", tensor.Float64, []float64{1e308, 1e308, 1e307}, `3 0 0 0 1e+307 1e+308 7e+307 4.242640687119285e+307`},
		{"a far mean", tensor.Float64, []float64{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}, `4 0 0 0 1.000000004e+09 1.000000016e+09 1.00000001e+09 4.743416490252569`},
		{"complex64", tensor.Complex64, []complex64{3 + 4i, 0, complex(nan32, -1)}, `6 1 0 2 -1 4 1.2 1.9390719429665317`},
		{"complex128", tensor.Complex128, []complex128{3 + 4i}, `2 0 0 0 3 4 3.5 0.5`},
		{"int64", tensor.Int64, []int64{math.MinInt64, math.MaxInt64, 0, -1}, `4 0 0 1 -9223372036854775808 9223372036854775807 -0.25 6.521908912666392e+18`},
		{"int64 beyond float64", tensor.Int64, []int64{1<<53 + 1, 1<<53 + 3}, `2 0 0 0 9007199254740993 9007199254740995 9.007199254740994e+15 2`},
		{"one int64", tensor.Int64, []int64{1<<53 + 1}, `1 0 0 0 9007199254740993 9007199254740993 9.007199254740992e+15 0`},
		{"uint64", tensor.Uint64, []uint64{math.MaxUint64, 0}, `2 0 0 1 0 18446744073709551615 9.223372036854775808e+18 9.223372036854775808e+18`},
		{"int32", tensor.Int32, []int32{math.MinInt32, math.MaxInt32, 0}, `3 0 0 1 -2147483648 2147483647 -0.3333333333333333 1753413055.7819521`},
		{"uint32", tensor.Uint32, []uint32{math.MaxUint32, 0}, `2 0 0 1 0 4294967295 2147483647.5 2147483647.5`},
		{"int16", tensor.Int16, []int16{-32768, 32767}, `2 0 0 0 -32768 32767 -0.5 32767.5`},
		{"uint16", tensor.Uint16, []uint16{65535, 0}, `2 0 0 1 0 65535 32767.5 32767.5`},
		{"int8", tensor.Int8, []int8{-128, 127, 0}, `3 0 0 1 -128 127 -0.3333333333333333 104.10358089689113`},
		{"uint8", tensor.Uint8, []uint8{0, 255, 255, 255, 255}, `5 0 0 1 0 255 204 102`},
		{"bool", tensor.Bool, []uint8{0, 1, 2, 255}, `4 0 0 1 0 1 0.75 0.4330127018922193`},
		{"float16", tensor.Float16, []uint16{0x3c00, 0xc000, 0x7c00, 0xfc00, 0x7e00, 0x8000, 0x0001, 0x7bff}, `8 1 2 1 -2 65504 13100.60000001192 26201.700018122636`},
		{"bfloat16", tensor.BFloat16, []uint16{0x3f80, 0xc000, 0x7f80, 0x7fc0, 0xff81, 0x8000}, `6 2 1 1 -2 1 -0.3333333333333333 1.247219128924647`},
		{"complex32", tensor.Complex32, []uint16{0x3c00, 0x4000}, `2 0 0 0 1 2 1.5 0.5`},
		{"bcomplex32", tensor.BComplex32, []uint16{0x3f80, 0x4000}, `2 0 0 0 1 2 1.5 0.5`},
		{"f8 e5m2", tensor.Float8E5M2, []uint8{0x3c, 0x7b, 0x7c, 0xfc, 0x7d, 0xff, 0x80, 0x01}, `8 2 2 1 0 57344 14336.250003814697 24830.53604089374`},
		{"f8 e4m3", tensor.Float8E4M3FN, []uint8{0x7e, 0x7f, 0xff, 0x80, 0x01}, `5 2 0 1 0 448 149.333984375 211.18876495991012`},
		{"f8 e5m2 fnuz", tensor.Float8E5M2FNUZ, []uint8{0x7f, 0x80, 0x00, 0xff}, `4 1 0 1 -57344 57344 0 46821.17993671952`},
		{"f8 e4m3 fnuz", tensor.Float8E4M3FNUZ, []uint8{0x7f, 0x80, 0x00, 0xff}, `4 1 0 1 -240 240 0 195.95917942265424`},
		{"f8 e8m0", tensor.Float8E8M0FNU, []uint8{127, 128, 255}, `3 1 0 0 1 2 1.5 0.5`},
		{"f4", tensor.Float4E2M1FNX2, []uint8{0x10, 0x7f}, `4 0 0 1 -6 6 0.125 4.248161366991607`},
	}
	for _, tt := range tests {
		b, err := json.Marshal(summary(t, tt.d, le(t, tt.data)))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got map[string]json.RawMessage
		if err := json.Unmarshal(b, &got); err != nil || len(got) != 8 {
			t.Errorf("%s: %s: %v", tt.name, b, err)
			continue
		}
		for i, want := range strings.Fields(tt.want) {
			name := []string{"count", "nan", "inf", "zeros", "min", "max", "mean", "std"}[i]
			have := string(got[name])
			if i < 6 && have != want || i >= 6 && !near(have, want) {
				t.Errorf("%s: %s is %s, want %s", tt.name, name, have, want)
			}
		}
	}
}

// near reports whether two numbers are the same but for what rounds
// differently where the processor multiplies and adds at once.
func near(have, want string) bool {
	if have == "null" || want == "null" {
		return have == want
	}
	x, err1 := strconv.ParseFloat(have, 64)
	y, err2 := strconv.ParseFloat(want, 64)
	return err1 == nil && err2 == nil && math.Abs(x-y) <= 4e-16*math.Abs(y)
}

// exact computes mean and deviation with big numbers.
func exact(values []float64) (mean, std float64) {
	const prec = 2400
	total, n := new(big.Float).SetPrec(prec), new(big.Float).SetPrec(prec).SetInt64(int64(len(values)))
	for _, x := range values {
		total.Add(total, new(big.Float).SetPrec(prec).SetFloat64(x))
	}
	m := new(big.Float).SetPrec(prec).Quo(total, n)
	squares := new(big.Float).SetPrec(prec)
	for _, x := range values {
		d := new(big.Float).SetPrec(prec).SetFloat64(x)
		d.Sub(d, m)
		squares.Add(squares, d.Mul(d, d))
	}
	mean, _ = m.Float64()
	std, _ = squares.Sqrt(squares.Quo(squares, n)).Float64()
	return mean, std
}

// TestAgainstExact: long streams in pieces of any length, with a mean far from
// zero, an order that misleads, and numbers whose squares overflow.
func TestAgainstExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, f := range map[string]func(i int) float64{
		"normal":         func(int) float64 { return r.NormFloat64() },
		"far mean":       func(int) float64 { return 1e8 + r.NormFloat64() },
		"sorted":         func(i int) float64 { return float64(i) * float64(i) },
		"two levels":     func(i int) float64 { return float64(i / 15000 * 1e6) },
		"one large":      func(i int) float64 { return map[bool]float64{true: 1e300}[i == 12345] + r.Float64() },
		"large at first": func(i int) float64 { return map[bool]float64{true: -1e308}[i == 0] },
		"large":          func(int) float64 { return (r.Float64() - 0.5) * math.MaxFloat64 },
	} {
		values := make([]float64, 30000)
		for i := range values {
			values[i] = f(i)
		}
		wantMean, wantStd := exact(values)
		var c Collector
		c.Reset(tensor.Float64, 1)
		for p := le(t, values); len(p) > 0; {
			k := min(r.IntN(9000), len(p))
			c.Write(p[:k])
			p = p[k:]
		}
		s := c.Summary()
		if math.Abs(s.Mean-wantMean) > 1e-14*(math.Abs(wantMean)+wantStd) || math.Abs(s.Std-wantStd) > 1e-13*wantStd {
			t.Errorf("%s: mean %v, deviation %v; want %v, %v", name, s.Mean, s.Std, wantMean, wantStd)
		}
	}
}

// TestCounted: the counters say of two-byte elements what the blocks say.
func TestCounted(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, d := range []tensor.DType{tensor.Float16, tensor.BFloat16, tensor.Int16, tensor.Uint16} {
		for _, run := range []int{1, 7, 1000} { // of equal elements
			values := make([]uint16, 40001)
			for i := range values {
				if i%run == 0 {
					values[i] = uint16(r.Uint32())
				} else {
					values[i] = values[i-1]
				}
			}
			p := le(t, values)
			var few, many Collector
			few.Reset(d, 0)
			many.Reset(d, int64(len(p)))
			few.Write(p)
			many.Write(p[:33])
			many.Write(p[33:34])
			many.Write(p[34:])
			a, b := few.Summary(), many.Summary()
			far := func(x, y float64) bool { return math.Abs(x-y) > 1e-13*(a.Std+math.Abs(a.Mean)) }
			if far(a.Mean, b.Mean) || far(a.Std, b.Std) {
				t.Errorf("%s: mean %v and %v, deviation %v and %v", d, a.Mean, b.Mean, a.Std, b.Std)
			}
			b.Mean, b.Std = a.Mean, a.Std
			if a != b {
				t.Errorf("%s: %+v and %+v", d, a, b)
			}
		}
	}
}

// TestEmptied: counters are emptied in time.
func TestEmptied(t *testing.T) {
	for _, d := range []tensor.DType{tensor.Uint8, tensor.Uint16} {
		var c Collector
		c.Reset(d, 1<<20)
		p := le(t, []uint16{3, 3, 3, 3, 3, 3, 3, 3})
		c.Write(p)
		c.taken = countMost - 1
		c.Write(p)
		if c.taken != 0 {
			t.Errorf("%s: %d are in the counters", d, c.taken)
		}
		c.Write(p)
		s := c.Summary()
		if want := int64(3 * len(p) / c.unit); s.Count != want || s.Max != Natural(3) && s.Max != Whole(3) {
			t.Errorf("%s: %+v, want %d numbers", d, s, want)
		}
	}
}

func TestPieces(t *testing.T) {
	p := le(t, []float64{1, 2, 3, math.NaN(), 5})
	want := summary(t, tensor.Float64, p)
	for step := 1; step <= len(p); step++ {
		var c Collector
		c.Reset(tensor.Float64, int64(len(p)))
		for i := 0; i < len(p); i += step {
			if n, err := c.Write(p[i:min(i+step, len(p))]); n != min(step, len(p)-i) || err != nil {
				t.Fatalf("%d, %v", n, err)
			}
		}
		if got := c.Summary(); got != want {
			t.Errorf("pieces of %d: %+v, want %+v", step, got, want)
		}
	}
	// A tensor is not mixed with the one before it, nor with half a number.
	var c Collector
	c.Reset(tensor.Float64, 9)
	c.Write(p[:9])
	c.Reset(tensor.Float64, int64(len(p)))
	c.Write(p)
	if got := c.Summary(); got != want {
		t.Errorf("after another: %+v, want %+v", got, want)
	}
}

func TestUnsupported(t *testing.T) {
	for _, d := range []tensor.DType{tensor.Invalid, tensor.Bits8, tensor.Bits16, tensor.Bits1x8, tensor.Bits2x4, tensor.Bits4x2,
		tensor.QInt8, tensor.QUInt8, tensor.QInt32, tensor.QUInt4x2, tensor.QUInt2x4, tensor.Float128, 255} {
		var c Collector
		if Supported(d) || c.Reset(d, 8) {
			t.Errorf("%s has statistics", d)
		}
		if n, err := c.Write(make([]byte, 9)); n != 9 || err != nil || c.Summary() != (Summary{}) {
			t.Errorf("%s: %d, %v, %+v", d, n, err, c.Summary())
		}
	}
}

// TestAgree: what is supported has code behind it.
func TestAgree(t *testing.T) {
	for d := tensor.Invalid; d < 64; d++ {
		var c Collector
		if got := c.Reset(d, 8); got != Supported(d) || got && int64(c.unit) != d.SwapUnit() {
			t.Errorf("%s: %v, units of %d", d, got, c.unit)
		}
	}
}

func TestTimes(t *testing.T) {
	s := summary(t, tensor.Float32, le(t, []float32{0, 2, float32(math.NaN()), float32(math.Inf(1))}))
	want := s
	want.Count, want.NaN, want.Inf, want.Zeros = 12, 3, 3, 3
	if got := s.Times(3); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := s.Times(math.MaxInt64); got.Count != math.MaxInt64 || got.NaN != math.MaxInt64 || got.Mean != 1 {
		t.Errorf("%+v", got)
	}
}

func TestWith(t *testing.T) {
	a, b := []float64{1, 2, 3, math.NaN(), 0}, []float64{-7, 11, math.Inf(-1)}
	x, y := summary(t, tensor.Float64, le(t, a)), summary(t, tensor.Float64, le(t, b))
	want := summary(t, tensor.Float64, le(t, append(a, b...)))
	for _, got := range []Summary{x.With(y), y.With(x)} {
		if math.Abs(got.Mean-want.Mean) > 1e-15 || math.Abs(got.Std-want.Std) > 1e-14 {
			t.Errorf("mean %v, deviation %v; want %v, %v", got.Mean, got.Std, want.Mean, want.Std)
		}
		got.Mean, got.Std = want.Mean, want.Std
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	none := summary(t, tensor.Float64, le(t, []float64{math.NaN()}))
	got, back := x.With(none), none.With(x)
	x.Count, x.NaN = x.Count+1, x.NaN+1
	if got != x || back != x {
		t.Errorf("with nothing finite: %+v and %+v, want %+v", got, back, x)
	}
	lo, hi := summary(t, tensor.Float64, le(t, []float64{-math.MaxFloat64})), summary(t, tensor.Float64, le(t, []float64{math.MaxFloat64}))
	if s := lo.With(hi); s.Mean != 0 || s.Std != math.MaxFloat64 {
		t.Errorf("of the largest: %+v", s)
	}
}

func TestNumber(t *testing.T) {
	sorted := []Number{Whole(math.MinInt64), Whole(-2), Whole(-1), Whole(0), Natural(1), Whole(math.MaxInt64), Natural(math.MaxUint64)}
	for i, a := range sorted {
		for j, b := range sorted {
			if a.Less(b) != (i < j) {
				t.Errorf("%v < %v: %v", a, b, a.Less(b))
			}
		}
	}
	if !Real(-1.5).Less(Real(2)) || Real(2).Less(Real(2)) || !Real(-1.5).Less(Whole(0)) {
		t.Error("floats")
	}
}

func BenchmarkWrite(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, d := range []tensor.DType{tensor.Float32, tensor.Float64, tensor.BFloat16, tensor.Float16, tensor.Int64, tensor.Int32, tensor.Uint8, tensor.Float8E4M3FN, tensor.Bool} {
		p := make([]byte, 1<<20)
		for i := 0; i < len(p); i += int(d.Size()) {
			x := r.NormFloat64() * 0.02
			switch d {
			case tensor.Float32:
				binary.LittleEndian.PutUint32(p[i:], math.Float32bits(float32(x)))
			case tensor.Float64:
				binary.LittleEndian.PutUint64(p[i:], math.Float64bits(x))
			case tensor.BFloat16, tensor.Float16:
				binary.LittleEndian.PutUint16(p[i:], uint16(math.Float32bits(float32(x))>>16))
			case tensor.Int64:
				binary.LittleEndian.PutUint64(p[i:], uint64(int64(x*1e6)))
			case tensor.Int32:
				binary.LittleEndian.PutUint32(p[i:], uint32(int32(x*1e6)))
			default:
				p[i] = byte(int(x * 1000))
			}
		}
		for name, p := range map[string][]byte{d.String(): p, d.String() + " zeros": make([]byte, 1<<20)} {
			b.Run(name, func(b *testing.B) {
				var c Collector
				c.Reset(d, 1<<30)
				b.SetBytes(int64(len(p)))
				for b.Loop() {
					c.Write(p)
				}
				c.Summary()
			})
		}
	}
}
