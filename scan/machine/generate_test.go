package machine

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// handWritten are pickles that a random generator is slow to find.
var handWritten = []string{
	"", ".", "N.", "(.", "N(.", "N(0.", "((0N.", "(N0.", "2.", "N2t.", "(N2t.",
	"0.", "(00.", "1.", "(1N.", "N(N1.", "N(1.", "(N(1.",
	"]K\x01a.", "]K\x01K\x02.", "](K\x01K\x02e.", "](e.", "(e.", "N(e.", "K\x01(e.", "K\x01(K\x02e.", "K\x01K\x02a.",
	"]K\x00K\x01s.", "]K\x05aK\x00K\x01s.", "]K\x05aK\x03K\x01s.", "]K\x05aNK\x01s.", "]K\x05a\x88K\x01s.", "]K\x05aI01\nK\x01s.",
	"}K\x00K\x01s.", "}]K\x01s.", "}(K\x00K\x01K\x02u.", "}(K\x00u.", "}(u.", "}K\x01)\x85s.", "}]\x85K\x01s.", "})]\x85\x85K\x01s.",
	"}\x8fK\x01s.", "}(\x91K\x01s.", "}}K\x01s.", "(K\x01K\x02d.", "(K\x01d.", "(]K\x02d.", "(d.", "(K\x01]d.",
	"\x8f(K\x01\x90.", "\x8f(]\x90.", "\x8f(\x90.", "](K\x01\x90.", "](\x90.", "N(\x90.", "(K\x01\x91.", "(]\x91.", "(\x91.",
	"(K\x01(]tt\x91.", "\x8f((]t\x90.", "((]t)d.",
	"\x96\x01\x00\x00\x00\x00\x00\x00\x00aK\x01a.", "\x96\x01\x00\x00\x00\x00\x00\x00\x00a(K\x01K\x02e.", "\x96\x01\x00\x00\x00\x00\x00\x00\x00aNa.",
	"\x96\x01\x00\x00\x00\x00\x00\x00\x00aM\x00\x01a.", "\x96\x01\x00\x00\x00\x00\x00\x00\x00aK\x00K\x01s.", "\x96\x01\x00\x00\x00\x00\x00\x00\x00aK\x00M\x00\x01s.",
	"}\x96\x00\x00\x00\x00\x00\x00\x00\x00K\x01s.",
	"K\x01Nb.", "]Nb.", "]}b.", "]N}\x86b.", "]NN\x86b.", "]N}K\x01K\x02s\x86b.", "]}}\x86b.", "](N(dtb.", "](N(K\x01K\x01dtb.", "Nb.", "b.", "N(Nb.", "K\x01K\x02b.",
	"ca\nb\nNb.", "ca\nb\n}b.", "ca\nb\n)R}b.", "ca\nb\n)RK\x05b.",
	"ca\nb\n.", "ca\n\n.", "c\nb\n.", "ca\nb", "c\xff\nb\n.", "c\xc3\xa9\nb\n.", "(ia\nb\n.", "(ia\n\n.", "(i\xc3\xa9\nb\n.", "ia\nb\n.", "(K\x01ia\nb\n.",
	"(ca\nb\no.", "(o.", "(ca\nb\nK\x01o.", "(K\x01o.", "K\x01(o.", "(ca\nb\n)Ro.", "(ca\nb\n)RK\x01o.",
	"ca\nb\n)R.", "ca\nb\n]R.", "ca\nb\nNR.", "K\x01)R.", ")R.", "R.", "(ca\nb\n)R.", "ca\nb\n()R.", "ca\nb\nca\nb\nR.", "ca\nb\n)R)R.",
	"ca\nb\n)\x81.", "ca\nb\n]\x81.", "K\x01)\x81.", "ca\nb\n)R)\x81.", "ca\nb\n)}\x92.", "ca\nb\n)N\x92.", "ca\nb\n]}\x92.", "ca\nb\n)ca\nb\n\x92.", "K\x01)}\x92.", "ca\nb\n)}K\x01K\x02s\x92.",
	"Va\nVb\n\x93.", "\x8c\x01a\x8c\x01b\x93.", "U\x01aU\x01b\x93.", "S'a'\nS'b'\n\x93.", "K\x01\x8c\x01b\x93.", "C\x01aC\x01b\x93.", "\x8c\x01a\x93.", "\x93.", "(\x8c\x01a\x8c\x01b\x93.",
	"\x8c\x01aca\nb\n\x93.", "ca\nb\n\x8c\x01b\x93.", "\x8c\x01aca\nb\n)R\x93.", "\x8c\x01aNQ\x93.", "\x8c\x01a(\x8c\x01b\x93.", "\x8c\x03a.b\x8c\x03c.d\x93.",
	"Np0\ng0\n.", "Np0\n0g0\n.", "g0\n.", "p0\n.", "(p0\n.", "N(p0\n.", "Nq\x05h\x05.", "Nr\x00\x00\x01\x00j\x00\x00\x01\x00.", "\x94.", "N\x940h\x00.",
	"Np5\n\x94h\x01.", "N\x94\x94\x94h\x02.", "Nq\x00q\x00\x94h\x01.", "Np1\n\x94h\x00.", "Np1\n\x94h\x01.", "Np-1\n.", "Np 7 \ng07\n.", "Np1_0\ng10\n.", "Np_1\n.", "Np\n.", "N(0\x94.", "K\x01q\x000K\x02q\x00h\x00.",
	"Px\n.", "P\n.", "P\xff\n.", "NQ.", "Q.", "(Q.", "N(Q.",
	"\x82\x01.", "\x82\x00.", "\x82\xf0.", "\x83\xff\xff.", "\x84\x00\x00\x01\x00.", "\x84\xff\xff\xff\xff.", "\x84\xff\xff\xff\x7f.", "\x82\x01)R.", "\x82\x01\x82\x01.",
	"\x80\x05N.", "\x80\x06N.", "N\x80\x02\x80\x03.", "\x95\x02\x00\x00\x00\x00\x00\x00\x00N.", "\x95\x01\x00\x00\x00\x00\x00\x00\x00N.", "\x95\x03\x00\x00\x00\x00\x00\x00\x00N.",
	"\x97.", "N\x98.", "C\x01a\x98.", "\x96\x01\x00\x00\x00\x00\x00\x00\x00a\x98.",
	"N\x85.", "N\x86.", "NN\x86.", "NNN\x87.", "N(N\x86.", "\x85.", "(\x85.", "N(\x85.", "(NNt.", "t.", "(t.", "(l.", "(Nl.", "l.",
	"\x8f(K\x01\x90(K\x02\x90.", "ca\nb\n)R(K\x01K\x02e.", "ca\nb\n)RK\x01K\x02s.", "ca\nb\n)R(K\x01\x90.", "ca\nb\nK\x01a.", "ca\nb\nK\x01K\x02s.", "ca\nb\n(K\x01\x90.",
	"NQK\x01a.", "NQK\x01K\x02s.", "NQ(K\x01\x90.", "NQ}b.", "ca\nb\n(K\x01K\x02K\x03u.", "ca\nb\n(K\x01u.",
	"I5\n.", "I\n.", "I00\n.", "I01\n.", "I0x10\n.", "I010\n.", "I08\n.", "I-0\n.", "I 1\n.", "I1\x00\n.", "I\x00\n.", "I1_0\n.", "L5L\n.", "L5\n.", "LL\n.", "L\n.", "F1.5\n.", "F\n.", "Fnan\n.", "F1e999\n.", "F 1\n.", "F1_0\n.",
	"S'a'\n.", "Sa\n.", "S'a\n.", "S'\\x'\n.", "S'\\x4'\n.", "S'a\\'\n.", "S\"a\"\n.", "V\\u12\n.", "V\\U00110000\n.", "X\x01\x00\x00\x00\xff.", "X\x03\x00\x00\x00\xed\xa0\x80.", "T\x01\x00\x00\x00\xff.",
	"\x8a\x00.", "\x8a\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09.", "\x8b\xff\xff\xff\xff.", "\x8b\x00\x00\x00\x00.",
}

// generate makes a random pickle. It follows the stack's depth and marks so
// that most opcodes have what they need, and now and then does not care.
func generate(rng *rand.Rand) []byte {
	g := generator{rng: rng}
	if rng.IntN(2) == 0 {
		g.out = append(g.out, 0x80, byte(rng.IntN(6)))
	}
	for range 1 + rng.IntN(40) {
		if rng.IntN(50) == 0 {
			g.any()
			continue
		}
		g.step()
	}
	for g.marks() > 0 && rng.IntN(10) != 0 {
		g.closeMark()
	}
	if g.depth() == 0 {
		g.constant()
	}
	return append(g.out, '.')
}

// generator holds the depths of the stack, one for each open mark.
type generator struct {
	rng    *rand.Rand
	out    []byte
	stacks []int
	top    int
	puts   int
}

func (g *generator) depth() int { return g.top }
func (g *generator) marks() int { return len(g.stacks) }

func (g *generator) emit(push int, b ...byte) {
	g.out = append(g.out, b...)
	g.top += push
}

// any writes an opcode whether the stack has what it needs or not.
func (g *generator) any() {
	const codes = "(0122NabcdehgijlopqrstuQR}]).\x81\x85\x86\x87\x8f\x90\x91\x92\x93\x94\x98"
	c := codes[g.rng.IntN(len(codes))]
	g.out = append(g.out, c)
	switch c {
	case 'c', 'i':
		g.out = append(g.out, g.name()+"\n"+g.name()+"\n"...)
	case 'g', 'p':
		g.out = append(g.out, fmt.Sprintf("%d\n", g.rng.IntN(5))...)
	case 'h', 'q':
		g.out = append(g.out, byte(g.rng.IntN(5)))
	case 'j', 'r':
		g.out = binary.LittleEndian.AppendUint32(g.out, uint32(g.rng.IntN(5)))
	}
}

func (g *generator) name() string {
	return []string{"os", "a", "torch.x", "b", "é", "_"}[g.rng.IntN(5)] + fmt.Sprint(g.rng.IntN(4))
}

func (g *generator) constant() {
	switch g.rng.IntN(14) {
	case 0:
		g.emit(1, 'N')
	case 1:
		g.emit(1, 'K', byte(g.rng.IntN(4)))
	case 2:
		g.emit(1, 0x88)
	case 3:
		g.emit(1, ']')
	case 4:
		g.emit(1, '}')
	case 5:
		g.emit(1, ')')
	case 6:
		g.emit(1, 0x8f)
	case 7:
		s := g.name()
		g.emit(1, append([]byte{0x8c, byte(len(s))}, s...)...)
	case 8:
		g.emit(1, 'C', 1, 'x')
	case 9:
		g.emit(1, append([]byte{0x96}, "\x01\x00\x00\x00\x00\x00\x00\x00x"...)...)
	case 10:
		g.emit(1, []byte("S'"+g.name()[:1]+"'\n")...)
	case 11:
		g.emit(1, []byte{0x8a, 2, byte(g.rng.IntN(256)), byte(g.rng.IntN(256))}...)
	case 12:
		g.emit(1, []byte("c"+g.name()+"\n"+g.name()+"\n")...)
	default:
		g.emit(1, 0x82, byte(1+g.rng.IntN(3)))
	}
}

// global pushes a global in one of the ways there are.
func (g *generator) global() {
	if g.rng.IntN(2) == 0 {
		g.emit(1, []byte("c"+g.name()+"\n"+g.name()+"\n")...)
		return
	}
	a, b := g.name(), g.name()
	g.emit(1, append(append([]byte{0x8c, byte(len(a))}, a...), append([]byte{0x8c, byte(len(b))}, b...)...)...)
	g.emit(0, 0x93)
}

func (g *generator) step() {
	switch r := g.rng.IntN(24); {
	case r < 5:
		g.constant()
	case r < 8:
		g.stacks = append(g.stacks, g.top)
		g.top = 0
		g.emit(0, '(')
	case r < 11 && g.marks() > 0:
		g.closeMark()
	case r < 13:
		g.global()
		g.arguments()
		g.emit(-1, []byte{'R', 0x81}[g.rng.IntN(2)])
	case r < 14 && g.depth() >= 1:
		g.emit(1, '2')
	case r < 15 && g.depth() >= 1:
		g.emit(-1, '0')
	case r < 17 && g.depth() >= 1:
		g.put()
	case r < 19 && g.puts > 0:
		g.emit(1, 'h', byte(g.rng.IntN(g.puts)))
	case r < 20 && g.depth() >= 2:
		g.emit(-1, []byte{'a', 'b', 0x86}[g.rng.IntN(3)])
	case r < 21 && g.depth() >= 3:
		g.emit(-2, []byte{'s', 0x87, 's'}[g.rng.IntN(3)])
	case r < 22 && g.depth() >= 1:
		g.emit(0, []byte{'Q', 0x85}[g.rng.IntN(2)])
	case r < 23 && g.depth() >= 2:
		g.emit(-1, []byte{'R', 0x81, 0x93, 'b'}[g.rng.IntN(4)])
	default:
		g.constant()
	}
}

// arguments pushes a tuple.
func (g *generator) arguments() {
	switch g.rng.IntN(3) {
	case 0:
		g.emit(1, ')')
	case 1:
		g.constant()
		g.emit(0, 0x85)
	default:
		g.constant()
		g.constant()
		g.emit(-1, 0x86)
	}
}

func (g *generator) put() {
	switch g.rng.IntN(3) {
	case 0:
		g.emit(0, 0x94)
	case 1:
		g.emit(0, 'q', byte(g.puts))
	default:
		g.emit(0, fmt.Appendf(nil, "p%d\n", g.puts)...)
	}
	g.puts++
}

// closeMark ends a mark with an opcode that takes what stands above it.
func (g *generator) closeMark() {
	last := len(g.stacks) - 1
	below, above := g.stacks[last], g.top
	g.stacks, g.top = g.stacks[:last], below
	switch r := g.rng.IntN(12); {
	case r < 3:
		g.emit(1, 't')
	case r < 4:
		g.emit(1, 'l')
	case r < 5:
		g.emit(1, 'd')
	case r < 6:
		g.emit(1, 0x91)
	case r < 7 && below > 0:
		g.emit(0, []byte{'e', 'u', 0x90}[g.rng.IntN(3)])
	case r < 8:
		g.emit(0, '1')
	case r < 9 && above > 0:
		g.emit(1, 'o')
	case r < 11:
		g.emit(1, []byte("i"+[]string{"a", "os"}[g.rng.IntN(2)]+"\nx\n")...)
	default:
		g.emit(1, 't')
	}
}

// mutate changes a few bytes of a pickle, or joins it with another.
func mutate(rng *rand.Rand, b []byte, seeds [][]byte) []byte {
	const codes = "(0122NNabdehlopqstuQR}]).\x81\x85\x86\x87\x8f\x90\x91\x92\x93\x94"
	for range 1 + rng.IntN(4) {
		i := rng.IntN(len(b))
		switch rng.IntN(6) {
		case 0:
			b[i] ^= 1 << rng.IntN(8)
		case 1:
			b = append(b[:i:i], b[i+1:]...)
		case 2:
			b = append(b[:i:i], append([]byte{codes[rng.IntN(len(codes))]}, b[i:]...)...)
		case 3:
			b[i] = codes[rng.IntN(len(codes))]
		case 4:
			n := min(len(b)-i, 1+rng.IntN(16))
			b = append(b[:i+n:i+n], b[i:]...)
		default:
			o := seeds[rng.IntN(len(seeds))]
			b = append(b[:i:i], o[rng.IntN(len(o)):]...)
		}
		if len(b) == 0 {
			return []byte{'.'}
		}
	}
	return b
}
