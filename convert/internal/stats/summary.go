package stats

import (
	"math"
	"strconv"

	"depickle/scan/limit"
)

// Summary is what is known of a tensor's numbers. Counts saturate at the
// largest int64.
type Summary struct {
	Count int64 // of numbers: twice the elements where these are complex
	NaN   int64
	Inf   int64 // of both signs
	Zeros int64 // of both signs
	// What follows is of the finite numbers, and means nothing if Finite is 0.
	Min, Max  Number
	Mean, Std float64
}

// Finite is how many numbers are neither NaN nor infinite.
func (s Summary) Finite() int64 { return s.Count - s.NaN - s.Inf }

// Times is the summary of a tensor in which every number stands k times.
func (s Summary) Times(k int64) Summary {
	for _, n := range []*int64{&s.Count, &s.NaN, &s.Inf, &s.Zeros} {
		if product, ok := limit.Mul(*n, k); ok {
			*n = product
		} else {
			*n = math.MaxInt64
		}
	}
	return s
}

// With is the summary of two tensors together.
func (s Summary) With(o Summary) Summary {
	a, b := s.Finite(), o.Finite()
	t := s
	if a == 0 {
		t = o
	}
	t.Count, t.NaN, t.Inf, t.Zeros = add(s.Count, o.Count), add(s.NaN, o.NaN), add(s.Inf, o.Inf), add(s.Zeros, o.Zeros)
	if a == 0 || b == 0 {
		return t
	}
	if o.Min.Less(t.Min) {
		t.Min = o.Min
	}
	if t.Max.Less(o.Max) {
		t.Max = o.Max
	}
	// Shares rather than counts, and roots rather than squares: neither
	// overflows.
	x, y := float64(a)/(float64(a)+float64(b)), float64(b)/(float64(a)+float64(b))
	t.Mean = s.Mean*x + o.Mean*y
	within := math.Hypot(math.Sqrt(x)*s.Std, math.Sqrt(y)*o.Std)
	t.Std = math.Hypot(within, 2*math.Sqrt(x*y)*(s.Mean/2-o.Mean/2))
	return t
}

func add(a, b int64) int64 {
	if sum, ok := limit.Add(a, b); ok {
		return sum
	}
	return math.MaxInt64
}

// MarshalJSON writes count, nan, inf and zeros, then min, max, mean and std,
// which are null where nothing is finite. Each number is spelled so that it
// reads back as the same.
func (s Summary) MarshalJSON() ([]byte, error) {
	var b []byte
	for _, f := range []struct {
		name string
		n    int64
	}{{`{"count":`, s.Count}, {`,"nan":`, s.NaN}, {`,"inf":`, s.Inf}, {`,"zeros":`, s.Zeros}} {
		b = strconv.AppendInt(append(b, f.name...), f.n, 10)
	}
	if s.Finite() <= 0 {
		return append(b, `,"min":null,"max":null,"mean":null,"std":null}`...), nil
	}
	b = append(append(b, `,"min":`...), s.Min.String()...)
	b = append(append(b, `,"max":`...), s.Max.String()...)
	b = strconv.AppendFloat(append(b, `,"mean":`...), s.Mean, 'g', -1, 64)
	b = strconv.AppendFloat(append(b, `,"std":`...), s.Std, 'g', -1, 64)
	return append(b, '}'), nil
}
