package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// sarifSchema is the schema of OASIS, from the source of go-sarif, which keeps
// it to itself.
func sarifSchema(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(strings.TrimSpace(string(dir)), "pkg", "report", "v210", "sarif", "schema.go")
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.BasicLit); ok {
			text, err = strconv.Unquote(s.Value)
		}
		return true
	})
	if err != nil || len(text) < 50_000 {
		t.Fatalf("a schema of %d bytes: %v", len(text), err)
	}
	return text
}

func compiled(t *testing.T, schema string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	const at = "file:///schema.json"
	if err := c.AddResource(at, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(at)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, doc string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func parseSARIF(t *testing.T, doc string) *sarif.Report {
	t.Helper()
	r, err := sarif.FromString(doc, sarif.WithStrictValidation())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// sarifComplaints is what jsonschema, go-sarif and GitHub have against a log.
func sarifComplaints(t *testing.T, schema *jsonschema.Schema, doc string) (wrong []string) {
	t.Helper()
	if err := validate(t, schema, doc); err != nil {
		wrong = append(wrong, "jsonschema: "+err.Error())
	}
	r, err := sarif.FromString(doc)
	if err == nil {
		// It validates what it writes itself, and writes an empty text where a
		// log leaves out what has a default.
		for _, run := range r.Runs {
			run.Language, run.Tool.Driver.Language, run.NewlineSequences = "en-US", "en-US", []string{"\n"}
		}
		err = r.Validate()
	}
	if err != nil {
		return append(wrong, "go-sarif: "+err.Error())
	}
	for _, run := range decoded(t, doc).(map[string]any)["runs"].([]any) {
		for _, text := range githubComplaints(run) {
			wrong = append(wrong, "GitHub: "+text)
		}
	}
	return wrong
}

// githubComplaints is what GitHub's documentation of code scanning requires of
// a run, beyond the schema.
func githubComplaints(run any) (wrong []string) {
	must := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	text := func(v any, path string, most int) string {
		s, _ := dig(v, path).(string)
		must(s != "" && len(s) <= most, "%s of %d bytes", path, len(s))
		return s
	}
	text(run, "tool.driver.name", 255)
	text(run, "tool.driver.semanticVersion", 255)
	rules, _ := dig(run, "tool.driver.rules").([]any)
	must(len(rules) > 0, "no rules")
	for _, r := range rules {
		text(r, "id", 255)
		text(r, "shortDescription.text", 1024)
		text(r, "fullDescription.text", 1024)
		text(r, "help.text", 1<<16)
		text(r, "help.markdown", 1<<16)
		must(slices.Contains([]string{"very-high", "high", "medium", "low"}, text(r, "properties.precision", 9)), "unknown precision")
		must(slices.Contains([]string{"error", "warning", "note"}, text(r, "defaultConfiguration.level", 7)), "unknown level")
		score, secure := dig(r, "properties.security-severity").(string)
		n, err := strconv.ParseFloat(score, 64)
		must(!secure || err == nil && n > 0 && n <= 10, "a score of %q", score)
		tags, _ := dig(r, "properties.tags").([]any)
		must(secure == slices.Contains(tags, any("security")), "a score without the tag, or the tag without one")
	}
	results, _ := dig(run, "results").([]any)
	must(results != nil && len(results) <= 25_000, "%d results", len(results))
	type identity struct{ rule, uri, print string }
	met := map[identity]bool{}
	for _, r := range results {
		id := identity{text(r, "ruleId", 255), text(r, "locations.0.physicalLocation.artifactLocation.uri", 1<<16),
			text(r, "partialFingerprints.primaryLocationLineHash", 255)}
		must(!met[id], "two results that count as one: %v", id)
		met[id] = true
		text(r, "message.text", 1<<16)
		index, _ := dig(r, "ruleIndex").(float64)
		must(int(index) < len(rules) && dig(rules, strconv.Itoa(int(index))+".id") == id.rule, "ruleIndex %v is not %s", index, id.rule)
		for _, name := range []string{"startLine", "startColumn", "endLine", "endColumn"} {
			n, _ := dig(r, "locations.0.physicalLocation.region."+name).(float64)
			must(n >= 1, "no %s", name)
		}
		u, err := url.Parse(id.uri)
		must(err == nil && (u.Scheme == "file" && strings.HasPrefix(u.Path, "/") || u.Scheme == "" && !strings.HasPrefix(u.Path, "/")), "uri %s", id.uri)
		// The bytes of a binary file are no line of text: SARIF calls a region
		// invalid that has both, and does not agree with itself.
		must(dig(r, "locations.0.physicalLocation.region.byteOffset") == nil, "a region of text and bytes")
	}
	return wrong
}

// dig follows a path of names and numbers into a JSON value, nil where it ends.
func dig(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// TestSARIFOraclesBite: each oracle complains of what is wrong in its eyes.
func TestSARIFOraclesBite(t *testing.T) {
	schema := compiled(t, sarifSchema(t))
	out, _ := scanOutput(t, "--sarif", "../../testdata/checkpoints/hostile_torch.pt", "missing.pt")
	if wrong := sarifComplaints(t, schema, out); wrong != nil {
		t.Fatal(wrong)
	}
	tests := []struct{ old, new, want string }{
		{`"version": "2.1.0"`, `"version": "2.0.0"`, "jsonschema: "},
		{`"version": "2.1.0"`, `"version": "2.0.0"`, "go-sarif: "},
		{`"ruleIndex":`, `"ruleNumber":`, "jsonschema: "},
		{`"startLine": 1`, `"startLine": 0`, "go-sarif: "},
		{`"level": "error"`, `"level": "bad"`, "jsonschema: "},
		{`"uri": "missing.pt"`, `"uri": "a\\b"`, "jsonschema: "},
		{`"executionSuccessful": false,`, ``, "jsonschema: "},
		{`"startLine": 1`, `"byteOffset": 1`, "GitHub: no startLine"},
		{`"startLine": 1`, `"startLine": 1, "byteOffset": 1`, "GitHub: a region of text and bytes"},
		{`"ruleId": "global-dangerous"`, `"ruleId": "global-unknown"`, "GitHub: ruleIndex"},
		{`"primaryLocationLineHash"`, `"other"`, "GitHub: partialFingerprints.primaryLocationLineHash of 0 bytes"},
		{`"security-severity": "9.0"`, `"security-severity": "high"`, `GitHub: a score of "high"`},
		{`"precision": "high"`, `"precision": "sure"`, "GitHub: unknown precision"},
		{`"security"`, `"safety"`, "GitHub: a score without the tag"},
	}
	for _, tt := range tests {
		doc := strings.Replace(out, tt.old, tt.new, 1)
		if doc == out {
			t.Errorf("%s is not in the log", tt.old)
		}
		if wrong := sarifComplaints(t, schema, doc); !slices.ContainsFunc(wrong, func(s string) bool { return strings.HasPrefix(s, tt.want) }) {
			t.Errorf("%s: got %q, want %q", tt.new, wrong, tt.want)
		}
	}
}

// TestScanSchemaOracle: a validator that others wrote takes the JSON report
// too, and what it refuses shows that it looks.
func TestScanSchemaOracle(t *testing.T) {
	b, err := os.ReadFile("../../scan/scan.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	s := compiled(t, string(b))
	out, _ := scanOutput(t, append([]string{"--json", "--sha256", "missing", "../../testdata/containers", "testdata"}, fixtures(t)...)...)
	if err := validate(t, s, out); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct{ old, new string }{
		{`"verdict": "dangerous"`, `"verdict": "fine"`},
		{`"complete": true,`, ``},
		{`"findings": []`, `"findings": null`},
		{`"sha256": "`, `"sha256": "x`},
		{`"size": `, `"size": -1`},
	} {
		doc := strings.Replace(out, tt.old, tt.new, 1)
		if doc == out || !json.Valid([]byte(doc)) || validate(t, s, doc) == nil {
			t.Errorf("%s is taken", tt.new)
		}
	}
}
