package plan

import (
	"depickle/sandboxload/value"
)

// module names parameters, persistent buffers and submodules as
// torch.nn.Module.state_dict does. What else the object holds is not selected.
func (w *walker) module(o *value.Object, at *place) error {
	if w.above[o] {
		w.cuts++
		return nil // a cycle, which state_dict would not survive either
	}
	if w.barren[o] {
		return nil
	}
	found, cuts := len(w.out), w.cuts
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
	if len(w.out) == found && w.cuts == cuts {
		// Nothing is below it, whatever its path: modules that share each
		// other have 2^64.
		w.barren[o] = true
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
