package opcode

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"depickle/scan/limit"
)

// mixed is a pickle of many opcodes, short and long payloads, over some
// megabytes.
func mixed(rng *rand.Rand, size int) string {
	var b strings.Builder
	for b.Len() < size {
		switch rng.IntN(20) {
		case 0:
			text := strings.Repeat("t", rng.IntN(3*inline))
			b.WriteString("X" + string([]byte{byte(len(text)), byte(len(text) >> 8), byte(len(text) >> 16), 0}) + text + "0")
		case 1:
			b.WriteString("I" + strings.Repeat("0", rng.IntN(200)) + "7\n0")
		case 2:
			b.WriteString("ccopyreg\n" + strings.Repeat("x", rng.IntN(2000)+1) + "\n0")
		default:
			b.WriteString(strings.Repeat("U\x05helloq\x000", rng.IntN(500)))
		}
	}
	return b.String() + "N."
}

// ops are the opcodes of a pickle, as text, and the error that ends them.
func ops(r io.ReaderAt, size, near int64, ahead bool) (string, error) {
	d := NewDecoder(r, 0, size, limit.Limits{})
	d.Expect(near)
	if ahead {
		d.Ahead()
		defer d.Close()
	}
	var out strings.Builder
	var op Op
	for {
		if err := d.Next(&op); err != nil {
			return out.String(), err
		}
		out.WriteString(string(rune(op.Code)) + string(op.Data) + op.Module + "." + op.Name)
		if op.Code == Stop {
			return out.String(), nil
		}
	}
}

// TestAhead: a decoder that reads ahead gives the same opcodes and the same
// errors.
func TestAhead(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 30 {
		data := mixed(rng, rng.IntN(40*inline))
		size := int64(len(data))
		if rng.IntN(3) == 0 {
			size = rng.Int64N(size)
		}
		near := []int64{0, size, size / 2}[rng.IntN(3)]
		want, wantErr := ops(strings.NewReader(data), size, near, false)
		got, gotErr := ops(strings.NewReader(data), size, near, true)
		if got != want || (wantErr == nil) != (gotErr == nil) || wantErr != nil && wantErr.Error() != gotErr.Error() {
			t.Fatalf("%d bytes: %d and %d bytes of opcodes, %v and %v", size, len(want), len(got), wantErr, gotErr)
		}
	}
}

// failing fails from an offset on.
type failing struct {
	r    io.ReaderAt
	from int64
	err  error
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.from {
		return 0, f.err
	}
	return f.r.ReadAt(p, off)
}

// TestAheadFails: an error of the reader comes when the decoder gets there, and
// not before.
func TestAheadFails(t *testing.T) {
	data := strings.Repeat("U\x05helloq\x000", 100_000) + "N."
	failed := errors.New("failed")
	r := failing{bytes.NewReader([]byte(data)), 5 * inline, failed}
	want, err := ops(r, int64(len(data)), 0, false)
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	got, err := ops(r, int64(len(data)), 0, true)
	if !errors.Is(err, failed) || got != want {
		t.Errorf("%d and %d bytes of opcodes, %v", len(want), len(got), err)
	}
}

// TestAheadCloses: nothing is read once the decoder is closed.
func TestAheadCloses(t *testing.T) {
	data := strings.Repeat("U\x05helloq\x000", 100_000) + "N."
	for stop := range 40 {
		open := true
		r := until{strings.NewReader(data), &open, t}
		d := NewDecoder(r, 0, int64(len(data)), limit.Limits{})
		d.Ahead()
		var op Op
		for range stop * 1000 {
			if err := d.Next(&op); err != nil {
				t.Fatal(err)
			}
		}
		d.Close()
		open = false // with the race detector, a read that goes on is found
	}
}

type until struct {
	io.ReaderAt
	open *bool
	t    *testing.T
}

func (u until) ReadAt(p []byte, off int64) (int, error) {
	if !*u.open {
		u.t.Error("a read behind the end")
	}
	return u.ReaderAt.ReadAt(p, off)
}
