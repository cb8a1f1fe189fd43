package main

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"depickle/scan"
)

// scanOutput runs depickle scan and returns what it prints.
func scanOutput(t *testing.T, args ...string) (out string, exit int) {
	t.Helper()
	var b bytes.Buffer
	a := &app{ctx: t.Context(), out: &b, err: io.Discard}
	c := a.command()
	c.SetArgs(append([]string{"scan"}, args...))
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
	return b.String(), a.exit
}

// fixtures are sixty of the checkpoints: those that are hostile or damaged,
// and others from all over the list.
func fixtures(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("../../testdata/checkpoints/*")
	if err != nil || len(all) < 400 {
		t.Fatalf("%d fixtures (%v)", len(all), err)
	}
	var odd, rest []string
	for _, path := range all {
		name := filepath.Base(path)
		switch {
		case strings.HasSuffix(name, ".truth.json"):
		case slices.ContainsFunc([]string{"hostile", "truncated", "trailing", "geometry", "not_a", "lfs", "empty_file", "key_", "unknown"}, func(s string) bool { return strings.Contains(name, s) }):
			odd = append(odd, path)
		default:
			rest = append(rest, path)
		}
	}
	if len(odd) < 15 {
		t.Fatalf("only %d odd fixtures", len(odd))
	}
	for i, n := 0, 60-len(odd); i < n; i++ {
		odd = append(odd, rest[i*len(rest)/n])
	}
	return odd
}

// TestSARIFOracles: two validators and the documentation of GitHub's code
// scanning take what scan writes.
func TestSARIFOracles(t *testing.T) {
	schema := compiled(t, sarifSchema(t))
	containers, err := filepath.Glob("../../testdata/containers/*")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		args    []string
		results bool
	}{
		{"checkpoints", fixtures(t), true},
		{"containers", containers, true},
		{"directory", []string{"../../testdata/containers"}, true},
		{"hashed twice", []string{"--sha256", "../../testdata/checkpoints/tiny.pt", "../../testdata/checkpoints/tiny.pt"}, false},
		{"clean", []string{"../../testdata/checkpoints/tiny.pt"}, false},
		{"missing", []string{"missing.pt"}, false},
		{"nothing scanned", []string{t.TempDir()}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, _ := scanOutput(t, append([]string{"--sarif"}, tt.args...)...)
			for _, wrong := range sarifComplaints(t, schema, out) {
				t.Error(wrong)
			}
			if n := len(parseSARIF(t, out).Runs[0].Results); tt.results != (n > 0) {
				t.Errorf("%d results", n)
			}
		})
	}
}

// TestSARIFPaths: a path of any spelling is a URI that leads back to the file,
// relative wherever it lies below the working directory.
func TestSARIFPaths(t *testing.T) {
	hostile, err := os.ReadFile("../../testdata/checkpoints/hostile_torch.pt")
	if err != nil {
		t.Fatal(err)
	}
	schema := compiled(t, sarifSchema(t))
	away := filepath.Join(t.TempDir(), "far away.pt")
	t.Chdir(t.TempDir())
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"plain.pt":                         "plain.pt",
		"./dotted.pt":                      "dotted.pt",
		"a b/with space.pt":                "a%20b/with%20space.pt",
		"ümläut.pt":                        "%C3%BCml%C3%A4ut.pt",
		"100%.pt":                          "100%25.pt",
		"a#b&c=[d].pt":                     "a%23b&c=%5Bd%5D.pt",
		filepath.Join(wd, "absolute ü.pt"): "absolute%20%C3%BC.pt",
		away:                               "file://" + (&url.URL{Path: slashed(away)}).String(),
	}
	if runtime.GOOS != "windows" { // where these are no names
		tests[`back\slash.pt`] = "back%5Cslash.pt"
		tests["a:b?.pt"] = "./a:b%3F.pt"
		tests["line\nbreak.pt"] = "line%0Abreak.pt"
	}
	for path, want := range tests {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, hostile, 0o666); err != nil {
			t.Fatal(err)
		}
		out, _ := scanOutput(t, "--sarif", path)
		for _, wrong := range sarifComplaints(t, schema, out) {
			t.Errorf("%q: %s", path, wrong)
		}
		got := *parseSARIF(t, out).Runs[0].Results[0].Locations[0].PhysicalLocation.ArtifactLocation.URI
		if got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
		u, err := url.Parse(got)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(filepath.FromSlash(strings.TrimPrefix(u.Path, drive(u.Path)))); err != nil || !bytes.Equal(b, hostile) {
			t.Errorf("%s leads to no file: %v", got, err)
		}
	}
	out, _ := scanOutput(t, "--sarif", ".", "missing ü.pt")
	for _, wrong := range sarifComplaints(t, schema, out) {
		t.Error(wrong)
	}
	if n := len(parseSARIF(t, out).Runs[0].Results); n != len(tests)-1 {
		t.Errorf("%d results of the directory, want %d", n, len(tests)-1)
	}
}

// slashed is an absolute path as URIs have it, with a slash before a drive.
func slashed(path string) string { return "/" + strings.TrimPrefix(filepath.ToSlash(path), "/") }

// drive is the slash of a URI's path that stands before the drive of Windows.
func drive(path string) string {
	if len(path) > 2 && path[0] == '/' && path[2] == ':' {
		return "/"
	}
	return ""
}

// TestSARIFFingerprints: findings are told apart, and are the same after the
// file changed around them.
func TestSARIFFingerprints(t *testing.T) {
	prints := func(pickle string) (all []string) {
		path := filepath.Join(t.TempDir(), "x.pkl")
		if err := os.WriteFile(path, []byte(pickle), 0o666); err != nil {
			t.Fatal(err)
		}
		out, _ := scanOutput(t, "--sarif", path)
		for _, r := range parseSARIF(t, out).Runs[0].Results {
			all = append(all, r.PartialFingerprints["primaryLocationLineHash"])
		}
		return all
	}
	system, eval := "cos\nsystem\n(S'true'\ntR0", "cbuiltins\neval\n(S'1'\ntR0"
	before, after := prints(system+eval+"N."), prints("I1\n0I2\n0"+system+eval+"N.")
	if len(before) != 2 || before[0] == before[1] {
		t.Errorf("fingerprints %q", before)
	}
	if !slices.Equal(before, after) {
		t.Errorf("other fingerprints at other offsets: %q, %q", before, after)
	}
	if other := prints(eval + "N."); len(other) != 1 || other[0] != before[1] {
		t.Errorf("another fingerprint without the other finding: %q, %q", before, other)
	}
	limit := scan.Finding{ID: "limit", Severity: scan.Inconclusive, Message: "first"}
	second := limit
	second.Message = "second"
	two := sarifFindings(&scanned{Report: &scan.Report{Findings: []scan.Finding{limit, second}}}, sarifPhysical{}, sarifRules())
	if two[0].Fingerprints["primaryLocationLineHash"] == two[1].Fingerprints["primaryLocationLineHash"] {
		t.Error("two findings with one fingerprint count as one")
	}
}

// TestSARIFLinks: a name in a file cannot put a link into the report.
func TestSARIFLinks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.pkl")
	if err := os.WriteFile(path, []byte("c[safe, see\n](https://example.invalid)\n."), 0o666); err != nil {
		t.Fatal(err)
	}
	out, _ := scanOutput(t, "--sarif", path)
	for _, r := range parseSARIF(t, out).Runs[0].Results {
		if text := *r.Message.Text; !strings.Contains(text, "] (https") || strings.Contains(text, "](") {
			t.Errorf("message %q", text)
		}
	}
}

// TestSARIFMost: of too many results the least severe ones are left out, and
// the log says so.
func TestSARIFMost(t *testing.T) {
	var all []scanned
	for _, s := range []scan.Severity{scan.Note, scan.Suspicious, scan.Inconclusive, scan.Dangerous} {
		all = append(all, scanned{Path: "x", Report: &scan.Report{Findings: []scan.Finding{{ID: "limit", Severity: s, Message: "text"}}}})
	}
	run := scanSARIF{&app{}}.run(all, 2)
	got := fmt.Sprint(len(run.Results), " ", run.Results[0].Properties.Severity, " ", run.Results[1].Properties.Severity)
	if got != "2 dangerous suspicious" {
		t.Errorf("results: %s", got)
	}
	if n := run.Invocations[0].Notifications; len(n) != 1 || !strings.HasPrefix(n[0].Message.Text, "2 results are left out") {
		t.Errorf("notifications: %+v", n)
	}
	if n := len((scanSARIF{&app{}}).run(all, 4).Invocations[0].Notifications); n != 0 {
		t.Errorf("%d notifications where all fit", n)
	}
}

// TestSARIFSeverity: no finding of any fixture is worse than its rule says.
func TestSARIFSeverity(t *testing.T) {
	worst := map[string]scan.Severity{}
	for i, m := range scan.Meanings() {
		worst[m.ID] = m.Worst
		score := map[scan.Severity]string{scan.Dangerous: "9.0", scan.Suspicious: "5.0", scan.Inconclusive: "4.0", scan.Note: ""}
		if want, known := score[m.Worst]; !known || sarifRules()[i].Properties.Security != want {
			t.Errorf("%s: severity %s, score %q", m.ID, m.Worst, sarifRules()[i].Properties.Security)
		}
	}
	out, _ := scanOutput(t, "--json", "../../testdata/checkpoints", "../../testdata/containers")
	n := 0
	for _, f := range decoded(t, out).(map[string]any)["files"].([]any) {
		for _, f := range f.(map[string]any)["findings"].([]any) {
			f, id := f.(map[string]any), f.(map[string]any)["id"].(string)
			if order := []string{"note", "inconclusive", "suspicious", "dangerous"}; slices.Index(order, f["severity"].(string)) > slices.Index(order, worst[id].String()) {
				t.Errorf("a %s finding of %s, whose worst is %s", f["severity"], id, worst[id])
			}
			n++
		}
	}
	if n < 100 {
		t.Errorf("only %d findings", n)
	}
}
