package convert

import (
	"fmt"
	"strconv"
	"strings"

	"depickle/convert/provenance"
	"depickle/sandboxload/value"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
	"depickle/scan/tensor"
)

const tensorType = "tensor"

// describe names a value's type as Python does, and spells a constant. Texts
// are bounded: a name may be megabytes, and stand in a file a million times.
func describe(v value.Value) (kind, text string) {
	switch v := v.(type) {
	case nil, value.None:
		return "None", ""
	case value.Bool:
		if v {
			return "bool", "True"
		}
		return "bool", "False"
	case value.Int:
		return "int", strconv.FormatInt(int64(v), 10)
	case value.Big:
		if v.N.BitLen() > 256 {
			return "int", fmt.Sprintf("of %d bits", v.N.BitLen())
		}
		return "int", v.N.String()
	case value.Float:
		return "float", float(float64(v))
	case value.Str:
		return "str", fault.Quote(string(v))
	case value.Str2:
		return "str", quote2(string(v))
	case value.Bytes:
		return "bytes", fault.Quote(string(v))
	case *value.ByteArray:
		_, text = describe(v.Data)
		return "bytearray", text
	case *value.Blob:
		return blobType(v.Code), "of " + limit.Size(v.Extent.Len)
	case value.Size:
		return "torch.Size", ints(v)
	case value.DType:
		return "torch.dtype", "torch." + tensor.DType(v).String()
	case value.Global:
		return "global", shown(v.String())
	}
	return describeMore(v)
}

// float spells a float so that it is not taken for an int.
func float(x float64) string {
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if strings.Trim(s, "-0123456789") == "" {
		s += ".0"
	}
	return s
}

// quote2 spells a Python 2 str, which is text or bytes.
func quote2(s string) string {
	const most = 200 // more than a quote shows
	if len(s) > most {
		return fmt.Sprintf("%q… (%d bytes)", value.Text2(s[:most/2]), len(s))
	}
	return fault.Quote(value.Text2(s))
}

func blobType(c opcode.Code) string {
	switch c {
	case opcode.BinBytes, opcode.ShortBinBytes, opcode.BinBytes8, opcode.ByteArray8:
		return "bytes"
	}
	return "str"
}

// describeMore is describe for what holds other values, and numpy's.
func describeMore(v value.Value) (kind, text string) {
	switch v := v.(type) {
	case *value.List:
		return "list", ""
	case *value.Tuple:
		return "tuple", ""
	case *value.Set:
		if v.Frozen {
			return "frozenset", ""
		}
		return "set", ""
	case *value.Dict:
		if v.Class != (value.Global{}) {
			return shown(v.Class.String()), ""
		}
		return "dict", ""
	case *value.Object:
		return "object", callee(v)
	case *value.Persistent:
		return "persistent id", ""
	case *value.NumpyDType:
		return "numpy.dtype", shown(v.Spec)
	case *value.Scalar:
		text := ""
		switch v.Data.(type) {
		case value.Bytes, value.Str, value.Str2:
			_, text = describe(v.Data)
		}
		return "numpy." + shown(v.DType.Spec), text
	case *value.Storage:
		return "storage", fmt.Sprintf("%s, %s", fault.Quote(v.Key), limit.Size(v.Bytes))
	case *value.Tensor:
		return describeTensor(v)
	}
	return "unknown", ""
}

func describeTensor(t *value.Tensor) (kind, text string) {
	kind, text = tensorType, t.DType.String()+" "+ints(t.Geometry.Shape)
	switch {
	case t.Objects != nil:
		return "numpy.ndarray", "of objects " + ints(t.Geometry.Shape)
	case t.DType == tensor.Invalid:
		text = ints(t.Geometry.Shape)
	}
	if t.Reason != "" {
		text += ", " + t.Reason
	}
	return kind, text
}

// callee is what an object was made by; that may be an object itself.
func callee(o *value.Object) string {
	for range 4 {
		switch c := o.Callee.(type) {
		case value.Global:
			return shown(c.String())
		case *value.Object:
			o = c
			continue
		}
		break
	}
	return "made by an object"
}

// ints is a shape as people write it.
func ints(n []int64) string {
	const most = 64 // dimensions
	b := []byte{'['}
	for k, d := range n {
		if k == most {
			b = append(b, "…"...)
			break
		}
		if k > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(b, d, 10)
	}
	return provenance.Text(string(append(b, ']')))
}
