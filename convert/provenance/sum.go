package provenance

import (
	"crypto/sha256"
	"hash"
	"io"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// MaxRecord is the largest record that [Decode] reads, in bytes.
const MaxRecord = 1 << 30

// The bounds of a record's parts, which [Record.Encode] keeps too.
const (
	// MaxText is the longest text of a record, in bytes.
	MaxText = 1 << 20
	// MaxValues is the most bytes of its values.
	MaxValues = 20 << 20
	// window is how far the reader may run ahead of what was decoded: a text
	// with six characters for each of its bytes, and space around it.
	window = 8 << 20
)

// tailSize is the digits of the digest and what follows them.
const tailSize = digits + len(sumEnd)

// summing passes a record on and hashes it, all but the last tailSize bytes:
// which bytes those are only the end tells.
type summing struct {
	r     io.Reader
	h     hash.Hash
	held  []byte // read, and not hashed
	n     int64
	most  int64
	until int64 // nothing is read beyond: a JSON decoder holds each token whole
}

func newSumming(r io.Reader, most int64) *summing {
	return &summing{r: r, h: sha256.New(), most: most, until: min(window, most)}
}

// allow lets n bytes from an offset on be read.
func (s *summing) allow(from, n int64) { s.until = min(from+n, s.most) }

func (s *summing) Read(p []byte) (int, error) {
	if room := s.until - s.n; int64(len(p)) > room {
		if room <= 0 { // below, where a value let it run ahead further
			return s.past()
		}
		p = p[:room]
	}
	n, err := s.r.Read(p)
	s.n += int64(n)
	s.hash(p[:n])
	return n, err
}

// past is what lies beyond the last byte that may be read: the end, or more
// than is read.
func (s *summing) past() (int, error) {
	var b [1]byte
	n, err := io.ReadFull(s.r, b[:])
	switch {
	case n == 0:
		return 0, err
	case s.until == s.most:
		return 0, limit.Exceeded("bytes of conversion record", s.most, fault.NoOffset)
	}
	return 0, fault.At(fault.Limit, s.n, "conversion record: a text or its values are too long")
}

// hash takes all but the last bytes, which are held.
func (s *summing) hash(p []byte) {
	if over := len(p) - tailSize; over > 0 {
		s.h.Write(s.held)
		s.h.Write(p[:over])
		s.held, p = s.held[:0], p[over:]
	}
	s.held = append(s.held, p...)
	if over := len(s.held) - tailSize; over > 0 {
		s.h.Write(s.held[:over])
		s.held = append(s.held[:0], s.held[over:]...)
	}
}

// drain reads what is left.
func (s *summing) drain() error {
	s.until = s.most
	_, err := io.Copy(io.Discard, s)
	return err
}

// ends reports whether the record ends with a digest, and with which.
func (s *summing) ends() (Digest, bool) {
	if len(s.held) != tailSize || string(s.held[digits:]) != sumEnd {
		return Digest{}, false
	}
	d, err := ParseDigest(string(s.held[:digits]))
	return d, err == nil
}

// check compares the digest at the record's end with the bytes. Everything
// has been read.
func (s *summing) check(claimed Digest) error {
	if d, ok := s.ends(); !ok || d != claimed {
		return fault.New(fault.Malformed, "conversion record does not end with its digest")
	}
	io.WriteString(s.h, zeros)
	s.h.Write(s.held[digits:])
	if sum(s.h) != claimed {
		return fault.New(fault.Malformed, "conversion record was changed: its digest does not match")
	}
	return nil
}

// unknown is the error of a record of another schema, unless its digest says
// that it was changed: then it may never have been of that schema.
func (s *summing) unknown(err error) error {
	if err := s.drain(); err != nil {
		return err
	}
	if d, ok := s.ends(); ok {
		if changed := s.check(d); changed != nil {
			return changed
		}
	}
	return err
}
