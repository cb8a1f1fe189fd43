package main

// What a SARIF 2.1.0 log has, as far as depickle writes it.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool           `json:"tool"`
	Invocations []sarifInvocation   `json:"invocations"`
	Artifacts   []sarifArtifactFile `json:"artifacts,omitempty"`
	Results     []sarifResult       `json:"results"`
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
	ID         string          `json:"id"`
	Short      sarifText       `json:"shortDescription"`
	Full       sarifText       `json:"fullDescription"`
	Help       sarifHelp       `json:"help"`
	Default    sarifDefault    `json:"defaultConfiguration"`
	Properties sarifRuleDetail `json:"properties"`
}

type sarifHelp struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown"`
}

type sarifDefault struct {
	Level string `json:"level"`
}

// sarifRuleDetail has the properties by which code scanning services sort.
type sarifRuleDetail struct {
	Tags      []string `json:"tags,omitempty"`
	Precision string   `json:"precision"`
	Security  string   `json:"security-severity,omitempty"`
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
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations"`
	Fingerprints map[string]string `json:"partialFingerprints"`
	Suppressions []sarifWaived     `json:"suppressions,omitempty"`
	Properties   sarifDetail       `json:"properties"`
}

// sarifWaived says that a result is known: the policy pins the file.
type sarifWaived struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}

// sarifDetail is what SARIF has no property for. The offset stands here and
// not in the region: it may be one inside of a member that is compressed.
type sarifDetail struct {
	Severity   string `json:"severity"`
	Complete   bool   `json:"complete"`
	ByteOffset int64  `json:"byteOffset"`
	Opcode     string `json:"opcode,omitempty"`
	Global     string `json:"global,omitempty"`
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

// sarifRegion is a place in text. Code scanning services show nothing without
// one.
type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

// sarifArtifactFile is a file that was hashed.
type sarifArtifactFile struct {
	Location sarifArtifact     `json:"location"`
	Length   int64             `json:"length"`
	Hashes   map[string]string `json:"hashes"`
}
