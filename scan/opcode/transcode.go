package opcode

import (
	"errors"
	"io"
)

// chunk is what a transcoder reads and writes at once.
const chunk = 32 << 10

// transcoder decodes text as it is read.
type transcoder struct {
	r    io.Reader
	code Code
	// decode appends what src stands for to dst and returns how much of src
	// it took. It leaves an unfinished unit at the end of src, unless it is
	// the last: then, and at a unit that is wrong, it fails.
	decode func(dst, src []byte, last bool) ([]byte, int, error)
	in     []byte // read and not yet decoded
	out    []byte // decoded and not yet given
	given  int    // of out
	taken  int64  // bytes decoded, for messages
	last   bool   // the end of r is in in
	err    error
}

var errText = errors.New("text does not decode")

func newTranscoder(code Code, r io.Reader) *transcoder {
	t := &transcoder{r: r, code: code}
	switch code {
	case Unicode:
		t.decode = rawUnicodeEscape
	case String:
		t.decode = (&quotedString{}).decode
	default:
		t.decode = func(dst, src []byte, last bool) ([]byte, int, error) {
			n, ok := surrogatepass(src, last)
			dst = append(dst, src[:n]...)
			if !ok {
				return dst, n, errText
			}
			return dst, n, nil
		}
	}
	return t
}

// Read implements io.Reader.
func (t *transcoder) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for t.given == len(t.out) && t.err == nil {
		t.out, t.given = t.out[:0], 0
		t.err = t.step()
	}
	n := copy(p, t.out[t.given:])
	t.given += n
	if n > 0 {
		return n, nil
	}
	return 0, t.err
}

// step decodes another chunk.
func (t *transcoder) step() error {
	if t.last && len(t.in) == 0 {
		return io.EOF
	}
	if !t.last {
		if err := t.fill(); err != nil {
			return err
		}
	}
	var n int
	var err error
	t.out, n, err = t.decode(t.out, t.in, t.last)
	t.taken += int64(n)
	t.in = t.in[:copy(t.in, t.in[n:])]
	if err != nil || (t.last && len(t.in) > 0) {
		return badText(t.code, t.taken)
	}
	return nil
}

// fill reads until the chunk is full or r ends. Decoders leave a few bytes at
// most, so that there is room.
func (t *transcoder) fill() error {
	if t.in == nil {
		t.in = make([]byte, 0, chunk)
	}
	n, err := io.ReadFull(t.r, t.in[len(t.in):cap(t.in)])
	t.in = t.in[:len(t.in)+n]
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		t.last = true
		return nil
	}
	return err
}
