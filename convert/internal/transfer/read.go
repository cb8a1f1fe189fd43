package transfer

import (
	"errors"
	"fmt"
	"io"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// read fills p from off of the storage.
func (s Source) read(p []byte, off int64) error {
	end, ok := limit.Add(off, int64(len(p)))
	if !ok || end > s.Len {
		return fault.At(fault.Malformed, off, "%d bytes reach outside of a storage of %d", len(p), s.Len)
	}
	return readFull(s.R, p, s.Off+off)
}

// readFull fills p from off of r. A source that is too short was longer when
// it was judged.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		// io.ReaderAt may say EOF with the last bytes.
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.At(fault.Changed, off, "source ends after %d of %d bytes", n, len(p))
	}
	return fmt.Errorf("reading %d bytes at offset %#x: %w", len(p), off, err)
}

// window reads a stretch of the source that has small gaps, through one
// buffer.
type window struct {
	src  Source
	buf  []byte
	off  int64  // of data, in the storage
	data []byte // what is held of the source, part of buf
}

// bytes returns n bytes at off, at most len(buf). A read goes on to end, the
// end of what will be wanted, or as far as the buffer reaches.
func (w *window) bytes(off, n, end int64) ([]byte, error) {
	if off < w.off || off+n > w.off+int64(len(w.data)) {
		p := w.buf[:min(int64(len(w.buf)), end-off)]
		w.data = nil
		if err := w.src.read(p, off); err != nil {
			return nil, err
		}
		w.off, w.data = off, p
	}
	return w.data[off-w.off:][:n], nil
}
