package tensor

import (
	"strconv"
	"strings"

	"depickle/scan/fault"
)

// numpyKinds are the letters of numpy's types of plain numbers; with the size
// in bytes they name one: "f4".
var numpyKinds = map[DType]byte{
	Bool: 'b', Int8: 'i', Int16: 'i', Int32: 'i', Int64: 'i', Uint8: 'u', Uint16: 'u', Uint32: 'u', Uint64: 'u',
	Float16: 'f', Float32: 'f', Float64: 'f', Complex64: 'c', Complex128: 'c',
}

// ByNumpy finds the element type of a numpy type string, such as "<f4", "O"
// or "float32". d is Invalid, and reason says why, where arrays of it are no
// tensors. order is the byte order that it names, '=' where it names none.
//
// Source: numpy/_core/_internal.py and numpy/_core/numerictypes.py.
func ByNumpy(spec string) (d DType, order byte, reason string) {
	order = '='
	if spec != "" && strings.IndexByte("<>=|", spec[0]) >= 0 {
		order, spec = spec[0], spec[1:]
	}
	if spec == "" {
		return Invalid, order, "an array of an unknown type"
	}
	if spec == "?" {
		return Bool, order, ""
	}
	size, err := strconv.ParseInt(spec[1:], 10, 64)
	for d, kind := range numpyKinds {
		if (err == nil && spec[0] == kind && size == d.Size()) || strings.TrimSuffix(spec, "_") == d.String() {
			return d, order, ""
		}
	}
	return Invalid, order, noNumber(spec)
}

func noNumber(spec string) string {
	shown := spec
	if len(spec) > 16 || strings.Trim(spec, "0123456789") != spec[:1] {
		shown = fault.Quote(spec)
	}
	switch spec[0] {
	case 'O':
		return "an array of Python objects"
	case 'S', 'a', 'U', 'T':
		return "numpy dtype " + shown + ", an array of strings"
	case 'M', 'm':
		return "numpy dtype " + shown + ", an array of dates or times"
	case 'V':
		return "numpy dtype " + shown + ", a structured array"
	}
	return "numpy dtype " + fault.Quote(spec)
}
