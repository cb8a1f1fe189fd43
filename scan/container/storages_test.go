package container

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"depickle/scan/limit"
)

// outcome names what an error means to the judge.
func outcome(err error) string {
	var lie *Disagreement
	switch {
	case err == nil:
		return ""
	case errors.As(err, &lie):
		return "lie"
	}
	return kindOf(err)
}

func TestDeclareZip(t *testing.T) {
	a := checkpoint(
		entry{name: "m/data/1", data: "x"},
		entry{name: "m/data/Big", data: strings.Repeat("x", 100), deflated: true},
		entry{name: "m/data/empty"},
		entry{name: "m/other.pkl", data: "N."}, entry{name: "m/other/0", data: "abc"},
	)
	s := openString(t, a.bytes(), limit.Limits{})
	places := s.NewStorages(s.Streams[0])
	for _, c := range []struct {
		d    Declared
		want string
	}{
		{Declared{"0", "FloatStorage", 4, 2}, ""},
		{Declared{"0", "FloatStorage", 4, 2}, ""},
		{Declared{"0", "IntStorage", 4, 2}, "lie"},
		{Declared{"0", "FloatStorage", 4, 1}, "lie"},
		{Declared{"0", "FloatStorage", 2, 4}, "lie"},
		{Declared{"1", "ByteStorage", 1, 2}, "lie"},
		{Declared{"1", "ByteStorage", 1, 0}, "lie"},
		{Declared{"big", "ByteStorage", 1, 100}, ""},
		{Declared{"empty", "FloatStorage", 4, 0}, ""},
		{Declared{"nowhere", "FloatStorage", 4, 0}, "malformed"},
		{Declared{"", "FloatStorage", 4, 0}, "malformed"},
		{Declared{"../data.pkl", "ByteStorage", 1, 5}, "malformed"},
		{Declared{"2", "ByteStorage", 1, -1}, "lie"},
		{Declared{"2", "DoubleStorage", 8, math.MaxInt64}, "lie"},
		{Declared{"2", "DoubleStorage", 8, math.MaxInt64/8 + 1}, "lie"},
		{Declared{strings.Repeat("k", maxKey+1), "ByteStorage", 1, 5}, "lie"},
	} {
		if got := outcome(places.Declare(c.d)); got != c.want {
			t.Errorf("%+v: %q, want %q", c.d, got, c.want)
		}
	}
	for key, want := range map[string]string{"0": "12345678", "big": strings.Repeat("x", 100), "empty": ""} {
		for range 2 {
			if e, err := places.Extent(key); err != nil || content(t, s, e) != want {
				t.Errorf("%s: %v, %v", key, e, err)
			}
		}
	}
	for _, key := range []string{"1", "nowhere", "", "3"} {
		if _, err := places.Extent(key); outcome(err) != "malformed" {
			t.Errorf("%s: %v", key, err)
		}
	}
	if got := fmt.Sprint(places.Order()); got != "[0 big empty]" {
		t.Error(got)
	}
	// Another pickle has its storages beside it.
	other := s.NewStorages(Stream{Member: "m/other.pkl"})
	if err := other.Declare(Declared{"0", "ByteStorage", 1, 3}); err != nil {
		t.Error(err)
	}
	if e, err := other.Extent("0"); err != nil || content(t, s, e) != "abc" {
		t.Error(e, err)
	}
}

func TestStoragesOfOthers(t *testing.T) {
	s := openString(t, "N.", limit.Limits{})
	if err := s.NewStorages(s.Streams[0]).Declare(Declared{"0", "FloatStorage", 4, 2}); outcome(err) != "malformed" {
		t.Error(err)
	}
	encrypted := with(2, func(e *entry) { e.header, e.entry = put16(6, 9), put16(8, 9) })
	s = openString(t, encrypted.bytes(), limit.Limits{})
	places := s.NewStorages(s.Streams[0])
	if err := places.Declare(Declared{"0", "FloatStorage", 4, 2}); err != nil {
		t.Error(err)
	}
	if _, err := places.Extent("0"); outcome(err) != "unsupported" {
		t.Error(err)
	}
}

func TestStoragesLimit(t *testing.T) {
	s := openString(t, magic+"N.N.N.N.", limit.Limits{Members: 2})
	places := s.NewStorages(s.Streams[0])
	for i, want := range []string{"", "", "limit"} {
		if got := outcome(places.Declare(Declared{fmt.Sprint(i), "ByteStorage", 1, 0})); got != want {
			t.Errorf("storage %d: %s", i, got)
		}
	}
}

func TestKeys(t *testing.T) {
	pickles, data := legacy()
	a := Declared{"0", "FloatStorage", 4, 2}
	b := Declared{"1", "ByteStorage", 1, 3}
	first, second := int64(len(pickles)+8), int64(len(pickles)+8+8+8)
	for _, c := range []struct {
		name string
		decl []Declared
		keys string
		cut  int // bytes off the end
		want string
		end  int64
	}{
		{"all of them", []Declared{a, b}, "0 1", 0, "", second + 3},
		{"more behind", []Declared{a}, "0", 0, "", first + 8},
		{"none", nil, "", 0, "", first - 8},
		{"a key that is not declared", []Declared{a}, "0 1", 0, "malformed", 0},
		{"a key that is not listed", []Declared{a, b}, "0", 0, "malformed", 0},
		{"a key twice", []Declared{a, b}, "0 0", 0, "malformed", 0},
		{"another order", []Declared{a, b}, "1 0", 0, "lie", 0},
		{"another number", []Declared{{"0", "FloatStorage", 4, 3}, b}, "0 1", 0, "lie", 0},
		{"another size", []Declared{{"0", "DoubleStorage", 8, 2}, b}, "0 1", 0, "malformed", 0},
		{"cut in the data", []Declared{a, b}, "0 1", 1, "malformed", 0},
		{"cut in the number", []Declared{a, b}, "0 1", 4, "malformed", 0},
		{"cut before the number", []Declared{a, b}, "0 1", 11, "malformed", 0},
	} {
		file := pickles + data
		s := openString(t, file[:len(file)-c.cut], limit.Limits{})
		places := s.NewStorages(s.Streams[3])
		for _, d := range c.decl {
			if err := places.Declare(d); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := places.Extent("0"); err == nil {
			t.Errorf("%s: an extent before Keys", c.name)
		}
		end, err := places.Keys(strings.Fields(c.keys))
		if outcome(err) != c.want || (err == nil && end != c.end) {
			t.Errorf("%s: %d, %v", c.name, end, err)
		}
		if c.name == "all of them" {
			for key, want := range map[string]string{"0": "12345678", "1": "abc"} {
				if e, err := places.Extent(key); err != nil || content(t, s, e) != want {
					t.Errorf("%s: %v, %v", key, e, err)
				}
			}
			if got := fmt.Sprint(places.Order()); got != "[0 1]" {
				t.Error(got)
			}
		}
	}
}

// TestKeysLie: a number of elements that no file holds, and a negative one.
func TestKeysLie(t *testing.T) {
	pickles, _ := legacy()
	for _, n := range []uint64{math.MaxInt64, 1 << 63, math.MaxUint64, 1 << 40} {
		file := pickles + string(le.AppendUint64(nil, n)) + "12345678"
		s := openString(t, file, limit.Limits{})
		places := s.NewStorages(s.Streams[3])
		if err := places.Declare(Declared{"0", "ByteStorage", 1, int64(n & math.MaxInt64)}); err != nil {
			t.Fatal(err)
		}
		if _, err := places.Keys([]string{"0"}); err == nil {
			t.Errorf("%d elements", n)
		}
	}
}

func TestParseTextID(t *testing.T) {
	want := TextID{"torch", "FloatStorage", "0", "cpu", 2}
	for _, c := range []struct {
		s  string
		id TextID
		ok bool
	}{
		{"('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 2)", want, true},
		{"('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 2, None)", want, true},
		{"('storage', <class 'torch.cuda.FloatStorage'>, '94', 'cuda:0', 2)", TextID{"torch.cuda", "FloatStorage", "94", "cuda:0", 2}, true},
		{"('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 2, ('1', 0, 1))", TextID{}, false},
		{"('storage', <class 'FloatStorage'>, '0', 'cpu', 2)", TextID{}, false},
		{"('storage', <class 'torch.FloatStorage'>, '0', 'cpu', x)", TextID{}, false},
		{"('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 99999999999999999999)", TextID{}, false},
		{"('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 2", TextID{}, false},
		{"('storage', <class 'torch.FloatStorage'>, '0', 2)", TextID{}, false},
		{"('module', <class 'torch.FloatStorage'>, '0', 'cpu', 2)", TextID{}, false},
		{"", TextID{}, false}, {"x", TextID{}, false},
	} {
		if id, ok := ParseTextID(c.s); id != c.id || ok != c.ok {
			t.Errorf("%s: %+v, %v", c.s, id, ok)
		}
	}
}
