package container

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"depickle/scan/fault"
)

// gzipMember is a member by hand: fields is what its flags announce.
func gzipMember(flags byte, fields, data string) string {
	out := "\x1f\x8b\x08" + string(rune(flags&0x7f)) + "\x00\x00\x00\x00\x00\xff" + fields + deflate(data)
	end := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(data)))
	return out + string(binary.LittleEndian.AppendUint32(end, uint32(len(data))))
}

// TestGzip: what Python's gzip reads; testdata/tools/readers.py compares.
func TestGzip(t *testing.T) {
	one := gzipMember(0, "", "hello")
	for _, c := range []struct {
		name, data, want string
		err              error
		left             int
	}{
		{"one", one, "hello", nil, 0},
		{"two", one + one, "hellohello", nil, 0},
		{"zeros between and behind", one + "\x00\x00" + one + "\x00\x00\x00", "hellohello", nil, 0},
		{"junk behind", one + "junk", "hello", nil, 4},
		{"every field, and a checksum that is wrong", gzipMember(0x1f, "\x03\x00abcname\x00comment\x00\xff\xff", "hello"), "hello", nil, 0},
		{"flags that mean nothing", gzipMember(0x60, "", "hello"), "hello", nil, 0},
		{"no data", gzipMember(0, "", ""), "", nil, 0},
		{"cut in the checksum", one[:len(one)-3], "hello", io.ErrUnexpectedEOF, 0},
		{"cut in the next header", one + one[:5], "hello", io.ErrUnexpectedEOF, 0},
		{"a name without an end", one + gzipMember(0x08, "name", "hello")[:14], "hello", io.ErrUnexpectedEOF, 0},
		{"a wrong size", one[:len(one)-1] + "\x01", "hello", fault.New(fault.Malformed, ""), 0},
		{"another method", one + "\x1f\x8b\x07" + one[3:], "hello", fault.New(fault.Malformed, ""), len(one) - 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := strings.NewReader(c.data)
			buf := bufio.NewReader(in)
			r, err := openGzip(buf)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			same := errors.Is(err, c.err) || fault.Is(err, fault.Malformed) && fault.Is(c.err, fault.Malformed)
			if string(got) != c.want || !same {
				t.Errorf("%q, %v; want %q, %v", got, err, c.want, c.err)
			}
			if left := buf.Buffered() + in.Len(); left != c.left {
				t.Errorf("%d bytes left, want %d", left, c.left)
			}
		})
	}
}

// TestZlibWindow: of a small window the data decides.
func TestZlibWindow(t *testing.T) {
	zlib := func(window byte, data string) []byte {
		head := []byte{window<<4 | 8, 0}
		head[1] = byte(31 - (int(head[0])<<8)%31)
		if head[1]&0x20 != 0 {
			t.Fatal("a dictionary")
		}
		return append(head, deflate(data)...)
	}
	for _, c := range []struct {
		window byte
		data   string
		want   bool
	}{{7, "hello", true}, {2, "\x80\x02N.", true}, {0, "(lp0\n.", true}, {2, "hello", false}, {2, "\x80\xffN.", false}, {2, "N", false}} {
		if got := isZlib(zlib(c.window, c.data)); got != c.want {
			t.Errorf("window %d, %q: %v", c.window, c.data, got)
		}
	}
	if isZlib([]byte("\x28\x91junkjunk")) || isZlib([]byte("\x28\x91")) || isZlib([]byte("\x88\x1cxx")) {
		t.Error("what does not inflate is zlib")
	}
}
