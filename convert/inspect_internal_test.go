package convert

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"depickle/convert/internal/stats"
	"depickle/convert/internal/transfer"
	"depickle/sandboxload/value"
	"depickle/scan/limit"
	"depickle/scan/tensor"
)

func TestUnordered(t *testing.T) {
	tests := []struct {
		shape, stride []int64
		wantShape     []int64
		wantStride    []int64
		repeat        int64
	}{
		{[]int64{}, []int64{}, []int64{}, []int64{}, 1},
		{[]int64{2, 3}, []int64{3, 1}, []int64{2, 3}, []int64{3, 1}, 1},
		{[]int64{3, 2}, []int64{1, 3}, []int64{2, 3}, []int64{3, 1}, 1},
		{[]int64{4, 1, 5}, []int64{0, 99, 1}, []int64{5}, []int64{1}, 4},
		{[]int64{1 << 20, 1 << 20, 1 << 20}, []int64{0, 0, 0}, []int64{}, []int64{}, 1 << 60},
		{[]int64{0, 3}, []int64{0, 1}, []int64{3, 0}, []int64{1, 0}, 1},
		{[]int64{1}, []int64{0}, []int64{}, []int64{}, 1},
		{[]int64{4, 4}, []int64{1, 1}, []int64{4, 4}, []int64{1, 1}, 1},
	}
	for _, tt := range tests {
		l, repeat := unordered(transfer.Layout{Size: 4, Geometry: tensor.Geometry{Offset: 7, Shape: tt.shape, Stride: tt.stride}})
		want := tensor.Geometry{Offset: 7, Shape: tt.wantShape, Stride: tt.wantStride}
		if !reflect.DeepEqual(l.Geometry, want) || repeat != tt.repeat || l.Size != 4 {
			t.Errorf("%v %v: %+v, %d times", tt.shape, tt.stride, l.Geometry, repeat)
		}
	}
}

// TestUnorderedStats: whatever the strides, the statistics are those of the
// elements in their order.
func TestUnorderedStats(t *testing.T) {
	data := make([]byte, 64)
	for i := range data {
		data[i] = byte(i * i)
	}
	src := transfer.Source{R: bytes.NewReader(data), Len: int64(len(data))}
	of := func(l transfer.Layout) stats.Summary {
		var c stats.Collector
		c.Reset(tensor.Uint8, 0)
		if err := transfer.Copy(t.Context(), &c, src, l); err != nil {
			t.Fatal(err)
		}
		return c.Summary()
	}
	for a := range int64(4) {
		for b := range int64(4) {
			for sa := range int64(6) {
				for sb := range int64(6) {
					l := transfer.Layout{Size: 1, Geometry: tensor.Geometry{Offset: 3, Shape: []int64{a, b}, Stride: []int64{sa, sb}}}
					fast, repeat := unordered(l)
					got, want := of(fast).Times(repeat), of(l)
					if math.Abs(got.Mean-want.Mean) > 1e-12 || math.Abs(got.Std-want.Std) > 1e-12 {
						t.Errorf("%v: %+v, want %+v", l.Geometry, got, want)
					}
					got.Mean, got.Std = want.Mean, want.Std
					if got != want {
						t.Errorf("%v: %+v, want %+v", l.Geometry, got, want)
					}
				}
			}
		}
	}
}

func TestBudget(t *testing.T) {
	b := budget{most: 100}
	for _, tt := range []struct {
		n  int64
		ok bool
	}{{60, true}, {41, false}, {math.MaxInt64, false}, {40, true}, {1, false}, {0, true}} {
		if why := b.take(tt.n); (why == "") != tt.ok {
			t.Errorf("%d: %q", tt.n, why)
		}
	}
}

func treeOf(t *testing.T, v value.Value) *Node {
	t.Helper()
	n, err := newTreeBuilder(t.Context(), limit.Limits{}.WithDefaults()).tree("", v)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// outline is a tree in one line.
func outline(n *Node) string {
	s := n.Key + ":" + n.Type
	if n.Text != "" {
		s += " " + n.Text
	}
	if n.Again {
		s += " again"
	}
	if n.Tensors > 0 {
		s += fmt.Sprintf(" T%d", n.Tensors)
	}
	if n.Len > 0 {
		s += fmt.Sprintf(" L%d", n.Len)
	}
	if n.More > 0 {
		s += fmt.Sprintf(" M%d", n.More)
	}
	var parts []string
	for _, c := range n.Children {
		parts = append(parts, outline(c))
	}
	if parts != nil {
		s += "(" + strings.Join(parts, ", ") + ")"
	}
	return s
}

func mapOf(t *testing.T, pairs ...any) *value.Dict {
	t.Helper()
	d := &value.Dict{}
	for i := 0; i < len(pairs); i += 2 {
		d.Set(value.Str(pairs[i].(string)), pairs[i+1].(value.Value))
	}
	return d
}

func TestTree(t *testing.T) {
	w := &value.Tensor{DType: tensor.Float32, Geometry: tensor.Geometry{Shape: []int64{2, 3}}}
	l := &value.List{Items: []value.Value{value.Int(1)}}
	cycle := &value.List{}
	cycle.Items = []value.Value{cycle}
	sd := mapOf(t, "a", w, "b", w)
	sd.Class, sd.State = value.Global{Module: "collections", Name: "OrderedDict"}, mapOf(t, "_metadata", l)
	tests := []struct {
		v    value.Value
		want string
	}{
		{value.Float(2), ":float 2.0"},
		{value.Float(math.Inf(-1)), ":float -Inf"},
		{value.Str("a\x00"), `:str "a\x00"`},
		{value.None{}, ":None"},
		{mapOf(t, "a", w, "n", value.Int(3)), ":dict T1 L2(a:tensor float32 [2, 3] T1, n:int 3)"},
		{sd, ":collections.OrderedDict T2 L2 M2"},
		{&value.Tuple{Items: []value.Value{l, l}}, ":tuple L2(0:list L1(0:int 1), 1:list again)"},
		{cycle, ":list L1(0:list again)"},
		{mapOf(t, "hf_token", value.Str("s"), "api_key", l), ":dict L2(hf_token:str (not shown: its key says that it is a secret), api_key:list (not shown: its key says that it is a secret))"},
		{&value.Object{Callee: value.Global{Module: "m", Name: "C"}, Args: []value.Value{w}}, ":object m.C T1 L1(__args__:tuple T1 L1 M1)"},
		{&value.Set{Items: mapOf(t, "x", value.None{})}, `:set L1(0:str "x")`},
		{&value.Tensor{Objects: []value.Value{w, value.None{}}, Geometry: tensor.Geometry{Shape: []int64{2}}}, ":numpy.ndarray of objects [2] T1 L2(0:tensor float32 [2, 3] T1, 1:None)"},
		{&value.Storage{Key: "0", Bytes: 8}, `:storage "0", 8 B`},
		{&value.Blob{Code: 'X'}, ":str of 0 B"},
		{value.Size{2, 3}, ":torch.Size [2, 3]"},
	}
	for _, tt := range tests {
		if got := outline(treeOf(t, tt.v)); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

// TestTreeBounds: what is left out is counted.
func TestTreeBounds(t *testing.T) {
	wide := &value.List{}
	for i := range nodesMost {
		wide.Items = append(wide.Items, &value.List{Items: []value.Value{value.Int(i), value.Int(i)}})
	}
	n := treeOf(t, wide)
	if n.Len != nodesMost || len(n.Children) != childrenMost || n.More != nodesMost-childrenMost {
		t.Errorf("wide: %d of %d, %d more", len(n.Children), n.Len, n.More)
	}
	w := &value.Tensor{DType: tensor.Float32}
	var deep value.Value = &value.List{Items: []value.Value{w, value.Int(1)}}
	for range 500 {
		deep = &value.List{Items: []value.Value{deep}}
	}
	n = treeOf(t, deep)
	if n.Tensors != 1 {
		t.Errorf("deep: %d tensors", n.Tensors)
	}
	levels := 0
	for ; len(n.Children) > 0; n = n.Children[0] {
		levels++
	}
	if levels != treeDepth {
		t.Errorf("deep: %d levels", levels)
	}
	var bomb value.Value = &value.List{Items: []value.Value{value.Int(1)}}
	for range 64 {
		bomb = &value.List{Items: []value.Value{bomb, bomb}}
	}
	if n := size(treeOf(t, bomb)); n > 200 {
		t.Errorf("a graph with 2^64 paths has %d nodes", n)
	}
	huge := strings.Repeat("x", 1<<20)
	n = treeOf(t, mapOf(t, huge, value.Str(huge)))
	if c := n.Children[0]; len(c.Key) > 300 || len(c.Text) > 300 {
		t.Errorf("key of %d bytes, text of %d", len(c.Key), len(c.Text))
	}
}
