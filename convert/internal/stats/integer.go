package stats

import "encoding/binary"

// integers are the exact extremes of 64-bit integers, which float64 rounds.
// Both kinds have the order of uint64 once bias is added.
type integers struct {
	seen   bool
	bias   uint64 // 1<<63 for signed ones
	lo, hi uint64
}

func (i *integers) spread(bias, lo, hi uint64) {
	if !i.seen {
		*i = integers{true, bias, lo, hi}
	}
	i.lo, i.hi = min(i.lo, lo), max(i.hi, hi)
}

func (i *integers) extremes() (lo, hi Number) {
	if i.bias != 0 {
		return Whole(int64(i.lo - i.bias)), Whole(int64(i.hi - i.bias))
	}
	return Natural(i.lo), Natural(i.hi)
}

// narrow counts 32-bit integers, which float64 holds exactly.
func narrow[T int32 | uint32](c *Collector, p []byte) {
	for len(p) > 0 {
		n := min(len(p)/4, blockMost)
		b := c.block[:n]
		var zeros uint64
		for i := range b {
			u := binary.LittleEndian.Uint32(p[4*i : 4*i+4])
			zeros += (uint64(u) - 1) >> 63
			b[i] = float64(T(u))
		}
		c.zeros += int64(zeros)
		c.moments.add(b)
		p = p[4*n:]
	}
}

// wide counts 64-bit integers. bias is 1<<63 for signed ones.
func wide[T int64 | uint64](c *Collector, p []byte, bias uint64) {
	for len(p) > 0 {
		n := min(len(p)/8, blockMost)
		b := c.block[:n]
		lo, hi, others := ^uint64(0), uint64(0), uint64(0)
		for i := range b {
			u := binary.LittleEndian.Uint64(p[8*i : 8*i+8])
			others += (u | -u) >> 63 // what is no zero
			lo, hi = min(lo, u+bias), max(hi, u+bias)
			b[i] = float64(T(u))
		}
		c.zeros += int64(n) - int64(others)
		c.integers.spread(bias, lo, hi)
		c.moments.add(b)
		p = p[8*n:]
	}
}

func (c *Collector) int32s(p []byte)  { narrow[int32](c, p) }
func (c *Collector) uint32s(p []byte) { narrow[uint32](c, p) }
func (c *Collector) int64s(p []byte)  { wide[int64](c, p, 1<<63) }
func (c *Collector) uint64s(p []byte) { wide[uint64](c, p, 0) }
