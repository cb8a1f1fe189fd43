package sandboxload_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"depickle/sandboxload"
	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// bounded loads a plain pickle within limits.
func bounded(t *testing.T, pickle string, l limit.Limits) error {
	t.Helper()
	src, err := container.Open(strings.NewReader(pickle), int64(len(pickle)), container.Options{TempDir: t.TempDir(), Limits: l})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	_, err = sandboxload.Load(context.Background(), src, sandboxload.Options{})
	return err
}

// TestLimits: what is kept is bounded, exactly, and the error says which limit.
func TestLimits(t *testing.T) {
	again := func(n int, s string) string { return strings.Repeat(s, n) }
	keys := func(n int) (s string) {
		for i := range n {
			s += "K" + string(byte(i)) + "N"
		}
		return s
	}
	array := "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR"
	for _, c := range []struct {
		name limit.Name
		l    limit.Limits
		ok   string // within the bound
		bad  string // beyond it
	}{
		{limit.Items, limit.Limits{Items: 3}, "](NNNe.", "](NNNNe."},
		{limit.Items, limit.Limits{Items: 3}, "]NaNaNa.", "]NaNaNaNa."},
		{limit.Items, limit.Limits{Items: 3}, "(NNNl.", "(NNNNl."},
		{limit.Items, limit.Limits{Items: 4}, "}(" + keys(2) + "u.", "}(" + keys(3) + "u."},
		{limit.Items, limit.Limits{Items: 4}, "(" + keys(2) + "d.", "(" + keys(3) + "d."},
		{limit.Items, limit.Limits{Items: 7}, "}" + again(6, "K\x01Ns") + ".", "}" + again(7, "K\x01Ns") + "."}, // each in place of the last
		{limit.Items, limit.Limits{Items: 4}, "\x8f(NK\x01\x90.", "\x8f(NK\x01K\x02\x90."},
		{limit.Items, limit.Limits{Items: 4}, "(NK\x01\x91.", "(NK\x01K\x02\x91."},
		{limit.Items, limit.Limits{Items: 4}, "](NNNta.", "](NNNta(NNNt0Na."},
		{limit.Items, limit.Limits{Items: 17}, "(" + again(17, "N") + "tq\x000]h\x000.", "(" + again(18, "N") + "tq\x00]h\x00a."},
		{limit.Items, limit.Limits{Items: 2}, "cm\nC\nNN\x86R.", "cm\nC\nNNN\x87R."},
		{limit.Items, limit.Limits{Items: 3}, "cm\nC\n)RNaNaNa.", "cm\nC\n)RNaNaNaNa."},
		{limit.Items, limit.Limits{Items: 11}, "c__builtin__\nlist\n](NNNNeq\x00\x85R.", "c__builtin__\nlist\n](NNNNeq\x00\x85Rc__builtin__\nlist\nh\x00\x85R."},
		{limit.Objects, limit.Limits{Objects: 3}, "]]].", "]]]]."},
		{limit.Objects, limit.Limits{Objects: 2}, "](}e.", "](}}e."},
		{limit.Objects, limit.Limits{Objects: 2}, "]N\x85a.", "]N\x85aN\x85a."},
		{limit.Objects, limit.Limits{Objects: 4}, "cm\nC\nq\x00)R" + again(3, "0h\x00)R") + ".", "cm\nC\nq\x00)R" + again(4, "0h\x00)R") + "."},
		{limit.Tensors, limit.Limits{Tensors: 2}, "(" + array + array + "l.", "(" + array + array + array + "l."},
		{limit.Depth, limit.Limits{Depth: 3}, "]N\x85\x85\x85a.", "]N\x85\x85\x85\x85a."},
		{limit.Text, limit.Limits{Text: 5000}, "}X\x88\x13\x00\x00" + again(5000, "a") + "Ns.", "}X\x89\x13\x00\x00" + again(5001, "a") + "Ns."},
		{limit.Kept, limit.Limits{Kept: 5}, "X\x05\x00\x00\x00abcde.", "X\x03\x00\x00\x00abc0X\x03\x00\x00\x00abd."},
	} {
		if err := bounded(t, c.ok, c.l); err != nil {
			t.Errorf("%s: %q: %v", c.name, c.ok, err)
		}
		err := bounded(t, c.bad, c.l)
		if !fault.Is(err, fault.Limit) || !strings.HasSuffix(err.Error(), fmt.Sprintf("; --limit %s=N allows more", c.name)) {
			t.Errorf("%s: %q: beyond the bound: %v", c.name, c.bad, err)
		}
	}
}

// TestKeyWork: a large key that is used again and again is spelled out once, and
// keys that must each be spelled out end the load before they cost more than
// the file is worth.
func TestKeyWork(t *testing.T) {
	once := "(" + strings.Repeat("K\x01", 3000) + "tq\x000}" + strings.Repeat("h\x00Ns", 50_000) + "."
	if err := bounded(t, once, limit.Limits{}); err != nil {
		t.Errorf("one key, 50,000 times: %v", err)
	}
	text := "X\x00\x10\x00\x00" + strings.Repeat("a", 4096) + "q\x000}"
	each := text + strings.Repeat("("+strings.Repeat("h\x00", 15)+"tNs", 20_000) + "."
	if err := bounded(t, each, limit.Limits{}); !fault.Is(err, fault.Limit) {
		t.Errorf("20,000 keys of 60 KiB: %v", err)
	}
}

// TestLongKeys: a text that is too long to be held otherwise is one key with
// another of the same characters, however it is spelled.
func TestLongKeys(t *testing.T) {
	text := strings.Repeat("a", 5000)
	x := "X\x88\x13\x00\x00" + text
	got, err := load(t, "}"+x+"K\x01s"+"V"+text+"\nK\x02s"+"T\x88\x13\x00\x00"+text+"K\x03s"+"B\x88\x13\x00\x00"+text+"K\x04s.", sandboxload.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := got.(*value.Dict)
	if v, ok := d.Get(text); d.Len() != 2 || !ok || v != value.Value(value.Int(3)) {
		t.Errorf("%d keys, %v", d.Len(), v)
	}
}

// TestLongLists: lists that grow in chunks hold what was appended, in its order,
// whoever looks at them in between.
func TestLongLists(t *testing.T) {
	const n = 70_000 // above what grows in one array
	long := strings.Repeat("("+strings.Repeat("K\x07", 1000)+"e", n/1000)
	var turns strings.Builder
	for range 3000 {
		turns.WriteString("h\x00K\x01a0h\x01K\x02a0")
	}
	for _, c := range []struct {
		name, pickle string
		want         []int // lengths of the lists
	}{
		{"one", "]" + long + "\x85.", []int{n}},
		{"two, in turn", "]q\x00" + long + "0]q\x01" + long + "0" + turns.String() + "h\x00h\x01\x86.", []int{n + 3000, n + 3000}},
		{"an object's, and a list's", "cm\nC\n)Rq\x00" + long + "0]q\x01" + long + "0" + turns.String() + "h\x00h\x01\x86.", []int{n + 3000, n + 3000}},
		{"itself", "]q\x00" + long + "h\x00a\x85.", []int{n + 1}},
		{"a copy of it", "]q\x00" + long + "K\x01ac__builtin__\nlist\nh\x00\x85R\x86h\x00K\x02a0.", []int{n + 2, n + 1}},
	} {
		got, err := load(t, c.pickle, sandboxload.Options{})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		items := got.(*value.Tuple).Items
		for i, want := range c.want {
			var have []value.Value
			switch v := items[i].(type) {
			case *value.List:
				have = v.Items
			case *value.Object:
				have = v.Items
			}
			if len(have) != want {
				t.Errorf("%s: list %d has %d items, want %d", c.name, i, len(have), want)
				continue
			}
			for k, v := range have {
				if (v == value.Value(value.Int(7))) != (k < n) {
					t.Fatalf("%s: item %d is %v", c.name, k, v)
				}
			}
		}
	}
}
