package plan

import (
	"context"

	"depickle/sandboxload"
	"depickle/sandboxload/value"
)

// Survey is everything that a checkpoint holds, before anything is decided
// about what can be converted.
type Survey struct {
	Root       string // as Plan.Root, for the options given
	Candidates []Candidate
	Found      []Found // in the order of the file, what the root selects first
	// Plan is that of New; nil where Refusal says why there is none.
	Plan    *Plan
	Refusal error
}

// Found is a tensor, or a storage that stands for itself.
type Found struct {
	Name     string // in the state_dict, where it is selected
	Path     string // in the source, a JSON Pointer
	Selected bool
	Tensor   *value.Tensor
	// View is the place in Survey.Found of the first tensor that is the same
	// view of the same storage.
	View int
}

// NewSurvey lists the tensors of a checkpoint. It fails for a root that is not
// there, and beyond the limits.
func NewSurvey(ctx context.Context, c *sandboxload.Checkpoint, o Options) (*Survey, error) {
	p := &Plan{}
	all, err := p.collect(ctx, c, o, c.Source.Limits())
	if err != nil {
		return nil, err
	}
	s := &Survey{Root: p.Root, Candidates: p.Candidates, Found: make([]Found, len(all))}
	first := make(map[view]int, len(all))
	for i, f := range all {
		s.Found[i] = Found{Path: f.path, Selected: f.selected, Tensor: f.t, View: i}
		if f.selected {
			s.Found[i].Name = f.name
		}
		if f.t.Storage == nil || f.t.Reason != "" {
			continue // its geometry was not checked
		}
		v := viewOf(f.t)
		if k, ok := first[v]; ok {
			s.Found[i].View = k
		} else {
			first[v] = i
		}
	}
	s.Plan, s.Refusal = p.decide(ctx, all, o)
	return s, nil
}

// Children calls f for every value inside v, with its segment of a JSON
// Pointer, until f fails.
func Children(v value.Value, f func(segment string, child value.Value) error) error {
	return children(v, f)
}
