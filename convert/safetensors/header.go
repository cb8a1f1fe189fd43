package safetensors

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

const (
	// MaxHeader is the most bytes of JSON that the format allows, and that
	// [Header.Encode] writes and [Read] reads.
	MaxHeader = 100_000_000
	// HubHeaderLimit is the most bytes of JSON that the Hugging Face Hub and
	// its client read. A longer header is valid, but worth a warning.
	HubHeaderLimit = 25_000_000
	// MaxRank is the most dimensions of a tensor. torch and numpy stop there.
	MaxRank = 64

	lengthBytes = 8
	metadataKey = "__metadata__"
)

// Tensor is one entry of a header. Begin and End are in bytes from the start
// of the data, [Header.DataStart].
type Tensor struct {
	Name  string
	DType DType
	Shape []int64
	Begin int64
	End   int64
}

// Header says which bytes are which tensor. Tensors stand in the order of
// their data. Metadata is nil when there is none.
type Header struct {
	Tensors  []Tensor
	Metadata map[string]string

	start int64 // 8+N, 0 when nobody counted it yet
	fixed bool  // offsets into the file depend on start: Encode must keep it
}

// DataStart is where the tensors' bytes begin in the file: 8+N. It is 0 for a
// header that neither [NewHeader] nor [Read] made.
func (h *Header) DataStart() int64 { return h.start }

// HeaderBytes is N, the bytes of JSON with its padding. It is what
// [HubHeaderLimit] and [MaxHeader] count.
func (h *Header) HeaderBytes() int64 { return max(h.start-lengthBytes, 0) }

// DataBytes is the bytes of all tensors.
func (h *Header) DataBytes() int64 {
	if len(h.Tensors) == 0 {
		return 0
	}
	return h.Tensors[len(h.Tensors)-1].End
}

// FileBytes is the size of the whole file.
func (h *Header) FileBytes() int64 { return h.start + h.DataBytes() }

// NewHeader lays tensors out as the reference writer does: by dtype, the one
// with the largest alignment first, then by the bytes of their names. Begin
// and End of the argument are ignored; it is not changed, but its shapes are
// shared with the result.
//
// The header's length is settled here, so that [Header.DataStart] holds.
// Metadata may change later as long as [Header.Encode] comes out the same
// length, as it does when one hex digest takes the place of another.
//
// Errors are of kind Unsupported for names that the format cannot hold,
// Malformed for shapes, Limit for a header over [MaxHeader].
func NewHeader(tensors []Tensor, meta map[string]string) (*Header, error) {
	h := &Header{Tensors: slices.Clone(tensors)}
	if len(meta) > 0 {
		h.Metadata = maps.Clone(meta)
	}
	slices.SortFunc(h.Tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(b.DType, a.DType), strings.Compare(a.Name, b.Name))
	})
	var at int64
	for i := range h.Tensors {
		t := &h.Tensors[i]
		n, err := t.bytes()
		if err != nil {
			return nil, err
		}
		t.Begin = at
		end, ok := limit.Add(at, n)
		if !ok {
			return nil, reject(reasonOverflow, fault.NoOffset, t.Name)
		}
		t.End, at = end, end
	}
	if _, err := h.settle(); err != nil {
		return nil, err
	}
	return h, nil
}
