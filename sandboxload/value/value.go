// Package value is the inert model of what a pickle holds. A [Value] is data:
// constants, containers, tensors, and records of the globals and calls that the
// pickle names. Nothing in it can be called, and the set of types is sealed.
//
// Values that sandboxload made keep what it proved: a tensor's geometry lies
// inside of its storage, a storage's extent inside of the file or its spool,
// and nesting is no deeper than limit.Limits allows. All else is the file's
// word: names, texts and numbers may be anything. Containers may share each
// other and may form cycles, as they do in Python, so every walk over them must
// bound itself.
//
// Keys of a [Dict] compare as in Python (Objects/dictobject.c, longobject.c,
// floatobject.c): 1, 1.0 and True are one key, NaN and objects are equal to
// themselves alone.
package value

import (
	"math/big"

	"depickle/scan/container"
	"depickle/scan/opcode"
	"depickle/scan/tensor"
)

// Value is one of the types of this package.
type Value interface{ sealed() }

// The constants.
type (
	None  struct{}
	Bool  bool
	Int   int64
	Float float64
	// Str is text. Lone surrogates stand as in WTF-8.
	Str string
	// Str2 is a Python 2 str: bytes that are text where they decode as UTF-8,
	// and latin-1 otherwise.
	Str2 string
	// Bytes are short bytes; long ones are a Blob.
	Bytes string
	// Big is an int that does not fit int64.
	Big struct{ N *big.Int }
	// DType is a torch dtype, such as torch.float32.
	DType tensor.DType
	// Global names a class, function or other module member.
	Global struct{ Module, Name string }
)

// Blob is a long str, Python 2 str or bytes, left where it stands.
type Blob struct {
	// Code is the opcode that spelled it, which says how to decode it.
	Code   opcode.Code
	Extent container.Extent
}

// ByteArray is a bytearray that holds a Bytes or a *Blob.
type ByteArray struct{ Data Value }

// Tuple, List, Set hold values in order.
type (
	Tuple struct {
		Items []Value
		key   *tupleKey // nil before it was used as one
	}
	List struct{ Items []Value }
	Set  struct {
		Frozen bool
		Items  *Dict // the items are its keys
	}
)

// Object is what a call to a global that depickle does not model would have
// made: the call's name and arguments, and what was put into it later.
type Object struct {
	Callee Value // a Global, or another Object
	New    bool  // made by NEWOBJ, so by __new__
	Args   []Value
	KW     Value // keywords, nil when there are none
	State  Value // what BUILD gave, nil when it gave nothing
	Items  []Value
	Pairs  *Dict // nil when no item was set
}

// Persistent is a persistent id that names no storage.
type Persistent struct{ ID Value }

// Size is a torch.Size.
type Size []int64

// NumpyDType is a numpy.dtype.
type NumpyDType struct {
	Spec   string // such as "f8", "O", "V16"
	Order  byte   // '<', '>', '=' or '|'
	Plain  tensor.DType
	Reason string // why arrays of it are no tensors; "" when they are
	Shared bool   // it is numpy's own, not a copy, and takes no state
}

// Scalar is a numpy scalar.
type Scalar struct {
	DType *NumpyDType
	Data  Value // Bytes, Str2, or the object itself
}

// Storage is a range of elements that tensors are views of.
type Storage struct {
	Key      string
	DType    tensor.DType
	Untyped  bool
	Location string
	Bytes    int64
	Extent   container.Extent
	// Inline holds the elements where they are few and part of a pickle;
	// Extent does not count then.
	Inline []byte
	// BigEndian: multi-byte elements have their high byte first.
	BigEndian bool
	// Root is the storage that a view is a part of; nil otherwise.
	Root *Storage
}

// Tensor is a view of a storage, a numpy array included.
type Tensor struct {
	DType    tensor.DType
	Geometry tensor.Geometry
	Storage  *Storage
	Conj     bool // the elements on disk are to be conjugated
	Neg      bool // the elements on disk are to be negated
	Numpy    bool
	// Objects are the items of a numpy array of Python objects, which is a
	// list rather than a tensor.
	Objects []Value
	// Class is the Python class of a tensor subclass or parameter.
	Class Global
	// State is what a subclass or parameter carries beside its elements.
	State Value
	// Reason is why there are no elements to convert: "meta",
	// "uninitialized", "quantized", "sparse", …; "" when there are.
	Reason string
	// Missing: the file itself holds no elements (meta, uninitialized).
	Missing bool
}

func (None) sealed()        {}
func (Bool) sealed()        {}
func (Int) sealed()         {}
func (Float) sealed()       {}
func (Str) sealed()         {}
func (Str2) sealed()        {}
func (Bytes) sealed()       {}
func (Big) sealed()         {}
func (DType) sealed()       {}
func (Global) sealed()      {}
func (*Blob) sealed()       {}
func (*ByteArray) sealed()  {}
func (*Tuple) sealed()      {}
func (*List) sealed()       {}
func (*Set) sealed()        {}
func (*Dict) sealed()       {}
func (*Object) sealed()     {}
func (*Persistent) sealed() {}
func (Size) sealed()        {}
func (*NumpyDType) sealed() {}
func (*Scalar) sealed()     {}
func (*Storage) sealed()    {}
func (*Tensor) sealed()     {}

// String is "module.name".
func (g Global) String() string { return g.Module + "." + g.Name }
