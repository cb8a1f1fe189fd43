package value

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
)

func tuple(items ...Value) *Tuple { return &Tuple{Items: items} }

func deep(n int) *Tuple {
	t := tuple()
	for range n {
		t = tuple(t)
	}
	return t
}

// TestKeys: keys are equal as in Python; in a large dict, which has an index,
// and in a small one, which has none.
func TestKeys(t *testing.T) {
	nan, object, same := Float(math.NaN()), &Object{}, tuple(Int(1), &Object{})
	huge := Big{N: new(big.Int).Lsh(big.NewInt(1), 70)}
	long := strings.Repeat("x", 1000)
	for _, c := range []struct {
		a, b  Value
		equal bool
	}{
		{Str("a"), Str("a"), true}, {Str("a"), Str("b"), false}, {Str(""), None{}, false}, {Str("a"), Str2("a"), true},
		{Str("é"), Str2("\xe9"), true}, {Str("a"), Bytes("a"), false}, {Bytes("a"), Bytes("a"), true},
		{Int(1), Bool(true), true}, {Int(0), Bool(false), true}, {Int(1), Float(1), true}, {Int(1), Float(1.5), false},
		{Float(0), Float(math.Copysign(0, -1)), true}, {Float(1.5), Float(1.5), true}, {Int(-1), Float(-1), true},
		{nan, nan, false}, {Float(math.Inf(1)), Float(math.Inf(1)), true}, {Float(math.Inf(1)), Float(math.Inf(-1)), false},
		{huge, Big{N: new(big.Int).Set(huge.N)}, true}, {huge, Float(math.Ldexp(1, 70)), true}, {huge, Float(math.Ldexp(1, 71)), false},
		{None{}, None{}, true}, {None{}, Int(0), false},
		{Global{"a", "b"}, Global{"a", "b"}, true}, {Global{"a", "b.c"}, Global{"a.b", "c"}, false}, {Global{"", "b"}, Str("b"), false},
		{DType(1), DType(1), true}, {DType(1), Int(1), false},
		{object, object, true}, {object, &Object{}, false}, {same, same, true}, {same, tuple(Int(1), object), false},
		{tuple(), tuple(), true}, {tuple(Int(1)), tuple(Float(1)), true}, {tuple(Int(1)), tuple(Int(1), Int(2)), false}, {tuple(Int(1)), Int(1), false},
		{tuple(Str("ab"), Str("c")), tuple(Str("a"), Str("bc")), false}, {tuple(Str(long), Int(1)), tuple(Str(long), Int(1)), true},
		{tuple(Str(long), Int(1)), tuple(Str(long), Int(2)), false}, {tuple(tuple(Str(long)), None{}), tuple(tuple(Str(long)), None{}), true},
		{tuple(nan), tuple(nan), false}, {Size{1, 2}, tuple(Int(1), Int(2)), true}, {deep(3), deep(3), true}, {deep(3), deep(4), false},
	} {
		for _, n := range []int{0, 100} {
			d := &Dict{}
			for i := range n {
				d.Set(Str(fmt.Sprint("filler ", i)), None{})
			}
			if !d.Set(c.a, Int(1)) || !d.Set(c.b, Int(2)) {
				t.Fatalf("%#v or %#v is no key", c.a, c.b)
			}
			if want := map[bool]int{true: n + 1, false: n + 2}[c.equal]; d.Len() != want {
				t.Errorf("%#v and %#v: %d keys, want %d", c.a, c.b, d.Len(), want)
			}
			if key, v := d.At(n); key == nil || (c.equal && v != Value(Int(2))) || (!c.equal && v != Value(Int(1))) {
				t.Errorf("%#v and %#v: the first is %v", c.a, c.b, v)
			}
		}
	}
}

// TestNoKeys: what Python cannot hash, and what is too large, is no key, also
// when it is asked for twice; a tuple that is too deep in another one is a key
// of its own.
func TestNoKeys(t *testing.T) {
	wide := tuple()
	for range maxKeyBytes {
		wide.Items = append(wide.Items, Int(1))
	}
	for _, k := range []Value{&List{}, &Dict{}, &Set{Items: &Dict{}}, &ByteArray{}, tuple(&List{}), wide, deep(maxKeyDepth), tuple(Str("a"), tuple(&Dict{}))} {
		for range 2 {
			if d := (&Dict{}); d.Set(k, None{}) || d.Len() != 0 {
				t.Errorf("%T is a key", k)
			}
		}
	}
	inner := deep(maxKeyDepth - 1)
	if d := (&Dict{}); d.Set(tuple(inner), None{}) || !d.Set(inner, None{}) || d.Set(tuple(inner), None{}) {
		t.Error("depth")
	}
	if d := (&Dict{}); !d.Set(&Set{Frozen: true, Items: &Dict{}}, None{}) {
		t.Error("a frozenset is no key")
	}
}

// TestLargeDict: order, values and text keys across the chunks of a dict.
func TestLargeDict(t *testing.T) {
	d := &Dict{}
	const n = 3*chunk + 7
	for i := range n {
		d.Set(Str(fmt.Sprint(i)), Int(i))
		if d.Len() != i+1 {
			t.Fatalf("%d keys after %d", d.Len(), i+1)
		}
	}
	for i := range n {
		d.Set(Str(fmt.Sprint(i)), Int(-i))
	}
	for i := range n {
		k, v := d.At(i)
		got, ok := d.Get(fmt.Sprint(i))
		if k != Value(Str(fmt.Sprint(i))) || v != Value(Int(-i)) || !ok || got != v {
			t.Fatalf("pair %d is %v: %v", i, k, v)
		}
	}
	if _, ok := d.Get("no such"); ok || d.Len() != n {
		t.Error("found what is not there")
	}
}

// TestKeyCost: a tuple is spelled out once.
func TestKeyCost(t *testing.T) {
	k := tuple(Str(strings.Repeat("x", 1000)), Int(1), tuple(Str("y")))
	if n := KeyCost(k); n != 1000+16+3*16 {
		t.Errorf("costs %d", n)
	}
	(&Dict{}).Set(k, None{})
	if n := KeyCost(k); n != 0 {
		t.Errorf("costs %d again", n)
	}
}

func BenchmarkDict(b *testing.B) {
	keys := make([]Value, 1_000_000)
	for i := range keys {
		keys[i] = Str(fmt.Sprint("some.key.", i))
	}
	b.ReportAllocs()
	for b.Loop() {
		d := &Dict{}
		for _, k := range keys {
			d.Set(k, None{})
		}
	}
}

// TestManyNaNs: keys that equal nothing cost no more than others.
func TestManyNaNs(t *testing.T) {
	d := &Dict{}
	for range 300_000 {
		d.Set(Float(math.NaN()), None{})
	}
	if _, ok := d.Get("x"); ok || d.Len() != 300_000 {
		t.Errorf("%d keys", d.Len())
	}
}
