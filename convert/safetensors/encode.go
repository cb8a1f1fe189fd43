package safetensors

import (
	"encoding/binary"
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"depickle/scan/fault"
)

// Encode returns the file's first 8+N bytes. What it returns, [Read] accepts
// and gives back; a header that does not hold that is an error, as is one
// over [MaxHeader], or one from [NewHeader] whose metadata changed in length.
func (h *Header) Encode() ([]byte, error) {
	if _, err := h.check(); err != nil {
		return nil, err
	}
	size, err := h.encodedSize()
	if err != nil {
		return nil, err
	}
	if h.fixed && size != h.start {
		return nil, reject(reasonResized, fault.NoOffset, "", h.start, size)
	}
	out := make([]byte, lengthBytes, size)
	binary.LittleEndian.PutUint64(out, uint64(size-lengthBytes))
	if err := h.pieces(func(b []byte) { out = append(out, b...) }); err != nil {
		return nil, err
	}
	for int64(len(out)) < size {
		out = append(out, ' ')
	}
	return out, nil
}

// encodedSize counts what Encode will return, without keeping it.
func (h *Header) encodedSize() (int64, error) {
	var n int64
	if err := h.pieces(func(b []byte) { n += int64(len(b)) }); err != nil {
		return 0, err
	}
	// Padding to 8 keeps every tensor aligned to its elements in the file.
	n = (n + 7) &^ 7
	if n > MaxHeader {
		return 0, reject(reasonHeaderLimit, fault.NoOffset, "", n)
	}
	return lengthBytes + n, nil
}

// pieces hands the JSON to emit, one entry at a time. emit must not keep its
// argument.
func (h *Header) pieces(emit func([]byte)) error {
	b := []byte{'{'}
	if len(h.Metadata) > 0 {
		b = append(b, `"__metadata__":`...)
		sep := byte('{')
		for _, k := range slices.Sorted(maps.Keys(h.Metadata)) {
			b = append(b, sep)
			sep = ','
			var err error
			if b, err = appendText(b, k); err != nil {
				return reject(reasonMetadataText, fault.NoOffset, "", fault.Quote(k))
			}
			b = append(b, ':')
			if b, err = appendText(b, h.Metadata[k]); err != nil {
				return reject(reasonMetadataText, fault.NoOffset, "", fault.Quote(k))
			}
		}
		b = append(b, '}')
	}
	for i := range h.Tensors {
		if len(b) > 1 || i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = h.Tensors[i].appendEntry(b); err != nil {
			return err
		}
		emit(b)
		b = b[:0]
	}
	emit(append(b, '}'))
	return nil
}

// appendEntry adds the tensor's entry to b.
func (t *Tensor) appendEntry(b []byte) ([]byte, error) {
	b, err := appendText(b, t.Name)
	if err != nil {
		return nil, reject(reasonNameText, fault.NoOffset, t.Name)
	}
	b = append(b, `:{"dtype":"`...)
	b = append(b, t.DType.String()...)
	b = append(b, `","shape":[`...)
	for i, d := range t.Shape {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, d, 10)
	}
	b = append(b, `],"data_offsets":[`...)
	b = strconv.AppendInt(b, t.Begin, 10)
	b = append(b, ',')
	b = strconv.AppendInt(b, t.End, 10)
	return append(b, `]}`...), nil
}

// appendText adds s as a JSON string with the shortest escapes (RFC 8785), as
// the reference writer spells it too. Text that is not UTF-8 is an error: it
// would come back as other text.
func appendText(b []byte, s string) ([]byte, error) {
	return jsontext.AppendQuote(b, s)
}
