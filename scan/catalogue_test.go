package scan

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestMeanings: every ID that a finding has anywhere in the source is
// explained, and no other.
func TestMeanings(t *testing.T) {
	said := regexp.MustCompile(`(?:find\(\w+, |ID: |odd\(|id := |id = )"([a-z0-9]+(?:-[a-z0-9]+)+|expansion|extension)"`)
	used := map[string]bool{}
	for _, pattern := range []string{"*.go", "container/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range said.FindAllStringSubmatch(string(source), -1) {
				used[m[1]] = true
			}
		}
	}
	for _, kind := range []string{"malformed", "unsupported", "refused", "limit", "changed"} {
		used[kind] = true // fault.Kind
	}
	all := Meanings()
	for i, m := range all {
		if !used[m.ID] {
			t.Errorf("%s: no finding has this ID", m.ID)
		}
		delete(used, m.ID)
		if m.Short == "" || m.Help == "" || i > 0 && all[i-1].ID >= m.ID {
			t.Errorf("%s: without a text, or in the wrong order", m.ID)
		}
	}
	left := []string{}
	for id := range used {
		left = append(left, id)
	}
	slices.Sort(left)
	if len(left) > 0 {
		t.Errorf("not explained: %q", left)
	}
}
