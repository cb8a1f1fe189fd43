package verify

import (
	"context"
	"io"
	"maps"
	"slices"

	"depickle/convert/internal/crew"
	"depickle/convert/plan"
	"depickle/convert/safetensors"
	"depickle/scan/container"
	"depickle/scan/fault"
)

// Written begins to compare an output with what was meant to be written and,
// element for element, with the source. compared is told how many bytes
// agreed.
func Written(out io.ReaderAt, size int64, want *safetensors.Header, src *container.Source, p *plan.Plan, hands *Hands, compared func(int64)) (*Comparison, error) {
	have, err := safetensors.Read(out, size)
	if err != nil {
		return nil, err
	}
	if !maps.Equal(have.Metadata, want.Metadata) || !slices.EqualFunc(have.Tensors, want.Tensors, sameTensor) {
		return nil, fault.New(fault.Changed, "the output's header is not the one that was written")
	}
	return compare(out, have, src, p, hands, compared)
}

func sameTensor(a, b safetensors.Tensor) bool {
	return a.Name == b.Name && a.DType == b.DType && a.Begin == b.Begin && a.End == b.End && slices.Equal(a.Shape, b.Shape)
}

// Elements compares every tensor of an output with the source. The plan's
// items must be the header's tensors, in that order.
func Elements(ctx context.Context, out io.ReaderAt, h *safetensors.Header, src *container.Source, p *plan.Plan, compared func(int64)) error {
	c, err := compare(out, h, src, p, new(Hands), compared)
	if err != nil {
		return err
	}
	return crew.Spread(ctx, c.Run, c.All)
}

// compare begins a comparison, after it has compared what needs no reading.
func compare(out io.ReaderAt, h *safetensors.Header, src *container.Source, p *plan.Plan, hands *Hands, compared func(int64)) (*Comparison, error) {
	if len(h.Tensors) != len(p.Items) {
		return nil, fault.New(fault.Changed, "the output has %d tensors, the source gives %d", len(h.Tensors), len(p.Items))
	}
	for i, t := range h.Tensors {
		it := &p.Items[i]
		if t.Name != it.Name || t.DType != it.DType || !slices.Equal(t.Shape, it.Shape) || t.End-t.Begin != it.Bytes() {
			return nil, differ(t.Name, "the output's name, dtype or shape is not the source's")
		}
	}
	order := make([]bool, len(p.Items))
	for i := range p.Items {
		order[i] = inOrder(p.Items[i].Layout())
	}
	c := &Comparison{inOrder: order, out: out, header: h, src: src, plan: p, hands: hands, compared: compared}
	c.shares = crew.Shares{N: len(h.Tensors), Most: chunk, Size: func(i int) int64 { return h.Tensors[i].End - h.Tensors[i].Begin }}
	return c, nil
}

func differ(name, text string) error {
	return &fault.Error{Kind: fault.Changed, Offset: fault.NoOffset, Name: name, Text: text}
}
