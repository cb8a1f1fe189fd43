package container

import (
	"strings"
	"testing"

	"depickle/scan/limit"
)

// TestPickleLimits: what pickles may cost is bounded over the whole file, and
// before it costs anything.
func TestPickleLimits(t *testing.T) {
	pops := func(n int) string { return strings.Repeat("N0", n) + "N." }
	for _, c := range []struct {
		name string
		data string
		l    limit.Limits
		want string
	}{
		{"opcodes", pops(10), limit.Limits{Opcodes: 22}, "0"},
		{"an opcode too many", "\x80\x02" + pops(10), limit.Limits{Opcodes: 22}, "0!limit"},
		{"opcodes of two pickles", pops(10) + pops(10), limit.Limits{Opcodes: 44}, "0 0"},
		{"too many of two pickles", pops(10) + pops(10), limit.Limits{Opcodes: 43}, "0 5!limit"},
		{"by default", pops(2_000_000), limit.Limits{}, "0"},
		{"too many by default", pops(4_000_000), limit.Limits{}, "0!limit"},
		{"slots fetched", "Nq\x00q\x01h\x00h\x01h\x01.", limit.Limits{Memo: 2}, "0"},
		{"too many slots fetched", "\x80\x02Nq\x00q\x01q\x02h\x00h\x01h\x02.", limit.Limits{Memo: 2}, "0!limit"},
		{"a compressed pickle", checkpoint(entry{name: "m/x.pkl", data: pops(50), deflated: true}).bytes(),
			limit.Limits{Pickles: 102}, "0:m/data.pkl 5:m/x.pkl"},
		{"a compressed pickle too large", checkpoint(entry{name: "m/x.pkl", data: pops(50), deflated: true}).bytes(),
			limit.Limits{Pickles: 101}, "0:m/data.pkl 5:m/x.pkl!limit"},
		{"two compressed pickles", checkpoint(entry{name: "m/x.pkl", data: pops(50), deflated: true}, entry{name: "m/y.pkl", data: pops(50), deflated: true}).bytes(),
			limit.Limits{Pickles: 203}, "0:m/data.pkl 5:m/x.pkl 5:m/y.pkl!limit"},
		{"members that are looked at", checkpoint(entry{name: "m/x", data: "\xffabc"}, entry{name: "m/y", data: "N."}).bytes(),
			limit.Limits{Opcodes: 1000}, "0:m/data.pkl 5:m/y"},
		{"too many members that are looked at", checkpoint(entry{name: "m/x", data: "\xff" + strings.Repeat("x", 500)}, entry{name: "m/y", data: strings.Repeat("N", 500)}).bytes(),
			limit.Limits{Opcodes: 1000}, "0:m/data.pkl 5:m/y!limit"},
		{"a nested pickle, long", checkpoint(entry{name: "m/x", data: pops(1000)}).bytes(), limit.Limits{}, "0:m/data.pkl 5:m/x"},
		{"no pickle behind 512 bytes", checkpoint(entry{name: "m/x", data: pops(1000) + "\xff"}).bytes(), limit.Limits{}, "0:m/data.pkl"},
		{"a STOP after 512 bytes, and more", checkpoint(entry{name: "m/x", data: strings.Repeat("N", 511) + "." + "\xff"}).bytes(), limit.Limits{}, "0:m/data.pkl"},
		{"a STOP after 512 bytes", checkpoint(entry{name: "m/x", data: strings.Repeat("N", 511) + "."}).bytes(), limit.Limits{}, "0:m/data.pkl 5:m/x"},
	} {
		if got := streams(openString(t, c.data, c.l)); got != c.want {
			t.Errorf("%s: streams %q, want %q", c.name, got, c.want)
		}
	}
}

// TestLooked: of a stream over a limit, it is known how far anyone looked.
func TestLooked(t *testing.T) {
	s := openString(t, "X\x03\x00\x00\x00abc0N0N0N.", limit.Limits{Opcodes: 3})
	if st := s.Streams[0]; st.Err == nil || st.Looked != 10 || st.Extent.Len != 15 {
		t.Errorf("%+v", st)
	}
}

// TestFetched: the slots that a pickle fetches are told with its end, or as far
// as it decodes.
func TestFetched(t *testing.T) {
	for data, want := range map[string][]int64{
		"Nq\x00.": nil, "Nq\x00q\x01h\x01.": {1}, "Nq\x00h\x00\xff": {0}, "Np70000\ng70000\n.": {70000},
	} {
		f := openString(t, data, limit.Limits{}).Streams[0].Fetched
		if (f == nil) != (want == nil) || (f != nil && f.Len() != int64(len(want))) {
			t.Errorf("%q: %+v", data, f)
			continue
		}
		for _, slot := range want {
			if !f.Has(slot) {
				t.Errorf("%q: slot %d is not fetched", data, slot)
			}
		}
	}
}

// TestOverlappingPickles: pickles that overlap are not read again and again.
func TestOverlappingPickles(t *testing.T) {
	data := strings.Repeat("N0", 5000) + "N."
	a := checkpoint(entry{name: "m/x.pkl", data: data})
	x := len(a.entries) - 1
	for range 10 {
		a.entries = append(a.entries, entry{name: "m/y.pkl", data: data, same: &x})
	}
	s := openString(t, a.bytes(), limit.Limits{})
	read, refused := 0, 0
	for _, st := range s.Streams {
		if st.Err == nil {
			read++
		} else if kindOf(st.Err) == "malformed" {
			refused++
		}
	}
	if read > 3 || refused < 8 {
		t.Errorf("%d read, %d refused: %s", read, refused, streams(s))
	}
}
