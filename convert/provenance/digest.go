package provenance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"

	"depickle/scan/fault"
)

// Digest is a SHA-256. As text it is 64 hexadecimal digits in lower case.
type Digest [sha256.Size]byte

// digits is the length of a Digest as text.
const digits = 2 * sha256.Size

// String returns the 64 digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// AppendText appends the 64 digits.
func (d Digest) AppendText(b []byte) ([]byte, error) { return hex.AppendEncode(b, d[:]), nil }

// MarshalText returns the 64 digits.
func (d Digest) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// UnmarshalText is [ParseDigest].
func (d *Digest) UnmarshalText(text []byte) error {
	p, err := ParseDigest(string(text))
	if err == nil {
		*d = p
	}
	return err
}

// ParseDigest reads 64 hexadecimal digits. Only lower case is taken: a digest
// has one spelling, so that digests may be compared as text.
func ParseDigest(text string) (Digest, error) {
	var d Digest
	if len(text) == digits && strings.Trim(text, "0123456789abcdef") == "" {
		if _, err := hex.Decode(d[:], []byte(text)); err == nil {
			return d, nil
		}
	}
	return Digest{}, fault.New(fault.Malformed, "%s is not a SHA-256 of 64 digits in lower case", fault.Quote(text))
}

// sum finishes a hash.
func sum(h hash.Hash) (d Digest) {
	h.Sum(d[:0])
	return d
}

// HeaderHash is header_sha256: over a SafeTensors file's bytes from 0 to where
// its data starts. It is an error when the file ends before.
func HeaderHash(r io.ReaderAt, dataStart int64) (Digest, error) {
	h := sha256.New()
	n, err := io.Copy(h, io.NewSectionReader(r, 0, dataStart))
	if err == nil && n < dataStart {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return Digest{}, fmt.Errorf("hashing the header: %w", err)
	}
	return sum(h), nil
}
