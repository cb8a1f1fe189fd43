package machine

import (
	"math/rand/v2"
	"strings"
)

// generate makes a random pickle. It knows of what kind each value on the
// stack is, so that most opcodes have what they need, and now and then does
// not care.
func generate(rng *rand.Rand) []byte {
	g := &generator{rng: rng}
	if proto := rng.IntN(7) - 1; proto >= 0 {
		g.out = append(g.out, 0x80, byte(proto))
	}
	head := len(g.out)
	for range 1 + rng.IntN(40) {
		if rng.IntN(60) == 0 {
			g.careless()
			continue
		}
		g.step()
	}
	for strings.IndexByte(string(g.kinds), mark) >= 0 && rng.IntN(20) != 0 {
		g.closeMark()
	}
	if len(g.kinds) == 0 {
		g.constant()
	}
	g.op("")
	g.out = append(g.out, '.')
	if rng.IntN(4) == 0 {
		return g.framed(head)
	}
	return g.out
}

// generator holds a letter for the kind of each value on the stack and in the
// memo: n for what can be a key, s text, t a tuple of such, T a tuple of
// others, l list, d dict, e set, B bytearray, g global, o what a call or a
// persistent id gives.
type generator struct {
	rng   *rand.Rand
	out   []byte
	kinds []byte
	memo  []byte
	cuts  []int // where opcodes begin
}

const mark = '('

// op writes an opcode whose values are popped already, and pushes what it
// leaves.
func (g *generator) op(push string, b ...byte) {
	g.cuts = append(g.cuts, len(g.out))
	g.out = append(g.out, b...)
	g.kinds = append(g.kinds, push...)
}

func pick[T any](g *generator, from ...T) T { return from[g.rng.IntN(len(from))] }

// form is an opcode, what it takes from the stack and what it leaves. In takes
// * is any value, h one that can be a key, t any tuple.
type form struct {
	code        byte
	takes, left string
}

var forms = []form{
	{'R', "gt", "o"}, {'R', "gt", "o"}, {'R', "ot", "o"}, {0x81, "gt", "o"}, {0x81, "gt", "o"}, {0x92, "gtd", "o"},
	{'b', "o*", "o"}, {'b', "g*", "g"}, {'b', "od", "o"},
	{0x93, "ss", "g"}, {0x93, "ss", "g"}, {'Q', "*", "o"},
	{'a', "l*", "l"}, {'a', "o*", "o"}, {'s', "dh*", "d"}, {'s', "oh*", "o"}, {'s', "g**", "g"},
	{0x85, "h", "t"}, {0x86, "hh", "t"}, {0x87, "hhh", "t"}, {0x85, "*", "T"}, {0x86, "**", "T"}, {0x87, "***", "T"},
	{'0', "*", ""},
}

// step adds what the stack is good for, after the values that it lacks.
func (g *generator) step() {
	switch r := g.rng.IntN(20); {
	case r < 5:
		g.constant()
	case r < 7:
		g.op("(", '(')
	case r < 9:
		g.closeMark()
	case r < 10 && g.is(0, '*'):
		g.op(string(g.kinds[len(g.kinds)-1:]), '2')
	case r < 12 && g.is(0, '*'):
		g.put()
	case r < 13:
		g.get()
	case r < 14:
		g.global()
	default:
		f := pick(g, forms...)
		have := len(f.takes)
		for ; have > 0 && !g.fits(f.takes[:have]); have-- {
		}
		for _, kind := range []byte(f.takes[have:]) {
			g.push(kind)
		}
		g.kinds = g.kinds[:len(g.kinds)-len(f.takes)]
		g.op(f.left, f.code)
	}
}

// is reports whether the value n below the top is of a kind.
func (g *generator) is(n int, kind byte) bool {
	if n >= len(g.kinds) {
		return false
	}
	k := g.kinds[len(g.kinds)-1-n]
	switch kind {
	case '*':
		return k != mark
	case 'h':
		return hashable(k)
	case 't':
		return k == 't' || k == 'T'
	}
	return k == kind
}

func hashable(kinds ...byte) bool { return !strings.ContainsAny(string(kinds), "TldeB(") }

func (g *generator) fits(takes string) bool {
	for i := range len(takes) {
		if !g.is(len(takes)-1-i, takes[i]) {
			return false
		}
	}
	return true
}

// push adds a value of a kind.
func (g *generator) push(kind byte) {
	switch kind {
	case 's':
		g.text()
	case 't':
		g.tuple()
	case 'l':
		g.op("l", ']')
	case 'd':
		g.op("d", '}')
	case 'g':
		g.global()
	case 'o':
		g.global()
		g.tuple()
		g.kinds = g.kinds[:len(g.kinds)-2]
		g.op("o", pick[byte](g, 'R', 0x81))
	case 'h':
		g.scalar()
	default:
		g.constant()
	}
}

func (g *generator) tuple() {
	n := g.rng.IntN(4)
	for range n {
		g.scalar()
	}
	g.kinds = g.kinds[:len(g.kinds)-n]
	g.op("t", ")\x85\x86\x87"[n])
}

// global pushes a global in one of the ways there are.
func (g *generator) global() {
	if g.rng.IntN(2) == 0 {
		g.op("g", []byte("c"+g.name()+"\n"+g.name()+"\n")...)
		return
	}
	g.text()
	g.text()
	g.kinds = g.kinds[:len(g.kinds)-2]
	g.op("g", 0x93)
}
