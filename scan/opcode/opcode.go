// Package opcode reads the opcodes of a pickle, all 68 of protocols 0 to 5, as
// CPython's C unpickler does (Modules/_pickle.c): where its reading differs
// from pickletools' or from another version's, an opcode says so in its Note.
//
// It gives no meaning to what it reads. Lengths are claims: each is checked
// against the data before anything is read, and payloads longer than a window
// are extents, never bytes in memory.
package opcode

import "math/big"

// Code is an opcode.
type Code byte

// The opcodes, named as in pickletools.
const (
	Mark            Code = '('
	Stop            Code = '.'
	Pop             Code = '0'
	PopMark         Code = '1'
	Dup             Code = '2'
	Float           Code = 'F'
	Int             Code = 'I'
	BinInt          Code = 'J'
	BinInt1         Code = 'K'
	Long            Code = 'L'
	BinInt2         Code = 'M'
	None            Code = 'N'
	PersID          Code = 'P'
	BinPersID       Code = 'Q'
	Reduce          Code = 'R'
	String          Code = 'S'
	BinString       Code = 'T'
	ShortBinString  Code = 'U'
	Unicode         Code = 'V'
	BinUnicode      Code = 'X'
	Append          Code = 'a'
	Build           Code = 'b'
	Global          Code = 'c'
	Dict            Code = 'd'
	EmptyDict       Code = '}'
	Appends         Code = 'e'
	Get             Code = 'g'
	BinGet          Code = 'h'
	Inst            Code = 'i'
	LongBinGet      Code = 'j'
	List            Code = 'l'
	EmptyList       Code = ']'
	Obj             Code = 'o'
	Put             Code = 'p'
	BinPut          Code = 'q'
	LongBinPut      Code = 'r'
	SetItem         Code = 's'
	Tuple           Code = 't'
	EmptyTuple      Code = ')'
	SetItems        Code = 'u'
	BinFloat        Code = 'G'
	BinBytes        Code = 'B'
	ShortBinBytes   Code = 'C'
	Proto           Code = 0x80
	NewObj          Code = 0x81
	Ext1            Code = 0x82
	Ext2            Code = 0x83
	Ext4            Code = 0x84
	Tuple1          Code = 0x85
	Tuple2          Code = 0x86
	Tuple3          Code = 0x87
	NewTrue         Code = 0x88
	NewFalse        Code = 0x89
	Long1           Code = 0x8a
	Long4           Code = 0x8b
	ShortBinUnicode Code = 0x8c
	BinUnicode8     Code = 0x8d
	BinBytes8       Code = 0x8e
	EmptySet        Code = 0x8f
	AddItems        Code = 0x90
	FrozenSet       Code = 0x91
	NewObjEx        Code = 0x92
	StackGlobal     Code = 0x93
	Memoize         Code = 0x94
	Frame           Code = 0x95
	ByteArray8      Code = 0x96
	NextBuffer      Code = 0x97
	ReadonlyBuffer  Code = 0x98
)

// Extent is a range of the reader that a payload stands in.
type Extent struct{ Off, Len int64 }

// Op is one opcode with its argument.
type Op struct {
	Code   Code
	Offset int64 // of the opcode
	End    int64 // behind the argument
	// Int is the number of an integer opcode that fits 64 bits, a memo index,
	// an extension code, a protocol or a frame's length.
	Int    int64
	Big    *big.Int // an integer that does not fit Int; nil otherwise
	IsBool bool     // INT 00 or 01
	Float  float64  // FLOAT and BINFLOAT
	// Payload is where the undecoded text or bytes stand, Data the bytes
	// themselves when they fit the window. Data is valid until the next op.
	Payload Extent
	Data    []byte
	Module  string // GLOBAL and INST
	Name    string
	// Note says how readers differ on this opcode's literal; "" when they do
	// not. Frame says how the opcode breaks the framing.
	Note  string
	Frame string
}

type argument uint8

// How the arguments of the opcodes are written.
const (
	argNone argument = iota
	argByte
	argUint2
	argUint4
	argInt4
	argUint8
	argFloat8
	argLong1
	argLong4
	argDecimal  // INT
	argDecimalL // LONG
	argFloatLine
	argIndexLine // GET, PUT
	argLine      // STRING, UNICODE, PERSID
	argPair      // GLOBAL, INST
	argBytes1
	argBytes4
	argBytes8
	argBytes4s // BINSTRING, whose length is signed
)

type info struct {
	name string
	arg  argument
}

var table = [256]info{
	Mark: {"MARK", 0}, Stop: {"STOP", 0}, Pop: {"POP", 0}, PopMark: {"POP_MARK", 0}, Dup: {"DUP", 0},
	Float: {"FLOAT", argFloatLine}, Int: {"INT", argDecimal}, BinInt: {"BININT", argInt4}, BinInt1: {"BININT1", argByte},
	Long: {"LONG", argDecimalL}, BinInt2: {"BININT2", argUint2}, None: {"NONE", 0}, PersID: {"PERSID", argLine},
	BinPersID: {"BINPERSID", 0}, Reduce: {"REDUCE", 0}, String: {"STRING", argLine}, BinString: {"BINSTRING", argBytes4s},
	ShortBinString: {"SHORT_BINSTRING", argBytes1}, Unicode: {"UNICODE", argLine}, BinUnicode: {"BINUNICODE", argBytes4},
	Append: {"APPEND", 0}, Build: {"BUILD", 0}, Global: {"GLOBAL", argPair}, Dict: {"DICT", 0}, EmptyDict: {"EMPTY_DICT", 0},
	Appends: {"APPENDS", 0}, Get: {"GET", argIndexLine}, BinGet: {"BINGET", argByte}, Inst: {"INST", argPair},
	LongBinGet: {"LONG_BINGET", argUint4}, List: {"LIST", 0}, EmptyList: {"EMPTY_LIST", 0}, Obj: {"OBJ", 0},
	Put: {"PUT", argIndexLine}, BinPut: {"BINPUT", argByte}, LongBinPut: {"LONG_BINPUT", argUint4}, SetItem: {"SETITEM", 0},
	Tuple: {"TUPLE", 0}, EmptyTuple: {"EMPTY_TUPLE", 0}, SetItems: {"SETITEMS", 0}, BinFloat: {"BINFLOAT", argFloat8},
	BinBytes: {"BINBYTES", argBytes4}, ShortBinBytes: {"SHORT_BINBYTES", argBytes1},
	Proto: {"PROTO", argByte}, NewObj: {"NEWOBJ", 0}, Ext1: {"EXT1", argByte}, Ext2: {"EXT2", argUint2}, Ext4: {"EXT4", argInt4},
	Tuple1: {"TUPLE1", 0}, Tuple2: {"TUPLE2", 0}, Tuple3: {"TUPLE3", 0}, NewTrue: {"NEWTRUE", 0}, NewFalse: {"NEWFALSE", 0},
	Long1: {"LONG1", argLong1}, Long4: {"LONG4", argLong4}, ShortBinUnicode: {"SHORT_BINUNICODE", argBytes1},
	BinUnicode8: {"BINUNICODE8", argBytes8}, BinBytes8: {"BINBYTES8", argBytes8}, EmptySet: {"EMPTY_SET", 0},
	AddItems: {"ADDITEMS", 0}, FrozenSet: {"FROZENSET", 0}, NewObjEx: {"NEWOBJ_EX", 0}, StackGlobal: {"STACK_GLOBAL", 0},
	Memoize: {"MEMOIZE", 0}, Frame: {"FRAME", argUint8}, ByteArray8: {"BYTEARRAY8", argBytes8},
	NextBuffer: {"NEXT_BUFFER", 0}, ReadonlyBuffer: {"READONLY_BUFFER", 0},
}

// String is the opcode's name in pickletools, such as "BINUNICODE".
func (c Code) String() string {
	if n := table[c].name; n != "" {
		return n
	}
	return "an unknown opcode"
}
