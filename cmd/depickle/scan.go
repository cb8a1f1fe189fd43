package main

import (
	"strings"

	"depickle/convert"
	"depickle/scan"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"

	"github.com/spf13/cobra"
)

type scanFlags struct {
	json   bool
	sha256 bool
	failOn choice
	limits limitsFlag
}

func (a *app) scanCommand() *cobra.Command {
	f := &scanFlags{failOn: choice{"suspicious", []string{"dangerous", "suspicious"}}}
	c := &cobra.Command{
		Use:   "scan [flags] FILE…",
		Short: "Judge checkpoints without loading them",
		Long: `scan says what loading each file elsewhere would reach and call. It executes nothing.

Exit status: 0 clean and read whole; 1 suspicious or dangerous; 2 not read whole, so
nothing can be said. Of several files the worst counts, 1 before 2. With
--fail-on dangerous a suspicious file that was read whole exits 0.`,
		Example: `  depickle scan model.pt
  depickle scan --json --sha256 *.bin
  depickle scan --fail-on dangerous last.ckpt`,
		Args: someFiles,
		RunE: func(_ *cobra.Command, args []string) error { return a.scan(f, args) },
	}
	c.Flags().BoolVar(&f.json, "json", false, "write the report as JSON")
	c.Flags().BoolVar(&f.sha256, "sha256", false, "hash each file too, which reads it whole")
	f.limits.register(c.Flags())
	c.Flags().Var(&f.failOn, "fail-on", "the least severity that exits 1")
	return c
}

type scanned struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256,omitempty"`
	*scan.Report
	Error string `json:"error,omitempty"`
}

type scanJSON struct {
	Schema string    `json:"schema"`
	Files  []scanned `json:"files"`
}

func (a *app) scan(f *scanFlags, files []string) error {
	var all []scanned
	for _, path := range files {
		s, err := a.scanOne(f, path)
		if err != nil {
			s.Error = explain(err)
			s.Report = &scan.Report{Verdict: scan.Inconclusive, Findings: []scan.Finding{}, Globals: []scan.GlobalCount{}}
			if !f.json {
				a.complain("%s: %s", path, s.Error)
			}
			a.worse(exitFailed)
		} else {
			a.worse(scanExit(s.Report, f.failOn.value == "dangerous"))
			if !f.json {
				a.showScanned(&s)
			}
		}
		all = append(all, s)
		if a.ctx.Err() != nil {
			break
		}
	}
	if f.json {
		return a.json(scanJSON{Schema: "depickle.scan/1", Files: all})
	}
	return nil
}

func (a *app) scanOne(f *scanFlags, path string) (scanned, error) {
	s := scanned{Path: path}
	in, err := convert.OpenContext(a.ctx, path, container.Options{Limits: f.limits.limits})
	if err != nil {
		return s, err
	}
	defer in.Close()
	if s.Report, _, err = scan.Scan(a.ctx, in.Source, scan.Options{}); err != nil {
		return s, err
	}
	if s.Findings == nil {
		s.Findings = []scan.Finding{} // a list in JSON, though empty
	}
	if f.sha256 {
		s.SHA256, err = in.SHA256(a.ctx)
	}
	return s, err
}

// scanExit is the exit code for a report. What was not read whole never exits
// 0, whatever is asked for.
func scanExit(r *scan.Report, dangerousOnly bool) int {
	switch {
	case r.Severity == scan.Dangerous, r.Severity == scan.Suspicious && !dangerousOnly:
		return exitRefused
	case !r.Complete:
		return exitFailed
	}
	return exitOK
}

func (a *app) showScanned(s *scanned) {
	r := s.Report
	a.say("%s: %s (%s, %s)", s.Path, r.Verdict, r.Format, limit.Size(r.Size))
	if s.SHA256 != "" {
		a.field("sha256", "%s", s.SHA256)
	}
	for _, f := range r.Findings {
		what, where := f.Message, ""
		if f.Global != "" && !strings.Contains(what, f.Global) {
			what = f.Global + ": " + what
		}
		if f.Member != "" {
			where = " in " + fault.Quote(f.Member)
		}
		if f.Opcode != "" || f.Offset > 0 {
			a.say("  %-12s %s%s at offset %#x", f.Severity, what, where, f.Offset)
		} else {
			a.say("  %-12s %s%s", f.Severity, what, where)
		}
	}
}
