package safetensors

import (
	"unicode/utf8"

	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/tensor"
)

// settle checks the header and fixes its length. It returns where each name
// stands.
func (h *Header) settle() (names map[string]int, err error) {
	if names, err = h.check(); err != nil {
		return nil, err
	}
	size, err := h.encodedSize()
	if err != nil {
		return nil, err
	}
	if _, ok := limit.Add(size, h.DataBytes()); !ok {
		return nil, reject(reasonOverflow, fault.NoOffset, "")
	}
	h.start, h.fixed = size, true
	return names, nil
}

// check proves what every header must hold, whoever made it: sizes that match
// the shapes, data without hole or overlap, names that are text, once each. It
// returns where each name stands.
func (h *Header) check() (names map[string]int, err error) {
	var at, text int64
	names = make(map[string]int, len(h.Tensors))
	for i := range h.Tensors {
		t := &h.Tensors[i]
		if err := t.checkName(); err != nil {
			return nil, err
		}
		if _, twice := names[t.Name]; twice {
			return nil, reject(reasonDuplicate, fault.NoOffset, "", fault.Quote(t.Name))
		}
		names[t.Name] = i
		if err := t.checkRange(at); err != nil {
			return nil, err
		}
		at, text = t.End, text+int64(len(t.Name))
	}
	for k, v := range h.Metadata {
		text += int64(len(k) + len(v))
		if max(len(k), len(v)) > MaxText {
			return nil, reject(reasonLongText, fault.NoOffset, "", MaxText)
		}
		if !utf8.ValidString(k) || !utf8.ValidString(v) {
			return nil, reject(reasonMetadataText, fault.NoOffset, "", fault.Quote(k))
		}
	}
	return names, h.checkBounds(text)
}

func (t *Tensor) checkName() error {
	if t.Name == metadataKey {
		return reject(reasonReserved, fault.NoOffset, "")
	}
	if !utf8.ValidString(t.Name) {
		return reject(reasonNameText, fault.NoOffset, t.Name)
	}
	if len(t.Name) > MaxText {
		return reject(reasonLongText, fault.NoOffset, "", MaxText)
	}
	return nil
}

// checkRange compares where the data lies with where the tensor before it
// ended and with what the shape needs.
func (t *Tensor) checkRange(at int64) error {
	n, err := t.bytes()
	if err != nil {
		return err
	}
	switch {
	case t.End < t.Begin:
		return reject(reasonBackward, fault.NoOffset, t.Name, t.End, t.Begin)
	case t.Begin > at:
		return reject(reasonHole, fault.NoOffset, t.Name, t.Begin, at)
	case t.Begin < at:
		return reject(reasonOverlap, fault.NoOffset, t.Name, t.Begin, at)
	case t.End-t.Begin != n:
		return reject(reasonSize, fault.NoOffset, t.Name, t.End-t.Begin, n)
	}
	return nil
}

// bytes is the size of the tensor's data by its shape and dtype.
func (t *Tensor) bytes() (int64, error) {
	if !t.DType.valid() {
		return 0, reject(reasonDType, fault.NoOffset, t.Name, t.DType)
	}
	if len(t.Shape) > MaxRank {
		return 0, reject(reasonRank, fault.NoOffset, t.Name)
	}
	for _, d := range t.Shape {
		if d < 0 {
			return 0, reject(reasonShape, fault.NoOffset, t.Name)
		}
	}
	n, ok := tensor.Numel(t.Shape)
	if !ok {
		return 0, reject(reasonOverflow, fault.NoOffset, t.Name)
	}
	bits, ok := limit.Mul(n, t.DType.Bits())
	if !ok {
		return 0, reject(reasonOverflow, fault.NoOffset, t.Name)
	}
	// F4 and F6 elements are packed. A tensor that ends within a byte would
	// leave the next one without an address.
	if bits%8 != 0 {
		return 0, reject(reasonUnaligned, fault.NoOffset, t.Name, t.DType)
	}
	return bits / 8, nil
}
