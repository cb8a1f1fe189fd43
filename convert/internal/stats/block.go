package stats

import (
	"encoding/binary"
	"math"
)

// These turn bytes into blocks of float64. That a block holds something that
// is no number, one comparison of its largest exponent tells.

func (c *Collector) float32s(p []byte) {
	for len(p) > 0 {
		n := min(len(p)/4, blockMost)
		b := c.block[:n]
		var zeros uint64
		var top uint32
		for i := range b {
			u := binary.LittleEndian.Uint32(p[4*i : 4*i+4])
			abs := u << 1 // without its sign
			top = max(top, abs)
			zeros += (uint64(abs) - 1) >> 63
			b[i] = float64(math.Float32frombits(u))
		}
		c.zeros += int64(zeros)
		c.add(b, top >= 0xff<<24)
		p = p[4*n:]
	}
}

func (c *Collector) float64s(p []byte) {
	for len(p) > 0 {
		n := min(len(p)/8, blockMost)
		b := c.block[:n]
		var zeros, top uint64
		for i := range b {
			u := binary.LittleEndian.Uint64(p[8*i : 8*i+8])
			abs := u << 1
			top = max(top, abs)
			zeros += (abs | -abs) >> 63 // what is no zero
			b[i] = math.Float64frombits(u)
		}
		c.zeros += int64(n) - int64(zeros)
		c.add(b, top >= 0x7ff<<53)
		p = p[8*n:]
	}
}

// add takes a block. What is not finite in it is counted and taken out first.
func (c *Collector) add(b []float64, special bool) {
	if special {
		k := 0
		for _, x := range b {
			if finite(x) {
				b[k] = x
				k++
			} else {
				c.count(x, 1)
			}
		}
		b = b[:k]
	}
	c.moments.add(b)
}

// count notes n times a number that is not finite.
func (c *Collector) count(x float64, n int64) {
	if math.IsNaN(x) {
		c.nan += n
	} else {
		c.inf += n
	}
}

// codes takes a few elements of two bytes.
func (c *Collector) codes(p []byte) {
	for len(p) > 0 {
		n := min(len(p)/2, blockMost)
		b := c.block[:n]
		for i := range b {
			b[i] = value(c.d, uint32(binary.LittleEndian.Uint16(p[2*i:2*i+2])))
			if b[i] == 0 {
				c.zeros++
			}
		}
		c.add(b, true)
		p = p[2*n:]
	}
}
