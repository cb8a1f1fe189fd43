package stats

import (
	"iter"
	"math"
)

// moments are count, extremes, mean and sum of squared deviations of finite
// numbers.
type moments struct {
	n      int64
	lo, hi float64
	// Sums are of distances from origin, which is not 0 where the first block
	// lies far from it: of numbers close to each other nothing else keeps the
	// digits in which they differ.
	origin float64
	mean   float64 // distance from origin
	m2     float64
	// small says that origin, mean and m2 are of numbers times shrink.
	small bool
}

// Squares of numbers beyond large would overflow, so that from the first one
// on all are taken times shrink. What that loses is far below the precision of
// the sum that it is lost in.
const (
	large  = 0x1p+480
	shrink = 0x1p-600
)

// add takes the numbers of a block, which must be finite. It may change them.
func (m *moments) add(b []float64) {
	if len(b) == 0 {
		return
	}
	lo, hi := extremes(b)
	m.spread(lo, hi)
	if m.small {
		for i := range b {
			b[i] *= shrink
		}
	}
	n := float64(len(b))
	if m.n == 0 {
		if first := sum(b, 0) / n; math.Abs(first) > hi-lo {
			m.origin = first
		}
	}
	mean := sum(b, m.origin) / n
	m.join(n, mean, squares(b, m.origin, mean))
	m.n += int64(len(b))
}

// addCounted takes numbers with how many there are of each. It goes over them
// twice. They must be of a narrow type, whose squares do not overflow.
func (m *moments) addCounted(each iter.Seq2[float64, int64]) {
	var n int64
	var total, lost float64
	for x, k := range each {
		if n += k; n == k {
			m.spread(x, x)
		}
		m.lo, m.hi = min(m.lo, x), max(m.hi, x)
		// Neumaier's summation, which carries what each addition rounds off.
		y := x * float64(k)
		t := total + y
		if math.Abs(total) >= math.Abs(y) {
			lost += (total - t) + y
		} else {
			lost += (y - t) + total
		}
		total = t
	}
	if n == 0 {
		return
	}
	mean, m2 := (total+lost)/float64(n), 0.0
	for x, k := range each {
		m2 += (x - mean) * (x - mean) * float64(k)
	}
	m.join(float64(n), mean, m2)
	m.n += n
}

// spread takes the extremes of what is added next, and goes over to small
// numbers where these ones need it.
func (m *moments) spread(lo, hi float64) {
	if m.n == 0 {
		m.lo, m.hi = lo, hi
	}
	m.lo, m.hi = min(m.lo, lo), max(m.hi, hi)
	if m.small || lo > -large && hi < large {
		return
	}
	m.small = true
	m.origin *= shrink
	m.mean *= shrink
	m.m2 = m.m2 * shrink * shrink
}

// join adds what is known of n more numbers.
func (m *moments) join(n, mean, m2 float64) {
	have := float64(m.n)
	d, share := mean-m.mean, n/(have+n)
	m.mean += d * share
	m.m2 += m2 + d*d*have*share
}

// result is the mean and the standard deviation.
func (m *moments) result() (mean, std float64) {
	switch {
	case m.n == 0:
		return 0, 0
	case m.lo == m.hi:
		// Exactly, whatever the sums were rounded to.
		return m.lo, 0
	}
	mean, std = m.origin+m.mean, math.Sqrt(m.m2/float64(m.n))
	if m.small {
		mean, std = mean/shrink, std/shrink
	}
	// Rounding must not lead outside of what the numbers allow.
	return min(max(mean, m.lo), m.hi), std
}

func extremes(b []float64) (lo, hi float64) {
	lo, hi = b[0], b[0]
	for _, x := range b {
		// Comparisons that hardly ever hold cost less than the built-in min,
		// which minds NaN and the sign of zero.
		if x < lo {
			lo = x
		}
		if x > hi {
			hi = x
		}
	}
	return lo, hi
}

// sum adds distances from origin, in four chains, since an addition takes four
// cycles.
func sum(b []float64, origin float64) float64 {
	var s0, s1, s2, s3 float64
	for len(b) >= 4 {
		s0, s1, s2, s3 = s0+(b[0]-origin), s1+(b[1]-origin), s2+(b[2]-origin), s3+(b[3]-origin)
		b = b[4:]
	}
	for _, x := range b {
		s0 += x - origin
	}
	return (s0 + s1) + (s2 + s3)
}

// squares adds the squares of distances from a mean that is itself given by its
// distance from origin.
func squares(b []float64, origin, mean float64) float64 {
	var s0, s1, s2, s3 float64
	for len(b) >= 4 {
		d0, d1, d2, d3 := b[0]-origin-mean, b[1]-origin-mean, b[2]-origin-mean, b[3]-origin-mean
		s0, s1, s2, s3 = s0+d0*d0, s1+d1*d1, s2+d2*d2, s3+d3*d3
		b = b[4:]
	}
	for _, x := range b {
		d := x - origin - mean
		s0 += d * d
	}
	return (s0 + s1) + (s2 + s3)
}
