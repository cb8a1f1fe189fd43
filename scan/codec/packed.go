package codec

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"

	"github.com/ulikunitz/xz/lzma"
)

// What stands in 7z archives has no header: the archive has its properties.
// A dictionary is as large as it says, and no larger than what comes of the
// bytes that there are: 300 bytes may ask for 4 GiB.

// openPackedLZMA gives the library the header that it wants, in which the
// dictionary is what it needs to be.
func openPackedLZMA(r *bufio.Reader, p container.Packed) (io.Reader, error) {
	if len(p.Properties) != 5 {
		return nil, fault.New(fault.Malformed, "lzma properties of %d bytes, not 5", len(p.Properties))
	}
	if err := plainLZMA(p.Properties[0]); err != nil {
		return nil, err
	}
	dict := int64(binary.LittleEndian.Uint32(p.Properties[1:]))
	window := window(dict, p)
	head := append([]byte{p.Properties[0]}, make([]byte, lzmaHeader-1)...)
	binary.LittleEndian.PutUint32(head[1:], uint32(window))
	binary.LittleEndian.PutUint64(head[5:], uint64(p.Size))
	one, err := lzma.ReaderConfig{DictCap: container.MaxWindow}.NewReader(&headed{r, head})
	if err != nil {
		return nil, err
	}
	return shortened(&drained{r: one}, dict, window, p), nil
}

// window is how much of what it unpacks a coder keeps.
func window(dict int64, p container.Packed) int64 {
	return max(lzma.MinDictCap, min(dict, p.Window, container.MaxWindow))
}

// shortened reads with a window that is smaller than what the data may reach
// back to: most does not, and what does is an error of the limit.
func shortened(r io.Reader, dict, window int64, p container.Packed) io.Reader {
	if window >= min(dict, p.Window) {
		return r
	}
	return &short{r, fault.New(fault.Limit, "an lzma dictionary of %s, more than %s", limit.Size(dict), limit.Size(window))}
}

type short struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (s *short) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if f := (*fault.Error)(nil); err != nil && err != io.EOF && !errors.As(err, &f) {
		err = s.err
	}
	return n, err
}

// headed reads a header, then the rest, of which no byte is read too early:
// what stands behind the end is for the caller to see.
type headed struct {
	*bufio.Reader
	head []byte
}

// Read implements io.Reader.
func (h *headed) Read(p []byte) (int, error) {
	if len(h.head) == 0 {
		return h.Reader.Read(p)
	}
	n := copy(p, h.head)
	h.head = h.head[n:]
	return n, nil
}

// delta adds to each byte the one that stood so far in front of it.
type delta struct {
	r        *bufio.Reader
	past     [256]byte
	at       int
	distance int
}

func openDelta(r *bufio.Reader, p container.Packed) (io.Reader, error) {
	if len(p.Properties) != 1 {
		return nil, fault.New(fault.Malformed, "delta properties of %d bytes, not 1", len(p.Properties))
	}
	return &delta{r: r, distance: int(p.Properties[0]) + 1}, nil
}

// Read implements io.Reader.
func (d *delta) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	for i := range p[:n] {
		p[i] += d.past[d.at]
		d.past[d.at] = p[i]
		d.at = (d.at + 1) % d.distance
	}
	return n, err
}
