package tagged

import (
	"strings"

	"depickle/sandboxload/value"
	"depickle/scan/tensor"
)

// constant reports whether a value holds no others. It looks no deeper than
// the value itself: scalars of scalars can be a million deep.
func constant(v value.Value) bool {
	switch v := v.(type) {
	case *value.List, *value.Tuple, *value.Set, *value.Dict, *value.Object, *value.Persistent, *value.Tensor:
		return false
	case *value.Scalar:
		switch v.Data.(type) {
		case value.None, value.Bool, value.Int, value.Float, value.Str, value.Str2, value.Bytes, *value.Blob:
			return true
		}
		return false
	}
	return true
}

func (e *encoder) constant(v value.Value) {
	switch v := v.(type) {
	case value.None:
		e.raw("null")
	case value.Bool:
		e.bool(bool(v))
	case value.Int:
		e.int(int64(v))
	case value.Big:
		e.big(v.N)
	case value.Float:
		e.float64(float64(v))
	case value.Str:
		e.text(string(v))
	case value.Str2:
		e.text2(string(v))
	case value.Bytes:
		e.bytes("$bytes", string(v))
	case *value.Blob:
		e.blob(v, "")
	case *value.ByteArray:
		e.byteArray(v.Data)
	case value.Global:
		e.tag("$global", func() { e.global(v) })
	case value.Size:
		e.ints("$size", v)
	case value.DType:
		e.tag("$dtype", func() { e.text(tensor.DType(v).String()) })
	case *value.NumpyDType:
		e.tag("$numpy", func() {
			e.raw("{")
			e.field("dtype", func() { e.text(spec(v)) })
			e.raw("}")
		})
	case *value.Scalar:
		e.scalar(v)
	case *value.Storage:
		e.storage(v)
	}
}

func (e *encoder) bool(b bool) {
	if b {
		e.raw("true")
	} else {
		e.raw("false")
	}
}

// global writes "module.name", or both apart where the name has a dot, which
// could be the module's.
func (e *encoder) global(g value.Global) {
	if strings.Contains(g.Name, ".") {
		e.list(2, func(i int) { e.text([]string{g.Module, g.Name}[i]) })
		return
	}
	e.text(g.String())
}
