package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestScanSchema: what scan writes as JSON of every fixture is what
// scan/scan.schema.json says, and has no field beyond.
func TestScanSchema(t *testing.T) {
	fixtures, err := filepath.Glob("../../testdata/checkpoints/*")
	if err != nil || len(fixtures) < 400 {
		t.Fatalf("%d fixtures (%v)", len(fixtures), err)
	}
	args := append([]string{"scan", "--json", "--sha256", "missing", "../../testdata/containers", "testdata"}, fixtures...)
	var out bytes.Buffer
	a := &app{ctx: t.Context(), out: &out, err: io.Discard}
	c := a.command()
	c.SetArgs(args)
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	if a.exit != exitRefused {
		t.Errorf("exit status %d, want that of the dangerous ones", a.exit)
	}
	s := readSchema(t)
	for _, wrong := range s.check(s.root, decoded(t, out.String()), "") {
		t.Error(wrong)
	}
}

// TestScanSchemaBites: the schema refuses what is not of its form.
func TestScanSchemaBites(t *testing.T) {
	good := `{"schema":"depickle.scan/1","files":[{"path":"x","size":1,"format":"pickle","verdict":"clean","severity":"clean",
		"complete":true,"findings":[],"globals":[{"module":"a","name":"b","tier":"data","count":1}],"coverage":{"bytes":1,"accounted":1}}]}`
	s := readSchema(t)
	if wrong := s.check(s.root, decoded(t, good), ""); wrong != nil {
		t.Fatalf("refuses a good one: %q", wrong)
	}
	tests := []struct{ old, new, want string }{
		{`depickle.scan/1`, `depickle.scan/2`, `/schema: depickle.scan/2, want depickle.scan/1`},
		{`"size":1`, `"size":"1"`, `/files/0/size: no integer`},
		{`"size":1`, `"size":1.5`, `/files/0/size: no integer`},
		{`"size":1`, `"size":-1`, `/files/0/size: less than 0`},
		{`"complete":true,`, ``, `/files/0: no "complete"`},
		{`"complete":true`, `"complete":null`, `/files/0/complete: no boolean`},
		{`"findings":[]`, `"findings":null`, `/files/0/findings: no array`},
		{`"findings":[]`, `"findings":[{}]`, `/files/0/findings/0: no "id"`},
		{`"verdict":"clean"`, `"verdict":"fine"`, `/files/0/verdict: fine is none of [clean suspicious dangerous inconclusive]`},
		{`"path":"x"`, `"path":"x","sha256":"0"`, `/files/0/sha256: 0 does not match ^[0-9a-f]{64}$`},
		{`"path":"x"`, `"path":"x","more":1`, `/files/0: "more" is not in the schema`},
	}
	for _, tt := range tests {
		doc := strings.Replace(good, tt.old, tt.new, 1)
		wrong := s.check(s.root, decoded(t, doc), "")
		if len(wrong) == 0 || wrong[0] != tt.want {
			t.Errorf("%s: got %q, want %q", tt.new, wrong, tt.want)
		}
	}
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// jsonSchema is the part of JSON Schema that our schemas use.
type jsonSchema struct{ root, defs map[string]any }

func readSchema(t *testing.T) jsonSchema {
	t.Helper()
	b, err := os.ReadFile("../../scan/scan.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	root := decoded(t, string(b)).(map[string]any)
	return jsonSchema{root, root["$defs"].(map[string]any)}
}

// check lists where v is not as s says. Unlike JSON Schema it takes a property
// that the schema does not name for an error.
func (j jsonSchema) check(s map[string]any, v any, at string) (wrong []string) {
	if ref, ok := s["$ref"].(string); ok {
		s = j.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	if want, ok := s["const"]; ok && v != want {
		return []string{fmt.Sprintf("%s: %v, want %v", at, v, want)}
	}
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, v) {
		return []string{fmt.Sprintf("%s: %v is none of %v", at, v, enum)}
	}
	kind, _ := s["type"].(string)
	if !isKind(v, kind) {
		return []string{at + ": no " + kind}
	}
	switch v := v.(type) {
	case string:
		if p, ok := s["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v) {
			wrong = append(wrong, fmt.Sprintf("%s: %s does not match %s", at, v, p))
		}
	case float64:
		if least, ok := s["minimum"].(float64); ok && v < least {
			wrong = append(wrong, fmt.Sprintf("%s: less than %v", at, least))
		}
	case []any:
		for i, item := range v {
			wrong = append(wrong, j.check(s["items"].(map[string]any), item, fmt.Sprintf("%s/%d", at, i))...)
		}
	case map[string]any:
		properties := s["properties"].(map[string]any)
		for _, name := range s["required"].([]any) {
			if _, ok := v[name.(string)]; !ok {
				wrong = append(wrong, fmt.Sprintf("%s: no %q", at, name))
			}
		}
		for name, item := range v {
			if p, ok := properties[name].(map[string]any); ok {
				wrong = append(wrong, j.check(p, item, at+"/"+name)...)
			} else {
				wrong = append(wrong, fmt.Sprintf("%s: %q is not in the schema", at, name))
			}
		}
	}
	return wrong
}

func isKind(v any, kind string) bool {
	ok := kind == ""
	switch v := v.(type) {
	case string:
		ok = ok || kind == "string"
	case bool:
		ok = ok || kind == "boolean"
	case []any:
		ok = ok || kind == "array"
	case map[string]any:
		ok = ok || kind == "object"
	case float64:
		ok = ok || kind == "number" || kind == "integer" && v == math.Trunc(v)
	}
	return ok
}
