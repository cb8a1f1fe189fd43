package stats

import (
	"encoding/binary"
	"math/bits"

	"depickle/scan/tensor"
)

const (
	// lanes are sets of counters that take turns, so that a run of equal
	// bytes does not wait for one counter.
	lanes = 4
	// countMost is the numbers after which counters, of 32 bits, are emptied,
	// and countStep how many bytes pass between two looks.
	countMost = int64(1) << 31
	countStep = 1 << 20
)

func (c *Collector) countBytes(p []byte) {
	for len(p) > 0 {
		n := min(len(p), countStep)
		for q := p[:n]; len(q) > 0; {
			if len(q) < lanes {
				c.bytes[0][q[0]]++
				q = q[1:]
				continue
			}
			c.bytes[0][q[0]]++
			c.bytes[1][q[1]]++
			c.bytes[2][q[2]]++
			c.bytes[3][q[3]]++
			q = q[lanes:]
		}
		c.counted(n)
		p = p[n:]
	}
}

func (c *Collector) countWords(p []byte) {
	// A slice of known length needs no checks of its index.
	w := c.words[:1<<16]
	for len(p) > 0 {
		n := min(len(p), countStep)
		q := p[:n]
		for len(q) >= 8 {
			u := binary.LittleEndian.Uint64(q)
			if u == bits.RotateLeft64(u, 16) {
				// Four of a kind, as in a tensor of zeros.
				w[u&0xffff] += 4
			} else {
				w[u&0xffff]++
				w[u>>16&0xffff]++
				w[u>>32&0xffff]++
				w[u>>48]++
			}
			q = q[8:]
		}
		for ; len(q) >= 2; q = q[2:] {
			w[binary.LittleEndian.Uint16(q)]++
		}
		c.counted(n / 2)
		p = p[n:]
	}
}

// counted empties the counters before one could overflow.
func (c *Collector) counted(n int) {
	c.taken += int64(n)
	if c.taken >= countMost {
		c.empty()
	}
}

// empty takes what was counted.
func (c *Collector) empty() {
	if c.taken == 0 {
		return
	}
	c.taken = 0
	for x, n := range c.tally {
		switch {
		case !finite(x):
			c.count(x, n)
		case x == 0:
			c.zeros += n
		}
	}
	c.moments.addCounted(func(yield func(float64, int64) bool) {
		for x, n := range c.tally {
			if finite(x) && !yield(x, n) {
				return
			}
		}
	})
	clear(c.words)
	c.bytes = [lanes][256]uint32{}
}

// tally gives each number that was counted, and how often.
func (c *Collector) tally(yield func(x float64, n int64) bool) {
	if c.unit == 2 {
		for code, n := range c.words {
			if n > 0 && !yield(value(c.d, uint32(code)), int64(n)) {
				return
			}
		}
		return
	}
	for code := range uint32(256) {
		var n int64
		for lane := range c.bytes {
			n += int64(c.bytes[lane][code])
		}
		if n == 0 {
			continue
		}
		if c.d == tensor.Float4E2M1FNX2 {
			if !yield(float4(code&15), n) || !yield(float4(code>>4), n) {
				return
			}
		} else if !yield(value(c.d, code), n) {
			return
		}
	}
}
