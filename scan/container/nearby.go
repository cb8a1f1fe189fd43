package container

import "io"

// nearby reads a few bytes of many places that follow each other, and often lie
// close together, as the members of an archive of small tensors do: one read
// for many, where it pays.
type nearby struct {
	r  io.ReaderAt
	at int64
	b  []byte
}

// nearbyBytes is what one read has where the places are close.
const nearbyBytes = 16 << 10

// ReadAt implements io.ReaderAt for short p.
func (n *nearby) ReadAt(p []byte, off int64) (int, error) {
	if i := off - n.at; i >= 0 && i+int64(len(p)) <= int64(len(n.b)) {
		return copy(p, n.b[i:]), nil
	}
	size := len(p)
	if off >= n.at && off-n.at < nearbyBytes {
		size = max(size, nearbyBytes)
	}
	if cap(n.b) < size {
		n.b = make([]byte, size)
	}
	k, err := n.r.ReadAt(n.b[:size], off)
	n.at, n.b = off, n.b[:k]
	if got := copy(p, n.b); got < len(p) {
		return got, err
	}
	return len(p), nil
}
