package safetensors

// DType is an element type of SafeTensors. Types compare in the order of the
// format's own list, which is the order of their alignment.
type DType uint8

// The element types. The zero value is none of them.
const (
	Bool DType = iota + 1
	F4
	F6E2M3
	F6E3M2
	U8
	I8
	F8E5M2
	F8E4M3
	F8E8M0
	F8E4M3FNUZ
	F8E5M2FNUZ
	I16
	U16
	F16
	BF16
	I32
	U32
	F32
	C64
	F64
	I64
	U64
	numDTypes
)

type dtypeInfo struct {
	name string
	bits int64
}

var dtypes = [numDTypes]dtypeInfo{
	Bool:       {"BOOL", 8},
	F4:         {"F4", 4},
	F6E2M3:     {"F6_E2M3", 6},
	F6E3M2:     {"F6_E3M2", 6},
	U8:         {"U8", 8},
	I8:         {"I8", 8},
	F8E5M2:     {"F8_E5M2", 8},
	F8E4M3:     {"F8_E4M3", 8},
	F8E8M0:     {"F8_E8M0", 8},
	F8E4M3FNUZ: {"F8_E4M3FNUZ", 8},
	F8E5M2FNUZ: {"F8_E5M2FNUZ", 8},
	I16:        {"I16", 16},
	U16:        {"U16", 16},
	F16:        {"F16", 16},
	BF16:       {"BF16", 16},
	I32:        {"I32", 32},
	U32:        {"U32", 32},
	F32:        {"F32", 32},
	C64:        {"C64", 64},
	F64:        {"F64", 64},
	I64:        {"I64", 64},
	U64:        {"U64", 64},
}

// String is the type's name in a header, "invalid" for a value that is no type.
func (d DType) String() string {
	if !d.valid() {
		return "invalid"
	}
	return dtypes[d].name
}

// Bits is the size of one element in bits, 0 for a value that is no type.
func (d DType) Bits() int64 {
	if !d.valid() {
		return 0
	}
	return dtypes[d].bits
}

func (d DType) valid() bool { return d > 0 && d < numDTypes }

// ParseDType finds the type that has this name in a header. Letter case
// counts.
func ParseDType(name string) (d DType, ok bool) {
	for d := Bool; d < numDTypes; d++ {
		if dtypes[d].name == name {
			return d, true
		}
	}
	return 0, false
}
