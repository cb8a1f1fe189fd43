package transfer

import (
	"context"
	"crypto/sha256"
	"io"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Hash is the SHA-256 of n bytes at off of r, read through buf, or through a
// buffer of 1 MiB when buf is empty. The context is looked at once per buffer.
// A range that is none is fault.Malformed, one that r does not have
// fault.Changed.
func Hash(ctx context.Context, r io.ReaderAt, off, n int64, buf []byte) ([32]byte, error) {
	var sum [32]byte
	if _, ok := limit.Add(off, n); !ok {
		return sum, fault.New(fault.Malformed, "%d bytes at %d are no range", n, off)
	}
	if len(buf) == 0 {
		buf = make([]byte, min(n, streamMost))
	}
	h := sha256.New()
	for n > 0 {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		p := buf[:min(n, int64(len(buf)))]
		if err := readFull(r, p, off); err != nil {
			return sum, err
		}
		// A hash never fails to write.
		_, _ = h.Write(p)
		off, n = off+int64(len(p)), n-int64(len(p))
	}
	h.Sum(sum[:0])
	return sum, nil
}
