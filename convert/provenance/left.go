package provenance

import (
	"slices"
	"strings"
)

// Dropped returns the aliases whose bytes were not written: those that are not
// among the tensors.
func (r *Record) Dropped() []Alias {
	if len(r.Aliases) == 0 {
		return nil
	}
	written := make(map[string]bool, len(r.Tensors))
	for i := range r.Tensors {
		written[r.Tensors[i].Name] = true
	}
	return slices.DeleteFunc(slices.Clone(r.Aliases), func(a Alias) bool { return written[a.Name] })
}

// Renamed returns the tensors whose name is not what their path below the root
// spells, with dots between its segments, as "*" of a textual inversion is
// named "emb_params". That a module's names leave "_modules", "_parameters" and
// "_buffers" out is no other name.
func (r *Record) Renamed() []Tensor {
	root := segments(r.Root)
	var out []Tensor
	for i := range r.Tensors {
		if t := &r.Tensors[i]; !spells(segments(t.Path), root, t.Name) {
			out = append(out, *t)
		}
	}
	return out
}

// segments are those of a JSON Pointer.
func segments(pointer string) []string {
	if pointer == "" {
		return nil
	}
	s := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i := range s {
		s[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(s[i])
	}
	return s
}

// spells reports whether a path, without the root in it, reads as the name.
func spells(path, root []string, name string) bool {
	for at := range 2 {
		// Where a file has several pickles, a path begins with the number
		// of one, and the root follows.
		if len(path) >= at+len(root) && slices.Equal(path[at:at+len(root)], root) {
			below := slices.Concat(path[:at], path[at+len(root):])
			if strings.Join(below, ".") == name || strings.Join(elided(below), ".") == name {
				return true
			}
		}
	}
	return false
}

// elided leaves out what torch.nn.Module keeps its entries in.
func elided(path []string) []string {
	return slices.DeleteFunc(path, func(s string) bool {
		return s == "_modules" || s == "_parameters" || s == "_buffers"
	})
}
