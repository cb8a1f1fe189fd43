package transfer

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// compareBuffer is read of each side at once, in bytes.
const compareBuffer = 256 << 10

// Same is the offset that Compare returns when there is no difference.
const Same = -1

// Compare reads both to their ends and returns the offset of the first byte
// that differs, [Same] when none does. When one ends before the other, that is
// where they differ. The errors are those of the readers, which keep their
// kinds; with an error the offset is Same and means nothing.
func Compare(ctx context.Context, got, want io.Reader) (diff int64, err error) {
	a, b := make([]byte, compareBuffer), make([]byte, compareBuffer)
	for off := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return Same, err
		}
		n, err := fillFrom(got, a)
		if err != nil {
			return Same, fmt.Errorf("reading what was written: %w", err)
		}
		m, err := fillFrom(want, b)
		if err != nil {
			return Same, fmt.Errorf("reading the source again: %w", err)
		}
		if !bytes.Equal(a[:n], b[:m]) {
			return off + firstDifference(a[:n], b[:m]), nil
		}
		if n < len(a) {
			return Same, nil
		}
		off += int64(n)
	}
}

// fillFrom reads until p is full or r ends. Only io.EOF is an end: a reader
// that reports io.ErrUnexpectedEOF was cut short, which is an error.
func fillFrom(r io.Reader, p []byte) (int, error) {
	n := 0
	for idle := 0; n < len(p); {
		m, err := r.Read(p[n:])
		n += m
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if m > 0 {
			idle = 0
		} else if idle++; idle == 100 {
			return n, io.ErrNoProgress
		}
	}
	return n, nil
}

// firstDifference is where a and b part; they are not equal.
func firstDifference(a, b []byte) int64 {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return int64(i)
		}
	}
	return int64(n)
}
