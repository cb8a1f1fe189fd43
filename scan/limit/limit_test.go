package limit

import (
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

func TestWithDefaults(t *testing.T) {
	d := Limits{}.WithDefaults()
	if d.Tensors != 500_000 || d.Objects != 20_000_000 || d.Stack != 4_000_000 || d.Marks != 1_000_000 || d.Memo != 8_000_000 ||
		d.Depth != 1000 || d.Text != 1<<20 || d.Kept != 256<<20 || d.Members != 1_000_000 || d.Directory != 256<<20 ||
		d.Spool != 64<<30 || d.Nested != 4 || d.Output != 0 {
		t.Errorf("%+v", d)
	}
	set := Limits{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}
	if set.WithDefaults() != set {
		t.Errorf("%+v", set.WithDefaults())
	}
	if d.WithDefaults() != d {
		t.Error("defaults are not stable")
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
