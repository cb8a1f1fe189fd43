package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const actionDir = "../../.github/actions/scan"

// action is what the test knows of an action's file.
type action struct {
	Inputs  map[string]struct{ Default string }
	Outputs map[string]struct{ Value string }
	Runs    struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	ID, If, Uses, Shell, Run string
	With, Env                map[string]string
}

func readAction(t *testing.T) (a action) {
	t.Helper()
	readYAML(t, actionDir+"/action.yml", &a)
	return a
}

func readYAML(t *testing.T, path string, to any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, to); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// runner does what GitHub's runner does with a composite action, as far as
// ours asks for: the steps that are scripts, with inputs and outputs.
type runner struct {
	dir  string            // the workspace
	vars map[string]string // what expressions stand for
	log  bytes.Buffer
}

// run runs the step and returns its exit status.
func (r *runner) run(t *testing.T, s actionStep) int {
	t.Helper()
	here, err := filepath.Abs(actionDir)
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	outputs := filepath.Join(temp, "outputs")
	cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
	cmd.Dir, cmd.Stdout, cmd.Stderr = r.dir, &r.log, &r.log
	cmd.Env = append(os.Environ(), "GITHUB_ACTION_PATH="+here, "GITHUB_OUTPUT="+outputs, "RUNNER_TEMP="+temp)
	for name, value := range s.Env {
		cmd.Env = append(cmd.Env, name+"="+expression.ReplaceAllStringFunc(value, func(e string) string {
			return r.vars[expression.FindStringSubmatch(e)[1]]
		}))
	}
	code := 0
	if err := cmd.Run(); err != nil {
		var e *exec.ExitError
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		code = e.ExitCode()
	}
	b, err := os.ReadFile(outputs)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		r.vars["steps."+s.ID+".outputs."+name] = value
	}
	return code
}

var expression = regexp.MustCompile(`\$\{\{ *([a-z.-]+) *\}\}`)

// scan runs the action without the steps of others, with a program that is
// built already.
func (a action) scan(t *testing.T, dir string, inputs map[string]string) (r *runner, code int) {
	t.Helper()
	program, err := exec.LookPath("depickle")
	if err != nil {
		t.Fatal(err)
	}
	r = &runner{dir: dir, vars: map[string]string{"steps.build.outputs.depickle": program}}
	for name, in := range a.Inputs {
		r.vars["inputs."+name] = in.Default
	}
	for name, value := range inputs {
		r.vars["inputs."+name] = value
	}
	for _, s := range a.Runs.Steps {
		if s.Run != "" && s.ID != "build" {
			code = r.run(t, s)
		}
	}
	return r, code
}

func needBash(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash")
	}
}

// TestActionScan: exit codes, the report and the outputs, of what is clean,
// hostile, missing, and of inputs that try to be more than that.
func TestActionScan(t *testing.T) {
	needBash(t)
	schema := compiled(t, sarifSchema(t))
	dir := t.TempDir()
	for to, from := range map[string]string{
		"clean/my model.pt": "tiny.pt", "clean/.git/lfs": "hostile_torch.pt", "mixed/a.pt": "tiny.pt", "mixed/b.pt": "hostile_torch.pt",
		"odd.pt": "module_main_class.pt", "cut.pkl": "truncated.pkl", "##[add-mask]x.pt": "hostile_torch.pt",
	} {
		b, err := os.ReadFile("../../testdata/checkpoints/" + from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(to)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, to), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, paths, args string
		code, results     int // -1 for no report
	}{
		{"clean", "clean", "--exclude=.git", 0, 0},
		{"a path with a space", "\nclean/my model.pt\r\n\n", "", 0, 0},
		{"hostile", "mixed", "", 1, 1},
		{"several", "mixed\ncut.pkl\nclean/my model.pt", "", 1, 2},
		{"cut", "cut.pkl", "", 2, 1},
		{"missing", "none.pt", "", 2, 0},
		{"suspicious", "odd.pt", "", 1, 1},
		{"flags", "odd.pt", "--fail-on=dangerous\n--sha256", 0, 1},
		{"help", "mixed", "--help", 2, -1},
		{"another format", "clean", "--json", 2, -1},
		{"unknown flag", "clean", "--unknown", 2, -1},
		{"no path", "\n", "", 2, -1},
		{"a path like a flag", "--help", "", 2, 0},
		{"a script", "$(touch pwned)\n`touch pwned`\n;touch pwned;#\n'\"; touch pwned", "", 2, 0},
		{"a script of flags", "clean/my model.pt", "$(touch pwned)\n;touch pwned\n\"`touch pwned`", 2, 0},
		{"a command to the runner", "##[add-mask]x.pt", "", 1, 1},
	}
	a := readAction(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, code := a.scan(t, dir, map[string]string{"paths": tt.paths, "args": tt.args})
			if code != tt.code {
				t.Errorf("exit status %d, want %d\n%s", code, tt.code, r.log.String())
			}
			r.check(t, tt.results, func(doc string) []string { return sarifComplaints(t, schema, doc) })
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "pwned")); err == nil {
		t.Error("an input was run as a script")
	}
}

// check looks at the outputs, the report, and that no name in the log is a
// command to the runner.
func (r *runner) check(t *testing.T, results int, complaints func(string) []string) {
	t.Helper()
	log := r.log.String()
	if code := r.vars["steps.scan.outputs.exit-code"]; code == "0" == strings.Contains(log, "::error::") {
		t.Errorf("exit-code %q, and the log:\n%s", code, log)
	}
	quiet := regexp.MustCompile(`(?s)::stop-commands::([0-9a-f]{32})\n(.*)::([0-9a-f]{32})::\n`).FindStringSubmatch(log)
	if quiet == nil || quiet[1] != quiet[3] || strings.Contains(strings.Replace(log, quiet[0], "", 1), "##[") {
		t.Errorf("the log can hold commands:\n%s", log)
	}
	path := r.vars["steps.scan.outputs.sarif"]
	if results < 0 {
		if path != "" {
			t.Errorf("a report: %s", path)
		}
		return
	}
	doc, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(parseSARIF(t, string(doc)).Runs[0].Results); n != results {
		t.Errorf("%d results, want %d", n, results)
	}
	for _, wrong := range complaints(string(doc)) {
		t.Error(wrong)
	}
}

// TestActionFailsClosed: without a scan, the end is no success.
func TestActionFailsClosed(t *testing.T) {
	needBash(t)
	steps := readAction(t).Runs.Steps
	end := steps[len(steps)-1]
	for code, want := range map[string]int{"0": 0, "1": 1, "2": 2, "": 2, "137": 2, "0 ": 2, "x": 2} {
		r := &runner{dir: t.TempDir(), vars: map[string]string{"steps.scan.outputs.exit-code": code}}
		if got := r.run(t, end); got != want {
			t.Errorf("%q: exit status %d, want %d", code, got, want)
		}
	}
}

// TestActionBuild: the program is built from the source beside the action,
// whatever stands in the workspace.
func TestActionBuild(t *testing.T) {
	needBash(t)
	if testing.Short() {
		t.Skip("builds the program")
	}
	r := &runner{dir: t.TempDir(), vars: map[string]string{}}
	if err := os.WriteFile(filepath.Join(r.dir, "go.work"), []byte("nonsense"), 0o666); err != nil {
		t.Fatal(err)
	}
	steps := readAction(t).Runs.Steps
	build := steps[slices.IndexFunc(steps, func(s actionStep) bool { return s.ID == "build" })]
	if code := r.run(t, build); code != 0 {
		t.Fatalf("exit status %d\n%s", code, r.log.String())
	}
	out, err := exec.Command(r.vars["steps.build.outputs.depickle"], "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "depickle ") {
		t.Errorf("%q, %v", out, err)
	}
}

// TestActionFile: every value reaches a script by its environment, and every
// expression names what there is.
func TestActionFile(t *testing.T) {
	a := readAction(t)
	if a.Runs.Using != "composite" || len(a.Runs.Steps) < 5 {
		t.Fatalf("using %q, %d steps", a.Runs.Using, len(a.Runs.Steps))
	}
	known := []string{"github.action_path", "steps.build.outputs.depickle", "steps.scan.outputs.sarif", "steps.scan.outputs.exit-code"}
	for name := range a.Inputs {
		known = append(known, "inputs."+name)
	}
	names := func(where, text string) {
		for _, m := range regexp.MustCompile(`(?:inputs|steps|github)\.[a-z_.-]+`).FindAllString(text, -1) {
			if !slices.Contains(known, m) {
				t.Errorf("%s names %s", where, m)
			}
		}
	}
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("an expression inside of a script: %s", s.Run)
		}
		if (s.Run != "") != (s.Shell == "bash") || (s.Run == "") == (s.Uses == "") {
			t.Errorf("a step that is neither script nor action: %+v", s)
		}
		names("if", s.If)
		for name, value := range s.With {
			names(name, value)
		}
		for name, value := range s.Env {
			names(name, value)
		}
	}
	for name, o := range a.Outputs {
		names(name, o.Value)
	}
}

// TestHook: the hook of pre-commit takes what has a checkpoint's name, with
// flags that the program has.
func TestHook(t *testing.T) {
	var hooks []struct {
		ID, Entry, Language, Files string
		Args, Types                []string
	}
	readYAML(t, "../../.pre-commit-hooks.yaml", &hooks)
	if len(hooks) != 1 || hooks[0].ID != "depickle-scan" || hooks[0].Language != "golang" || hooks[0].Entry != "depickle scan" {
		t.Fatalf("%+v", hooks)
	}
	h := hooks[0]
	files := regexp.MustCompile(h.Files)
	fixtures, err := filepath.Glob("../../testdata/c*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(fixtures, "a/MODEL.CKPT", "w.safetensors", "README.md", "pt", "dcp/.metadata", ".metadata", "a.metadata", "a.pt.py", "a.json") {
		other := slices.Contains([]string{".json", ".tsv", ".md", ".py", ".tar", ".zip", ".7z", ".metadata", ""}, filepath.Ext(path)) && filepath.Base(path) != ".metadata" || strings.HasSuffix(path, ".tar.gz")
		if files.MatchString(path) == other {
			t.Errorf("%s: matched %v", path, !other)
		}
	}
	// The arguments keep a file's name from being a flag.
	for _, name := range []string{"--help", "../../testdata/checkpoints/hostile_torch.pt"} {
		if _, exit := scanOutput(t, append(h.Args, name)...); exit == exitOK {
			t.Errorf("%s: exit status 0", name)
		}
	}
}
