package plan

import (
	"cmp"
	"context"
	"slices"
	"unicode/utf8"

	"depickle/convert/safetensors"
	"depickle/sandboxload/value"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/tensor"
)

// sort parts what was found into items, skipped and not selected.
func (p *Plan) sort(ctx context.Context, all []found) error {
	taken := map[view]bool{}
	for _, f := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
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
		if err := ctx.Err(); err != nil {
			return err
		}
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
