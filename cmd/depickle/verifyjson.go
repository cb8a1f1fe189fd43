package main

import (
	"depickle/convert"
	"depickle/convert/provenance"
)

// verifyJSON is what verify says as JSON. Lists that the record has are cut
// after their first thousand items; counts are of all.
type verifyJSON struct {
	Schema        string            `json:"schema"`
	Path          string            `json:"path"`
	Verdict       string            `json:"verdict"` // consistent, matches-source, differs or unchecked
	Exit          int               `json:"exit"`
	Consistent    bool              `json:"consistent"`
	MatchesSource bool              `json:"matches_source"`
	Tensors       int               `json:"tensors"`
	ContentSHA256 string            `json:"content_sha256"`
	SourceSHA256  string            `json:"source_sha256"`
	Root          *string           `json:"root"` // that was compared, null for none
	Record        *verifyRecord     `json:"record"`
	Dropped       []aliasJSON       `json:"dropped"`
	NotSelected   []notSelectedJSON `json:"not_selected"`
	Skipped       []skippedJSON     `json:"skipped"`
	Renamed       []renamedJSON     `json:"renamed"`
	Counts        verifyCounts      `json:"counts"`
	NotChecked    []string          `json:"not_checked"`
	Error         string            `json:"error,omitempty"`
}

// verifyRecord is the record in short.
type verifyRecord struct {
	Path     string            `json:"path"`
	SHA256   string            `json:"record_sha256"`
	Version  string            `json:"version"`
	Format   string            `json:"format"`
	Options  map[string]string `json:"options"`
	Severity string            `json:"severity"`
	Verdict  string            `json:"verdict"`
	Complete bool              `json:"complete"`
	Root     string            `json:"root"`
}

type verifyCounts struct {
	Dropped     int `json:"dropped"`
	NotSelected int `json:"not_selected"`
	Skipped     int `json:"skipped"`
	Renamed     int `json:"renamed"`
}

type aliasJSON struct {
	Name string `json:"name"`
	Of   string `json:"of"`
}

type notSelectedJSON struct {
	Path   string  `json:"path"`
	DType  string  `json:"dtype"`
	Shape  []int64 `json:"shape"`
	Reason string  `json:"reason"`
}

type skippedJSON struct {
	Path   string `json:"path"`
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
}

type renamedJSON struct {
	Path string `json:"path"`
	Name string `json:"name"`
}

func verifyReport(output, record string, v *convert.Verified, err error, code int) *verifyJSON {
	j := &verifyJSON{Schema: "depickle.verify/1", Path: output, Exit: code, NotChecked: []string{},
		Dropped: []aliasJSON{}, NotSelected: []notSelectedJSON{}, Skipped: []skippedJSON{}, Renamed: []renamedJSON{}}
	switch {
	case code == exitRefused:
		j.Verdict, j.Error = "differs", explain(err)
		return j
	case err != nil:
		j.Verdict, j.Error = "unchecked", explain(err)
		return j
	case v.MatchesSource:
		j.Verdict, j.Root = "matches-source", &v.Root
	default:
		j.Verdict = "consistent"
	}
	j.Consistent, j.MatchesSource = v.Consistent, v.MatchesSource
	j.Tensors, j.ContentSHA256, j.SourceSHA256 = v.Tensors, v.Content.String(), v.Source
	j.NotChecked = append(j.NotChecked, v.NotChecked...)
	j.Dropped = first(v.Dropped, func(x provenance.Alias) aliasJSON { return aliasJSON(x) })
	j.Counts.Dropped = len(v.Dropped)
	if v.Record != nil {
		j.recorded(record, v)
	}
	return j
}

// recorded takes what the record says.
func (j *verifyJSON) recorded(path string, v *convert.Verified) {
	r := v.Record
	j.Record = &verifyRecord{Path: path, SHA256: v.RecordSHA256.String(), Version: r.Version, Format: r.Source.Format,
		Options: r.Options, Severity: r.Severity, Verdict: r.Verdict, Complete: r.Complete, Root: r.Root}
	renamed := r.Renamed()
	j.Renamed = first(renamed, func(x provenance.Tensor) renamedJSON { return renamedJSON{x.Path, x.Name} })
	j.NotSelected = first(r.NotSelected, func(x provenance.NotSelected) notSelectedJSON {
		if x.Shape == nil {
			x.Shape = []int64{} // a list in JSON, though empty
		}
		return notSelectedJSON(x)
	})
	j.Skipped = first(r.Skipped, func(x provenance.Skipped) skippedJSON { return skippedJSON(x) })
	j.Counts.NotSelected, j.Counts.Skipped, j.Counts.Renamed = v.Listed.NotSelected, v.Listed.Skipped, len(renamed)
}

// mostListed is how many items of a list are written as JSON.
const mostListed = 1000

// first converts the first items of a list.
func first[T, U any](list []T, item func(T) U) []U {
	out := []U{}
	for _, x := range list[:min(len(list), mostListed)] {
		out = append(out, item(x))
	}
	return out
}
