package main

import (
	"runtime"
	"time"

	"depickle/convert"
	"depickle/scan"
	"depickle/scan/policy"

	"github.com/spf13/cobra"
)

type scanFlags struct {
	format           choice
	json             bool
	sarif            bool
	junit            bool
	sha256           bool
	failOn           choice
	include, exclude []string
	policyPath       string
	policy           *policy.Policy
	limits           limitsFlag
}

func (a *app) scanCommand() *cobra.Command {
	f := &scanFlags{
		failOn: choice{"suspicious", []string{"dangerous", "suspicious"}},
		format: choice{"text", []string{"text", "json", "sarif", "junit", "picklescan"}},
	}
	c := &cobra.Command{
		Use:   "scan [flags] FILE|DIR…",
		Short: "Judge checkpoints without loading them",
		Long: `scan says what loading each file elsewhere would reach and call. It executes nothing.

Archives and compressed files are judged with what is inside of them, by content and
not by name. Of a DIR every file is looked at; links are not followed out of it, and
what is no checkpoint is listed and does not count.

Exit status: 0 clean and read whole; 1 suspicious or dangerous; 2 not read whole, so
nothing can be said. Of several files the worst counts, 1 before 2. With
--fail-on dangerous a suspicious file that was read whole exits 0.`,
		Example: `  depickle scan model.pt
  depickle scan --exclude '*.md' models/
  depickle scan --sarif models/ >depickle.sarif
  depickle scan --fail-on dangerous last.ckpt`,
		Args: someFiles,
		RunE: func(_ *cobra.Command, args []string) error { return a.scan(f, args) },
	}
	fl := c.Flags()
	fl.Var(&f.format, "format", "how the report is written")
	fl.BoolVar(&f.json, "json", false, "the same as --format json")
	fl.BoolVar(&f.sarif, "sarif", false, "the same as --format sarif (2.1.0)")
	fl.BoolVar(&f.junit, "junit", false, "the same as --format junit")
	fl.BoolVar(&f.sha256, "sha256", false, "hash each file too, which reads it whole")
	fl.StringArrayVar(&f.include, "include", nil, "of directories, scan only what matches this `PATTERN` by its name or path (repeatable)")
	fl.StringArrayVar(&f.exclude, "exclude", nil, "of directories, leave out what matches this `PATTERN` (repeatable)")
	fl.StringVar(&f.policyPath, "policy", "", "allow and deny globals, and pin reviewed files, by this `FILE`; see policy show --help")
	f.limits.register(fl)
	fl.Var(&f.failOn, "fail-on", "the least severity that exits 1")
	c.MarkFlagsMutuallyExclusive("format", "json", "sarif", "junit")
	return c
}

// scanned is what a scan says of one file.
type scanned struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256,omitempty"`
	*scan.Report
	// Pinned is the reason for which the policy waives the severity.
	Pinned string `json:"pinned,omitempty"`
	Error  string `json:"error,omitempty"`
	// skip is why a file of a directory was not scanned.
	skip string
	exit int
}

// scanForm writes a report: each file as it is judged, in order, and the end.
type scanForm interface {
	file(s *scanned)
	end(all []scanned) error
}

func (a *app) scanForm(f *scanFlags) scanForm {
	for name, set := range map[string]bool{"json": f.json, "sarif": f.sarif, "junit": f.junit} {
		if set {
			f.format.value = name
		}
	}
	switch f.format.value {
	case "json":
		return scanJSON{a, f.policy}
	case "sarif":
		return scanSARIF{a}
	case "junit":
		return scanJUnit{a}
	case "picklescan":
		return scanPicklescan{a}
	}
	return scanText{a}
}

func (a *app) scan(f *scanFlags, args []string) error {
	var err error
	if f.policy, _, err = a.readPolicy(f.policyPath, time.Now()); err != nil {
		return err
	}
	form := a.scanForm(f)
	targets, err := f.targets(args)
	if err != nil {
		return err
	}
	var all []scanned
	ordered(len(targets), func(i int) scanned { return a.scanOne(f, targets[i]) }, func(s scanned) bool {
		a.worse(s.exit)
		form.file(&s)
		all = append(all, s)
		return a.ctx.Err() == nil
	})
	if !judged(all) {
		a.complain("nothing was scanned")
		a.worse(exitFailed)
	}
	return form.end(all)
}

// judged reports whether there was a file to judge.
func judged(all []scanned) bool {
	for i := range all {
		if all[i].skip == "" {
			return true
		}
	}
	return false
}

// ordered calls work for each number below n, several at once, and show with
// the results in their order, until it returns false.
func ordered[T any](n int, work func(int) T, show func(T) bool) {
	slots := make(chan chan T, runtime.GOMAXPROCS(0))
	stop := make(chan struct{})
	go func() {
		defer close(slots)
		for i := range n {
			slot := make(chan T, 1)
			select {
			case slots <- slot:
			case <-stop:
				return
			}
			go func() { slot <- work(i) }()
		}
	}()
	defer close(stop)
	for slot := range slots {
		if !show(<-slot) {
			return
		}
	}
}

func (a *app) scanOne(f *scanFlags, t target) scanned {
	s := scanned{Path: t.path, skip: t.skip}
	if t.skip != "" {
		return s
	}
	err := t.err
	if err == nil {
		err = a.judge(f, &s, t.found)
	}
	if err != nil {
		s.Error, s.exit = explain(err), exitFailed
		s.Report = &scan.Report{Verdict: scan.Inconclusive, Findings: []scan.Finding{}, Globals: []scan.GlobalCount{}}
		return s
	}
	if s.Foreign {
		s.skip = s.Note
		return s
	}
	if s.exit = scanExit(s.Report, f.failOn.value == "dangerous"); s.Pinned != "" && s.Complete {
		s.exit = exitOK
	}
	return s
}

func (a *app) judge(f *scanFlags, s *scanned, found bool) error {
	in, err := convert.OpenContext(a.ctx, s.Path, f.limits.options())
	if err != nil {
		return err
	}
	defer in.Close()
	if s.Report, _, err = scan.Scan(a.ctx, in.Source, scan.Options{Found: found && !scan.NamedPickle(s.Path), Policy: f.policy}); err != nil {
		return err
	}
	if s.Findings == nil {
		s.Findings = []scan.Finding{} // a list in JSON, though empty
	}
	sum := ""
	if f.sha256 || f.policy.Pins() && s.Severity >= scan.Suspicious {
		if sum, err = in.SHA256(a.ctx); err != nil {
			return err
		}
	}
	if f.sha256 {
		s.SHA256 = sum
	}
	s.Pinned, _ = f.policy.Pinned(sum)
	return nil
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
