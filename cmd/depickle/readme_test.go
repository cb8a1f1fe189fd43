package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"depickle/convert"
	"depickle/scan"
	"depickle/scan/container"
)

var update = flag.Bool("update", false, "write into README.md what its commands print now")

// TestReadme runs the commands of the README's sessions, in order, and
// compares what they print. Lines that begin with "$ " are commands. In blocks
// of shell every line is one.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "testdata"), os.DirFS("../../testdata")); err != nil {
		t.Fatal(err)
	}
	s := session{t: t, dir: dir}
	text := string(readme)
	now := regexp.MustCompile("(?ms)^```console\n(.*?)^```$").ReplaceAllStringFunc(text, s.console)
	for _, block := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		for line := range strings.Lines(block[1]) {
			s.shell(strings.TrimSpace(line))
		}
	}
	if s.ran < 6 {
		t.Errorf("only %d commands found", s.ran)
	}
	if t.Failed() || now == text {
		return
	}
	if *update {
		if err := os.WriteFile("../../README.md", []byte(now), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the README shows something else; go test ./cmd/depickle -run Readme -update corrects it\n%s", now)
}

// session is a run of commands in one directory.
type session struct {
	t    *testing.T
	dir  string
	code int // of the last command
	ran  int
}

// console returns a block with what its commands print now.
func (s *session) console(block string) string {
	var b strings.Builder
	b.WriteString("```console\n")
	old := strings.TrimSuffix(strings.TrimPrefix(block, b.String()), "```")
	for _, part := range strings.Split("\n"+old, "\n$ ")[1:] {
		line, shown, _ := strings.Cut(part, "\n")
		out, ok := s.run(line)
		if !ok {
			out = strings.TrimSuffix(shown, "\n") + "\n" // kept as it is
		}
		fmt.Fprintf(&b, "$ %s\n%s", line, out)
	}
	b.WriteString("```")
	return b.String()
}

// run runs one command; ok is false where this machine lacks its program.
func (s *session) run(line string) (out string, ok bool) {
	args := strings.Fields(line)
	switch args[0] {
	case "echo":
		s.ran++
		return fmt.Sprintln(s.code), line == "echo $?"
	case "depickle":
	case "sha256sum", "python3":
		if _, err := exec.LookPath(args[0]); err != nil {
			return "", false
		}
	default:
		s.t.Errorf("README: the test does not know %q", line)
		return "", false
	}
	s.ran++
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = s.dir
	b, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		s.t.Errorf("%s: %v", line, err)
		return "", false
	}
	s.code = cmd.ProcessState.ExitCode()
	if runtime.GOOS == "windows" {
		return "", false // paths are spelled otherwise
	}
	return string(b), true
}

// shell checks a line of a block of shell: depickle's must succeed in a fresh
// directory, go's are known.
func (s *session) shell(line string) {
	ours, ok := strings.CutPrefix(line, "go run ./cmd/depickle ")
	switch {
	case ok:
		s.dir = s.t.TempDir()
		if err := os.CopyFS(filepath.Join(s.dir, "testdata"), os.DirFS("../../testdata")); err != nil {
			s.t.Fatal(err)
		}
		if out, _ := s.run("depickle " + ours); s.code != exitOK {
			s.t.Errorf("%s: exit status %d\n%s", line, s.code, out)
		}
	case line != "go test ./...":
		s.t.Errorf("README: the test does not know %q", line)
	}
}

// convertFile is the README's example of the library.
func convertFile(ctx context.Context, from, to string) error {
	in, err := convert.OpenContext(ctx, from, container.Options{})
	if err != nil {
		return err
	}
	defer in.Close()
	report, clearance, err := scan.Scan(ctx, in.Source, scan.Options{})
	if err != nil {
		return err
	}
	if clearance == nil { // the file was not read whole
		return fmt.Errorf("%s: %s", from, report.Verdict)
	}
	_, err = convert.Convert(ctx, clearance, convert.File(to), convert.Options{Name: from, Recheck: in.Recheck})
	return err
}

// TestReadmeLibrary: the README's example is the function above, and works.
func TestReadmeLibrary(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindSubmatch(readme)
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	if block == nil || !strings.Contains(string(source), string(block[1])) {
		t.Error("the README's example is not the one that is tested here")
	}
	out := filepath.Join(t.TempDir(), "tiny.safetensors")
	if err := convertFile(t.Context(), "../../testdata/checkpoints/tiny.pt", out); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(out + ".json"); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"hostile_torch.pt", "lfs_pointer.pt"} {
		if err := convertFile(t.Context(), "../../testdata/checkpoints/"+name, out+"2"); err == nil {
			t.Errorf("%s was converted", name)
		}
	}
}

// TestScoreboardReadme: the README has the tables that were measured.
func TestScoreboardReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	measured, err := os.ReadFile("../../testdata/scoreboard/scoreboard.md")
	if err != nil {
		t.Fatal(err)
	}
	for table := range strings.SplitSeq(strings.TrimSpace(string(measured)), "\n\n") {
		if !strings.Contains(string(readme), table+"\n") {
			t.Errorf("not in the README:\n%s", table)
		}
	}
}
