package scan

import (
	"bytes"
	"encoding/binary"

	"depickle/scan/opcode"
)

const (
	// nameMost is the longest module or name that is looked for, in bytes.
	nameMost = 128
	// spellingMost is the most bytes that one global takes: two texts, each
	// behind an opcode and a length, and put into the memo.
	spellingMost = 2*(nameMost+9+11) + 1
)

// spelling is a global as opcodes spell it. Its names are parts of what was
// searched: a file may spell one a million times.
type spelling struct {
	at           int // where it begins
	code         opcode.Code
	module, name []byte
}

// spelled finds each global that bytes spell as opcodes do: a line of GLOBAL or
// INST with a line behind it, or two texts and STACK_GLOBAL.
func spelled(b []byte, found func(spelling)) {
	for i := 0; ; i++ {
		n := bytes.IndexByte(b[i:], '\n')
		if n < 0 {
			break
		}
		i += n
		spelledByLines(b, i, found)
	}
	for i := 0; ; i++ {
		n := bytes.IndexByte(b[i:], byte(opcode.StackGlobal))
		if n < 0 {
			break
		}
		i += n
		spelledByTexts(b, i, found)
	}
}

// spelledByLines looks at the line that ends at i, and the one behind it. The
// module may begin behind each c or i of it.
func spelledByLines(b []byte, i int, found func(spelling)) {
	end := i + 1
	for end < len(b) && end-i <= nameMost && named(b[end]) {
		end++
	}
	if end == i+1 || end == len(b) {
		return
	}
	name, behind := b[i+1:end], b[end+1:]
	if b[end] != '\n' {
		// A name of thousands of bytes goes through members of members.
		dot := bytes.LastIndexByte(name, '.')
		if len(name) < nameMost || dot <= 0 {
			return
		}
		name, behind = name[:dot], []byte{byte(opcode.Mark), 0}
	}
	for at := i - 1; at >= 0 && i-at <= nameMost && named(b[at]); at-- {
		code := opcode.Code(b[at])
		if at == i-1 || !(code == opcode.Global && usesGlobal(behind) || code == opcode.Inst && usesInstance(behind)) {
			continue
		}
		found(spelling{at, code, b[at+1 : i], name})
	}
}

// usesGlobal reports whether what stands behind a GLOBAL looks like the
// arguments of a call, or a memo opcode. Lists of words have such lines too.
func usesGlobal(b []byte) bool {
	if len(b) < 2 {
		return false
	}
	switch opcode.Code(b[0]) {
	case opcode.Mark, opcode.EmptyTuple, opcode.BinPut, opcode.LongBinPut, opcode.Memoize, opcode.BinGet,
		opcode.BinUnicode, opcode.ShortBinUnicode, opcode.ShortBinString, opcode.BinBytes, opcode.ShortBinBytes, opcode.StackGlobal:
		return true
	case opcode.Put, opcode.Get:
		return b[1] >= '0' && b[1] <= '9'
	case opcode.String:
		return b[1] == '\'' || b[1] == '"'
	}
	return false
}

// usesInstance is the same behind an INST, which has called already.
func usesInstance(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	switch opcode.Code(b[0]) {
	case opcode.Stop, opcode.Pop, opcode.BinPut, opcode.Memoize, opcode.Tuple1:
		return true
	case opcode.Put:
		return len(b) > 1 && b[1] >= '0' && b[1] <= '9'
	}
	return false
}

// spelledByTexts looks at what stands before the STACK_GLOBAL at i.
func spelledByTexts(b []byte, i int, found func(spelling)) {
	name, at := textBefore(b, unmemoized(b, i))
	if at < 0 {
		return
	}
	if module, at := textBefore(b, unmemoized(b, at)); at >= 0 {
		found(spelling{at, opcode.StackGlobal, module, name})
	}
}

// unmemoized steps back over an opcode that puts a text into the memo.
func unmemoized(b []byte, end int) int {
	switch {
	case end >= 1 && opcode.Code(b[end-1]) == opcode.Memoize:
		return end - 1
	case end >= 2 && opcode.Code(b[end-2]) == opcode.BinPut:
		return end - 2
	case end >= 5 && opcode.Code(b[end-5]) == opcode.LongBinPut:
		return end - 5
	case end >= 3 && b[end-1] == '\n':
		for i := end - 2; i >= 0 && i > end-12; i-- {
			if opcode.Code(b[i]) == opcode.Put && i < end-2 {
				return i
			}
			if b[i] < '0' || b[i] > '9' {
				break
			}
		}
	}
	return end
}

// textBefore finds the text that ends at end, and where its opcode stands, -1
// for none.
func textBefore(b []byte, end int) (text []byte, at int) {
	line := end > 0 && b[end-1] == '\n'
	last := end
	if line {
		last--
	}
	for i := last - 1; i >= 0 && last-i <= nameMost+1 && named(b[i]); i-- {
		if n := last - i; line {
			if i > 0 && opcode.Code(b[i-1]) == opcode.Unicode {
				return b[i:last], i - 1
			}
		} else if h := head(b[:i], n); h > 0 {
			return b[i:last], i - h
		}
	}
	return nil, -1
}

// head is how many bytes of opcode and length stand before a text of n bytes, 0
// where none do.
func head(b []byte, n int) int {
	if k := len(b) - 2; k >= 0 && int(b[k+1]) == n {
		switch opcode.Code(b[k]) {
		case opcode.ShortBinUnicode, opcode.ShortBinString:
			return 2
		}
	}
	if k := len(b) - 5; k >= 0 && binary.LittleEndian.Uint32(b[k+1:]) == uint32(n) {
		switch opcode.Code(b[k]) {
		case opcode.BinUnicode, opcode.BinString:
			return 5
		}
	}
	if k := len(b) - 9; k >= 0 && binary.LittleEndian.Uint64(b[k+1:]) == uint64(n) && opcode.Code(b[k]) == opcode.BinUnicode8 {
		return 9
	}
	return 0
}

// named reports whether a byte may stand in the name of a module, or in a
// dotted name.
func named(c byte) bool {
	return c == '_' || c == '.' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
