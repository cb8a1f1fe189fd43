// Package plan decides what goes where: which part of a checkpoint is
// converted, under which names, which tensors are one, and in which type and
// order they are written. It is arithmetic over what sandboxload found; it
// reads and writes nothing.
//
// Nothing is dropped in silence: what is not selected, skipped or an alias is
// listed.
//
// It trusts what sandboxload proved, that tensors lie inside of their storages,
// and nothing else: names, keys and nesting are the file's. Walks visit each
// container once, and together no more values, and spell out no more text, than
// limit.Limits allows; a module that many others share is named at each place,
// and so counts each time. It does not bound the output: that is for convert.
//
// Sources: torch/nn/modules/module.py (state_dict) for names; the loaders of
// BasicSR, YOLO, DeepSpeed, Lightning and textual inversion for roots;
// safetensors/src/tensor.rs (prepare) for the order.
package plan

import (
	"context"
	"strconv"

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

// Candidate is another part of the file that holds tensors, or a part of the
// whole where that was taken.
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

// New plans the conversion of a checkpoint. Errors are a fault.Error, of kind
// Unsupported for what SafeTensors cannot hold and for a file without tensors,
// or Limit; or the context's, once it is done.
func New(ctx context.Context, c *sandboxload.Checkpoint, o Options) (*Plan, error) {
	p := &Plan{}
	all, err := p.collect(ctx, c, o, c.Source.Limits())
	if err != nil {
		return nil, err
	}
	return p.decide(ctx, all, o)
}

// decide makes the plan of what was found: what is converted, under which
// name and in which order.
func (p *Plan) decide(ctx context.Context, all []found, o Options) (*Plan, error) {
	if err := p.sort(ctx, all); err != nil {
		return nil, err
	}
	if len(p.Items) == 0 && !o.AllowEmpty {
		return nil, fault.New(fault.Unsupported, "%s", p.emptiness())
	}
	if err := p.names(); err != nil {
		return nil, err
	}
	if err := p.aliases(ctx, o.DropAliases); err != nil {
		return nil, err
	}
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
