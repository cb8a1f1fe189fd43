package scan_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"depickle/scan"
	"depickle/scan/policy"
)

// reached is a row of testdata/corpus/globals.tsv: what CPython asked for when
// a loader opened a file. testdata/tools/globals.py writes the table.
type reached struct {
	file, loader string
	globals      []string // module.name, as Python 3 imports it
	err          string
}

// reachedTable reads the table.
func reachedTable(t *testing.T) (rows []reached) {
	t.Helper()
	table, err := os.ReadFile(filepath.Join("..", "testdata", "corpus", "globals.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSuffix(string(table), "\n"), "\n") {
		cells := strings.Split(line, "\t")
		if len(cells) != 4 {
			t.Fatalf("line %d has %d cells", i+1, len(cells))
		}
		if i == 0 {
			continue
		}
		row := reached{file: cells[0], loader: unescape(t, cells[1]), err: cells[3]}
		for _, g := range strings.Fields(cells[2]) {
			row.globals = append(row.globals, unescape(t, g))
		}
		rows = append(rows, row)
	}
	return rows
}

// unescape undoes the table's \xNN, \uNNNN and \UNNNNNNNN.
func unescape(t *testing.T, s string) (out string) {
	t.Helper()
	for s != "" {
		r, _, tail, err := strconv.UnquoteChar(s, 0)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		out, s = out+string(r), tail
	}
	return out
}

// unlisted are globals that CPython asks for and the report does not list,
// with the finding that the report must have instead, and why. C before 3.13.15
// drops what is left of a frame when an opcode crosses its end, and runs bytes
// that others take for a payload (cpython#154848). What it drops depends on how
// far it read ahead, so no report can list all of it.
var unlisted = map[string]struct{ id, why string }{
	"frame_boundary_divergence_0.pkl os.system":        {"frame-straddle", "a byte of a size is dropped, and what was data becomes opcodes"},
	"frame_boundary_straddle_variants_2.pkl os.system": {"frame-straddle", "mac of macos is dropped"},
	"frame_boundary_straddle_variants_3.pkl os.tem":    {"frame-straddle", "sys of system is dropped"},
	"test_unused_variables_0.pkl builtins.l":           {"frame-straddle", "eva of eval is dropped"},
}

// rowless are files of which the table has nothing.
var rowless = map[string]string{
	"malicious1.7z":                 "7z",
	"benign_password_protected.zip": "encrypted",
	"malicious1_0x1.zip":            "encrypted, by its flags",
	"malicious1_0x40.zip":           "encrypted, by its flags",
	"data2/int_array.npy":           "an array of numbers",
	"data2/int_arrays.npz":          "arrays of numbers",
	"int_arrays_compressed.npz":     "arrays of numbers",
}

// TestCorpusGlobals holds the scanner against CPython on every file of the
// corpus: a global that CPython asks for and the report does not list is one
// that runs unseen.
func TestCorpusGlobals(t *testing.T) {
	rows := map[string][]reached{}
	for _, row := range reachedTable(t) {
		rows[row.file] = append(rows[row.file], row)
	}
	files, globals := 0, 0
	for _, folder := range []string{"malicious", "benign"} {
		for name, data := range corpusFiles(t, folder) {
			r := judge(t, data)
			file := folder + "/" + name
			if len(rows[file]) == 0 && !listed(rowless, name) {
				t.Errorf("%s is not in the table", file)
			}
			for _, row := range rows[file] {
				row.check(t, r)
				globals += len(row.globals)
			}
			files++
			delete(rows, file)
		}
	}
	for file := range rows {
		t.Errorf("%s is in the table, and not in the corpus", file)
	}
	t.Logf("%d globals in %d files", globals, files)
	if files < 831 || globals < 580 {
		t.Errorf("%d globals in %d files: the table proves little", globals, files)
	}
}

// check looks for each global of a row in the report.
func (row reached) check(t *testing.T, r *scan.Report) {
	t.Helper()
	for _, name := range row.globals {
		// The report has the name as the file spells it. Only a pickle below
		// protocol 3 is renamed, so both spellings count.
		i := slices.IndexFunc(r.Globals, func(g scan.GlobalCount) bool {
			raw := policy.Global{Module: g.Module, Name: g.Name}
			return raw.String() == name || policy.Canonical(raw).String() == name
		})
		switch {
		case i < 0:
			row.unlisted(t, name, r)
		case r.Globals[i].Tier == policy.Dangerous.String() && r.Severity != scan.Dangerous:
			t.Errorf("%s, %s: names %s, and is %s", row.file, row.loader, name, r.Severity)
		}
	}
}

// unlisted demands the finding that stands for a global.
func (row reached) unlisted(t *testing.T, name string, r *scan.Report) {
	t.Helper()
	for what, want := range unlisted {
		if strings.HasSuffix(row.file+" "+name, what) && r.Severity == scan.Dangerous &&
			slices.ContainsFunc(r.Findings, func(f scan.Finding) bool { return f.ID == want.id && f.Severity == scan.Dangerous }) {
			return
		}
	}
	t.Errorf("%s, %s: %s is not in the report: %v", row.file, row.loader, name, r.Globals)
}
