package machine

import (
	"encoding/binary"
	"strings"
)

// closeMark ends a mark with an opcode that takes what stands above it.
func (g *generator) closeMark() {
	i := strings.LastIndexByte(string(g.kinds), mark)
	if i < 0 {
		return
	}
	above, below := g.kinds[i+1:], byte(0)
	if i > 0 {
		below = g.kinds[i-1]
	}
	codes := closers(above, below)
	g.closeBy(codes[g.rng.IntN(len(codes))], i, hashable(above...))
}

// closers are the opcodes that take what stands above a mark, the better ones
// more often.
func closers(above []byte, below byte) string {
	codes := "tlt1i"
	keys, object := true, below == 'o'
	for i := 0; i < len(above); i += 2 {
		keys = keys && hashable(above[i])
	}
	if keys && len(above)%2 == 0 {
		codes += "dd"
		if below == 'd' || object {
			codes += "uuuu"
		}
	}
	if hashable(above...) {
		codes += "\x91"
		if below == 'e' || object {
			codes += "\x90\x90\x90"
		}
	}
	if below == 'l' || object {
		codes += "eeee"
	}
	if len(above) > 0 && above[0] == 'g' {
		codes += "oooo"
	}
	return codes
}

// closeBy ends the mark at i. Keys says that all above it can be keys.
func (g *generator) closeBy(code byte, i int, keys bool) {
	g.kinds = g.kinds[:i]
	switch code {
	case 't':
		g.op(map[bool]string{true: "t", false: "T"}[keys], 't')
	case 'l', 'd':
		g.op(string(code), code)
	case 0x91:
		g.op("n", code)
	case 'o':
		g.op("o", 'o')
	case 'i':
		g.op("o", []byte("i"+g.name()+"\n"+g.name()+"\n")...)
	default:
		g.op("", code)
	}
}

// framed puts frames around opcodes from head on. One in twenty ends where no
// opcode does.
func (g *generator) framed(head int) (out []byte) {
	out = append(out, g.out[:head]...)
	for head < len(g.out) {
		end := len(g.out)
		if i := g.rng.IntN(2 * len(g.cuts)); i < len(g.cuts) && g.cuts[i] > head {
			end = g.cuts[i]
		}
		n := uint64(end - head)
		if g.rng.IntN(20) == 0 {
			n += uint64(g.rng.IntN(3))
		}
		if g.rng.IntN(4) != 0 {
			out = binary.LittleEndian.AppendUint64(append(out, 0x95), n)
		}
		out = append(out, g.out[head:end]...)
		head = end
	}
	return out
}
