package plan

import (
	"slices"
	"strings"

	"depickle/sandboxload/value"
)

// found is a tensor with its name and its path in the source.
type found struct {
	name, path string
	selected   bool
	t          *value.Tensor
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
