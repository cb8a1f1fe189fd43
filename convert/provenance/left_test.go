package provenance

import (
	"slices"
	"testing"
)

func TestRenamed(t *testing.T) {
	tests := []struct {
		root, path, name string
		renamed          bool
	}{
		{"", "/a", "a", false},
		{"", "/a/b", "a.b", false},
		{"", "/a.b", "a.b", false},
		{"/state_dict", "/state_dict/a", "a", false},
		{"/state_dict", "/state_dict/a", "state_dict.a", true},
		{"/state_dict", "/0/state_dict/a", "0.a", false},
		{"/a~1b/c~0d", "/a~1b/c~0d/e~1f", "e/f", false},
		{"", "/_modules/0/_parameters/weight", "0.weight", false},
		{"/model", "/model/_modules/bn/_buffers/running_mean", "bn.running_mean", false},
		{"", "/_modules", "_modules", false},
		{"/string_to_param", "/string_to_param/*", "emb_params", true},
		{"/string_to_param", "/string_to_param/_parameters/*", "emb_params", true},
		{"", "", "tensor", true},
		{"/w", "/w", "tensor", true},
		{"/state_dict", "/other/a", "a", true},
	}
	for _, tt := range tests {
		r := Record{Root: tt.root, Tensors: []Tensor{{Name: tt.name, Path: tt.path}}}
		if got := len(r.Renamed()) == 1; got != tt.renamed {
			t.Errorf("root %q, %q is %q: renamed %v, want %v", tt.root, tt.path, tt.name, got, tt.renamed)
		}
	}
}

func TestDropped(t *testing.T) {
	r := Record{Tensors: []Tensor{{Name: "a"}, {Name: "b"}}, Aliases: []Alias{{"b", "a"}, {"c", "a"}}}
	if got, want := r.Dropped(), []Alias{{"c", "a"}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(r.Aliases) != 2 || r.Aliases[0].Name != "b" {
		t.Error("the record was changed")
	}
}

func TestDiffers(t *testing.T) {
	counts := Counts{Findings: 1, Globals: 1, Candidates: 1, Tensors: 1, NotSelected: 1, Skipped: 1, Warnings: 1}
	for name, change := range map[string]func(*Record){
		"version":       func(r *Record) { r.Version = "0.2.0" },
		"source":        func(r *Record) { r.Source.Size++ },
		"output":        func(r *Record) { r.Output.SHA256[0]++ },
		"options":       func(r *Record) { r.Options["strict"] = "true" },
		"policy_sha256": func(r *Record) { r.PolicySHA256[31]++ },
		"severity":      func(r *Record) { r.Severity = "clean" },
		"verdict":       func(r *Record) { r.Verdict = "clean" },
		"complete":      func(r *Record) { r.Complete = false },
		"findings":      func(r *Record) { r.Findings[0].Offset++ },
		"globals":       func(r *Record) { r.Globals[0].Count++ },
		"root":          func(r *Record) { r.Root = "" },
		"candidates":    func(r *Record) { r.Candidates = nil },
		"tensors":       func(r *Record) { r.Tensors[0].Path = "/w" },
		"aliases":       func(r *Record) { r.Aliases = []Alias{{"v", "w"}} },
		"not_selected":  func(r *Record) { r.NotSelected[0].Shape = []int64{3, 2} },
		"skipped":       func(r *Record) { r.Skipped[0].Reason = "" },
		"warnings":      func(r *Record) { r.Warnings = append(r.Warnings, "more") },
		"values":        func(r *Record) { r.Values = nil },
	} {
		want := example()
		change(want)
		if got := example().Differs(counts, want); got != name {
			t.Errorf("%s changed: got %s", name, got)
		}
	}
	// Of a list that was cut, the rest counts.
	r, want := example(), example()
	want.NotSelected = append(want.NotSelected, want.NotSelected[0])
	if got := r.Differs(counts, want); got != "not_selected" {
		t.Errorf("one more: got %s", got)
	}
	counts.NotSelected = 2
	if got := r.Differs(counts, want); got != "values" {
		t.Errorf("one that was not kept: got %s", got)
	}
}
