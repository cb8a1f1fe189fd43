package sandboxload_test

import (
	"fmt"
	"strings"

	"depickle/sandboxload/value"
)

// show writes a small value as Python would.
func show(v value.Value) string {
	switch v := v.(type) {
	case value.None:
		return "None"
	case value.Str:
		return "'" + string(v) + "'"
	case value.Str2:
		return "'" + string(v) + "'"
	case value.Bytes:
		return "b'" + string(v) + "'"
	case value.Float:
		return strings.ToLower(fmt.Sprint(float64(v)))
	case value.Big:
		return v.N.String()
	case value.Global:
		return v.String()
	case *value.Tuple:
		return "(" + join(v.Items) + ")"
	case *value.List:
		return "[" + join(v.Items) + "]"
	case *value.Object:
		return show(v.Callee) + "(" + join(v.Args) + ")"
	case *value.Dict:
		var parts []string
		for i := range v.Len() {
			k, x := v.At(i)
			parts = append(parts, show(k)+": "+show(x))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}

func join(vs []value.Value) string {
	parts := make([]string, len(vs))
	for i, v := range vs {
		parts[i] = show(v)
	}
	return strings.Join(parts, ", ")
}
