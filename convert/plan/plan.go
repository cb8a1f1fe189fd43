// Package plan decides what goes where: which part of a checkpoint is
// converted, under which names, which tensors are one, and in which type and
// order they are written. It is arithmetic over what sandboxload found; it
// reads and writes nothing.
//
// Nothing is dropped in silence: what is not selected, skipped or an alias is
// listed.
package plan

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"

	"depickle/convert/safetensors"
	"depickle/sandboxload"
	"depickle/sandboxload/value"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/tensor"
)

// Options for New. The zero value takes the documented defaults.
type Options struct {
	// Root is "auto" or "", "none", or a JSON Pointer.
	Root string
	// DropAliases writes one of several names for the same view.
	DropAliases bool
	// AllowEmpty plans a file without tensors.
	AllowEmpty bool
}

// Item is one tensor of the output.
type Item struct {
	Name   string
	Path   string // in the source, a JSON Pointer
	DType  safetensors.DType
	Shape  []int64
	Tensor *value.Tensor
}

// Bytes is the tensor's size in the output.
func (it *Item) Bytes() int64 { return it.elements() * it.Tensor.DType.Size() }

func (it *Item) elements() int64 {
	n, _ := tensor.Numel(it.Tensor.Geometry.Shape)
	return n
}

// Alias is a name for a tensor that has another one. It is written twice,
// unless the alias was dropped.
type Alias struct {
	Name, Of, Path string
	Dropped        bool
}

// Left is a tensor that is not converted.
type Left struct {
	Path   string
	DType  string
	Shape  []int64
	Reason string
}

// Candidate is another part of the file that holds tensors.
type Candidate struct {
	Pointer string // what --root takes
	Tensors int
}

// Plan is a conversion, ready to be carried out.
type Plan struct {
	Root        string // JSON Pointer; "" for the whole file
	Items       []Item // in the order of the output
	Aliases     []Alias
	NotSelected []Left
	Skipped     []Left // selected, but the file holds no elements
	Candidates  []Candidate
	// AliasBytes is what dropping aliases saves, or would.
	AliasBytes int64
	// Bytes is the elements' size in the output.
	Bytes int64
}

// New plans the conversion of a checkpoint.
func New(c *sandboxload.Checkpoint, o Options) (*Plan, error) {
	p := &Plan{}
	l := c.Source.Limits()
	all, err := p.collect(c, o, l)
	if err != nil {
		return nil, err
	}
	if err := p.sort(all); err != nil {
		return nil, err
	}
	if len(p.Items) == 0 && !o.AllowEmpty {
		return nil, fault.New(fault.Unsupported, "%s", p.emptiness())
	}
	if err := p.names(); err != nil {
		return nil, err
	}
	p.aliases(o.DropAliases)
	p.order()
	for i := range p.Items {
		var ok bool
		if p.Bytes, ok = limit.Add(p.Bytes, p.Items[i].Bytes()); !ok {
			return nil, fault.New(fault.Limit, "the output's size overflows")
		}
	}
	return p, nil
}

func (p *Plan) emptiness() string {
	switch {
	case len(p.Skipped) > 0:
		return "no tensors to convert: " + p.Skipped[0].Path + " is " + p.Skipped[0].Reason
	case len(p.NotSelected) > 0:
		return "no tensors under the root; " + strconv.Itoa(len(p.NotSelected)) + " stand outside of it, which --root none takes"
	}
	return "the file holds no tensors, so there is nothing to convert"
}

// collect walks every stream: first what its root selects, then the rest.
func (p *Plan) collect(c *sandboxload.Checkpoint, o Options, l limit.Limits) ([]found, error) {
	b := newBudget(l)
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

// sort parts what was found into items, skipped and not selected.
func (p *Plan) sort(all []found) error {
	taken := map[view]bool{}
	for _, f := range all {
		if !f.selected {
			continue
		}
		switch t := f.t; {
		case t.Missing:
			p.Skipped = append(p.Skipped, left(f, t.Reason))
		case t.Reason != "":
			return &fault.Error{Kind: fault.Unsupported, Offset: fault.NoOffset, Name: f.name,
				Text: "a tensor that SafeTensors has no form for: " + t.Reason}
		default:
			it, err := newItem(f)
			if err != nil {
				return err
			}
			taken[viewOf(t)] = true
			p.Items = append(p.Items, it)
		}
	}
	for _, f := range all {
		// Another reference to a tensor that is converted is no loss.
		if !f.selected && (f.t.Storage == nil || !taken[viewOf(f.t)]) {
			p.NotSelected = append(p.NotSelected, left(f, "outside of the root"))
		}
	}
	return nil
}

func left(f found, reason string) Left {
	if f.t.Reason != "" {
		reason = f.t.Reason
	}
	return Left{Path: f.path, DType: f.t.DType.String(), Shape: f.t.Geometry.Shape, Reason: reason}
}

func dtypeName(d value.DType) string { return tensor.DType(d).String() }

func newItem(f found) (Item, error) {
	bad := func(text string) (Item, error) {
		return Item{}, &fault.Error{Kind: fault.Unsupported, Offset: fault.NoOffset, Name: f.name, Text: text}
	}
	name, ok := f.t.DType.SafeTensors()
	if !ok {
		return bad("dtype " + f.t.DType.String() + " has no form in SafeTensors")
	}
	d, ok := safetensors.ParseDType(name)
	if !ok {
		return bad("dtype " + name + " is unknown to SafeTensors")
	}
	shape := f.t.Geometry.Shape
	if f.t.DType == tensor.Float4E2M1FNX2 {
		// Two elements to a byte; the reference library doubles the last
		// dimension.
		n := len(shape)
		if n == 0 {
			return bad("a float4 tensor without dimensions has no form in SafeTensors")
		}
		doubled, ok := limit.Mul(shape[n-1], 2)
		if !ok {
			return bad("its size overflows")
		}
		shape = append(slices.Clone(shape[:n-1]), doubled)
	}
	if !utf8.ValidString(f.name) {
		return bad("the name is not valid Unicode, which SafeTensors cannot hold")
	}
	if f.t.Neg && !negatable(f.t.DType) {
		return bad("a negated view of dtype " + f.t.DType.String())
	}
	return Item{Name: f.name, Path: f.path, DType: d, Shape: shape, Tensor: f.t}, nil
}

func negatable(d tensor.DType) bool {
	switch d {
	case tensor.Float16, tensor.BFloat16, tensor.Float32, tensor.Float64, tensor.Complex64:
		return true
	}
	return false
}

// names refuses two tensors of one name.
func (p *Plan) names() error {
	first := make(map[string]*Item, len(p.Items))
	for i := range p.Items {
		it := &p.Items[i]
		if it.Name == "__metadata__" {
			return &fault.Error{Kind: fault.Unsupported, Offset: fault.NoOffset, Name: it.Name, Text: "SafeTensors reserves this name"}
		}
		if old := first[it.Name]; old != nil {
			return &fault.Error{Kind: fault.Unsupported, Offset: fault.NoOffset, Name: it.Name,
				Text: "two tensors get this name: " + fault.Quote(old.Path) + " and " + fault.Quote(it.Path)}
		}
		first[it.Name] = it
	}
	return nil
}

// order is the reference writer's: by dtype, the widest alignment first, then
// by name.
func (p *Plan) order() {
	slices.SortFunc(p.Items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(b.DType, a.DType), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(p.Aliases, func(a, b Alias) int { return cmp.Compare(a.Name, b.Name) })
}
