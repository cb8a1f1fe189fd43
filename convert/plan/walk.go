package plan

import (
	"slices"
	"strconv"
	"strings"

	"depickle/sandboxload/value"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// found is a tensor with its name and its path in the source.
type found struct {
	name, path string
	selected   bool
	t          *value.Tensor
}

// walker visits every value once. A container that was visited is named by
// its first path; later occurrences are references to it. A whole module is
// the exception: state_dict names it at each place, so it is visited again,
// under the budget, since shared modules can have 2^64 paths.
type walker struct {
	limits limit.Limits
	budget *budget
	seen   map[value.Value]bool
	above  map[value.Value]bool // modules that are being visited
	out    []found
	stopAt value.Value // not entered: the root that was walked before
}

// budget bounds all walks over one file together.
type budget struct {
	visits int64 // values that may still be visited
	text   int64 // bytes that names and paths may still take
}

func newBudget(l limit.Limits) *budget { return &budget{visits: l.Objects, text: l.Kept} }

func newWalker(l limit.Limits, b *budget) *walker {
	return &walker{limits: l, budget: b, seen: map[value.Value]bool{}, above: map[value.Value]bool{}}
}

// place is where a value stands. Names and paths are spelled out only for
// tensors: a deep file has far more places than it has tensors.
type place struct {
	above    *place
	segment  string
	unnamed  bool // the segment is part of the path alone
	root     bool // names begin here; a tensor that stands here is "tensor"
	selected bool
	depth    int
}

// key steps into an entry of a container.
func (p *place) key(segment string) *place {
	return &place{above: p, segment: segment, selected: p.selected, depth: p.depth + 1}
}

// hidden steps into an entry that names leave out.
func (p *place) hidden(segment string) *place {
	next := p.key(segment)
	next.unnamed = true
	return next
}

// unselected is the same place for what is not converted.
func (p *place) unselected() *place {
	c := *p
	c.selected = false
	return &c
}

// path is a JSON Pointer.
func (p *place) path() string {
	var parts []string
	for ; p.above != nil; p = p.above {
		parts = append(parts, escape(p.segment), "/")
	}
	slices.Reverse(parts)
	return strings.Join(parts, "")
}

// name is the name in a state_dict.
func (p *place) name() string {
	var parts []string
	for ; p.above != nil; p = p.above {
		if !p.unnamed {
			parts = append(parts, p.segment)
		}
	}
	slices.Reverse(parts)
	return strings.Join(parts, ".")
}

func (w *walker) walk(v value.Value, at *place) error {
	if at.depth > w.limits.Depth {
		return limit.Exceeded("containers inside one another", int64(w.limits.Depth), fault.NoOffset)
	}
	if w.budget.visits--; w.budget.visits < 0 {
		return limit.Exceeded("values to visit; its containers share each other too often", w.limits.Objects, fault.NoOffset)
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

// module names parameters, persistent buffers and submodules as
// torch.nn.Module.state_dict does. What else the object holds is not selected.
func (w *walker) module(o *value.Object, at *place) error {
	if w.above[o] {
		return nil // a cycle, which state_dict would not survive either
	}
	first := !w.seen[o]
	w.seen[o], w.above[o] = true, true
	defer delete(w.above, o)
	state := module(o)
	transient := transientBuffers(state)
	for _, part := range []string{"_parameters", "_buffers", "_modules"} {
		entries, _ := state.Get(part)
		d, ok := entries.(*value.Dict)
		if !ok {
			continue
		}
		w.seen[d] = true
		inside := at.hidden(part)
		for i := range d.Len() {
			k, v := d.At(i)
			name := spell(k, 0)
			next := inside.key(name)
			if part == "_buffers" && transient[name] {
				next.selected = false
			}
			if err := w.walk(v, next); err != nil {
				return err
			}
		}
	}
	if !first {
		return nil
	}
	at = at.unselected()
	return children(o, func(segment string, child value.Value) error {
		return w.walk(child, at.key(segment))
	})
}

// module returns the state of a whole torch module, nil for anything else.
func module(v value.Value) *value.Dict {
	o, ok := v.(*value.Object)
	if !ok {
		return nil
	}
	state, ok := o.State.(*value.Dict)
	if !ok {
		return nil
	}
	for _, part := range []string{"_parameters", "_buffers", "_modules"} {
		entries, _ := state.Get(part)
		if _, ok := entries.(*value.Dict); !ok {
			return nil
		}
	}
	return state
}

// transientBuffers are the names in _non_persistent_buffers_set.
func transientBuffers(state *value.Dict) map[string]bool {
	v, _ := state.Get("_non_persistent_buffers_set")
	s, ok := v.(*value.Set)
	if !ok {
		return nil
	}
	names := map[string]bool{}
	for i := range s.Items.Len() {
		k, _ := s.Items.At(i)
		names[spell(k, 0)] = true
	}
	return names
}

// children calls f for every value inside v, with its segment. An object's
// attributes are segments, its arguments stand under __args__.
func children(v value.Value, f func(segment string, child value.Value) error) error {
	switch v := v.(type) {
	case *value.Dict:
		if err := pairs(v, f); err != nil {
			return err
		}
		if v.State != nil {
			return f("__state__", v.State)
		}
	case *value.List:
		return indexed(v.Items, f)
	case *value.Tuple:
		return indexed(v.Items, f)
	case *value.Persistent:
		return f("__id__", v.ID)
	case *value.Object:
		return objectChildren(v, f)
	}
	return nil
}

func pairs(d *value.Dict, f func(string, value.Value) error) error {
	for i := range d.Len() {
		k, v := d.At(i)
		if err := f(spell(k, 0), v); err != nil {
			return err
		}
	}
	return nil
}

func indexed(items []value.Value, f func(string, value.Value) error) error {
	for i, v := range items {
		if err := f(strconv.Itoa(i), v); err != nil {
			return err
		}
	}
	return nil
}

func objectChildren(o *value.Object, f func(string, value.Value) error) error {
	if len(o.Args) > 0 {
		if err := f("__args__", &value.Tuple{Items: o.Args}); err != nil {
			return err
		}
	}
	if o.KW != nil {
		if err := f("__kwargs__", o.KW); err != nil {
			return err
		}
	}
	if err := indexed(o.Items, f); err != nil {
		return err
	}
	if o.Pairs != nil {
		if err := pairs(o.Pairs, f); err != nil {
			return err
		}
	}
	return state(o.State, f)
}

// state gives an object's attributes: those of its __dict__, and of its slots
// where the state is a pair.
func state(v value.Value, f func(string, value.Value) error) error {
	switch s := v.(type) {
	case nil:
		return nil
	case *value.Dict:
		return pairs(s, f)
	case *value.Tuple:
		if len(s.Items) == 2 && isStatePart(s.Items[0]) && isStatePart(s.Items[1]) {
			for _, part := range s.Items {
				if d, ok := part.(*value.Dict); ok {
					if err := pairs(d, f); err != nil {
						return err
					}
				}
			}
			return nil
		}
	}
	return f("__state__", v)
}

func isStatePart(v value.Value) bool {
	switch v.(type) {
	case *value.Dict, value.None:
		return true
	}
	return false
}
