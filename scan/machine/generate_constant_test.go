package machine

import (
	"encoding/binary"
	"math"
	"strconv"
)

func decimal(n int) string { return strconv.Itoa(n) + "\n" }

// name is a module or member.
func (g *generator) name() string {
	return pick(g, "os", "a", "torch.x", "b", "é", "_", "__builtin__", "a.b", "x y") + pick(g, "", "", "1", "2")
}

// constant pushes a value of any kind that an opcode alone makes.
func (g *generator) constant() {
	switch g.rng.IntN(12) {
	case 0:
		g.op("l", ']')
	case 1:
		g.op("d", '}')
	case 2:
		g.op("e", 0x8f)
	case 3:
		g.op("B", append(binary.LittleEndian.AppendUint64([]byte{0x96}, 2), "xy"...)...)
	case 4:
		g.global()
	case 5:
		g.extension()
	case 6:
		g.op("o", []byte("P"+g.name()+"\n")...)
	case 7:
		g.text()
	default:
		g.scalar()
	}
}

// scalar pushes what can be a key.
func (g *generator) scalar() {
	n := g.rng.IntN(600) - 300
	switch g.rng.IntN(16) {
	case 0:
		g.op("n", 'N')
	case 1:
		g.op("n", pick[byte](g, 0x88, 0x89))
	case 2:
		g.op("n", 'K', byte(n))
	case 3:
		g.op("n", 'M', byte(n), byte(n>>8))
	case 4:
		g.op("n", binary.LittleEndian.AppendUint32([]byte{'J'}, uint32(n))...)
	case 5:
		g.op("n", []byte(pick(g, "I"+decimal(n), "I00\n", "I01\n", "I0x1f\n", "I 7 \n"))...)
	case 6:
		g.op("n", []byte("L"+strconv.Itoa(n)+pick(g, "L\n", "\n", "0000000000000000000000L\n"))...)
	case 7:
		g.op("n", 0x8a, 2, byte(n), byte(n>>8))
	case 8:
		g.op("n", append(binary.LittleEndian.AppendUint32([]byte{0x8b}, 9), "123456789"...)...)
	case 9:
		g.op("n", []byte("F"+pick(g, decimal(n), "-.5e3\n", "-inf\n", "nan\n"))...)
	case 10:
		g.op("n", binary.BigEndian.AppendUint64([]byte{'G'}, math.Float64bits(float64(n)))...)
	case 11:
		g.op("n", 'C', 2, byte(n), 'b')
	case 12:
		g.op("n", append(binary.LittleEndian.AppendUint32([]byte{'B'}, 3), "\n.\x00"...)...)
	case 13:
		g.op("n", append(binary.LittleEndian.AppendUint64([]byte{0x8e}, 1), byte(n))...)
	case 14:
		g.op("t", ')')
	default:
		g.text()
	}
}

// text pushes a name in one of the ways there are.
func (g *generator) text() {
	s := g.name()
	n := uint32(len(s))
	var b []byte
	switch g.rng.IntN(7) {
	case 0:
		b = []byte(pick(g, "S'"+s+"'\n", "S\""+s+"\"\n", "S'\\x6f\\163'\n"))
	case 1:
		b = append(binary.LittleEndian.AppendUint32([]byte{'T'}, n), s...)
	case 2:
		b = append([]byte{'U', byte(n)}, s...)
	case 3:
		b = []byte(pick(g, "V"+s+"\n", "V\\u006fs\n"))
	case 4:
		b = append(binary.LittleEndian.AppendUint32([]byte{'X'}, n), s...)
	case 5:
		b = append([]byte{0x8c, byte(n)}, s...)
	default:
		b = append(binary.LittleEndian.AppendUint64([]byte{0x8d}, uint64(n)), s...)
	}
	g.op("s", b...)
}

// extension pushes a global by its number.
func (g *generator) extension() {
	switch g.rng.IntN(3) {
	case 0:
		g.op("g", 0x82, byte(1+g.rng.IntN(3)))
	case 1:
		g.op("g", 0x83, 0, 1)
	default:
		g.op("g", 0x84, 0, 0, 1, 0)
	}
}

// careless writes an opcode whether the stack has what it needs or not.
func (g *generator) careless() {
	const codes = "(0122NabcdeghijlopqrstuQR}]).\x81\x85\x86\x87\x8f\x90\x91\x92\x93\x94\x97\x98"
	slot := g.rng.IntN(5)
	switch c := codes[g.rng.IntN(len(codes))]; c {
	case 'c', 'i':
		g.op("", []byte(string(c)+g.name()+"\n"+g.name()+"\n")...)
	case 'g', 'p':
		g.op("", []byte(string(c)+decimal(slot))...)
	case 'h', 'q':
		g.op("", c, byte(slot))
	case 'j', 'r':
		g.op("", c, byte(slot), 0, 0, 0)
	default:
		g.op("", c)
	}
}
