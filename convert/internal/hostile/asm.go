package hostile

import (
	"encoding/binary"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Pickles are assembled by hand, as strings of opcodes.

var le = binary.LittleEndian

// u32 and u64 are numbers in little-endian bytes.
func u32(n uint32) string { return string(le.AppendUint32(nil, n)) }
func u64(n uint64) string { return string(le.AppendUint64(nil, n)) }

// global is GLOBAL.
func global(module, name string) string { return "c" + module + "\n" + name + "\n" }

// stackGlobal is STACK_GLOBAL.
func stackGlobal(module, name string) string { return str(module) + str(name) + "\x93" }

// str is BINUNICODE.
func str(s string) string { return "X" + u32(uint32(len(s))) + s }

// raw is BINBYTES.
func raw(s string) string { return "B" + u32(uint32(len(s))) + s }

// num is BININT.
func num(n int32) string { return "J" + u32(uint32(n)) }

// whole is an integer of any size: BININT where it fits, else LONG1.
func whole(n *big.Int) string {
	if n.IsInt64() && int64(int32(n.Int64())) == n.Int64() {
		return num(int32(n.Int64()))
	}
	size := n.BitLen()/8 + 1
	if n.Sign() < 0 {
		n = new(big.Int).Add(n, power(uint(8*size)))
	}
	b := n.FillBytes(make([]byte, size))
	slices.Reverse(b)
	return "\x8a" + string([]byte{byte(size)}) + string(b)
}

// power is 2 to the n.
func power(n uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), n) }

// tuple is MARK … TUPLE.
func tuple(items ...string) string { return "(" + strings.Join(items, "") + "t" }

// list is EMPTY_LIST MARK … APPENDS.
func list(items ...string) string { return "](" + strings.Join(items, "") + "e" }

// dict is EMPTY_DICT MARK … SETITEMS, of keys and values in turn.
func dict(pairs ...string) string { return "}(" + strings.Join(pairs, "") + "u" }

// call is REDUCE.
func call(callee string, args ...string) string { return callee + tuple(args...) + "R" }

// put is LONG_BINPUT, get is LONG_BINGET.
func put(slot uint32) string { return "r" + u32(slot) }
func get(slot uint32) string { return "j" + u32(slot) }

// proto2 is a whole pickle of protocol 2.
func proto2(body string) string { return "\x80\x02" + body + "." }

// proto4 is a whole pickle of protocol 4, in one frame.
func proto4(body string) string {
	body += "."
	return "\x80\x04\x95" + u64(uint64(len(body))) + body
}

// pickle is a file that is one pickle of protocol 2.
func pickle(body string) func() Data {
	return func() Data { return bytesOf(proto2(body)) }
}

// repeat is a text for each number below n.
func repeat(n int, item func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(item(i))
	}
	return b.String()
}

func decimal(i int) string { return strconv.Itoa(i) }
