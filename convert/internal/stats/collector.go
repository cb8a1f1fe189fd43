package stats

import "depickle/scan/tensor"

// blockMost is the numbers of a block: as float64 they stay in the
// processor's first cache while they are passed over twice.
const blockMost = 1024

// countLeast is the elements of two bytes from which on they are counted by
// value. For fewer, going through 65,536 counters would cost more than it
// saves.
const countLeast = 16 << 10

// Collector takes the bytes of one tensor after another. The zero value takes
// none: Reset says what they are. It is not for use by several goroutines at
// once.
type Collector struct {
	d     tensor.DType
	unit  int // bytes of a number
	take  func(p []byte)
	rest  [8]byte // the beginning of a number that a Write cut
	nrest int

	nan, inf, zeros int64
	moments         moments
	block           [blockMost]float64
	integers        integers

	bytes [lanes][256]uint32
	words []uint32 // counters of two-byte codes
	taken int64    // numbers counted since the counters were emptied
}

// Supported reports whether elements of that type have statistics.
func Supported(d tensor.DType) bool { return unit(d) != 0 }

// unit is the bytes of a number; half of a complex element.
func unit(d tensor.DType) int {
	switch d {
	case tensor.Bool, tensor.Uint8, tensor.Int8, tensor.Float8E5M2, tensor.Float8E4M3FN, tensor.Float8E5M2FNUZ,
		tensor.Float8E4M3FNUZ, tensor.Float8E8M0FNU, tensor.Float4E2M1FNX2:
		return 1
	case tensor.Int16, tensor.Uint16, tensor.Float16, tensor.BFloat16, tensor.Complex32, tensor.BComplex32:
		return 2
	case tensor.Int32, tensor.Uint32, tensor.Float32, tensor.Complex64:
		return 4
	case tensor.Int64, tensor.Uint64, tensor.Float64, tensor.Complex128:
		return 8
	}
	return 0
}

// Reset begins a tensor of so many bytes, and reports whether its type has
// statistics. The size decides about speed alone.
func (c *Collector) Reset(d tensor.DType, size int64) bool {
	c.d, c.unit, c.nrest = d, unit(d), 0
	c.nan, c.inf, c.zeros, c.taken = 0, 0, 0, 0
	c.moments, c.integers = moments{}, integers{}
	c.take = c.taker(size)
	return c.take != nil
}

func (c *Collector) taker(size int64) func([]byte) {
	switch c.unit {
	case 1:
		return c.countBytes
	case 2:
		if size < 2*countLeast {
			return c.codes
		}
		if c.words == nil {
			c.words = make([]uint32, 1<<16)
		}
		return c.countWords
	}
	switch c.d {
	case tensor.Float32, tensor.Complex64:
		return c.float32s
	case tensor.Float64, tensor.Complex128:
		return c.float64s
	case tensor.Int32:
		return c.int32s
	case tensor.Uint32:
		return c.uint32s
	case tensor.Int64:
		return c.int64s
	case tensor.Uint64:
		return c.uint64s
	}
	return nil
}

// Write takes bytes of the tensor. It never fails.
func (c *Collector) Write(p []byte) (int, error) {
	n := len(p)
	if c.take == nil {
		return n, nil
	}
	if c.nrest > 0 {
		k := copy(c.rest[c.nrest:c.unit], p)
		p, c.nrest = p[k:], c.nrest+k
		if c.nrest < c.unit {
			return n, nil
		}
		c.take(c.rest[:c.unit])
	}
	whole := len(p) - len(p)%c.unit
	c.take(p[:whole])
	c.nrest = copy(c.rest[:], p[whole:])
	return n, nil
}

// Summary ends the tensor. Bytes of a number that is not whole are left out.
func (c *Collector) Summary() Summary {
	c.empty()
	m := &c.moments
	s := Summary{Count: m.n + c.nan + c.inf, NaN: c.nan, Inf: c.inf, Zeros: c.zeros}
	if m.n == 0 {
		return s
	}
	s.Mean, s.Std = m.result()
	switch {
	case c.integers.seen:
		s.Min, s.Max = c.integers.extremes()
	case integral(c.d):
		s.Min, s.Max = Whole(int64(m.lo)), Whole(int64(m.hi))
	default:
		s.Min, s.Max = Real(m.lo), Real(m.hi)
	}
	return s
}

// integral reports whether every number of the type is an integer that
// float64 holds.
func integral(d tensor.DType) bool {
	switch d {
	case tensor.Bool, tensor.Uint8, tensor.Int8, tensor.Int16, tensor.Uint16, tensor.Int32, tensor.Uint32:
		return true
	}
	return false
}
