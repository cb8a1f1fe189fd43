package main

import (
	"bytes"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// runVerify runs verify --json and returns what it writes, decoded.
func runVerify(t *testing.T, args ...string) (map[string]any, int) {
	t.Helper()
	var out bytes.Buffer
	a := &app{ctx: t.Context(), out: &out, err: io.Discard}
	c := a.command()
	c.SetArgs(append([]string{"verify", "--json"}, args...))
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	return decoded(t, out.String()).(map[string]any), a.exit
}

// TestVerifyJSON: the fields are these, whatever the verdict; lists are lists
// though empty.
func TestVerifyJSON(t *testing.T) {
	dir := t.TempDir()
	made := filepath.Join(dir, "m.safetensors")
	source := "../../testdata/checkpoints/meta.pt"
	a := &app{ctx: t.Context(), out: io.Discard, err: io.Discard}
	c := a.command()
	c.SetArgs([]string{"convert", "-o", made, source})
	if err := c.Execute(); err != nil || a.exit != exitOK {
		t.Fatalf("convert: %v, exit status %d", err, a.exit)
	}
	always := strings.Fields("schema path verdict exit consistent matches_source tensors content_sha256 source_sha256 root record dropped not_selected skipped renamed counts not_checked")
	for _, tt := range []struct {
		args    []string
		verdict string
		exit    int
		record  bool
	}{
		{[]string{made}, "consistent", 0, true},
		{[]string{made, "--source", source}, "matches-source", 0, true},
		{[]string{made, "--record", "none"}, "consistent", 0, false},
		{[]string{made, "--source", "../../testdata/checkpoints/tiny.pt"}, "differs", 1, false},
		{[]string{source}, "unchecked", 2, false},
		{[]string{dir + "/missing"}, "unchecked", 2, false},
		{[]string{made, "--record", dir + "/missing"}, "unchecked", 2, false},
	} {
		got, exit := runVerify(t, tt.args...)
		want := slices.Clone(always)
		if tt.exit != 0 {
			want = append(want, "error")
		}
		slices.Sort(want)
		if keys := slices.Sorted(maps.Keys(got)); !slices.Equal(keys, want) {
			t.Errorf("%q: fields %q, want %q", tt.args, keys, want)
		}
		if got["schema"] != "depickle.verify/1" || got["verdict"] != tt.verdict || got["exit"] != float64(tt.exit) || exit != tt.exit {
			t.Errorf("%q: %v, exit status %d", tt.args, got, exit)
		}
		if (got["consistent"] == true) != (tt.exit == 0) || (got["matches_source"] == true) != (tt.verdict == "matches-source") || (got["root"] != nil) != (tt.verdict == "matches-source") {
			t.Errorf("%q: %v", tt.args, got)
		}
		for _, list := range []string{"dropped", "not_selected", "skipped", "renamed", "not_checked"} {
			if _, ok := got[list].([]any); !ok {
				t.Errorf("%q: %s is %v", tt.args, list, got[list])
			}
		}
		record, ok := got["record"].(map[string]any)
		if ok != tt.record || ok && !slices.Equal(slices.Sorted(maps.Keys(record)), strings.Fields("complete format options path record_sha256 root severity verdict version")) {
			t.Errorf("%q: record %v", tt.args, got["record"])
		}
	}
}
