package machine

import (
	"math/big"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Expr writes a value as Python would spell it, in about most bytes: what is
// longer, deeper or was not kept is "…". It is for people, and shows hostile
// text without control characters.
func (m *Machine) Expr(v Value, most int) string { return m.Named(v, most, nil) }

// Named is Expr; name says what stands for an object, "" for what made it.
func (m *Machine) Named(v Value, most int, name func(*Node) string) string {
	x := expr{m: m, left: most, name: name}
	x.value(v, 0)
	return x.String()
}

// Call writes a call as Python would spell it. name, if it is not nil, says
// what stands for an object, "" for what made it.
func (m *Machine) Call(callee, args Value, most int, name func(*Node) string) string {
	x := expr{m: m, left: most, name: name}
	x.call(callee, args, 0)
	return x.String()
}

// Quote writes text in single quotes, without control characters, and cut
// where it is long.
func Quote(s string) string { return "'" + printable(s, textMost) + "'" }

// exprDepth is how deep values are shown.
const exprDepth = 6

// textMost is how much of one text is shown, in bytes.
const textMost = 160

// readMost is how long a text may be to be read at all, in bytes.
const readMost = 8 << 10

type expr struct {
	strings.Builder
	m    *Machine
	name func(*Node) string // what stands for an object; nil for none
	left int                // bytes that may still be written
}

func (x *expr) put(s string) {
	x.WriteString(s)
	x.left -= len(s)
}

func (x *expr) value(v Value, depth int) {
	if x.left <= 0 || depth > exprDepth {
		x.put("…")
		return
	}
	switch v.Kind {
	case None:
		x.put("None")
	case Bool:
		x.put(map[bool]string{true: "True", false: "False"}[v.Num != 0])
	case Int:
		x.put(strconv.FormatInt(v.Num, 10))
	case BigInt:
		x.bigInt(v)
	case Float:
		x.put(strconv.FormatFloat(v.Float64(), 'g', -1, 64))
	case Str, Str2, Bytes, ByteArray:
		x.text(v)
	case Tuple:
		x.put("(")
		x.items(v.Node, depth)
		if len(v.Node.Items) == 1 {
			x.put(",")
		}
		x.put(")")
	case FrozenSet:
		x.put("frozenset({")
		x.items(v.Node, depth)
		x.put("})")
	case List:
		x.put("[…]")
	case Dict:
		x.put(map[bool]string{true: "{…}", false: "{}"}[v.Node.Stored])
	case Set:
		x.put("{…}")
	case Global:
		x.global(v)
	case Object:
		x.object(v, depth)
	case Persistent:
		x.put("persistent_load(")
		if len(v.Node.Items) > 0 {
			x.value(v.Node.Items[0], depth+1)
		}
		x.put(")")
	default:
		x.put("<" + v.Kind.String() + ">")
	}
}

func (x *expr) bigInt(v Value) {
	b, ok := v.Node.Mark.(*big.Int)
	if !ok || b.BitLen() > 4*textMost {
		x.put("<a long int>")
		return
	}
	x.put(b.String())
}

// items writes what a tuple or frozenset holds.
func (x *expr) items(n *Node, depth int) {
	if n.Opaque {
		x.put("…")
		return
	}
	for i, item := range n.Items {
		if i > 0 {
			x.put(", ")
		}
		if x.left <= 0 {
			x.put("…")
			return
		}
		x.value(item, depth+1)
	}
}

func (x *expr) global(v Value) {
	if v.Node.Opaque {
		x.put("<a computed global>")
		return
	}
	name := v.Node.Module + "." + v.Node.Name
	if v.Node.Module == "builtins" || v.Node.Module == "__builtin__" {
		name = v.Node.Name
	}
	x.put(printable(name, textMost))
}

func (x *expr) object(v Value, depth int) {
	if x.name != nil {
		if name := x.name(v.Node); name != "" {
			x.put(name)
			return
		}
	}
	if len(v.Node.Items) < 2 {
		x.put("<an object>")
		return
	}
	x.call(v.Node.Items[0], v.Node.Items[1], depth)
}

func (x *expr) call(callee, args Value, depth int) {
	x.value(callee, depth+1)
	x.put("(")
	if args.Kind == Tuple {
		x.items(args.Node, depth)
	} else {
		x.put("*")
		x.value(args, depth+1)
	}
	x.put(")")
}

// text writes text and bytes in quotes; of a long one, the beginning.
func (x *expr) text(v Value) {
	if v.Kind == ByteArray {
		x.put("bytearray(")
		defer x.put(")")
	}
	if v.Kind == Bytes || v.Kind == ByteArray {
		x.put("b")
	}
	s, ok := x.read(v)
	if !ok {
		x.put("'…' (" + strconv.FormatInt(v.Len(), 10) + " bytes)")
		return
	}
	x.put("'" + printable(s, min(textMost, max(x.left, 8))) + "'")
}

// read reads a short text, or bytes as they are.
func (x *expr) read(v Value) (string, bool) {
	if v.Len() > readMost {
		return "", false
	}
	if v.Kind == Str || v.Kind == Str2 {
		return x.m.Text(v)
	}
	b, ok := x.m.Raw(v)
	return string(b), ok
}

// printable escapes what is no plain character, and cuts a long text.
func printable(s string, most int) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if b.Len() >= most {
			return b.String() + "…"
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\\', r == '\'':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == utf8.RuneError && n == 1:
			b.WriteString(`\x` + hex(s[i]))
		case !unicode.IsPrint(r):
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

func hex(c byte) string { return string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15]) }
