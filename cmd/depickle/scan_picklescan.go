package main

import (
	"fmt"

	"depickle/scan"
)

// scanPicklescan writes the lines that picklescan writes, for programs that
// read those. Where picklescan would say nothing of a file that it could not
// read, it counts as infected here: what was not decided is not clean.
type scanPicklescan struct{ a *app }

func (w scanPicklescan) file(s *scanned) {
	if s.skip != "" {
		return
	}
	if s.Error != "" {
		w.a.complain("%s: %s", s.Path, s.Error)
		return
	}
	for i := range s.Findings {
		f := &s.Findings[i]
		path := scan.Join(s.Path, f.Member)
		switch {
		case f.Severity == scan.Dangerous && f.Global != "":
			module, name := globalName(s.Report, f.Global)
			w.a.say("%s: dangerous import '%s %s' FOUND", path, module, name)
		case f.Severity == scan.Dangerous, f.Severity == scan.Inconclusive:
			w.a.say("%s: %s: %s FOUND", path, f.Severity, f.Message)
		}
	}
}

// globalName finds the module and the name of a global.
func globalName(r *scan.Report, global string) (module, name string) {
	for _, g := range r.Globals {
		if g.Module+"."+g.Name == global {
			return g.Module, g.Name
		}
	}
	return global, ""
}

func (w scanPicklescan) end(all []scanned) error {
	files, infected, suspicious, dangerous := 0, 0, 0, 0
	for i := range all {
		s := &all[i]
		if s.skip != "" {
			continue
		}
		files++
		if s.Verdict == scan.Dangerous || s.Verdict == scan.Inconclusive {
			infected++
		}
		for _, g := range s.Globals {
			switch g.Tier {
			case "dangerous":
				dangerous++
			case "unknown":
				suspicious++
			}
		}
	}
	_, err := fmt.Fprintf(w.a.out, "----------- SCAN SUMMARY -----------\nScanned files: %d\nInfected files: %d\nSuspicious globals: %d\nDangerous globals: %d\n",
		files, infected, suspicious, dangerous)
	return err
}
