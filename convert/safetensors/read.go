package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Read is [NewReader] for who needs the header alone.
func Read(r io.ReaderAt, size int64) (*Header, error) {
	h, _, err := readHeader(r, size)
	return h, err
}

// readHeader also returns where each name stands in the header.
func readHeader(r io.ReaderAt, size int64) (*Header, map[string]int, error) {
	n, err := readLength(r, size)
	if err != nil {
		return nil, nil, err
	}
	in := &allowance{r: io.NewSectionReader(r, lengthBytes, n)}
	p := parser{dec: jsontext.NewDecoder(in), in: in, h: &Header{start: lengthBytes + n}}
	if err := p.header(); err != nil {
		return nil, nil, err
	}
	if err := checkPadding(r, lengthBytes+p.dec.InputOffset(), lengthBytes+n); err != nil {
		return nil, nil, err
	}
	h := p.h
	// Entries may stand in any order. The sort is stable: tensors without
	// data share their offsets and keep the header's order.
	slices.SortStableFunc(h.Tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(a.Begin, b.Begin), cmp.Compare(a.End, b.End))
	})
	names, err := h.check()
	if err == nil {
		err = checkEnd(h, size)
	}
	if err != nil {
		return nil, nil, err
	}
	return h, names, nil
}

// readLength reads N and holds it against the file's size, before a byte is
// allocated for it.
func readLength(r io.ReaderAt, size int64) (int64, error) {
	if size < lengthBytes {
		return 0, reject(reasonTooSmall, fault.NoOffset, "", size)
	}
	var b [lengthBytes + 1]byte
	if err := readFull(r, b[:lengthBytes], 0); err != nil {
		return 0, err
	}
	n := binary.LittleEndian.Uint64(b[:])
	if n > MaxHeader {
		return 0, reject(reasonHeaderLimit, 0, "", n)
	}
	if int64(n) > size-lengthBytes {
		return 0, reject(reasonHeaderLength, 0, "", n, size)
	}
	if n > 0 {
		if err := readFull(r, b[lengthBytes:], lengthBytes); err != nil {
			return 0, err
		}
	}
	// The format wants the brace first; JSON alone would let space precede it.
	if b[lengthBytes] != '{' {
		return 0, reject(reasonNoObject, lengthBytes, "")
	}
	return int64(n), nil
}

// checkPadding proves that nothing hides between the object's end and the
// data.
func checkPadding(r io.ReaderAt, from, to int64) error {
	var buf [4096]byte
	for from < to {
		b := buf[:min(to-from, int64(len(buf)))]
		if err := readFull(r, b, from); err != nil {
			return err
		}
		for i, c := range b {
			if c != ' ' {
				return reject(reasonAfterHeader, from+int64(i), "")
			}
		}
		from += int64(len(b))
	}
	return nil
}

// checkEnd proves that the data ends where the file does.
func checkEnd(h *Header, size int64) error {
	end, ok := limit.Add(h.start, h.DataBytes())
	if !ok {
		return reject(reasonOverflow, fault.NoOffset, "")
	}
	if end > size {
		return reject(reasonTruncated, fault.NoOffset, "", end, size)
	}
	if end < size {
		return reject(reasonTrailing, fault.NoOffset, "", end, size)
	}
	return nil
}

// readFull fills b from offset. The caller has checked the range against the
// file's size, so an early end is the reader's failure.
func readFull(r io.ReaderAt, b []byte, offset int64) error {
	n, err := r.ReadAt(b, offset)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("reading the SafeTensors header: %w", err)
}
