package container

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// entry is a member of an archive made by hand. The zero value is what torch
// does not write, and every zip reader takes: stored, sizes in the header.
type entry struct {
	name, data string
	local      string // another name in the local header
	deflated   bool
	desc       int    // bytes of a data descriptor: 12, 16, 20 or 24
	lead       string // before the local header
	extra      string // of the local header
	more       string // of the directory
	comment    string
	tail       string         // more bytes of compressed data
	header     func(b []byte) // changes the local header
	entry      func(b []byte) // changes the directory's
	after      func(b []byte) // changes the descriptor
	same       *int           // the member whose header this one names
}

// archive is a zip archive made by hand.
type archive struct {
	lead, gap, tail, comment string
	entries                  []entry
	zip64                    bool
	end                      func(b []byte) // changes the end record
	end64                    func(b []byte)
	locator                  func(b []byte)
}

func deflate(s string) string {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		panic(err)
	}
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

func patch(f func([]byte), b []byte) []byte {
	if f != nil {
		f(b)
	}
	return b
}

func (a archive) bytes() string {
	var out, dir []byte
	out = append(out, a.lead...)
	var headers []int
	for _, e := range a.entries {
		out = append(out, e.lead...)
		at := len(out)
		raw, method, flags := e.data, uint16(0), uint16(0)
		if e.deflated {
			raw, method = deflate(e.data)+e.tail, 8
		}
		if e.desc > 0 {
			flags = flagDesc
		}
		crc := crc32.ChecksumIEEE([]byte(e.data))
		name := e.name
		if e.local != "" {
			name = e.local
		}
		h := make([]byte, localSize)
		le.PutUint32(h, localMagic)
		le.PutUint16(h[6:], flags)
		le.PutUint16(h[8:], method)
		if e.desc == 0 {
			le.PutUint32(h[14:], crc)
			le.PutUint32(h[18:], uint32(len(raw)))
			le.PutUint32(h[22:], uint32(len(e.data)))
		}
		le.PutUint16(h[26:], uint16(len(name)))
		le.PutUint16(h[28:], uint16(len(e.extra)))
		if e.same == nil {
			out = append(append(append(append(out, patch(e.header, h)...), name...), e.extra...), raw...)
			out = append(out, patch(e.after, descriptor(e.desc, crc, len(raw), len(e.data)))...)
		} else {
			at = headers[*e.same]
		}
		headers = append(headers, at)
		c := make([]byte, centralSize)
		le.PutUint32(c, centralMagic)
		le.PutUint16(c[8:], flags)
		le.PutUint16(c[10:], method)
		le.PutUint32(c[16:], crc)
		le.PutUint32(c[20:], uint32(len(raw)))
		le.PutUint32(c[24:], uint32(len(e.data)))
		le.PutUint16(c[28:], uint16(len(e.name)))
		le.PutUint16(c[30:], uint16(len(e.more)))
		le.PutUint16(c[32:], uint16(len(e.comment)))
		le.PutUint32(c[42:], uint32(at))
		dir = append(append(append(append(dir, patch(e.entry, c)...), e.name...), e.more...), e.comment...)
	}
	off := len(out)
	out = append(append(out, dir...), a.gap...)
	end := make([]byte, endSize)
	le.PutUint32(end, endMagic)
	le.PutUint16(end[8:], uint16(len(a.entries)))
	le.PutUint16(end[10:], uint16(len(a.entries)))
	le.PutUint32(end[12:], uint32(len(dir)))
	le.PutUint32(end[16:], uint32(off))
	le.PutUint16(end[20:], uint16(len(a.comment)))
	if a.zip64 {
		out = append(out, a.wide(len(out), off, len(dir))...)
	}
	return string(out) + string(patch(a.end, end)) + a.comment + a.tail
}

// wide is the zip64 end record and its locator.
func (a archive) wide(at, off, size int) []byte {
	b := make([]byte, end64Size)
	le.PutUint32(b, end64Magic)
	le.PutUint64(b[4:], end64Size-12)
	le.PutUint64(b[24:], uint64(len(a.entries)))
	le.PutUint64(b[32:], uint64(len(a.entries)))
	le.PutUint64(b[40:], uint64(size))
	le.PutUint64(b[48:], uint64(off))
	l := make([]byte, locatorSize)
	le.PutUint32(l, locatorMagic)
	le.PutUint64(l[8:], uint64(at))
	le.PutUint32(l[16:], 1)
	return append(patch(a.end64, b), patch(a.locator, l)...)
}

func descriptor(size int, crc uint32, comp, full int) []byte {
	var b []byte
	if size == 16 || size == 24 {
		b = le.AppendUint32(b, descMagic)
	}
	switch size {
	case 12, 16:
		b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, crc), uint32(comp)), uint32(full))
	case 20, 24:
		b = le.AppendUint64(le.AppendUint64(le.AppendUint32(b, crc), uint64(comp)), uint64(full))
	}
	return b
}

// wide64 is a zip64 extra field.
func wide64(values ...uint64) string {
	b := le.AppendUint16(le.AppendUint16(nil, extraZip64), uint16(8*len(values)))
	for _, v := range values {
		b = le.AppendUint64(b, v)
	}
	return string(b)
}

// pid is an object of one tensor's storage, by its persistent id.
func pid(class, key string, numel int) string {
	return fmt.Sprintf("\x80\x02(X\x07\x00\x00\x00storagectorch\n%s\nX%s%sX\x03\x00\x00\x00cpuJ%stQ.",
		class, le.AppendUint32(nil, uint32(len(key))), key, le.AppendUint32(nil, uint32(numel)))
}

// checkpoint is an archive like torch's, of those members and others.
func checkpoint(more ...entry) archive {
	return archive{entries: append([]entry{
		{name: "m/data.pkl", data: pid("FloatStorage", "0", 2), desc: 16},
		{name: "m/byteorder", data: "little", desc: 16},
		{name: "m/data/0", data: "12345678", desc: 16},
	}, more...)}
}

func openString(t testing.TB, data string, l limit.Limits) *Source {
	t.Helper()
	s, err := Open(strings.NewReader(data), int64(len(data)), Options{Limits: l, TempDir: t.TempDir()})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// odds are the ids of the oddities, sorted, each once.
func odds(s *Source) string {
	var ids []string
	for _, o := range s.Oddities {
		ids = append(ids, o.ID)
	}
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), " ")
}

// streams describes the streams: role, length and kind of error.
func streams(s *Source) string {
	var parts []string
	for _, st := range s.Streams {
		p := fmt.Sprintf("%d", st.Role)
		if st.Member != "" {
			p += ":" + st.Member
		}
		if st.Err != nil {
			p += "!" + kindOf(st.Err)
		}
		parts = append(parts, p)
	}
	return strings.Join(parts, " ")
}

func kindOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Kind.String()
	}
	return "error"
}

// unaccounted is the bytes that nothing explains.
func unaccounted(s *Source) (n int64) {
	for _, e := range s.Unaccounted {
		n += e.Len
	}
	return n
}

func content(t testing.TB, s *Source, e Extent) string {
	t.Helper()
	b, err := io.ReadAll(s.Section(e))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
