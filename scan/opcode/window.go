package opcode

import (
	"bytes"
	"io"

	"depickle/scan/fault"
)

// inline is the longest payload that Data shows; a window holds one.
const inline = 64 << 10

// window is the part of the reader that is in memory.
type window struct {
	r   io.ReaderAt
	end int64 // nothing behind it is read
	// near is where the pickle is expected to end. What lies behind it may be
	// a thousand other pickles, whose decoders read it too.
	near int64
	at   int64 // where buf begins
	buf  []byte
	// whole is the memory of buf, where that was read ahead.
	whole []byte
	next  ahead
}

// have returns the n bytes at off if they are in memory. What its capacity has
// beyond them is what follows there.
func (w *window) have(off, n int64) ([]byte, bool) {
	i := off - w.at
	if i < 0 || i > int64(len(w.buf)) || n > int64(len(w.buf))-i {
		return nil, false
	}
	return w.buf[i : i+n : len(w.buf)], true
}

// read returns the n bytes at off, at most inline, which the caller knows to
// lie before the end.
func (w *window) read(off, n int64) ([]byte, error) {
	if b, ok := w.have(off, n); ok {
		return b, nil
	}
	if err := w.fill(off, n); err != nil {
		return nil, err
	}
	b, ok := w.have(off, n)
	if !ok {
		return nil, fault.At(fault.Malformed, off, "%d bytes should follow, %d are left", n, w.end-off)
	}
	return b, nil
}

// fill moves the window to off. It has n bytes, at most inline, if so many are
// there.
func (w *window) fill(off, n int64) error {
	follows := off >= w.at && off <= w.behind() && len(w.buf) > 0
	if w.take(off, n) {
		w.readAhead()
		return nil
	}
	size := min(inline, w.end-off)
	if off < w.near {
		size = min(size, max(n, w.near-off))
	}
	if err := w.load(off, int(size)); err != nil {
		return err
	}
	if follows {
		w.readAhead()
	}
	return nil
}

// behind is where the window ends.
func (w *window) behind() int64 { return w.at + int64(len(w.buf)) }

func (w *window) load(off int64, size int) error {
	if cap(w.buf) < size {
		w.buf = make([]byte, size)
	}
	w.buf, w.at = w.buf[:size], off
	n, err := w.r.ReadAt(w.buf, off)
	if n == size {
		return nil
	}
	w.buf = w.buf[:0]
	if err == nil || err == io.EOF {
		return fault.At(fault.Changed, off, "the source became shorter while it was read")
	}
	return err
}

// newline finds the first line feed from off on, and returns its offset, -1 if
// there is none in the next most bytes or before the end.
func (w *window) newline(off, most int64) (int64, error) {
	last := w.end
	if most < last-off {
		last = off + most
	}
	for at := off; at < last; {
		i := at - w.at
		if i < 0 || i >= int64(len(w.buf)) {
			if err := w.fill(at, 1); err != nil {
				return 0, err
			}
			i = 0
		}
		b := w.buf[i:]
		b = b[:min(int64(len(b)), last-at)]
		if k := bytes.IndexByte(b, '\n'); k >= 0 {
			return at + int64(k), nil
		}
		at += int64(len(b))
	}
	return -1, nil
}
