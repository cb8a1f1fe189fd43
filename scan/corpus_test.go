package scan_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"depickle/scan"
	"depickle/scan/container"
)

// corpusFiles reads the files below a folder of the corpus that
// DEPICKLE_CORPUS names, by their path in it. The test is skipped without one.
func corpusFiles(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	root := os.Getenv("DEPICKLE_CORPUS")
	if root == "" {
		t.Skip("DEPICKLE_CORPUS names no corpus")
	}
	out := map[string][]byte{}
	err := filepath.WalkDir(filepath.Join(root, folder), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "MANIFEST.tsv" {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && strings.HasSuffix(path, ".xz") {
			data, err = exec.Command("xz", "-dc", path).Output()
			if errors.Is(err, exec.ErrNotFound) {
				t.Skip("xz, which the corpus is packed with, is not installed")
			}
		}
		rel, _ := filepath.Rel(filepath.Join(root, folder), path)
		out[filepath.ToSlash(rel)] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// exit is what the command would return.
func exit(r *scan.Report) int {
	switch {
	case r.Severity >= scan.Suspicious:
		return 1
	case !r.Complete:
		return 2
	}
	return 0
}

// corpus judges every file of a folder and checks it; -v prints a table.
func corpus(t *testing.T, folder string, least int, check func(t *testing.T, name string, r *scan.Report)) {
	files := corpusFiles(t, folder)
	if len(files) < least {
		t.Errorf("%d files, want %d or more", len(files), least)
	}
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	count := map[string]int{}
	for _, name := range names {
		r := judge(t, files[name])
		verdict(t, r)
		check(t, name, r)
		what := r.Verdict.String()
		if r.Severity != scan.Clean && !r.Complete {
			what = r.Severity.String() + ", incomplete"
		}
		count[what]++
		if w := r.Worst(); w != nil {
			t.Logf("%-24s %s: %s: %s", what, name, w.ID, w.Message)
		}
	}
	for what, n := range count {
		t.Logf("%-24s %d of %d", what, n, len(files))
	}
}

// listed finds a file by the end of its name.
func listed(list map[string]string, name string) bool {
	for end := range list {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// unread are files of that folder that no loader would run as they are, or
// whose format is not read: exit code 2, never 0.
var unread = map[string]string{
	"pickles/empty.pkl":                            "empty",
	"version_only.proto0.pkl":                      "ends before STOP",
	"version_only.proto2.pkl":                      "ends before STOP",
	"bad_pytorch.pt":                               "no pickle",
	"not_a_pickle.bin":                             "no pickle",
	"benign_password_protected.zip":                "encrypted",
	"malicious1_0x1.zip":                           "encrypted, by its flags",
	"malicious1_0x40.zip":                          "encrypted, by its flags",
	"frame_boundary_straddle_variants_6.pkl":       "a frame that is cut off",
	"test_impossible_cyclic_pickle_0.pkl":          "a dict for a key",
	"test_impossible_cyclic_pickle_1.pkl":          "a set in a set",
	"test_missing_mark_before_tuple_0.pkl":         "no mark",
	"test_crashes_TestCrashes_test_missing_mark_0": "no mark",
}

func TestCorpusMalicious(t *testing.T) {
	corpus(t, "malicious", 182, func(t *testing.T, name string, r *scan.Report) {
		want := 1
		if listed(unread, name) {
			want = 2
		}
		if got := exit(r); got != want {
			t.Errorf("%s: exit code %d (%s, complete %v), want %d", name, got, r.Severity, r.Complete, want)
		}
	})
}

// oddNames are files of the benign folder that name what is in no tier, or are
// no pickles that can be read.
var oddNames = map[string]string{
	"test_benign_pickle_1.pkl":                                     "collections.abc.Iterable",
	"test_private_stdlib_allowlist_1.pkl":                          "__future__.annotations",
	"test_safe_builtins_not_flagged_0.pkl":                         "builtins.len",
	"test_variable_used_only_inside_a_tuple_0.pkl":                 "BUILD on a list, where Python stops",
	"cpython36/linux_64_little/stdlib/BytesIO/abc.proto1.pkl.xz":   "an empty file",
	"cpython37/linux_64_little/stdlib/BytesIO/empty.proto0.pkl.xz": "an empty file",
}

func TestCorpusBenign(t *testing.T) {
	corpus(t, "benign", 649, func(t *testing.T, name string, r *scan.Report) {
		// Patterns are compiled, namedtuples are classes of the file's own,
		// and Python itself no longer reads a million digits.
		odd := strings.Contains(name, "/SRE_Pattern/") || strings.Contains(name, "/namedtuple/") ||
			strings.HasSuffix(name, "/int/1e1000000.proto0.pkl.xz") || listed(oddNames, name)
		if r.Severity == scan.Dangerous || (exit(r) != 0) != odd {
			t.Errorf("%s: %s, complete %v", name, r.Severity, r.Complete)
		}
	})
}

func TestCorpusReal(t *testing.T) {
	corpus(t, "real", 33, func(t *testing.T, name string, r *scan.Report) {
		unknown := slices.ContainsFunc(r.Globals, func(g scan.GlobalCount) bool { return g.Tier == "unknown" })
		switch {
		case r.Severity == scan.Dangerous:
			t.Errorf("%s: dangerous", name)
		case r.Severity == scan.Suspicious && !unknown && r.Format != container.TorchTar: // a tar that was written by hand
			t.Errorf("%s: suspicious, and names no unknown class", name)
		case r.Complete, r.Format == container.LFSPointer:
		default:
			t.Errorf("%s: incomplete", name)
		}
	})
}
