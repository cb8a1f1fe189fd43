package scan

import (
	"bytes"
	"io"
	"strings"

	"depickle/scan/container"
	"depickle/scan/fault"
)

// TorchScript brings its own code, which torch compiles and runs without
// Python. Nearly all of it computes; two of its operators reach files. Code
// stands as text, and for mobile readers as pickled bytecode.

// fileOperators are what TorchScript code calls to reach files, without
// spaces: the text may be edited by hand, and torch's parser allows them
// anywhere. ops.aten is how the text names any operator, aten:: how bytecode
// does.
var fileOperators = []struct{ spelled, does string }{
	{"torch.save", "writes a file"},
	{"aten.save", "writes a file"},
	{"aten::save", "writes a file"},
	{"torch.from_file", "reads a file"},
	{"aten.from_file", "reads a file"},
	{"aten::from_file", "reads a file"},
}

// torchScript judges the code members of a TorchScript archive.
func (j *judge) torchScript(src *container.Source) error {
	for _, m := range src.CodeMembers() {
		e, err := src.Payload(m)
		if err == nil {
			err = j.code(src, m.Name, e)
		}
		if f := fault.Of(err); f != nil {
			j.missing += m.Compressed
			j.add(Finding{ID: f.Kind.String(), Severity: Inconclusive, Message: f.Text, Member: m.Name})
		} else if err != nil {
			return err
		}
	}
	return nil
}

// codeChunk is how much code is looked at at once, in bytes.
const codeChunk = 256 << 10

func (j *judge) code(src *container.Source, name string, e container.Extent) error {
	r := src.Section(e)
	buf := make([]byte, codeChunk)
	var text []byte
	for {
		if err := j.ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buf)
		text = append(text, withoutSpace(buf[:n])...)
		for _, op := range fileOperators {
			if bytes.Contains(text, []byte(op.spelled)) {
				j.add(Finding{ID: "torchscript-file", Severity: Dangerous, Member: name,
					Message: "TorchScript code that runs with the model " + op.does + " by " + op.spelled})
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		// An operator's name may go on in the next bytes.
		text = text[max(0, len(text)-32):]
	}
}

// withoutSpace removes what separates tokens.
func withoutSpace(b []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n\\", r) {
			return -1
		}
		return r
	}, b)
}

// ownCode reports whether a global is a class of a TorchScript archive's own
// code, which is judged beside it.
func (j *judge) ownCode(module string) bool {
	return j.src.Format == container.TorchScript && (module == "__torch__" || strings.HasPrefix(module, "__torch__."))
}
