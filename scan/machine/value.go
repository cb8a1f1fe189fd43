package machine

import (
	"math"

	"depickle/scan/opcode"
)

// Kind is what is known of a symbolic value.
type Kind uint8

// The kinds.
const (
	None Kind = iota
	Bool
	Int
	BigInt
	Float
	Str  // text
	Str2 // a Python 2 string: bytes, or text in an encoding the reader chooses
	Bytes
	ByteArray
	Tuple
	List
	Dict
	Set
	FrozenSet
	Global     // a class, function or module member, by name
	Object     // what a call returned
	Persistent // what persistent_load returned
	Buffer     // an out-of-band buffer
)

var kindNames = [...]string{
	"None", "a bool", "an int", "an int", "a float", "a str", "a str", "bytes", "a bytearray", "a tuple", "a list",
	"a dict", "a set", "a frozenset", "a global", "an object", "a persistent object", "a buffer",
}

// String names the kind as an error message does: "a list".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Value is a symbolic value: a constant, a handle to bytes in the file, or a
// node that has an identity. It is kept small: a stack holds millions.
type Value struct {
	Kind Kind
	Code opcode.Code // the opcode that spelled a Str, Str2 or Bytes
	high uint16      // a payload's length, above low
	low  uint32
	Num  int64 // a Bool's or Int's value, a Float's bits, a payload's offset
	Node *Node // Tuple, List, Dict, Set, FrozenSet, Global, Object, Persistent, BigInt
}

// payload is a handle to n bytes at off. No file has 2^48 bytes
// (container.Open).
func payload(k Kind, code opcode.Code, off, n int64) Value {
	return Value{Kind: k, Code: code, high: uint16(n >> 32), low: uint32(n), Num: off}
}

// Len is a payload's bytes, undecoded.
func (v Value) Len() int64 { return int64(v.high)<<32 | int64(v.low) }

// Node is what a composite value shares among its references.
type Node struct {
	// Items of a Tuple or FrozenSet; nil with Opaque set where there are too
	// many to keep. Of an Object: callee and argument tuple. Of a Persistent:
	// the id.
	Items []Value
	// Mark is for whoever consumes the events, but of a BigInt: its *big.Int.
	Mark   any
	*Named        // of a Global
	seen   uint32 // the last census that counted it
	Opaque bool
	// Built counts the BUILDs into it, up to 2.
	Built uint8
	// Stored says that items were appended, set or added: to an Object, a
	// Persistent or a Global, and to a Dict.
	Stored bool

	unhashable bool // of a Tuple: something in it is no key
}

// Named is the name of a Global.
type Named struct{ Module, Name string }

// maxItems is the most items of a tuple that are kept. The arguments of the
// calls that are judged have fewer than 10, a shape has at most 64.
const maxItems = 4096

// Float64 is the value of a Float.
func (v Value) Float64() float64 { return math.Float64frombits(uint64(v.Num)) }

// IsGlobal reports whether v is the global of that name.
func (v Value) IsGlobal(module, name string) bool {
	return v.Kind == Global && v.Node.Module == module && v.Node.Name == name
}

// IsJoblibArray reports whether v is an object of the class that stands for an
// array of joblib's, made by NEWOBJ or by one of copyreg's functions. Behind
// the BUILD that sets its state the elements stand raw.
func (v Value) IsJoblibArray() bool {
	callee, ok := v.Callee()
	if !ok {
		return false
	}
	if args, ok := v.Args(); ok && len(args) > 0 && callee.Kind == Global && (callee.Node.Module == "copyreg" || callee.Node.Module == "copy_reg") {
		callee = args[0]
	}
	return callee.IsGlobal("joblib.numpy_pickle", "NumpyArrayWrapper")
}

// Callee is what was called to make an Object.
func (v Value) Callee() (Value, bool) {
	if v.Kind != Object || len(v.Node.Items) < 1 {
		return Value{}, false
	}
	return v.Node.Items[0], true
}

// Args are the positional arguments that made an Object; ok is false where
// they were not kept.
func (v Value) Args() (args []Value, ok bool) {
	if v.Kind != Object || len(v.Node.Items) < 2 {
		return nil, false
	}
	return v.Node.Items[1].Tuple()
}

// Tuple returns the items of a Tuple; ok is false for another kind or one too
// long to be kept.
func (v Value) Tuple() (items []Value, ok bool) {
	if v.Kind != Tuple || v.Node.Opaque {
		return nil, false
	}
	return v.Node.Items, true
}

// Ints returns a tuple of ints, such as a shape.
func (v Value) Ints() ([]int64, bool) {
	items, ok := v.Tuple()
	if !ok {
		return nil, false
	}
	out := make([]int64, len(items))
	for i, it := range items {
		if it.Kind != Int {
			return nil, false
		}
		out[i] = it.Num
	}
	return out, true
}

// hashable reports whether Python lets the value be a key. Objects are: a
// class that says otherwise is not known.
func (v Value) hashable() bool {
	switch v.Kind {
	case List, Dict, Set, ByteArray:
		return false
	case Tuple:
		return !v.Node.unhashable
	}
	return true
}

// unknown reports whether the value could be anything: what a call or a
// persistent_load returned, or what a module keeps under a name.
func (v Value) unknown() bool {
	return v.Kind == Object || v.Kind == Persistent || v.Kind == Global
}
