package main

import (
	"fmt"
	"slices"
	"strings"

	"depickle/scan"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// scanText writes a report for people.
type scanText struct{ a *app }

func (w scanText) file(s *scanned) {
	a := w.a
	switch {
	case s.skip != "":
		a.say("%s: not scanned: %s", s.Path, s.skip)
		return
	case s.Error != "":
		a.complain("%s: %s", s.Path, s.Error)
		return
	}
	r := s.Report
	a.say("%s: %s (%s, %s)", s.Path, r.Verdict, r.Format, limit.Size(r.Size))
	if s.SHA256 != "" {
		a.field("sha256", "%s", s.SHA256)
	}
	// The worst first: it decides.
	slices.SortStableFunc(r.Findings, func(x, y scan.Finding) int { return int(y.Severity) - int(x.Severity) })
	if s.Pinned != "" {
		a.field("pinned", "%s", s.Pinned)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		a.say("  %-12s %s%s", f.Severity, message(f), where(f))
	}
	if r.Severity == scan.Dangerous && r.Complete && r.Format.Converted() {
		a.say("  its tensors can be taken out inertly: depickle convert --disarm %s", shellWord(s.Path))
	}
}

// message is a finding's text, with the global that it is about.
func message(f *scan.Finding) string {
	if f.Global != "" && !strings.Contains(f.Message, f.Global) {
		return f.Global + ": " + f.Message
	}
	return f.Message
}

func where(f *scan.Finding) string {
	text := ""
	if f.Member != "" {
		text = " in " + fault.Quote(f.Member)
	}
	if f.Opcode != "" || f.Offset > 0 {
		text += fmt.Sprintf(" at offset %#x", f.Offset)
	}
	return text
}

// shellWord quotes a path for a shell where it must be.
func shellWord(path string) string {
	plain := func(r rune) bool {
		return r == '/' || r == '.' || r == '_' || r == '-' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z'
	}
	if strings.IndexFunc(path, func(r rune) bool { return !plain(r) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// end sums up several files: what was found, and that what was not scanned is
// no word about it.
func (w scanText) end(all []scanned) error {
	if len(all) < 2 {
		return nil
	}
	count := map[string]int{}
	for i := range all {
		count[kind(&all[i])]++
	}
	var parts []string
	for _, k := range []string{"dangerous", "suspicious", "inconclusive", "clean", "not scanned"} {
		if count[k] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[k], k))
		}
	}
	w.a.say("%d files: %s", len(all), strings.Join(parts, ", "))
	return nil
}

// kind is the verdict on a file, in a word or two.
func kind(s *scanned) string {
	if s.skip != "" {
		return "not scanned"
	}
	return s.Verdict.String()
}
