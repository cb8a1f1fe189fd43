package scan

import (
	"depickle/scan/container"
	"depickle/scan/policy"
)

// Severity is how bad what was found is.
type Severity uint8

// The severities. A finding may also be a Note, which counts for nothing, or
// Inconclusive: it says what was not read, and counts for completeness alone.
const (
	Clean Severity = iota
	Note
	Inconclusive
	Suspicious
	Dangerous
)

// String is the severity as reports show it.
func (s Severity) String() string {
	switch s {
	case Note:
		return "note"
	case Inconclusive:
		return "inconclusive"
	case Suspicious:
		return "suspicious"
	case Dangerous:
		return "dangerous"
	}
	return "clean"
}

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Finding is one thing that a report says of a file.
type Finding struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Member   string   `json:"member"`
	Stream   int      `json:"stream"`
	Offset   int64    `json:"offset"`
	Opcode   string   `json:"opcode"`
	Global   string   `json:"global"`
}

// GlobalCount is a global that the file names, and how often.
type GlobalCount struct {
	Module string `json:"module"`
	Name   string `json:"name"`
	Tier   string `json:"tier"`
	Count  int64  `json:"count"`
}

// Coverage is how many bytes of the file are accounted for: decoded as
// pickle, reached as storage by a judged reference, or part of the container.
type Coverage struct {
	Bytes     int64 `json:"bytes"`
	Accounted int64 `json:"accounted"`
}

// Report is what a scan says of one file.
type Report struct {
	Size     int64            `json:"size"`
	Format   container.Format `json:"format"`
	Verdict  Severity         `json:"verdict"`
	Severity Severity         `json:"severity"`
	Complete bool             `json:"complete"`
	Findings []Finding        `json:"findings"`
	Globals  []GlobalCount    `json:"globals"`
	Coverage Coverage         `json:"coverage"`
	// Note is what the file is, when it is no checkpoint.
	Note string `json:"-"`
	// Foreign says that the file is no checkpoint, and was only found beside
	// some. Then there is no Clearance.
	Foreign bool `json:"-"`
}

// conclude sets the verdict from severity and completeness.
func (r *Report) conclude() {
	for _, f := range r.Findings {
		switch f.Severity {
		case Note:
		case Inconclusive:
			r.Complete = false
		default:
			r.Severity = max(r.Severity, f.Severity)
		}
	}
	switch {
	case r.Severity == Dangerous:
		r.Verdict = Dangerous
	case !r.Complete:
		r.Verdict = Inconclusive
	default:
		r.Verdict = r.Severity
	}
}

// Worst is the finding that decides the verdict, nil when there is none.
func (r *Report) Worst() *Finding {
	var worst *Finding
	for i := range r.Findings {
		if f := &r.Findings[i]; worst == nil || f.Severity > worst.Severity {
			worst = f
		}
	}
	return worst
}

// Clearance is what Convert wants to see: a complete report, and the source
// that it is about. Only [Scan] makes one; the zero value clears nothing. The
// source remembers every page that was judged, so that what is converted is
// bound to it.
type Clearance struct {
	source *container.Source
	report *Report
	policy string
}

// Source is the source that was judged.
func (c *Clearance) Source() *container.Source { return c.source }

// Report is what was found.
func (c *Clearance) Report() *Report { return c.report }

// Policy is the digest of the policy that judged.
func (c *Clearance) Policy() string { return c.policy }

// Valid reports whether a scan made the clearance.
func (c *Clearance) Valid() bool {
	return c != nil && c.source != nil && c.report != nil && c.report.Complete && c.policy == policy.Digest()
}
