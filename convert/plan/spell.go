package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"depickle/sandboxload/value"
)

// maxSpelled bounds the bytes of a tuple key that is spelled out, and
// maxNested the tuples inside one another: tuples can share each other.
const (
	maxSpelled = 4096
	maxNested  = 8
	// maxDecimal is the most bits of an int that is spelled in decimal, which
	// takes time that grows with their square; Python refuses it beyond 4300
	// digits. Others are hexadecimal.
	maxDecimal = 14_000
)

// spell is how a key is written in names and paths: text as it is, ints in
// decimal, very large ones in hexadecimal, other constants as Python's repr writes them, bytes as latin-1,
// tuples as "(a, b)", classes and objects as "<module.Class>".
func spell(k value.Value, depth int) string {
	switch k := k.(type) {
	case value.Str, value.Str2:
		s, _ := value.Text(k)
		return s
	case value.Int:
		return strconv.FormatInt(int64(k), 10)
	case value.Big:
		if k.N.BitLen() > maxDecimal {
			return fmt.Sprintf("%#x", k.N)
		}
		return k.N.String()
	case value.Bool:
		if k {
			return "True"
		}
		return "False"
	case value.None:
		return "None"
	case value.Float:
		return reprFloat(float64(k))
	case value.Bytes:
		r := make([]rune, len(k))
		for i := range len(k) {
			r[i] = rune(k[i])
		}
		return string(r)
	case value.Size:
		parts := make([]string, len(k))
		for i, n := range k {
			parts[i] = strconv.FormatInt(n, 10)
		}
		return tuple(parts)
	case *value.Tuple:
		return spellTuple(k, depth)
	case value.Global:
		return "<" + k.String() + ">"
	case value.DType:
		return "<torch." + dtypeName(k) + ">"
	case *value.Object:
		if g, ok := k.Callee.(value.Global); ok {
			return "<" + g.String() + ">"
		}
	case *value.Scalar:
		return "<numpy." + k.DType.Spec + ">"
	case *value.Tensor:
		return "<torch.Tensor>"
	}
	return "<object>"
}

func spellTuple(k *value.Tuple, depth int) string {
	if depth >= maxNested {
		return "(…)"
	}
	var parts []string
	size := 0
	for _, v := range k.Items {
		parts = append(parts, spell(v, depth+1))
		if size += len(parts[len(parts)-1]); size > maxSpelled {
			return tuple(append(parts, "…"))
		}
	}
	return tuple(parts)
}

func tuple(parts []string) string {
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// reprFloat writes a float as Python's repr does: the shortest digits that
// read back, with an exponent below 1e-4 and from 1e16.
func reprFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// escape writes a segment of a JSON Pointer (RFC 6901).
func escape(segment string) string {
	if !strings.ContainsAny(segment, "~/") {
		return segment
	}
	return strings.ReplaceAll(strings.ReplaceAll(segment, "~", "~0"), "/", "~1")
}

// unescape reads one.
func unescape(segment string) string {
	return strings.ReplaceAll(strings.ReplaceAll(segment, "~1", "/"), "~0", "~")
}
