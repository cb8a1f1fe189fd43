package policy

import (
	"fmt"
	"slices"
	"strings"
)

// Entry is what a user says of one global, beyond the tables.
type Entry struct {
	Global Global
	Allow  bool // else it is denied
	Reason string
}

// Pin is a file that somebody has looked at, by the SHA-256 of its bytes, in
// hex. It waives the severity of what is found in it, never that it must be
// read whole.
type Pin struct{ SHA256, Reason string }

// Policy is the tables, with what a user adds. Nil is the tables alone.
type Policy struct {
	entries map[Global]Entry
	pins    map[string]string
	digest  string
}

// New makes a policy. A global that has two entries is an error, and so is one
// that is allowed though the tables call it dangerous: what it does depends on
// how it is called, so a file is reviewed as a whole, and pinned.
func New(entries []Entry, pins []Pin) (*Policy, error) {
	p := &Policy{entries: map[Global]Entry{}, pins: map[string]string{}}
	var lines []string
	for _, e := range entries {
		e.Global = Canonical(e.Global)
		if _, twice := p.entries[e.Global]; twice {
			return nil, fmt.Errorf("%s is there twice", e.Global)
		}
		if d := Decide(e.Global); e.Allow && d.Tier == Dangerous {
			return nil, fmt.Errorf("%s cannot be allowed, since it %s; pin the files that were reviewed", e.Global, d.Reason)
		}
		p.entries[e.Global] = e
		lines = append(lines, fmt.Sprintf("entry\t%s\t%v\t%s", e.Global, e.Allow, e.Reason))
	}
	for _, pin := range pins {
		sum := strings.ToLower(pin.SHA256)
		if len(sum) != 64 || strings.Trim(sum, "0123456789abcdef") != "" {
			return nil, fmt.Errorf("%q is no SHA-256 in hex", pin.SHA256)
		}
		if _, twice := p.pins[sum]; twice {
			return nil, fmt.Errorf("%s is pinned twice", sum)
		}
		p.pins[sum] = pin.Reason
		lines = append(lines, fmt.Sprintf("pin\t%s\t%s", sum, pin.Reason))
	}
	slices.Sort(lines)
	p.digest = sum(append(dump(), lines...))
	return p, nil
}

// Decide is what the policy says of a global: its own entries come first, but
// never make of a dangerous one anything else.
func (p *Policy) Decide(g Global) Decision {
	d := Decide(g)
	if p == nil {
		return d
	}
	e, ok := p.entries[Canonical(g)]
	switch {
	case !ok:
	case !e.Allow:
		return Decision{Tier: Dangerous, Rule: d.Rule, Reason: "is denied by the policy: " + e.Reason}
	case d.Tier == Unknown:
		return Decision{Tier: Data}
	}
	return d
}

// Digest is the SHA-256, in hex, of everything that decides, pins included.
// Without entries and pins it is that of the tables.
func (p *Policy) Digest() string {
	if p == nil || len(p.entries)+len(p.pins) == 0 {
		return Digest()
	}
	return p.digest
}

// Pinned is the reason that a file of that SHA-256 was pinned for.
func (p *Policy) Pinned(sha256 string) (reason string, ok bool) {
	if p == nil {
		return "", false
	}
	reason, ok = p.pins[sha256]
	return reason, ok
}

// Pins reports whether any file is pinned.
func (p *Policy) Pins() bool { return p != nil && len(p.pins) > 0 }

// Row is a global of the tables, or a module of which every member is
// dangerous.
type Row struct {
	Tier   Tier
	Name   string // module.name, or module.*
	Reason string // of a dangerous one
}

// Tables lists what the tables say, by tier and name.
func Tables() []Row {
	var rows []Row
	for g, d := range exact() {
		rows = append(rows, Row{d.Tier, g.String(), d.Reason})
	}
	for m, d := range modules() {
		rows = append(rows, Row{d.Tier, m + ".*", d.Reason})
	}
	slices.SortFunc(rows, func(a, b Row) int {
		if a.Tier != b.Tier {
			return int(a.Tier) - int(b.Tier)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return rows
}
