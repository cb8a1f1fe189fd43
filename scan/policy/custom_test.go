package policy

import (
	"strings"
	"testing"
)

func TestCustom(t *testing.T) {
	net := Global{"our.models", "Net"}
	dict := Global{"collections", "OrderedDict"}
	pin := Pin{strings.Repeat("aB", 32), "looked at"}
	p, err := New([]Entry{{net, true, "ours"}, {dict, false, "not here"}}, []Pin{pin})
	if err != nil {
		t.Fatal(err)
	}
	if d := p.Decide(net); d.Tier != Data {
		t.Errorf("allowed: %+v", d)
	}
	if d := p.Decide(dict); d.Tier != Dangerous || d.Reason != "is denied by the policy: not here" {
		t.Errorf("denied: %+v", d)
	}
	// Python 2's name of a global is the same global.
	old, err := New([]Entry{{Global{"__builtin__", "xrange"}, false, "no"}}, nil)
	if err != nil || old.Decide(Global{"builtins", "range"}).Tier != Dangerous || old.Decide(Global{"__builtin__", "xrange"}).Tier != Dangerous {
		t.Errorf("by its old name: %v", err)
	}
	for _, g := range []Global{{"os", "system"}, {"our.models", "Other"}, {"torch", "Size"}} {
		if p.Decide(g) != Decide(g) {
			t.Errorf("%s: %+v", g, p.Decide(g))
		}
	}
	if reason, ok := p.Pinned(strings.Repeat("ab", 32)); !ok || reason != "looked at" || !p.Pins() {
		t.Errorf("pinned: %q %v", reason, ok)
	}
	none, err := New(nil, nil)
	if err != nil || none.Digest() != Digest() || (*Policy)(nil).Digest() != Digest() || none.Pins() || (*Policy)(nil).Decide(net) != Decide(net) {
		t.Errorf("of nothing: %v", err)
	}
	other, _ := New([]Entry{{net, true, "ours, as before"}}, nil)
	if p.Digest() == Digest() || p.Digest() == other.Digest() {
		t.Error("the digest does not depend on entries and reasons")
	}
}

func TestCustomRefused(t *testing.T) {
	net := Global{"our.models", "Net"}
	for name, c := range map[string]struct {
		entries []Entry
		pins    []Pin
	}{
		"a dangerous one":     {entries: []Entry{{Global{"os", "system"}, true, "x"}}},
		"a dotted one":        {entries: []Entry{{Global{"torch", "nn.Linear"}, true, "x"}}},
		"twice":               {entries: []Entry{{net, true, "x"}, {net, false, "y"}}},
		"twice, by two names": {entries: []Entry{{Global{"__builtin__", "xrange"}, false, "x"}, {Global{"builtins", "range"}, false, "y"}}},
		"no digest":           {pins: []Pin{{"abc", "x"}}},
		"no hex":              {pins: []Pin{{strings.Repeat("zz", 32), "x"}}},
		"pinned twice":        {pins: []Pin{{strings.Repeat("ab", 32), "x"}, {strings.Repeat("AB", 32), "y"}}},
	} {
		if _, err := New(c.entries, c.pins); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestTables: each global of the tables is listed once, by its tier.
func TestTables(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range Tables() {
		if seen[row.Name] || row.Tier == Unknown || (row.Reason == "") == (row.Tier == Dangerous) {
			t.Errorf("%+v", row)
		}
		seen[row.Name] = true
	}
	if !seen["os.*"] || !seen["torch._utils._rebuild_tensor_v2"] || len(seen) != len(exact())+len(modules()) {
		t.Errorf("%d rows", len(seen))
	}
}
