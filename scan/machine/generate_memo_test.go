package machine

import "encoding/binary"

// put stores the top of the stack, now and then behind a gap.
func (g *generator) put() {
	slot := len(g.memo)
	if g.rng.IntN(8) == 0 {
		slot += g.rng.IntN(3)
	}
	switch {
	case slot == len(g.memo) && g.rng.IntN(2) == 0:
		g.op("", 0x94)
	default:
		g.slot('p', 'q', 'r', slot)
	}
	for len(g.memo) < slot {
		g.memo = append(g.memo, 0)
	}
	g.memo = append(g.memo, g.kinds[len(g.kinds)-1])
}

// get pushes what was stored.
func (g *generator) get() {
	if len(g.memo) == 0 {
		return
	}
	slot := g.rng.IntN(len(g.memo))
	if g.memo[slot] == 0 && g.rng.IntN(20) != 0 {
		return
	}
	g.slot('g', 'h', 'j', slot)
	g.kinds = append(g.kinds, max('n', g.memo[slot]))
}

// slot writes one of three opcodes for a place in the memo.
func (g *generator) slot(line, short, long byte, slot int) {
	switch g.rng.IntN(3) {
	case 0:
		g.op("", append([]byte{line}, decimal(slot)...)...)
	case 1:
		g.op("", short, byte(slot))
	default:
		g.op("", binary.LittleEndian.AppendUint32([]byte{long}, uint32(slot))...)
	}
}
