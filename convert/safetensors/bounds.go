package safetensors

import (
	"io"

	"depickle/scan/fault"
)

// What a header may hold, whoever made it: a file that declares a hundred
// megabytes of names must not take a multiple of that in memory.
const (
	// MaxTensors is the most tensors of a file: the default of Limits.Tensors.
	MaxTensors = 500_000
	// MaxMetadata is the most entries of the metadata.
	MaxMetadata = 100_000
	// MaxText is the longest name or text, in bytes as the header spells it.
	MaxText = 8 << 20
	// freeText is the bytes that all names and texts may have together, with so
	// many more for each tensor and each entry of the metadata.
	freeText        = 16 << 20
	textPerTensor   = 1 << 10
	textPerMetadata = 256
)

// checkBounds holds what is there so far, of that many bytes of names and
// texts, against the bounds.
func (h *Header) checkBounds(text int64) error {
	n, meta := int64(len(h.Tensors)), int64(len(h.Metadata))
	most := freeText + n*textPerTensor + meta*textPerMetadata
	switch {
	case n > MaxTensors:
		return reject(reasonManyTensors, fault.NoOffset, "", MaxTensors)
	case meta > MaxMetadata:
		return reject(reasonManyMetadata, fault.NoOffset, "", MaxMetadata)
	case text > most:
		return reject(reasonMuchText, fault.NoOffset, "", most)
	}
	return nil
}

// allowance is a reader that ends before a token that is too long has been
// read: the decoder would buffer it whole.
type allowance struct {
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, reject(reasonLongText, fault.NoOffset, "", MaxText)
	}
	n, err := a.r.Read(p[:min(int64(len(p)), a.left)])
	a.left -= int64(n)
	return n, err
}
