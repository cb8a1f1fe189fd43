package tagged

import (
	"io"
	"math"
	"math/big"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/tensor"
)

// Short hands, so that a table reads as Python does.

func list(items ...value.Value) *value.List   { return &value.List{Items: items} }
func tuple(items ...value.Value) *value.Tuple { return &value.Tuple{Items: items} }

// dict takes keys and values in turn; a Go string is a Str.
func dict(pairs ...any) *value.Dict {
	d := &value.Dict{}
	for i := 0; i < len(pairs); i += 2 {
		if !d.Set(val(pairs[i]), val(pairs[i+1])) {
			panic("a key that cannot be hashed")
		}
	}
	return d
}

func set(frozen bool, items ...value.Value) *value.Set {
	s := &value.Set{Frozen: frozen, Items: &value.Dict{}}
	for _, v := range items {
		s.Items.Set(v, value.None{})
	}
	return s
}

func val(x any) value.Value {
	switch x := x.(type) {
	case string:
		return value.Str(x)
	case int:
		return value.Int(x)
	case float64:
		return value.Float(x)
	case value.Value:
		return x
	}
	panic("no value")
}

func global(module, name string) value.Global { return value.Global{Module: module, Name: name} }

func number(digits string) value.Big {
	n, _ := new(big.Int).SetString(digits, 0)
	return value.Big{N: n}
}

func scalarOf(spec string, order byte, plain tensor.DType, data string) *value.Scalar {
	d := &value.NumpyDType{Spec: spec, Order: order, Plain: plain}
	if plain == tensor.Invalid {
		d.Reason = "no number"
	}
	return &value.Scalar{DType: d, Data: value.Bytes(data)}
}

var (
	tensorW = &value.Tensor{DType: tensor.Float32, Geometry: tensor.Geometry{Shape: []int64{2, 3}},
		Class: global("torch.nn.parameter", "Parameter"), State: dict("tag", 1)}
	tensorMeta = &value.Tensor{DType: tensor.Float32, Geometry: tensor.Geometry{Shape: []int64{1}}, Reason: "meta", Missing: true}
)

func pathOf(t *value.Tensor) string {
	if t == tensorW {
		return "/state_dict/w"
	}
	return ""
}

func ordered(d *value.Dict, state value.Value) *value.Dict {
	d.Class, d.State = global("collections", "OrderedDict"), state
	return d
}

func namespace() *value.Object {
	return &value.Object{Callee: global("argparse", "Namespace"), New: true, State: dict("lr", 0.5, "api_key", "k")}
}

// vectors are the values of the package documentation, by their Python.
func vectors() map[string]value.Value {
	shared, cycle := list(), list()
	cycle.Items = []value.Value{cycle}
	long := list()
	for i := range 1001 {
		long.Items = append(long.Items, value.Int(i))
	}
	byDefault := dict(1, 2)
	byDefault.Class, byDefault.Factory = global("collections", "defaultdict"), global("builtins", "list")
	call := &value.Object{Callee: &value.Object{Callee: global("m", "f"), Args: []value.Value{value.Int(1)}},
		KW: dict("x", 2), Items: []value.Value{value.Int(3)}, Pairs: dict("k", 4)}
	device := &value.Object{Callee: global("torch", "device"), Args: []value.Value{value.Str("cuda"), value.Int(0)}}
	return map[string]value.Value{
		"{'epoch': 3, 'lr': 1.0, 'eps': 1e-08, 'best': None, 'on': True}": dict(
			"epoch", 3, "lr", 1.0, "eps", 1e-8, "best", value.None{}, "on", value.Bool(true)),
		"[9007199254740991, -9007199254740992, 18446744073709551616]": list(
			value.Int(1<<53-1), value.Int(-1<<53), number("18446744073709551616")),
		"1 << 1024": value.Big{N: new(big.Int).Lsh(big.NewInt(1), 1024)},
		"[-0.0, 1e16, inf, -inf, nan, the NaN of bits fff8000000000001]": list(
			value.Float(math.Copysign(0, -1)), value.Float(1e16), value.Float(math.Inf(1)), value.Float(math.Inf(-1)),
			value.Float(math.Float64frombits(quiet64)), value.Float(math.Float64frombits(0xfff8000000000001))),
		`['é/\n', '\ud800', Python 2's '\xe9', 'a' * 4097]`: list(value.Str("é/\n"), value.Str("\xed\xa0\x80"),
			value.Str2("\xe9"), value.Str(strings.Repeat("a", 4097))),
		`[b'\x00\xff', bytearray(b'a'), b'a' * 257]`: list(value.Bytes("\x00\xff"),
			&value.ByteArray{Data: value.Bytes("a")}, value.Bytes(strings.Repeat("a", 257))),
		"[(1, 'a'), (), {3, 10, 'b'}, frozenset([()])]": list(tuple(value.Int(1), value.Str("a")), tuple(),
			set(false, value.Int(3), value.Int(10), value.Str("b")), set(true, tuple())),
		"list(range(1001))":             long,
		"{0: 'a', (1, 2): 'b'}":         dict(0, "a", tuple(value.Int(1), value.Int(2)), "b"),
		"{'$tuple': [1]}":               dict("$tuple", list(value.Int(1))),
		"{'a/b': (l := [], l), 'c': l}": dict("a/b", tuple(shared, shared), "c", shared),
		"l = []; l.append(l)":           cycle,
		"{'HF_TOKEN': 'hf_1', 'user': {'password': ['p']}, b'secret': 1}": dict("HF_TOKEN", "hf_1",
			"user", dict("password", list(value.Str("p"))), value.Bytes("secret"), 1),
		"{'state_dict': OrderedDict(w=w, b=b), 'step': w, 'meta': m}": dict(
			"state_dict", ordered(dict("w", tensorW, "b", tensorMeta), dict("_metadata", 1)), "step", tensorW, "meta", tensorMeta),
		"numpy.array([None, 'a'], dtype=object)": &value.Tensor{Numpy: true, Reason: "an array of Python objects",
			Geometry: tensor.Geometry{Shape: []int64{2}}, Objects: []value.Value{value.None{}, value.Str("a")}},
		"all: OrderedDict(w=w) with _metadata": ordered(dict("w", tensorW), dict("_metadata", dict("", dict("version", 1)))),
		"all: defaultdict(list, {1: 2})":       byDefault,
		"[torch.Size([2, 3]), torch.float32, torch.device('cuda', 0), list, a.b's C.d]": list(value.Size{2, 3},
			value.DType(tensor.Float32), device, global("builtins", "list"), global("a.b", "C.d")),
		"[numpy.float32(0.1), numpy.dtype('>i2'), numpy.complex64(1+2j), numpy.bool_(True), numpy.str_('a')]": list(
			scalarOf("f4", '<', tensor.Float32, "\xcd\xcc\xcc\x3d"),
			&value.NumpyDType{Spec: ">i2", Order: '>', Plain: tensor.Int16},
			scalarOf("c8", '<', tensor.Complex64, "\x00\x00\x80\x3f\x00\x00\x00\x40"),
			scalarOf("b1", '|', tensor.Bool, "\x01"),
			scalarOf("U1", '<', tensor.Invalid, "a\x00\x00\x00")),
		"argparse.Namespace(lr=0.5, api_key='k')":      namespace(),
		"all: argparse.Namespace(lr=0.5, api_key='k')": namespace(),
		"all: f(1)(x=2), with an item and a pair":      call,
		"[the persistent id 'x', an untyped storage]": list(&value.Persistent{ID: value.Str("x")},
			&value.Storage{Key: "0", DType: tensor.Uint8, Untyped: true, Bytes: 24}),
	}
}

// noBlobs is Open where no value has one.
func noBlobs(container.Extent) io.Reader { return strings.NewReader("") }

func encode(t testing.TB, mode Mode, roots ...value.Value) string {
	t.Helper()
	b, err := Encode(roots, Options{Mode: mode, Open: noBlobs, Path: pathOf})
	if err != nil {
		t.Fatal(err)
	}
	if !jsontext.Value(b).IsValid() {
		t.Fatalf("not strict JSON: %.300s", b)
	}
	return string(b)
}

// TestVectors holds the code to its documentation, and the other way round.
func TestVectors(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(strings.ReplaceAll(string(doc), "\r\n", "\n"), "// # Vectors\n")
	values := vectors()
	python := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if want, ok := strings.CutPrefix(line, "//\t\t"); ok {
			v, ok := values[python]
			if !ok {
				t.Errorf("%s: no such vector", python)
				continue
			}
			delete(values, python)
			mode := Plain
			if strings.HasPrefix(python, "all: ") {
				mode = All
			}
			if got := encode(t, mode, v); got != want {
				t.Errorf("%s\n got %s\nwant %s", python, got, want)
			}
		} else if s, ok := strings.CutPrefix(line, "//\t"); ok {
			python = s
		}
	}
	for python := range values {
		t.Errorf("%s: not in the documentation", python)
	}
}
