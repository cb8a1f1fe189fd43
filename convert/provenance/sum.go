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

// tailSize is the digits of the digest and what follows them.
const tailSize = digits + len(sumEnd)

// summing passes a record on and hashes it, all but the last tailSize bytes:
// which bytes those are only the end tells.
type summing struct {
	r    io.Reader
	h    hash.Hash
	held []byte // read, and not hashed
	n    int64
	most int64
}

func newSumming(r io.Reader, most int64) *summing {
	return &summing{r: r, h: sha256.New(), most: most}
}

func (s *summing) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.n += int64(n)
	if s.n > s.most {
		return 0, limit.Exceeded("bytes of conversion record", s.most, fault.NoOffset)
	}
	s.held = append(s.held, p[:n]...)
	if over := len(s.held) - tailSize; over > 0 {
		s.h.Write(s.held[:over])
		s.held = append(s.held[:0], s.held[over:]...)
	}
	return n, err
}

// check compares the digest at the record's end with the bytes. Everything
// has been read.
func (s *summing) check(claimed Digest) error {
	if len(s.held) != tailSize || string(s.held[:digits]) != claimed.String() || string(s.held[digits:]) != sumEnd {
		return fault.New(fault.Malformed, "conversion record does not end with its digest")
	}
	io.WriteString(s.h, zeros)
	s.h.Write(s.held[digits:])
	if sum(s.h) != claimed {
		return fault.New(fault.Malformed, "conversion record was changed: its digest does not match")
	}
	return nil
}
