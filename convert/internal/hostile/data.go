package hostile

import (
	"hash"
	"hash/crc32"
	"io"
	"strings"
)

// Data is a file's bytes, as runs of repeated text.
type Data []run

type run struct {
	text  string
	times int64
}

// bytesOf is a text that stands once.
func bytesOf(s string) Data { return Data{{s, 1}} }

// times is a text that stands n times.
func times(n int64, s string) Data { return Data{{s, n}} }

// join puts one behind the other.
func join(parts ...Data) Data {
	var all Data
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// Len is the number of bytes.
func (d Data) Len() int64 {
	var n int64
	for _, r := range d {
		n += r.times * int64(len(r.text))
	}
	return n
}

// block is about how many bytes are written at once.
const block = 64 << 10

// WriteTo implements io.WriterTo.
func (d Data) WriteTo(w io.Writer) (int64, error) {
	var done int64
	for _, r := range d {
		left, many := r.times, int64(1)
		if r.times > 1 && len(r.text) > 0 {
			many = min(r.times, max(1, block/int64(len(r.text))))
		}
		text := strings.Repeat(r.text, int(many))
		for left > 0 {
			k := min(left, many)
			n, err := io.WriteString(w, text[:int(k)*len(r.text)])
			done += int64(n)
			if err != nil {
				return done, err
			}
			left -= k
		}
	}
	return done, nil
}

// String is all of it, for what is short.
func (d Data) String() string {
	var b strings.Builder
	d.WriteTo(&b)
	return b.String()
}

// summed is h's digest of the bytes.
func (d Data) summed(h hash.Hash) []byte {
	d.WriteTo(h)
	return h.Sum(nil)
}

func (d Data) crc() uint32 {
	h := crc32.NewIEEE()
	d.WriteTo(h)
	return h.Sum32()
}

// cut is the first n bytes.
func (d Data) cut(n int64) Data { return bytesOf(d.String()[:n]) }
