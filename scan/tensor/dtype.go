// Package tensor has the element types of torch, numpy and SafeTensors in one
// table, and the geometry that ties a tensor to its storage.
//
// Offsets, sizes and strides are claims of a file: [Geometry.Check] proves that
// every element lies inside of the storage, and that no product overflows.
//
// Sources: torch/storage.py (_new_dtypes, _dtype_to_storage_type_map),
// c10/core/ScalarType.h, safetensors/src/tensor.rs (Dtype).
package tensor

import "strings"

// DType is the element type of a tensor, named as torch names it.
type DType uint8

// The element types of torch, then those only numpy knows.
const (
	Invalid DType = iota
	Bool
	Uint8
	Int8
	Int16
	Int32
	Int64
	Uint16
	Uint32
	Uint64
	Float16
	BFloat16
	Float32
	Float64
	Complex32
	BComplex32
	Complex64
	Complex128
	Float8E5M2
	Float8E4M3FN
	Float8E5M2FNUZ
	Float8E4M3FNUZ
	Float8E8M0FNU
	Float4E2M1FNX2
	Bits8
	Bits16
	Bits1x8
	Bits2x4
	Bits4x2
	QInt8
	QUInt8
	QInt32
	QUInt4x2
	QUInt2x4
	Float128 // numpy longdouble, and complex of it: sizes differ by machine
	numDTypes
)

// info is one row of the table: torch's name, bytes per element, the name in
// SafeTensors ("" when it has none) and the storage class without "Storage"
// ("" when torch uses UntypedStorage).
type info struct {
	name    string
	size    int64
	st      string
	storage string
	swap    int64 // the unit that byte order turns round: half of a complex
}

var table = [numDTypes]info{
	Invalid:        {name: "invalid"},
	Bool:           {"bool", 1, "BOOL", "Bool", 1},
	Uint8:          {"uint8", 1, "U8", "Byte", 1},
	Int8:           {"int8", 1, "I8", "Char", 1},
	Int16:          {"int16", 2, "I16", "Short", 2},
	Int32:          {"int32", 4, "I32", "Int", 4},
	Int64:          {"int64", 8, "I64", "Long", 8},
	Uint16:         {"uint16", 2, "U16", "", 2},
	Uint32:         {"uint32", 4, "U32", "", 4},
	Uint64:         {"uint64", 8, "U64", "", 8},
	Float16:        {"float16", 2, "F16", "Half", 2},
	BFloat16:       {"bfloat16", 2, "BF16", "BFloat16", 2},
	Float32:        {"float32", 4, "F32", "Float", 4},
	Float64:        {"float64", 8, "F64", "Double", 8},
	Complex32:      {"complex32", 4, "", "", 2},
	BComplex32:     {"bcomplex32", 4, "", "", 2},
	Complex64:      {"complex64", 8, "C64", "ComplexFloat", 4},
	Complex128:     {"complex128", 16, "", "ComplexDouble", 8},
	Float8E5M2:     {"float8_e5m2", 1, "F8_E5M2", "", 1},
	Float8E4M3FN:   {"float8_e4m3fn", 1, "F8_E4M3", "", 1},
	Float8E5M2FNUZ: {"float8_e5m2fnuz", 1, "F8_E5M2FNUZ", "", 1},
	Float8E4M3FNUZ: {"float8_e4m3fnuz", 1, "F8_E4M3FNUZ", "", 1},
	Float8E8M0FNU:  {"float8_e8m0fnu", 1, "F8_E8M0", "", 1},
	Float4E2M1FNX2: {"float4_e2m1fn_x2", 1, "F4", "", 1},
	Bits8:          {"bits8", 1, "", "", 1},
	Bits16:         {"bits16", 2, "", "", 2},
	Bits1x8:        {"bits1x8", 1, "", "", 1},
	Bits2x4:        {"bits2x4", 1, "", "", 1},
	Bits4x2:        {"bits4x2", 1, "", "", 1},
	QInt8:          {"qint8", 1, "", "QInt8", 1},
	QUInt8:         {"quint8", 1, "", "QUInt8", 1},
	QInt32:         {"qint32", 4, "", "QInt32", 4},
	QUInt4x2:       {"quint4x2", 1, "", "QUInt4x2", 1},
	QUInt2x4:       {"quint2x4", 1, "", "QUInt2x4", 1},
	Float128:       {"float128", 16, "", "", 16},
}

// row is the dtype's row; what is no dtype is Invalid.
func (d DType) row() *info {
	if d >= numDTypes {
		d = Invalid
	}
	return &table[d]
}

// String is torch's name without "torch.".
func (d DType) String() string { return d.row().name }

// Size is the bytes of one element, 0 for Invalid.
func (d DType) Size() int64 { return d.row().size }

// SwapUnit is the bytes that byte order reverses as one: an element, or half
// of a complex one.
func (d DType) SwapUnit() int64 { return d.row().swap }

// IsComplex reports whether elements are pairs of real and imaginary part.
func (d DType) IsComplex() bool {
	switch d {
	case Complex32, BComplex32, Complex64, Complex128:
		return true
	}
	return false
}

// SafeTensors is the dtype's name in a SafeTensors header; ok is false for a
// type that the format lacks.
func (d DType) SafeTensors() (name string, ok bool) {
	st := d.row().st
	return st, st != ""
}

// ByName finds a dtype by torch's name without "torch.", aliases included.
func ByName(name string) (d DType, ok bool) {
	switch name {
	case "half":
		return Float16, true
	case "float":
		return Float32, true
	case "double":
		return Float64, true
	case "short":
		return Int16, true
	case "int":
		return Int32, true
	case "long":
		return Int64, true
	case "cfloat":
		return Complex64, true
	case "cdouble":
		return Complex128, true
	case "chalf":
		return Complex32, true
	}
	for d := Bool; d < Float128; d++ {
		if table[d].name == name {
			return d, true
		}
	}
	return Invalid, false
}

// ByStorage finds the dtype of a storage class by its name, such as
// "FloatStorage". untyped is true, with dtype Uint8, for UntypedStorage.
func ByStorage(class string) (d DType, untyped, ok bool) {
	if class == "UntypedStorage" {
		return Uint8, true, true
	}
	name, ok := strings.CutSuffix(class, "Storage")
	if !ok || name == "" {
		return Invalid, false, false
	}
	for d := Bool; d < Float128; d++ {
		if table[d].storage == name {
			return d, false, true
		}
	}
	return Invalid, false, false
}
