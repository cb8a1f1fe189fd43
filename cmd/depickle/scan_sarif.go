package main

import (
	"net/url"
	"path/filepath"

	"depickle/convert"
	"depickle/scan"
)

// scanSARIF writes SARIF 2.1.0 (OASIS), as code scanning services take it: a
// result for each finding, and a notification for each file that was not read.
type scanSARIF struct{ a *app }

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	Results     []sarifResult     `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name            string      `json:"name"`
	SemanticVersion string      `json:"semanticVersion"`
	Rules           []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID    string    `json:"id"`
	Short sarifText `json:"shortDescription"`
	Help  sarifText `json:"help"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	ExitCode      int                 `json:"exitCode"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifResult struct {
	RuleID      string          `json:"ruleId"`
	RuleIndex   int             `json:"ruleIndex"`
	Level       string          `json:"level"`
	Message     sarifText       `json:"message"`
	Locations   []sarifLocation `json:"locations"`
	Fingerprint map[string]any  `json:"partialFingerprints,omitempty"`
	Properties  map[string]any  `json:"properties,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

// sarifRegion has a line too, since code scanning services show nothing
// without one.
type sarifRegion struct {
	StartLine  int   `json:"startLine"`
	ByteOffset int64 `json:"byteOffset"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

func (scanSARIF) file(*scanned) {}

func (w scanSARIF) end(all []scanned) error {
	run := sarifRun{Results: []sarifResult{}}
	index := map[string]int{}
	driver := sarifDriver{Name: "depickle", SemanticVersion: convert.Version}
	for i, m := range scan.Meanings() {
		index[m.ID] = i
		driver.Rules = append(driver.Rules, sarifRule{m.ID, sarifText{m.Short}, sarifText{m.Help}})
	}
	run.Tool.Driver = driver
	invocation := sarifInvocation{Successful: true, ExitCode: w.a.exit}
	for i := range all {
		s := &all[i]
		if s.Error != "" {
			invocation.Successful = false
			invocation.Notifications = append(invocation.Notifications, sarifNotification{"error", sarifText{printable(s.Error)}, []sarifLocation{{Physical: sarifFile(s.Path)}}})
			continue
		}
		if s.skip != "" {
			continue
		}
		for k := range s.Findings {
			run.Results = append(run.Results, sarifFinding(s, &s.Findings[k], index))
		}
	}
	run.Invocations = []sarifInvocation{invocation}
	return w.a.json(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

func sarifFinding(s *scanned, f *scan.Finding, index map[string]int) sarifResult {
	r := sarifResult{RuleID: f.ID, RuleIndex: index[f.ID], Level: sarifLevel(f.Severity), Message: sarifText{printable(message(f))}}
	at := sarifLocation{Physical: sarifFile(s.Path)}
	at.Physical.Region = &sarifRegion{StartLine: 1, ByteOffset: max(f.Offset, 0)}
	if f.Member != "" {
		at.Logical = []sarifLogical{{printable(f.Member), "member"}}
	}
	r.Locations = []sarifLocation{at}
	r.Properties = map[string]any{"severity": f.Severity.String(), "complete": s.Complete}
	if f.Opcode != "" {
		r.Properties["opcode"] = f.Opcode
	}
	if f.Global != "" {
		r.Properties["global"] = printable(f.Global)
	}
	return r
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

// sarifFile is a file's location: relative as it was named, or absolute.
func sarifFile(path string) sarifPhysical {
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
		if u.Path[0] != '/' {
			u.Path = "/" + u.Path // a drive
		}
	}
	return sarifPhysical{Artifact: sarifArtifact{URI: u.String()}}
}
