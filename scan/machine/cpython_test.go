package machine

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"depickle/scan/container"
	"depickle/scan/limit"
)

// oracle is a child process of Python that runs pickles.
type oracle struct {
	in  io.WriteCloser
	out *bufio.Reader
}

type answer struct{ C, Py verdict }

type verdict struct {
	Found [][2]string
	Error *string
}

// newOracle starts the Python that DEPICKLE_PYTHON names.
func newOracle(t *testing.T) *oracle {
	python := os.Getenv("DEPICKLE_PYTHON")
	if python == "" {
		t.Skip("DEPICKLE_PYTHON names no Python to compare with")
	}
	cmd := exec.Command(python, filepath.Join("testdata", "unpickle.py"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	o := &oracle{in: in, out: bufio.NewReader(out)}
	version, err := o.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("Python %s", strings.TrimSpace(version))
	return o
}

func (o *oracle) ask(t *testing.T, data []byte) answer {
	t.Helper()
	if _, err := o.in.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(data))), data...)); err != nil {
		t.Fatal(err)
	}
	line, err := o.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("Python died of %q: %v", data, err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// ours is what the machine reaches, in the oracle's terms.
//
// It ends where a frame is broken: which opcodes come then depends on
// Python's version, and the judge says so.
func ours(t *testing.T, data []byte) (found [][2]string, err error) {
	broken := false
	err = run(t, string(data), limit.Limits{}, func(m *Machine, ev *Event) {
		broken = broken || ev.Op.Frame != ""
		switch {
		case broken:
		case ev.What == Found:
			found = append(found, nameOf(ev.Result))
		case ev.What == Called && ev.Op.Code == 'i':
			found = append(found, nameOf(ev.Callee))
		case ev.What == Extended:
			// copyreg's cache answers for a code that was seen before.
			if g := [2]string{"ext", fmt.Sprint(ev.Op.Int)}; !slices.Contains(found, g) {
				found = append(found, g)
			}
		}
	})
	if broken {
		found = append(found, [2]string{opaque})
	}
	return found, err
}

// opaque stands for a global whose name is computed, and for what follows a
// broken frame: both are findings, and what Python makes of them here means
// nothing.
const opaque = "?"

func nameOf(v Value) [2]string {
	if v.Node.Opaque {
		return [2]string{opaque}
	}
	return [2]string{v.Node.Module, v.Node.Name}
}

// lenient lists what makes CPython stop where the machine goes on: things that
// depend on values which nobody knows without running them, on the machine's
// memory, or on how the unpickler was set up. The oracle's stand-ins are no
// tuples, strs or dicts; a real object may be.
var lenient = []struct{ pattern, why string }{
	{`argument list must be a tuple|after \* must be an iterable|NEWOBJ(_EX)? .*(tuple|dict|type)|args.*must be a tuple|isn't a type object|must be a tuple|must be a dict`, "an object as arguments or class"},
	{`STACK_GLOBAL requires str`, "an object as a name"},
	{`unregistered extension code`, "the registry is the loader's"},
	{`MemoryError`, "memory"},
	{`invalid load key, .\\x9[678]|unsupported pickle protocol: 5`, "Python before 3.8 has no protocol 5"},
	{`assignment index out of range|index out of range`, "the length of a list is not kept"},
	{`cannot fit 'int' into an index-sized integer|byte must be in range|indices must be integers`, "the length of a list is not kept"},
	{`state is not a dictionary|no attribute '__dict__'`, "an object as the state of a builtin"},
	{`keywords must be strings`, "what a dict holds is not kept"},
	{`could not convert string to int`, "octal or decimal, by Python's version"},
	{`Inert|Found|Meta`, "what the stand-in refuses"},
}

// strict lists what the machine refuses where CPython goes on, each on
// purpose. It must never be reported as read.
var strict = []struct{ pattern, why string }{
	{`out-of-band buffer`, "READONLY_BUFFER of bytes has no place in a file without buffers"},
	{`^limit: `, "a bound"},
}

// python lists what pickle.py, which PyPy runs, takes and C refuses. The
// machine follows C: such a file is never complete, and what was reached
// before stays found.
var python = []struct{ pattern, why string }{
	{`arguments are`, "it calls f(*args) with any iterable"},
	{`a name is empty`, "find_class then fails"},
	{`has no state`, "it skips a state that is false"},
	{`a frame of`, "it takes what is there"},
	{`there is no mark|the data ends inside of a line`, "it asks for INST's class first"},
	{`FLOAT: `, "it takes what float() takes"},
	{`negative memo index`, "any int is a key to its dict"},
}

func explained(table []struct{ pattern, why string }, text string) bool {
	for _, row := range table {
		if regexp.MustCompile(row.pattern).MatchString(text) {
			return true
		}
	}
	return false
}

// compare holds the machine against one of CPython's unpicklers.
func compare(name string, found [][2]string, err error, v verdict) string {
	n := min(len(found), len(v.Found))
	for i := range n {
		if found[i][0] == opaque {
			return ""
		}
		if found[i] != v.Found[i] {
			return fmt.Sprintf("global %d is %q, %s reaches %q", i, found[i], name, v.Found[i])
		}
	}
	if len(found) > n && found[n][0] == opaque {
		return ""
	}
	switch {
	case len(v.Found) > n || (v.Error == nil && err != nil):
		if err != nil && explained(strict, err.Error()) {
			return ""
		}
		return fmt.Sprintf("stops with %v behind %q; %s reaches %q, error %s", err, found, name, v.Found, text(v.Error))
	case v.Error == nil && len(found) > n:
		return fmt.Sprintf("reaches %q, %s reaches only %q", found, name, v.Found)
	case v.Error != nil && err == nil, len(found) > n:
		if explained(lenient, *v.Error) {
			return ""
		}
		return fmt.Sprintf("goes on to %q, %v; %s stops behind %q: %s", found, err, name, v.Found, *v.Error)
	}
	return ""
}

func text(s *string) string {
	if s == nil {
		return "none"
	}
	return *s
}

// TestCPython compares the globals that the machine and CPython reach, on
// random pickles and on mutations of real ones.
func TestCPython(t *testing.T) {
	o := newOracle(t)
	rng := rand.New(rand.NewPCG(1, 2))
	seeds := realStreams(t)
	rounds := 20000
	if testing.Short() {
		rounds = 2000
	}
	c := comparison{t: t, o: o}
	for _, s := range handWritten {
		c.check([]byte(s))
	}
	for range rounds {
		c.check(generate(rng))
	}
	for range rounds / 4 {
		c.check(mutate(rng, slices.Clone(seeds[rng.IntN(len(seeds))]), seeds))
	}
	t.Logf("C accepted %d pickles and reached %d globals", c.accepted, c.reached)
	if c.accepted < rounds/10 || c.reached < rounds/2 {
		t.Error("too few pickles got anywhere: the comparison proves little")
	}
}

// comparison counts what it compared.
type comparison struct {
	t                           *testing.T
	o                           *oracle
	accepted, reached, failures int
}

func (c *comparison) check(data []byte) {
	c.t.Helper()
	found, err := ours(c.t, data)
	a := c.o.ask(c.t, data)
	if a.C.Error == nil {
		c.accepted++
	}
	c.reached += len(a.C.Found)
	if wrong := compare("C", found, err, a.C); wrong != "" {
		c.fail(data, wrong)
	}
	// pickle.py stops elsewhere, as a rule sooner; that it reaches nothing
	// else is what counts.
	if err != nil && explained(python, err.Error()) {
		return
	}
	if len(a.Py.Found) > len(found) || a.Py.Error == nil {
		if wrong := compare("pickle.py", found, err, a.Py); wrong != "" {
			c.fail(data, wrong)
		}
	}
}

func (c *comparison) fail(data []byte, wrong string) {
	c.t.Helper()
	c.t.Errorf("%.300q: %s", data, wrong)
	if c.failures++; c.failures > 20 {
		c.t.FailNow()
	}
}

// TestCPythonCorpus compares on the pickles of the files below the folder that
// DEPICKLE_CORPUS names, hostile ones among them.
func TestCPythonCorpus(t *testing.T) {
	root := os.Getenv("DEPICKLE_CORPUS")
	if root == "" {
		t.Skip("DEPICKLE_CORPUS names no corpus")
	}
	c := comparison{t: t, o: newOracle(t)}
	n := 0
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		for _, data := range streamsOf(t, path) {
			if len(data) < 1<<20 {
				c.check(data)
				n++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d pickles, %d accepted, %d globals", n, c.accepted, c.reached)
}

// realStreams are the pickles of the repository's checkpoints, short ones.
func realStreams(t *testing.T) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "checkpoints", "*.pt"))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, name := range files {
		for _, b := range streamsOf(t, name) {
			if len(b) > 20 && len(b) < 4000 {
				out = append(out, b)
			}
		}
	}
	if len(out) == 0 {
		t.Fatal("no pickles in the checkpoints")
	}
	return out
}

// streamsOf are the pickles of a file.
func streamsOf(t *testing.T, name string) (out [][]byte) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	src, err := container.Open(f, st.Size(), container.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for _, s := range src.Streams {
		b, err := io.ReadAll(src.Section(s.Extent))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}
