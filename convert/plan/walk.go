package plan

import (
	"context"
	"strconv"

	"depickle/sandboxload/value"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// walker visits every value once. A container that was visited is named by
// its first path; later occurrences are references to it. A whole module is
// the exception: state_dict names it at each place, so it is visited again,
// under the budget, since shared modules can have 2^64 paths.
type walker struct {
	limits limit.Limits
	budget *budget
	seen   map[value.Value]bool
	above  map[value.Value]bool // modules that are being visited
	barren map[value.Value]bool // modules whose state_dict is empty
	cuts   int                  // cycles met so far
	out    []found
	stopAt value.Value // not entered: the root that was walked before
}

// budget bounds all walks over one file together.
type budget struct {
	ctx    context.Context
	visits int64 // values that may still be visited
	text   int64 // bytes that names and paths may still take
}

func newBudget(ctx context.Context, l limit.Limits) *budget {
	return &budget{ctx: ctx, visits: l.Visits(), text: l.Kept}
}

// patience is how many values are visited between two looks at the context.
const patience = 4096

func newWalker(l limit.Limits, b *budget) *walker {
	return &walker{limits: l, budget: b, seen: map[value.Value]bool{}, above: map[value.Value]bool{}, barren: map[value.Value]bool{}}
}

func (w *walker) walk(v value.Value, at *place) error {
	if at.depth > w.limits.Depth {
		return limit.Depth.Exceeded(int64(w.limits.Depth), fault.NoOffset)
	}
	if w.budget.visits--; w.budget.visits < 0 {
		return limit.Exceeded("values to visit; its containers share each other too often", w.limits.Visits(), fault.NoOffset)
	}
	if w.budget.visits%patience == 0 {
		if err := w.budget.ctx.Err(); err != nil {
			return err
		}
	}
	if w.stopAt != nil && v == w.stopAt {
		return nil
	}
	switch v := v.(type) {
	case *value.Tensor:
		return w.tensor(v, at)
	case *value.Storage:
		return w.storage(v, at)
	}
	if module(v) != nil {
		return w.module(v.(*value.Object), at)
	}
	switch v.(type) {
	case *value.Dict, *value.List, *value.Tuple, *value.Set, *value.Object, *value.Persistent:
		if w.seen[v] {
			return nil
		}
		w.seen[v] = true
		return children(v, func(segment string, child value.Value) error {
			return w.walk(child, at.key(segment))
		})
	}
	return nil
}

func (w *walker) tensor(t *value.Tensor, at *place) error {
	if t.Objects != nil {
		if w.seen[t] {
			return nil
		}
		w.seen[t] = true
		for i, v := range t.Objects {
			if err := w.walk(v, at.key(strconv.Itoa(i))); err != nil {
				return err
			}
		}
		return nil
	}
	if err := w.found(t, at); err != nil {
		return err
	}
	return w.attributes(t, at)
}

// found notes a tensor, and spells out where it stands.
func (w *walker) found(t *value.Tensor, at *place) error {
	f := found{path: at.path(), selected: at.selected, t: t}
	if at.root {
		f.name = at.key("tensor").name()
	} else {
		f.name = at.name()
	}
	if w.budget.text -= int64(len(f.name) + len(f.path)); w.budget.text < 0 {
		return limit.Exceeded("bytes of tensor names", w.limits.Kept, fault.NoOffset)
	}
	w.out = append(w.out, f)
	return nil
}

// bareStorage is why a storage that stands for itself is skipped.
const bareStorage = "a storage that is no tensor's"

// tensors counts what was found, bare storages left out.
func (w *walker) tensors() (n int) {
	for _, f := range w.out {
		if f.t.Reason != bareStorage {
			n++
		}
	}
	return n
}

// storage notes a storage that stands for itself. torch has its elements; a
// SafeTensors file has no place for them.
func (w *walker) storage(s *value.Storage, at *place) error {
	n := s.Bytes / s.DType.Size()
	t := &value.Tensor{DType: s.DType, Missing: true, Reason: bareStorage}
	t.Geometry.Shape = []int64{n}
	return w.found(t, at)
}

// attributes are what a tensor subclass or parameter carries: never part of
// a state_dict.
func (w *walker) attributes(t *value.Tensor, at *place) error {
	if t.State == nil || w.seen[t] {
		return nil
	}
	w.seen[t] = true
	return w.walk(t.State, at.unselected().key("__state__"))
}
