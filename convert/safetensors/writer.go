package safetensors

import (
	"io"
	"maps"
	"slices"
	"sync"

	"depickle/scan/fault"
)

// Writer writes a file tensor by tensor, in any order. The header comes last,
// in [Writer.Close], and only when every tensor is whole: what a crash or a
// full disk leaves behind is no valid file.
type Writer struct {
	w     io.WriterAt
	h     *Header
	names map[string]int

	mu      sync.Mutex
	tensors []*tensorWriter // by their place in the header, nil before Create
}

// NewWriter starts a file that h lays out. It takes a copy of h, which
// [Writer.Header] gives, and puts zeros where the header's length will stand,
// so that a file that was there before is valid no more. w should be empty, as
// nothing cuts off what lies beyond the new end.
//
// Errors are those of [Header.Encode], and of w.
func NewWriter(w io.WriterAt, h *Header) (*Writer, error) {
	own := &Header{Tensors: slices.Clone(h.Tensors), Metadata: maps.Clone(h.Metadata)}
	names, err := own.settle()
	if err != nil {
		return nil, err
	}
	if _, err := w.WriteAt(make([]byte, lengthBytes), 0); err != nil {
		return nil, err
	}
	return &Writer{w: w, h: own, names: names, tensors: make([]*tensorWriter, len(own.Tensors))}, nil
}

// Header is what Close will write. Until then its metadata may change, as long
// as the header keeps its length; nothing else of it may.
func (w *Writer) Header() *Header { return w.h }

// Create begins a tensor, once for each name. What is written to it are the
// elements in row-major order, little-endian, in as many pieces as one likes;
// a piece that is too long for the tensor is an error of kind Malformed, and
// nothing of it is written. Several goroutines may write a tensor each. A
// tensor without elements needs no Create.
//
// Errors are a fault.Error of kind Unsupported: the header has no such tensor,
// or it was begun before.
func (w *Writer) Create(name string) (io.Writer, error) {
	i, ok := w.names[name]
	if !ok {
		return nil, reject(reasonNoTensor, fault.NoOffset, name)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tensors[i] != nil {
		return nil, reject(reasonTwice, fault.NoOffset, name)
	}
	t := &w.h.Tensors[i]
	w.tensors[i] = &tensorWriter{w: w.w, t: t, at: w.h.start + t.Begin, left: t.End - t.Begin}
	return w.tensors[i], nil
}

// Close writes the header, after all writes of tensors have returned. It does
// not close the file below. The header's length is written after everything
// else; where a power cut counts, sync the file before Close and after it.
//
// A tensor that did not get exactly its bytes is an error of kind Malformed,
// and metadata that changes the header's length one of kind Unsupported.
// Nothing is written then.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, t := range w.tensors {
		if err := t.complete(&w.h.Tensors[i]); err != nil {
			return err
		}
	}
	b, err := w.h.Encode()
	if err != nil {
		return err
	}
	if _, err := w.w.WriteAt(b[lengthBytes:], lengthBytes); err != nil {
		return err
	}
	_, err = w.w.WriteAt(b[:lengthBytes], 0)
	return err
}

// tensorWriter takes the bytes of one tensor, for one goroutine at a time.
type tensorWriter struct {
	w    io.WriterAt
	t    *Tensor
	at   int64 // in the file
	left int64
	long bool
}

// Write implements io.Writer.
func (t *tensorWriter) Write(p []byte) (int, error) {
	if int64(len(p)) > t.left {
		t.long = true
		return 0, reject(reasonLong, fault.NoOffset, t.t.Name, t.t.End-t.t.Begin)
	}
	n, err := t.w.WriteAt(p, t.at)
	t.at, t.left = t.at+int64(n), t.left-int64(n)
	return n, err
}

// complete proves that the tensor got its bytes. The writer is nil for one
// that nobody began.
func (t *tensorWriter) complete(want *Tensor) error {
	size := want.End - want.Begin
	left := size
	if t != nil {
		left = t.left
	}
	switch {
	case t != nil && t.long:
		return reject(reasonLong, fault.NoOffset, want.Name, size)
	case left != 0:
		return reject(reasonShort, fault.NoOffset, want.Name, size, size-left)
	}
	return nil
}
