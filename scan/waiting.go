package scan

import (
	"slices"

	"depickle/scan/machine"
	"depickle/scan/policy"
)

// waiting is a global that only one use makes harmless. Each time that it is
// pushed, that use must follow; what is left over at the end is a finding.
type waiting struct {
	finding Finding
	left    int
}

// maxWaiting is how many of them may wait at once. Picklers push one just
// before they use it, so that as many wait as are nested in each other.
const maxWaiting = 4096

// wait notes that such a global is on the stack once more. It reports whether
// the global is one.
func (j *judge) wait(v machine.Value) bool {
	c := global(v)
	if c == nil {
		return false
	}
	var text string
	switch c.decision.Rule {
	case policy.Getattr, policy.TypeByName, policy.Subscript, policy.EvalData:
		text = c.names()
	case policy.LoadFromBytes:
		text = c.shown + " is named, and not called directly with bytes"
	case policy.ArrayClass:
		// A module that has it for a method, or among its parts, calls it when
		// it is printed or walked.
		text = c.shown + " is named, and not as the class of an array; called, it makes or empties a file"
	default:
		return false
	}
	w := j.waiting[v.Node]
	if w == nil && len(j.waiting) >= maxWaiting {
		j.find(Dangerous, "global-dangerous", c.name, text)
		return true
	}
	if w == nil {
		id := "global-dangerous"
		if c.decision.Rule == policy.LoadFromBytes || c.decision.Rule == policy.ArrayClass {
			id = "argument-rule"
		}
		w = &waiting{finding: j.at(Dangerous, id, c.name, text)}
		j.waiting[v.Node] = w
	}
	w.left++
	return true
}

// used takes one push back, after the use that was waited for.
func (j *judge) used(v machine.Value) {
	if w := j.waiting[v.Node]; w != nil {
		if w.left--; w.left == 0 {
			delete(j.waiting, v.Node)
		}
	}
}

// settle turns what waited for a harmless use, and saw none, into findings.
func (j *judge) settle() {
	var left []Finding
	for _, w := range j.waiting {
		if w.left > 0 {
			left = append(left, w.finding)
		}
	}
	slices.SortFunc(left, func(a, b Finding) int { return int(min(max(a.Offset-b.Offset, -1), 1)) })
	for _, f := range left {
		j.add(f)
	}
	clear(j.waiting)
}
