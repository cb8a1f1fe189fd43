package plan

import (
	"bytes"

	"depickle/convert/internal/transfer"
	"depickle/scan/container"
)

// Layout is what transfer needs to know to write the item's elements.
func (it *Item) Layout() transfer.Layout {
	t := it.Tensor
	l := transfer.Layout{Size: t.DType.Size(), Geometry: t.Geometry, Conj: t.Conj, Neg: t.Neg}
	if t.Storage.BigEndian {
		l.Swap = t.DType.SwapUnit()
	}
	if t.Conj || t.Neg {
		l.SignUnit = t.DType.SwapUnit()
	}
	return l
}

// Source is where the item's elements are read from.
func (it *Item) Source(src *container.Source) transfer.Source {
	s := it.Tensor.Storage
	if s.Inline != nil {
		return transfer.Source{R: bytes.NewReader(s.Inline), Len: int64(len(s.Inline))}
	}
	return transfer.Source{R: src.Bulk(s.Extent.Space), Off: s.Extent.Off, Len: s.Extent.Len}
}
