package opcode

// Code is an opcode.
type Code byte

// The opcodes of protocols 0 and 1, named as in pickletools.
const (
	Mark           Code = '('
	Stop           Code = '.'
	Pop            Code = '0'
	PopMark        Code = '1'
	Dup            Code = '2'
	Float          Code = 'F'
	Int            Code = 'I'
	BinInt         Code = 'J'
	BinInt1        Code = 'K'
	Long           Code = 'L'
	BinInt2        Code = 'M'
	None           Code = 'N'
	PersID         Code = 'P'
	BinPersID      Code = 'Q'
	Reduce         Code = 'R'
	String         Code = 'S'
	BinString      Code = 'T'
	ShortBinString Code = 'U'
	Unicode        Code = 'V'
	BinUnicode     Code = 'X'
	Append         Code = 'a'
	Build          Code = 'b'
	Global         Code = 'c'
	Dict           Code = 'd'
	EmptyDict      Code = '}'
	Appends        Code = 'e'
	Get            Code = 'g'
	BinGet         Code = 'h'
	Inst           Code = 'i'
	LongBinGet     Code = 'j'
	List           Code = 'l'
	EmptyList      Code = ']'
	Obj            Code = 'o'
	Put            Code = 'p'
	BinPut         Code = 'q'
	LongBinPut     Code = 'r'
	SetItem        Code = 's'
	Tuple          Code = 't'
	EmptyTuple     Code = ')'
	SetItems       Code = 'u'
	BinFloat       Code = 'G'
)

// The opcodes of protocol 2.
const (
	Proto    Code = 0x80
	NewObj   Code = 0x81
	Ext1     Code = 0x82
	Ext2     Code = 0x83
	Ext4     Code = 0x84
	Tuple1   Code = 0x85
	Tuple2   Code = 0x86
	Tuple3   Code = 0x87
	NewTrue  Code = 0x88
	NewFalse Code = 0x89
	Long1    Code = 0x8a
	Long4    Code = 0x8b
)

// The opcodes of protocols 3, 4 and 5.
const (
	BinBytes        Code = 'B'
	ShortBinBytes   Code = 'C'
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

// Known reports whether the byte is an opcode.
func (c Code) Known() bool { return table[c].name != "" }

// String is the opcode's name in pickletools, such as "BINUNICODE".
func (c Code) String() string {
	if n := table[c].name; n != "" {
		return n
	}
	return "an unknown opcode"
}
