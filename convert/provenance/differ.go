package provenance

import (
	"maps"
	"slices"
)

// Differs names the first member in which a record differs from the one that
// was expected; where the lists of r were cut, counts says how long they are.
// It is "values" where nothing else differs.
func (r *Record) Differs(counts Counts, want *Record) string {
	for _, m := range []struct {
		name string
		same bool
	}{
		{"version", r.Version == want.Version},
		{"source", r.Source == want.Source},
		{"output", r.Output == want.Output},
		{"options", maps.Equal(r.Options, want.Options)},
		{"policy_sha256", r.PolicySHA256 == want.PolicySHA256},
		{"severity", r.Severity == want.Severity},
		{"verdict", r.Verdict == want.Verdict},
		{"complete", r.Complete == want.Complete},
		{"findings", begins(want.Findings, r.Findings, counts.Findings)},
		{"globals", begins(want.Globals, r.Globals, counts.Globals)},
		{"root", r.Root == want.Root},
		{"candidates", begins(want.Candidates, r.Candidates, counts.Candidates)},
		{"tensors", slices.EqualFunc(r.Tensors, want.Tensors, sameTensor)},
		{"aliases", slices.Equal(r.Aliases, want.Aliases)},
		{"not_selected", counts.NotSelected == len(want.NotSelected) && slices.EqualFunc(r.NotSelected, want.NotSelected[:len(r.NotSelected)], sameLeft)},
		{"skipped", begins(want.Skipped, r.Skipped, counts.Skipped)},
		{"warnings", begins(want.Warnings, r.Warnings, counts.Warnings)},
	} {
		if !m.same {
			return m.name
		}
	}
	return "values"
}

// begins reports whether a list has n items and begins with these.
func begins[T comparable](list, with []T, n int) bool {
	return len(list) == n && slices.Equal(list[:len(with)], with)
}

func sameTensor(a, b Tensor) bool { return sameContent(&a, &b) && a.Name == b.Name && a.Path == b.Path }

func sameLeft(a, b NotSelected) bool {
	return a.Path == b.Path && a.DType == b.DType && a.Reason == b.Reason && slices.Equal(a.Shape, b.Shape)
}
