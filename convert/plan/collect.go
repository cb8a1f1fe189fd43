package plan

import (
	"context"
	"strconv"

	"depickle/sandboxload"
	"depickle/sandboxload/value"
	"depickle/scan/limit"
)

// collect walks every stream: first what its root selects, then the rest.
func (p *Plan) collect(ctx context.Context, c *sandboxload.Checkpoint, o Options, l limit.Limits) ([]found, error) {
	b := newBudget(ctx, l)
	roots, err := withTensors(c.Roots, l, b)
	if err != nil {
		return nil, err
	}
	var all []found
	for _, r := range roots {
		top := &place{selected: true}
		if len(roots) > 1 {
			top = top.key(strconv.Itoa(r.Stream))
		}
		root, err := pickRoot(r.Value, o.Root, l, b)
		if err != nil {
			return nil, err
		}
		w := newWalker(l, b)
		at := top
		for _, segment := range root.segments {
			at = at.hidden(segment)
		}
		at.root = true
		if err := w.walk(root.v, at); err != nil {
			return nil, err
		}
		if root.inversion {
			nameInversion(w.out, at)
		}
		if len(root.segments) == 0 && o.Root != "none" && !direct(mapping(r.Value)) {
			if err := p.candidates(r.Value, nil, top.path(), l, b); err != nil {
				return nil, err
			}
		}
		if len(root.segments) > 0 {
			w.stopAt = root.v
			if err := w.walk(r.Value, top.unselected()); err != nil {
				return nil, err
			}
			p.Root = root.pointer()
			if err := p.candidates(r.Value, root.v, top.path(), l, b); err != nil {
				return nil, err
			}
		}
		all = append(all, w.out...)
	}
	return all, nil
}

// withTensors leaves out the streams without tensors where there are several:
// names then begin with the number of the stream.
func withTensors(roots []sandboxload.Root, l limit.Limits, b *budget) ([]sandboxload.Root, error) {
	if len(roots) < 2 {
		return roots, nil
	}
	var out []sandboxload.Root
	for _, r := range roots {
		w := newWalker(l, b)
		if err := w.walk(r.Value, &place{}); err != nil {
			return nil, err
		}
		if w.tensors() > 0 {
			out = append(out, r)
		}
	}
	return out, nil
}

// nameInversion names a textual inversion's vector as its loaders expect.
func nameInversion(out []found, at *place) {
	star := at.key("*").name()
	for i := range out {
		if out[i].name == star {
			out[i].name = at.key("emb_params").name()
		}
	}
}

// candidates lists the other entries of the top mapping that hold tensors.
func (p *Plan) candidates(top, taken value.Value, path string, l limit.Limits, b *budget) error {
	c := newChooser(l, b)
	d := mapping(top)
	if d == nil {
		return nil
	}
	for i := range d.Len() {
		k, v := d.At(i)
		switch v.(type) {
		case *value.Dict, *value.List, *value.Tuple, *value.Object:
		default:
			continue
		}
		if v == taken {
			continue
		}
		n, err := c.tensors(v)
		if err != nil {
			return err
		}
		if n > 0 {
			p.Candidates = append(p.Candidates, Candidate{Pointer: path + "/" + escape(spell(k, 0)), Tensors: n})
		}
	}
	return nil
}
