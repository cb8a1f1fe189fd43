package machine

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// oracle is a child process of Python that runs pickles.
type oracle struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// answer is what CPython's unpicklers make of a pickle. File is the one in C
// where it may read ahead, as in a file from open().
type answer struct{ C, File, Py verdict }

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
	script, err := filepath.Abs(filepath.Join("testdata", "unpickle.py"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, script)
	cmd.Stderr, cmd.Dir = os.Stderr, t.TempDir()
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

// ask runs a batch of pickles: one for each would wait for a process switch.
func (o *oracle) ask(batch [][]byte) (answers []answer, err error) {
	var b []byte
	for _, data := range batch {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(data))), data...)
	}
	if _, err := o.in.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...)); err != nil {
		return nil, err
	}
	line, err := o.out.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(line, &answers); err != nil {
		return nil, err
	}
	if len(answers) != len(batch) {
		return nil, fmt.Errorf("%d answers to %d pickles", len(answers), len(batch))
	}
	return answers, nil
}
