package safetensors

import "io"

// Reader gives the tensors of a file by name. It may be used by several
// goroutines at a time, as its io.ReaderAt may.
type Reader struct {
	r     io.ReaderAt
	h     *Header
	names map[string]int
}

// NewReader reads and checks the header of a file of size bytes. It reads no
// tensor data, but accounts for every byte: the header, then tensors without
// hole or overlap up to the very end. The caller keeps r open for as long as
// it reads tensors.
//
// Errors are a fault.Error, of kind Malformed for what breaks the format,
// Limit for a header over [MaxHeader], Unsupported for too many dimensions;
// or the error of r.
func NewReader(r io.ReaderAt, size int64) (*Reader, error) {
	h, names, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	return &Reader{r: r, h: h, names: names}, nil
}

// Header is what the file declares: its tensors in the order of their data,
// and its metadata. It is for reading.
func (r *Reader) Header() *Header { return r.h }

// Tensor finds a tensor by its name.
func (r *Reader) Tensor(name string) (t Tensor, ok bool) {
	i, ok := r.names[name]
	if !ok {
		return Tensor{}, false
	}
	return r.h.Tensors[i], true
}

// Section reads a tensor's bytes: its elements in row-major order, little
// endian. Elements of less than a byte are packed. Its Size is the tensor's.
func (r *Reader) Section(name string) (s *io.SectionReader, ok bool) {
	t, ok := r.Tensor(name)
	if !ok {
		return nil, false
	}
	return io.NewSectionReader(r.r, r.h.start+t.Begin, t.End-t.Begin), true
}
