package opcode

// form is how an opcode's argument is written.
type form uint8

const (
	bare      form = iota // no argument
	uint1                 // little-endian, unsigned
	uint2                 //
	uint4                 //
	uint8le               //
	int4                  // little-endian, signed
	float8                // big-endian IEEE 754
	bytes1                // a payload behind its length, of so many bytes
	bytes4                //
	bytes8                //
	long1                 // a two's complement integer behind its length
	long4                 // the same, with a signed length
	intLine               // the rest of the line: an integer, or a bool
	longLine              // an integer, with or without L
	floatLine             //
	indexLine             // a memo index
	textLine              // text
	nameLines             // two lines: module and name
)

// info is one row of the table; the name is "" where a byte is no opcode.
type info struct {
	name string
	form form
}

var table = [256]info{
	Mark:            {"MARK", bare},
	Stop:            {"STOP", bare},
	Pop:             {"POP", bare},
	PopMark:         {"POP_MARK", bare},
	Dup:             {"DUP", bare},
	Float:           {"FLOAT", floatLine},
	Int:             {"INT", intLine},
	BinInt:          {"BININT", int4},
	BinInt1:         {"BININT1", uint1},
	Long:            {"LONG", longLine},
	BinInt2:         {"BININT2", uint2},
	None:            {"NONE", bare},
	PersID:          {"PERSID", textLine},
	BinPersID:       {"BINPERSID", bare},
	Reduce:          {"REDUCE", bare},
	String:          {"STRING", textLine},
	BinString:       {"BINSTRING", bytes4},
	ShortBinString:  {"SHORT_BINSTRING", bytes1},
	Unicode:         {"UNICODE", textLine},
	BinUnicode:      {"BINUNICODE", bytes4},
	Append:          {"APPEND", bare},
	Build:           {"BUILD", bare},
	Global:          {"GLOBAL", nameLines},
	Dict:            {"DICT", bare},
	EmptyDict:       {"EMPTY_DICT", bare},
	Appends:         {"APPENDS", bare},
	Get:             {"GET", indexLine},
	BinGet:          {"BINGET", uint1},
	Inst:            {"INST", nameLines},
	LongBinGet:      {"LONG_BINGET", uint4},
	List:            {"LIST", bare},
	EmptyList:       {"EMPTY_LIST", bare},
	Obj:             {"OBJ", bare},
	Put:             {"PUT", indexLine},
	BinPut:          {"BINPUT", uint1},
	LongBinPut:      {"LONG_BINPUT", uint4},
	SetItem:         {"SETITEM", bare},
	Tuple:           {"TUPLE", bare},
	EmptyTuple:      {"EMPTY_TUPLE", bare},
	SetItems:        {"SETITEMS", bare},
	BinFloat:        {"BINFLOAT", float8},
	Proto:           {"PROTO", uint1},
	NewObj:          {"NEWOBJ", bare},
	Ext1:            {"EXT1", uint1},
	Ext2:            {"EXT2", uint2},
	Ext4:            {"EXT4", int4},
	Tuple1:          {"TUPLE1", bare},
	Tuple2:          {"TUPLE2", bare},
	Tuple3:          {"TUPLE3", bare},
	NewTrue:         {"NEWTRUE", bare},
	NewFalse:        {"NEWFALSE", bare},
	Long1:           {"LONG1", long1},
	Long4:           {"LONG4", long4},
	BinBytes:        {"BINBYTES", bytes4},
	ShortBinBytes:   {"SHORT_BINBYTES", bytes1},
	ShortBinUnicode: {"SHORT_BINUNICODE", bytes1},
	BinUnicode8:     {"BINUNICODE8", bytes8},
	BinBytes8:       {"BINBYTES8", bytes8},
	EmptySet:        {"EMPTY_SET", bare},
	AddItems:        {"ADDITEMS", bare},
	FrozenSet:       {"FROZENSET", bare},
	NewObjEx:        {"NEWOBJ_EX", bare},
	StackGlobal:     {"STACK_GLOBAL", bare},
	Memoize:         {"MEMOIZE", bare},
	Frame:           {"FRAME", uint8le},
	ByteArray8:      {"BYTEARRAY8", bytes8},
	NextBuffer:      {"NEXT_BUFFER", bare},
	ReadonlyBuffer:  {"READONLY_BUFFER", bare},
}

// widths are the bytes of the fixed part of an argument.
var widths = [...]int64{
	uint1: 1, uint2: 2, uint4: 4, uint8le: 8, int4: 4, float8: 8,
	bytes1: 1, bytes4: 4, bytes8: 8, long1: 1, long4: 4,
}
