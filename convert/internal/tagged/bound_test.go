package tagged

import (
	"runtime"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"depickle/convert/internal/raced"
	"depickle/sandboxload/value"
	"depickle/scan/limit"
	"depickle/scan/tensor"
)

// bounded encodes with a smaller bound.
func bounded(most int, v value.Value) string {
	e := newEncoder(Options{Mode: All})
	e.most = most
	e.value(v)
	return string(e.b)
}

func TestTruncated(t *testing.T) {
	tests := []struct {
		most int
		v    value.Value
		want string
	}{
		{0, list(), `{"$truncated":{"left":1,"limit":"size"}}`},
		{5, list(value.Int(11), value.Int(12), value.Int(13), value.Int(14)), `[11,12,{"$truncated":{"left":2,"limit":"size"}}]`},
		{4, list(tuple(value.Int(1)), value.Int(2), value.Int(3)),
			`[{"$tuple":[{"$truncated":{"left":1,"limit":"size"}}]},{"$truncated":{"left":2,"limit":"size"}}]`},
		{9, dict("a", 1, "bc", 2, "d", 3), `{"a":1,"bc":{"$truncated":{"left":2,"limit":"size"}}}`},
		{12, dict(1, 2, 3, 4), `{"$dict":[[1,{"$truncated":{"left":1,"limit":"size"}}],{"$truncated":{"left":1,"limit":"size"}}]}`},
		{9, set(false, value.Int(100), value.Int(200), value.Int(300), value.Int(400)), `{"$truncated":{"left":1,"limit":"size"}}`},
	}
	for _, tt := range tests {
		got := bounded(tt.most, tt.v)
		if got != tt.want {
			t.Errorf("%d\n got %s\nwant %s", tt.most, got, tt.want)
		}
		if !jsontext.Value(got).IsValid() {
			t.Errorf("not strict JSON: %s", got)
		}
	}
}

// TestWork: one string of a mebibyte, named without end, is not digested
// without end, and neither is a list.
func TestWork(t *testing.T) {
	s := value.Str(strings.Repeat("a", 1<<20))
	items := make([]value.Value, 2000)
	for i := range items {
		items[i] = s
	}
	short := make([]value.Value, 100_000)
	for i := range short {
		short[i] = value.Float(0.25)
	}
	for _, v := range []value.Value{list(items...), list(short...)} {
		e := newEncoder(Options{})
		e.mostWork = 300_000
		e.value(v)
		if got, want := string(e.b), `{"$truncated":{"left":1,"limit":"size"}}`; got != want {
			t.Errorf("got %.200s, want %s", got, want)
		}
		if e.work > 300_000+(2<<20) {
			t.Errorf("digested %d bytes", e.work)
		}
	}
}

// TestDepth: whatever can hold another is bounded, and the deepest that is
// written is JSON that a strict reader takes.
func TestDepth(t *testing.T) {
	if raced.On {
		t.Skip("millions of objects, one by one; CI runs them without the race detector")
	}
	wraps := map[string]func(v value.Value) value.Value{
		"list":       func(v value.Value) value.Value { return list(v) },
		"tuple":      func(v value.Value) value.Value { return tuple(v) },
		"dict":       func(v value.Value) value.Value { return dict("k", v) },
		"pairs":      func(v value.Value) value.Value { return ordered(dict(1, v), nil) },
		"state":      func(v value.Value) value.Value { return ordered(dict(), v) },
		"set":        func(v value.Value) value.Value { return set(true, v) },
		"callee":     func(v value.Value) value.Value { return &value.Object{Callee: v} },
		"args":       func(v value.Value) value.Value { return &value.Object{Callee: v, Args: []value.Value{v}} },
		"keywords":   func(v value.Value) value.Value { return &value.Object{KW: v} },
		"persistent": func(v value.Value) value.Value { return &value.Persistent{ID: v} },
		"scalar":     func(v value.Value) value.Value { return &value.Scalar{Data: v} },
		"bytearray":  func(v value.Value) value.Value { return list(&value.ByteArray{Data: v}, v) },
		"objects":    func(v value.Value) value.Value { return &value.Tensor{Objects: []value.Value{v}} },
		"attributes": func(v value.Value) value.Value { return &value.Tensor{State: v} },
	}
	for name, wrap := range wraps {
		var v value.Value = list()
		for range 100_000 {
			v = wrap(v)
		}
		for _, mode := range []Mode{Plain, All} {
			for _, depth := range []int{0, 3, 1 << 30} {
				b, err := Encode([]value.Value{v}, Options{Mode: mode, Limits: limit.Limits{Depth: depth}})
				if err != nil || !jsontext.Value(`{"values":`+string(b)+`}`).IsValid() {
					t.Fatalf("%s: %v, strict JSON %v", name, err, jsontext.Value(b).IsValid())
				}
				if n := len(b); n > maxBytes+(1<<20) {
					t.Errorf("%s: %d bytes", name, n)
				}
			}
		}
	}
	e, want := newEncoder(Options{Limits: limit.Limits{Depth: 2}}), `[[{"$truncated":{"left":1,"limit":"depth"}},1]]`
	e.value(list(list(list(), value.Int(1))))
	if string(e.b) != want {
		t.Errorf("got %s, want %s", e.b, want)
	}
}

// TestReferencesCost: references to a deep place under long keys, a list of
// lists that would unfold to 2^200 items and a string that is named a million
// times stay within the bound, in time and memory.
func TestReferencesCost(t *testing.T) {
	if raced.On {
		t.Skip("millions of objects, one by one; CI runs them without the race detector")
	}
	var deep value.Value = list()
	target := deep
	for range 900 {
		deep = dict(strings.Repeat("~", 4096), deep)
	}
	var laughs value.Value = tuple()
	for range 200 {
		laughs = tuple(laughs, laughs)
	}
	many := func(v value.Value) value.Value {
		items := make([]value.Value, 1_000_000)
		for i := range items {
			items[i] = v
		}
		return list(append(items, list())...)
	}
	for name, v := range map[string]value.Value{
		"references": list(deep, many(target)),
		"laughs":     laughs,
		"strings":    many(value.Str(strings.Repeat("\x01", 4096))),
		"objects":    many(&value.Object{Callee: global("m", strings.Repeat("C", 4000))}),
		"tensors":    many(&value.Tensor{Geometry: tensor.Geometry{Shape: make([]int64, 1000)}}),
		"containers": list(wide(500_000)...),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		b, err := Encode([]value.Value{v}, Options{})
		runtime.ReadMemStats(&after)
		if err != nil || !jsontext.Value(b).IsValid() {
			t.Fatalf("%s: %v", name, err)
		}
		if n := len(b); n > maxBytes+(10<<20) {
			t.Errorf("%s: %d bytes", name, n)
		}
		// What was allocated in all, garbage of a growing buffer included.
		if n := after.TotalAlloc - before.TotalAlloc; n > 400<<20 {
			t.Errorf("%s: allocates %d MiB", name, n>>20)
		}
	}
}

func wide(n int) []value.Value {
	items := make([]value.Value, n)
	for i := range items {
		items[i] = list()
	}
	return items
}
