package limit

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"depickle/scan/fault"
)

const most = math.MaxInt64

func TestMul(t *testing.T) {
	for _, c := range []struct {
		a, b, want int64
		ok         bool
	}{
		{0, 0, 0, true}, {0, most, 0, true}, {1, most, most, true}, {most, 1, most, true},
		{2, most / 2, most - 1, true}, {2, most/2 + 1, 0, false}, {most, most, 0, false},
		{1 << 31, 1 << 31, 1 << 62, true}, {1 << 32, 1 << 31, 0, false}, {1 << 32, 1 << 32, 0, false}, {3037000500, 3037000500, 0, false}, {3037000499, 3037000499, 9223372030926249001, true},
		{-1, 1, 0, false}, {1, -1, 0, false}, {-1, -1, 0, false}, {0, -1, 0, false}, {math.MinInt64, 0, 0, false},
	} {
		if got, ok := Mul(c.a, c.b); got != c.want || ok != c.ok {
			t.Errorf("Mul(%d, %d) = %d, %v", c.a, c.b, got, ok)
		}
	}
}

func TestAdd(t *testing.T) {
	for _, c := range []struct {
		a, b, want int64
		ok         bool
	}{
		{0, 0, 0, true}, {1, 2, 3, true}, {most, 0, most, true}, {0, most, most, true}, {most - 1, 1, most, true},
		{most, 1, 0, false}, {1, most, 0, false}, {most, most, 0, false},
		{-1, 1, 0, false}, {1, -1, 0, false}, {math.MinInt64, math.MinInt64, 0, false},
	} {
		if got, ok := Add(c.a, c.b); got != c.want || ok != c.ok {
			t.Errorf("Add(%d, %d) = %d, %v", c.a, c.b, got, ok)
		}
	}
}

func TestMaxOutput(t *testing.T) {
	for _, c := range []struct {
		output, source, want int64
	}{
		{0, 0, 64 << 20}, {0, 1, 64 << 20}, {0, 16 << 20, 64 << 20}, {0, 16<<20 + 1, 64<<20 + 4},
		{0, most / 4, most - 3}, {0, most/4 + 1, most/4 + 1}, {0, most, most}, {5, most, 5}, {5, 0, 5},
	} {
		if got := (Limits{Output: c.output}).MaxOutput(c.source); got != c.want {
			t.Errorf("MaxOutput(%d) with %d = %d, want %d", c.source, c.output, got, c.want)
		}
	}
}

// TestFor: what holds by default for files of some sizes, and that what is set
// holds as it is.
func TestFor(t *testing.T) {
	for _, c := range []struct {
		size int64
		want Limits
	}{
		{0, Limits{Tensors: 500_000, Objects: 262_144, Items: 1_250_000, Opcodes: 4_194_304, Stack: 65_536, Marks: 20_000, Memo: 131_072, Depth: 1000,
			Text: 1 << 20, Kept: 32 << 20, Members: 65_536, Directory: 256 << 20, Pickles: 64 << 20, Spool: 256 << 20, Nested: 4}},
		{32 << 20, Limits{Tensors: 500_000, Objects: 786_432, Items: 4_605_443, Opcodes: 15_379_114, Stack: 4_000_000, Marks: 20_000, Memo: 1_529_173, Depth: 1000,
			Text: 1 << 20, Kept: 96 << 20, Members: 327_680, Directory: 256 << 20, Pickles: 1088 << 20, Spool: 512 << 20, Nested: 4}},
		{100 << 20, Limits{Tensors: 500_000, Objects: 9_699_328, Items: 40_257_027, Opcodes: 86_682_282, Stack: 4_000_000, Marks: 20_000, Memo: 8_000_000, Depth: 1000,
			Text: 1 << 20, Kept: 232 << 20, Members: 1_000_000, Directory: 256 << 20, Pickles: 3264 << 20, Spool: 1056 << 20, Nested: 4}},
		{most, Limits{Tensors: 500_000, Objects: 20_000_000, Items: 200_000_000, Opcodes: 1 << 62, Stack: 4_000_000, Marks: 20_000, Memo: 8_000_000, Depth: 1000,
			Text: 1 << 20, Kept: 256 << 20, Members: 1_000_000, Directory: 256 << 20, Pickles: 16 << 30, Spool: 64 << 30, Nested: 4}},
	} {
		got := Limits{}.For(c.size)
		if got != c.want {
			t.Errorf("of %d bytes:\n%+v, want\n%+v", c.size, got, c.want)
		}
		if got.For(0) != got || (c.size == most && (Limits{}).WithDefaults() != got) {
			t.Errorf("of %d bytes: defaults are not stable", c.size)
		}
	}
	if (Limits{}).For(-1) != (Limits{}).For(0) {
		t.Error("a negative size")
	}
	set := Limits{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	if set.For(1<<40) != set {
		t.Errorf("%+v", set.For(1<<40))
	}
}

// TestGrowth: no bound shrinks as a file grows, or overflows.
func TestGrowth(t *testing.T) {
	for name, s := range map[Name]scale{Objects: objects, Items: items, Opcodes: opcodes, Stack: stack, Memo: memo,
		Kept: kept, Members: members, Pickles: pickles, Spool: spool} {
		last := int64(0)
		for _, size := range []int64{0, 1, 1000, smallFile - 1, smallFile, smallFile + 1, 1 << 30, 1 << 40, 1 << 62, most} {
			n := s.of(size)
			if n < last || n < s.base || n > s.most {
				t.Errorf("%s of %d bytes is %d, after %d", name, size, n, last)
			}
			last = n
		}
		if last != s.most {
			t.Errorf("%s ends at %d, not at %d", name, last, s.most)
		}
	}
}

// TestNames: each limit can be set by its name, and says which flag moves it.
func TestNames(t *testing.T) {
	var l Limits
	for i, r := range All() {
		if r.What == "" || r.Default == "" || !l.Set(r.Name, int64(i+1)) {
			t.Errorf("%+v", r)
		}
		want := fmt.Sprintf("limit: at offset 0x10: more than 5 %s; --limit %s=N allows more", r.What, r.Name)
		if err := r.Name.Exceeded(5, 16); !fault.Is(err, fault.Limit) || err.Error() != want {
			t.Error(err)
		}
	}
	if want := (Limits{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}); l != want {
		t.Errorf("%+v", l)
	}
	if l.Set("no such", 1) || l.Set(Stack, 0) || l.Set(Objects, -1) {
		t.Error("set what cannot be")
	}
	if math.MaxInt == math.MaxInt32 && l.Set(Stack, 1<<31) {
		t.Error("cut a number")
	}
}

func TestExceeded(t *testing.T) {
	err := Exceeded("open marks", 5, 16)
	if !fault.Is(err, fault.Limit) || err.Error() != "limit: at offset 0x10: more than 5 open marks" {
		t.Error(err)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 1 << 20: "1.0 MiB", 1503238553: "1.4 GiB", 1 << 40: "1.0 TiB", most: "8.0 EiB",
	} {
		if got := Size(n); got != want || strings.Contains(got, "%!") {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
}
