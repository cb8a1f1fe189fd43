package main

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"depickle/convert"
	"depickle/scan"
)

// scanSARIF writes SARIF 2.1.0 (OASIS), as code scanning services take it: a
// result for each finding, and a notification for each file that was not read.
type scanSARIF struct{ a *app }

// maxSARIFResults is how many results a code scanning service takes. It turns
// away a log with more, and so would hide everything for the sake of a few
// files that have very many findings.
const maxSARIFResults = 25_000

func (scanSARIF) file(*scanned) {}

func (w scanSARIF) end(all []scanned) error {
	return w.a.json(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{w.run(all, maxSARIFResults)},
	})
}

func (w scanSARIF) run(all []scanned, most int) sarifRun {
	dir, _ := os.Getwd() // without one, absolute paths stay as they are
	rules := sarifRules()
	run := sarifRun{Tool: sarifTool{sarifDriver{"depickle", convert.Version, rules}}, Results: []sarifResult{}}
	called := sarifInvocation{Successful: judged(all), ExitCode: w.a.exit}
	seen := map[string]bool{}
	for i := range all {
		s := &all[i]
		at := sarifPhysical{Artifact: sarifArtifact{sarifURI(s.Path, dir)}}
		switch {
		case s.Error != "":
			called.Successful = false
			called.note("error", sarifMessage(s.Error), sarifLocation{Physical: at})
		case s.skip == "":
			run.Results = append(run.Results, sarifFindings(s, at, rules)...)
		}
		if s.SHA256 != "" && !seen[at.Artifact.URI] {
			seen[at.Artifact.URI] = true // the schema wants each once
			run.Artifacts = append(run.Artifacts, sarifArtifactFile{at.Artifact, s.Size, map[string]string{"sha-256": s.SHA256}})
		}
	}
	if n := len(run.Results) - most; n > 0 {
		run.Results = sarifWorst(run.Results)[:most]
		called.note("warning", sarifText{fmt.Sprintf("%d results are left out, the least severe ones; code scanning services take %d", n, most)})
	}
	run.Invocations = []sarifInvocation{called}
	return run
}

func (c *sarifInvocation) note(level string, text sarifText, at ...sarifLocation) {
	c.Notifications = append(c.Notifications, sarifNotification{level, text, at})
}

// sarifWorst puts the results in the order of their severity.
func sarifWorst(all []sarifResult) []sarifResult {
	order := []string{"dangerous", "suspicious", "inconclusive", "note"}
	slices.SortStableFunc(all, func(x, y sarifResult) int {
		return slices.Index(order, x.Properties.Severity) - slices.Index(order, y.Properties.Severity)
	})
	return all
}

func sarifRules() (rules []sarifRule) {
	commands := strings.NewReplacer(
		"depickle convert --disarm", "`depickle convert --disarm`",
		"depickle help limits", "`depickle help limits`",
		"--limit NAME=N", "`--limit NAME=N`")
	for _, m := range scan.Meanings() {
		r := sarifRule{ID: m.ID, Short: sarifText{m.Short}, Full: sarifText{m.Short + " " + m.Help}}
		r.Help = sarifHelp{m.Help, "**" + m.Short + "**\n\n" + commands.Replace(m.Help)}
		r.Default.Level = sarifLevel(m.Worst)
		r.Properties.Precision = "medium"
		switch m.Worst {
		case scan.Dangerous:
			r.Properties.Security, r.Properties.Precision = "9.0", "high"
		case scan.Suspicious:
			r.Properties.Security = "5.0"
		case scan.Inconclusive:
			r.Properties.Security = "4.0" // what was not read may be anything
		}
		if r.Properties.Security != "" {
			r.Properties.Tags = []string{"security"}
		}
		rules = append(rules, r)
	}
	return rules
}

// sarifFindings are the results of one file.
func sarifFindings(s *scanned, at sarifPhysical, rules []sarifRule) (all []sarifResult) {
	at.Region = &sarifRegion{1, 1, 1, 1}
	alike := map[string]int{}
	for i := range s.Findings {
		f := &s.Findings[i]
		r := sarifResult{RuleID: f.ID, Level: sarifLevel(f.Severity), Message: sarifMessage(message(f) + where(f))}
		r.RuleIndex = slices.IndexFunc(rules, func(r sarifRule) bool { return r.ID == f.ID })
		place := sarifLocation{Physical: at}
		if f.Member != "" {
			place.Logical = []sarifLogical{{printable(f.Member), "member"}}
		}
		r.Locations = []sarifLocation{place}
		key := sarifFingerprint(f)
		alike[key]++
		key = fmt.Sprintf("%s:%d", key, alike[key])
		// The second name is the only one that GitHub reads. Without it, all
		// findings of a rule in a file count as one there.
		r.Fingerprints = map[string]string{"depickleFinding/v1": key, "primaryLocationLineHash": key}
		if s.Pinned != "" && f.Severity >= scan.Suspicious {
			r.Suppressions = []sarifWaived{{"external", printable(s.Pinned)}}
		}
		r.Properties = sarifDetail{f.Severity.String(), s.Complete, max(f.Offset, 0), f.Opcode, printable(f.Global)}
		all = append(all, r)
	}
	return all
}

// sarifFingerprint is the same for a finding after the file was written anew:
// offsets and sizes have no part in it.
func sarifFingerprint(f *scan.Finding) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", f.ID, f.Member, f.Global, f.Opcode))
	return fmt.Sprintf("%x", h[:16])
}

func sarifLevel(s scan.Severity) string {
	switch s {
	case scan.Dangerous:
		return "error"
	case scan.Note:
		return "note"
	}
	return "warning"
}

// sarifMessage keeps a file's text from being a link where the report is
// shown: viewers take [text](address) for one, escaped or not.
func sarifMessage(s string) sarifText {
	return sarifText{strings.ReplaceAll(printable(s), "](", "] (")}
}

// sarifURI is where a file is: below the working directory by its path from
// there, however it was named, so that the same file is the same in every run.
func sarifURI(path, dir string) string {
	if rel, err := filepath.Rel(dir, path); filepath.IsAbs(path) && err == nil && filepath.IsLocal(rel) {
		path = rel
	}
	u := url.URL{Path: filepath.ToSlash(filepath.Clean(path))}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
		if share, ok := strings.CutPrefix(u.Path, "//"); ok { // of Windows
			u.Host, u.Path, _ = strings.Cut(share, "/")
		}
		u.Path = "/" + strings.TrimPrefix(u.Path, "/") // before a drive
	}
	return u.String()
}
