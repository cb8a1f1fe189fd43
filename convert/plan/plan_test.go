package plan

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"depickle/sandboxload"
	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/tensor"
)

// tensorOf makes a float tensor of its own storage.
func tensorOf(n int64) *value.Tensor {
	s := &value.Storage{DType: tensor.Float32, Bytes: 4 * n, Inline: make([]byte, 4*n)}
	return viewIn(s, 0, n)
}

func viewIn(s *value.Storage, off, n int64) *value.Tensor {
	return &value.Tensor{DType: tensor.Float32, Storage: s, Geometry: tensor.Geometry{Offset: off, Shape: []int64{n}, Stride: []int64{1}}}
}

// dict makes a dict of text keys and values.
func dict(pairs ...any) *value.Dict {
	d := &value.Dict{}
	for i := 0; i < len(pairs); i += 2 {
		k, ok := pairs[i].(value.Value)
		if !ok {
			k = value.Str(pairs[i].(string))
		}
		d.Set(k, pairs[i+1].(value.Value))
	}
	return d
}

// instance makes an object of a class with a state.
func instance(state value.Value) *value.Object {
	return &value.Object{Callee: value.Global{Module: "m", Name: "C"}, New: true, State: state}
}

// network makes a whole module.
func network(parameters, buffers, modules *value.Dict, more ...any) *value.Object {
	return instance(dict(append([]any{"_parameters", parameters, "_buffers", buffers, "_modules", modules}, more...)...))
}

func planned(t *testing.T, o Options, l limit.Limits, roots ...value.Value) (*Plan, error) {
	t.Helper()
	src, err := container.Open(strings.NewReader("N."), 2, container.Options{Limits: l})
	if err != nil {
		t.Fatal(err)
	}
	c := &sandboxload.Checkpoint{Source: src}
	for i, v := range roots {
		c.Roots = append(c.Roots, sandboxload.Root{Stream: i, Value: v})
	}
	return New(t.Context(), c, o)
}

func namesOf(p *Plan) []string {
	var out []string
	for _, it := range p.Items {
		out = append(out, it.Name)
	}
	slices.Sort(out)
	return out
}

func TestNames(t *testing.T) {
	w, x := tensorOf(1), tensorOf(2)
	shared := dict("w", w)
	for _, c := range []struct {
		name  string
		o     Options
		roots []value.Value
		want  string
	}{
		{"flat", Options{}, []value.Value{dict("w", w, "x", x)}, "w x"},
		{"nested", Options{}, []value.Value{dict("a", dict("b", w), "c", x)}, "a.b c"},
		{"ints and lists", Options{}, []value.Value{dict(value.Int(0), w, "l", &value.List{Items: []value.Value{x}})}, "0 l.0"},
		{"bare", Options{}, []value.Value{w}, "tensor"},
		{"streams", Options{}, []value.Value{dict("w", w), value.Int(1), x}, "0.w 2.tensor"},
		{"state_dict first", Options{}, []value.Value{dict("model", dict("m", w), "state_dict", dict("s", x))}, "s"},
		{"an entry without tensors does not count", Options{}, []value.Value{dict("state_dict", dict("n", value.Int(1)), "model", dict("m", w))}, "m"},
		{"single key", Options{}, []value.Value{dict("x1", dict("x2", dict("w", w)))}, "w"},
		{"unwrapped four times", Options{}, []value.Value{dict("1", dict("2", dict("3", dict("4", dict("w", w)))))}, "w"},
		{"and no more", Options{}, []value.Value{dict("1", dict("2", dict("3", dict("4", dict("5", dict("w", w))))))}, "1.2.3.4.5.w"},
		{"none", Options{Root: "none"}, []value.Value{dict("state_dict", dict("s", x))}, "state_dict.s"},
		{"pointer", Options{Root: "/a~1b/~0"}, []value.Value{dict("a/b", dict("~", dict("w", w)), "c", x)}, "w"},
		{"pointer into a list", Options{Root: "/l/1"}, []value.Value{dict("l", &value.List{Items: []value.Value{value.Int(1), dict("w", w)}})}, "w"},
		{"pointer to a tensor", Options{Root: "/w"}, []value.Value{dict("w", w, "x", x)}, "tensor"},
		{"shared container", Options{}, []value.Value{dict("a", shared, "b", shared, "c", x)}, "a.w c"},
		{"inversion", Options{}, []value.Value{dict("string_to_param", dict("*", w, "o", x))}, "emb_params o"},
		{"arguments", Options{}, []value.Value{dict("w", w, "o", &value.Object{Callee: value.Global{Name: "f"}, Args: []value.Value{x}})}, "o.__args__.0 w"},
		{"attributes", Options{}, []value.Value{dict("w", w, "o", instance(dict("x", x)))}, "o.x w"},
		{"slots", Options{}, []value.Value{dict("w", w, "o", instance(&value.Tuple{Items: []value.Value{value.None{}, dict("x", x)}}))}, "o.x w"},
	} {
		p, err := planned(t, c.o, limit.Limits{}, c.roots...)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := strings.Join(namesOf(p), " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestModule(t *testing.T) {
	transient := &value.Set{Items: dict("t", value.None{})}
	inner := network(dict("weight", tensorOf(1), "bias", value.None{}), dict("mean", tensorOf(2), "t", tensorOf(3)), dict(),
		"_non_persistent_buffers_set", transient, "plain", tensorOf(4))
	outer := network(dict(), dict(), dict("a", inner, "b", inner, "n", value.None{}))
	p, err := planned(t, Options{}, limit.Limits{}, outer)
	if err != nil {
		t.Fatal(err)
	}
	// A submodule that stands twice has both names, as in state_dict.
	if got, want := strings.Join(namesOf(p), " "), "a.mean a.weight b.mean b.weight"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	var left []string
	for _, l := range p.NotSelected {
		left = append(left, l.Path)
	}
	if got, want := strings.Join(left, " "), "/_modules/a/_buffers/t /_modules/a/plain /_modules/b/_buffers/t"; got != want {
		t.Errorf("left %s, want %s", got, want)
	}
}

// TestModuleBomb: modules that share each other have 2^60 paths.
func TestModuleBomb(t *testing.T) {
	m := network(dict("w", tensorOf(1)), dict(), dict())
	for range 60 {
		m = network(dict(), dict(), dict("a", m, "b", m))
	}
	_, err := planned(t, Options{}, limit.Limits{Objects: 100_000}, m)
	if !fault.Is(err, fault.Limit) {
		t.Errorf("%v, want a limit", err)
	}
}

func TestPlanRefuses(t *testing.T) {
	s := &value.Storage{DType: tensor.Float32, Bytes: 40, Inline: make([]byte, 40)}
	neg := viewIn(s, 0, 1)
	neg.DType, neg.Neg = tensor.Int32, true
	deep := value.Value(dict("w", tensorOf(1)))
	for range 2000 {
		deep = &value.List{Items: []value.Value{deep, value.Int(1)}}
	}
	cycle := &value.List{}
	cycle.Items = []value.Value{cycle, value.Int(1)}
	for _, c := range []struct {
		name, text string
		o          Options
		v          value.Value
		kind       fault.Kind
	}{
		{"nothing", "no tensors", Options{}, dict("a", value.Int(1)), fault.Unsupported},
		{"a cycle without tensors", "no tensors", Options{}, cycle, fault.Unsupported},
		{"two of one name", "two tensors", Options{}, dict("a.b", tensorOf(1), "a", dict("b", tensorOf(1))), fault.Unsupported},
		{"int and text", "two tensors", Options{}, dict("1", tensorOf(1), value.Int(1), tensorOf(1)), fault.Unsupported},
		{"reserved", "reserves", Options{}, dict("__metadata__", tensorOf(1)), fault.Unsupported},
		{"surrogate", "Unicode", Options{}, dict("\xed\xa0\x80", tensorOf(1)), fault.Unsupported},
		{"quantized", "quantized", Options{}, dict("q", &value.Tensor{Reason: "quantized"}), fault.Unsupported},
		{"complex128", "complex128", Options{}, dict("c", &value.Tensor{DType: tensor.Complex128, Storage: s}), fault.Unsupported},
		{"negated ints", "negated", Options{}, dict("n", neg), fault.Unsupported},
		{"missing pointer", "there is no", Options{Root: "/a/c"}, dict("a", dict("b", tensorOf(1))), fault.Unsupported},
		{"pointer to a shape", "holds no tensors", Options{Root: "/s"}, dict("s", value.Size{1}, "t", value.Size{1}), fault.Unsupported},
		{"odd root", "neither auto", Options{Root: "x"}, dict("b", tensorOf(1)), fault.Unsupported},
		{"deep", "inside one another", Options{}, deep, fault.Limit},
	} {
		_, err := planned(t, c.o, limit.Limits{}, c.v)
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v, want %v with %q", c.name, err, c.kind, c.text)
		}
	}
}

func TestAliases(t *testing.T) {
	s := &value.Storage{DType: tensor.Float32, Bytes: 40, Inline: make([]byte, 40)}
	conj := viewIn(s, 0, 2)
	conj.Neg = true
	top := dict(
		"lm_head.weight", viewIn(s, 0, 2), "wte.weight", viewIn(s, 0, 2), "a.lm_head.bias", viewIn(s, 0, 2),
		"other", viewIn(s, 1, 2), "neg", conj, "empty1", viewIn(s, 0, 0), "empty2", viewIn(s, 0, 0), "format", viewIn(s, 0, 2))
	p, err := planned(t, Options{DropAliases: true}, limit.Limits{}, top)
	if err != nil {
		t.Fatal(err)
	}
	// "format" sorts first and is no head, so it is what the others drop to.
	if got, want := strings.Join(namesOf(p), " "), "empty1 empty2 format neg other"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, a := range p.Aliases {
		if a.Of != "format" || !a.Dropped {
			t.Errorf("alias %+v", a)
		}
	}
	if p.AliasBytes != 3*8 {
		t.Errorf("dropping saves %d bytes, want 24", p.AliasBytes)
	}
	p, err = planned(t, Options{}, limit.Limits{}, top)
	if err != nil || len(p.Items) != 8 || len(p.Aliases) != 3 {
		t.Errorf("%d items, %d aliases, %v; want 8 and 3 when copied", len(p.Items), len(p.Aliases), err)
	}
}

func TestSpell(t *testing.T) {
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for want, k := range map[string]value.Value{
		"a.b":         value.Str("a.b"),
		"-3":          value.Int(-3),
		"True":        value.Bool(true),
		"None":        value.None{},
		"1.0":         value.Float(1),
		"1e-05":       value.Float(1e-5),
		"1e+16":       value.Float(1e16),
		"0.0001":      value.Float(1e-4),
		"nan":         value.Float(math.NaN()),
		"-inf":        value.Float(math.Inf(-1)),
		"ÿ":           value.Bytes("\xff"),
		"é":           value.Str2("é"),
		"()":          &value.Tuple{},
		"(1,)":        &value.Tuple{Items: []value.Value{value.Int(1)}},
		"(1, (a, b))": &value.Tuple{Items: []value.Value{value.Int(1), &value.Tuple{Items: []value.Value{value.Str("a"), value.Str("b")}}}},
		"<m.C>":       value.Global{Module: "m", Name: "C"},
		huge.String(): value.Big{N: huge},
	} {
		if got := spell(k, 0); got != want {
			t.Errorf("%#v is spelled %q, want %q", k, got, want)
		}
	}
	bomb := &value.Tuple{Items: []value.Value{value.Str("x")}}
	for range 64 {
		bomb = &value.Tuple{Items: []value.Value{bomb, bomb}}
	}
	if n := len(spell(bomb, 0)); n > 100_000 {
		t.Errorf("a tuple of 2^64 items is spelled with %d bytes", n)
	}
}
