package scan_test

import (
	"encoding/binary"
	"strings"
	"testing"

	"depickle/scan"
)

// TestTorchScript: code that reaches files is found however it is spaced, and
// classes of the archive's own code are no unknown ones.
func TestTorchScript(t *testing.T) {
	model := member{"m/data.pkl", proto2(global("__torch__", "M") + ")\x81}b")}
	constants := member{"m/constants.pkl", proto2(")")}
	with := func(name, code string) []member { return []member{model, constants, {name, code}} }
	filler := strings.Repeat("x = torch.add(x, x)\n", 20_000)
	for _, c := range []struct {
		name    string
		members []member
		found   string
	}{
		{"plain code", with("m/code/__torch__.py", "def forward(self, x):\n  return torch.add(x, x)\n"), ""},
		{"save", with("m/code/__torch__.py", "torch.save(x, \"out\")"), "writes a file by torch.save"},
		{"spaced", with("m/code/a/b.py", "torch . \n save (x, \"out\")"), "writes a file by torch.save"},
		{"by operator", with("m/code/__torch__.py", "ops.aten.from_file(\"x\", False)"), "reads a file by aten.from_file"},
		{"bytecode", with("m/bytecode.pkl", proto2(str("aten::save"))), "writes a file by aten::save"},
		{"far behind", with("m/code/__torch__.py", filler+"torch.save(x, \"out\")"), "writes a file by torch.save"},
		{"across two reads", with("m/code/__torch__.py", strings.Repeat("a", 256<<10-5)+"torch.save(x, \"out\")"), "writes a file by torch.save"},
		{"a method of that name", with("m/code/__torch__.py", "(self).save(x)"), ""},
		{"not in code", with("m/extra/notes", "torch.save(x)"), ""},
	} {
		r := judge(t, archive(t, c.members...))
		f := has(r, "torchscript-file")
		if (f == nil) != (c.found == "") || f != nil && !strings.HasSuffix(f.Message, c.found) || !r.Complete || f == nil && r.Severity != scan.Clean {
			t.Errorf("%s: %s, complete %v: %+v", c.name, r.Severity, r.Complete, r.Findings)
		}
	}
	// Elsewhere the name is anyone's.
	if r := judge(t, []byte(model.data)); r.Severity != scan.Suspicious {
		t.Errorf("__torch__.M outside of TorchScript: %s", r.Severity)
	}
}

// TestSafeTensors: a valid file is clean, one with a hole is not read whole.
func TestSafeTensors(t *testing.T) {
	file := func(header, data string) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header+data...)
	}
	good := `{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`
	for _, c := range []struct {
		name, header, data string
		clean              bool
	}{
		{"valid", good, "xy", true},
		{"trailing bytes", good, "xyz", false},
		{"a hole", `{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, "xyz", false},
		{"a name twice", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, "xy", false},
	} {
		r := judge(t, file(c.header, c.data))
		if r.Format != "safetensors" || r.Complete != c.clean || r.Severity != scan.Clean || (has(r, "safetensors-invalid") == nil) != c.clean {
			t.Errorf("%s: %s, complete %v: %+v", c.name, r.Format, r.Complete, r.Findings)
		}
	}
}
