package plan

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/tensor"
)

// view is what makes two tensors one: the same elements of the same storage,
// read in the same way.
type view struct {
	extent    container.Extent
	inline    *value.Storage // a storage without an extent is itself only
	dtype     tensor.DType
	big       bool
	conj, neg bool
	geometry  string // pack's
}

func viewOf(t *value.Tensor) view {
	v := view{dtype: t.DType, conj: t.Conj, neg: t.Neg, geometry: pack(t.Geometry)}
	if t.Storage != nil {
		v.big = t.Storage.BigEndian
		v.extent = t.Storage.Extent
		if t.Storage.Inline != nil {
			v.inline = t.Storage
		}
	}
	return v
}

// pack makes a geometry comparable.
func pack(g tensor.Geometry) string {
	b := binary.AppendVarint(make([]byte, 0, 64), g.Offset)
	b = binary.AppendUvarint(b, uint64(len(g.Shape)))
	for _, n := range g.Shape {
		b = binary.AppendVarint(b, n)
	}
	for _, n := range g.Stride {
		b = binary.AppendVarint(b, n)
	}
	return string(b)
}

// heads are the names that a model ties to another of its tensors. When
// aliases are dropped it is these that go: loaders of base models look for the
// other name.
var heads = []string{"lm_head.", "cls.predictions.decoder.", "encoder.embed_tokens.", "decoder.embed_tokens."}

func tiedHead(name string) bool {
	for _, h := range heads {
		if strings.HasPrefix(name, h) || strings.Contains(name, "."+h) {
			return true
		}
	}
	return false
}

// aliases finds tensors that are the same view. Empty tensors never are: they
// share nothing. When drop is set, one of each group stays and the others
// are dropped. The error is the context's.
func (p *Plan) aliases(ctx context.Context, drop bool) error {
	groups := map[view][]int{}
	var order []view
	for i := range p.Items {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.Items[i].elements() == 0 {
			continue
		}
		v := viewOf(p.Items[i].Tensor)
		if len(groups[v]) == 0 {
			order = append(order, v)
		}
		groups[v] = append(groups[v], i)
	}
	gone := map[int]bool{}
	for _, v := range order {
		g := groups[v]
		if len(g) < 2 {
			continue
		}
		slices.SortFunc(g, func(a, b int) int {
			x, y := p.Items[a].Name, p.Items[b].Name
			if tx, ty := tiedHead(x), tiedHead(y); tx != ty {
				if tx {
					return 1
				}
				return -1
			}
			return cmp.Compare(x, y)
		})
		kept := &p.Items[g[0]]
		p.AliasBytes += kept.Bytes() * int64(len(g)-1)
		for _, i := range g[1:] {
			a := Alias{Name: p.Items[i].Name, Of: kept.Name, Path: p.Items[i].Path}
			// Only a name that the header's metadata can hold as a key is
			// dropped: "format" and "depickle.*" have a meaning there.
			a.Dropped = drop && a.Name != "format" && !strings.HasPrefix(a.Name, "depickle.")
			gone[i] = a.Dropped
			p.Aliases = append(p.Aliases, a)
		}
	}
	if !drop {
		return nil
	}
	var rest []Item
	for i := range p.Items {
		if !gone[i] {
			rest = append(rest, p.Items[i])
		}
	}
	p.Items = rest
	return nil
}
