package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"

	"depickle/convert/internal/raced"
	"depickle/scan/fault"
)

// list is a header of n entries.
func list(open, end string, n int, entry func(i int) string) []byte {
	var b bytes.Buffer
	b.WriteString(open)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(entry(i))
	}
	b.WriteString(end)
	return file(b.String(), 0)
}

func empty(name string) string {
	return fmt.Sprintf(`%q:{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`, name)
}

// TestBounds: the most that is read, and one more.
func TestBounds(t *testing.T) {
	if raced.On {
		t.Skip("hundreds of MB, one by one; CI runs them without the race detector")
	}
	meta := `{"__metadata__":{`
	megabyte := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		name string
		file []byte
		want string // "" for what is read
	}{
		{"500,001 tensors", list("{", "}", MaxTensors+1, func(i int) string { return empty(fmt.Sprint(i)) }),
			"limit: more than 500000 tensors in one file"},
		{"100,000 entries", list(meta, "}}", MaxMetadata, func(i int) string { return fmt.Sprintf(`"%d":""`, i) }), ""},
		{"100,001 entries", list(meta, "}}", MaxMetadata+1, func(i int) string { return fmt.Sprintf(`"%d":""`, i) }),
			"limit: more than 100000 entries of metadata"},
		{"15 MiB of texts", list(meta, "}}", 15, func(i int) string { return fmt.Sprintf(`"%d":"%s"`, i, megabyte) }), ""},
		{"17 MiB of texts", list(meta, "}}", 17, func(i int) string { return fmt.Sprintf(`"%d":"%s"`, i, megabyte) }),
			"limit: more than 16781568 bytes of names and metadata"},
		{"17 MiB of names", list("{", "}", 17, func(i int) string { return empty(fmt.Sprint(i) + megabyte) }),
			"limit: more than 16794624 bytes of names and metadata"},
		{"a text of 7 MiB", file(meta+`"k":"`+strings.Repeat(megabyte, 7)+`"}}`, 0), ""},
		{"a text of 9 MiB", file(meta+`"k":"`+strings.Repeat(megabyte, 9)+`"}}`, 0), "limit: a name or text of more than 8388608 bytes"},
		{"a name of 9 MiB", file("{"+empty(strings.Repeat(megabyte, 9))+"}", 0), "limit: a name or text of more than 8388608 bytes"},
		{"a number of 9 MiB", file(`{"a":{"dtype":"U8","shape":[`+strings.Repeat("0", 9<<20)+`]}}`, 0), "malformed: at offset 0x25: \"a\": header is not strict JSON in UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Read(bytes.NewReader(c.file), int64(len(c.file)))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %.200s\nwant %s", got, c.want)
			}
		})
	}
}

// TestLongTextIsNotRead: what is too long is not read to its end.
func TestLongTextIsNotRead(t *testing.T) {
	const n = 90 << 20
	text := io.NewSectionReader(nineties{}, 0, n)
	h := &counting{r: text}
	head := append([]byte{0, 0, 0, 0, 0, 0, 0, 0}, `{"`...)
	binary.LittleEndian.PutUint64(head, n)
	_, err := Read(joined{head, h}, 8+n)
	if !fault.Is(err, fault.Limit) || h.read > 2*MaxText {
		t.Errorf("%v, after %d bytes", err, h.read)
	}
}

type nineties struct{}

func (nineties) ReadAt(p []byte, _ int64) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

type counting struct {
	r    io.ReaderAt
	read int64
}

func (c *counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.read += int64(n)
	return n, err
}

// joined is a head, and behind it what a reader has there.
type joined struct {
	head []byte
	r    io.ReaderAt
}

func (j joined) ReadAt(p []byte, off int64) (int, error) {
	n := 0
	if off < int64(len(j.head)) {
		n = copy(p, j.head[off:])
	}
	m, err := j.r.ReadAt(p[n:], off+int64(n))
	return n + m, err
}
