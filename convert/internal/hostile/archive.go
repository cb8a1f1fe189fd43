package hostile

import "strings"

// Sizes, signatures and offsets of the zip structures (APPNOTE 4.3).
const (
	localSize   = 30
	centralSize = 46
	endSize     = 22

	localMagic   = 0x04034b50
	centralMagic = 0x02014b50
	endMagic     = 0x06054b50
	end64Magic   = 0x06064b50
	locatorMagic = 0x07064b50
	descMagic    = 0x08074b50

	flagDesc = 1 << 3
	deflate  = 8
)

// member is one entry of an archive. Without more said, header and directory
// tell the truth about data that is stored.
type member struct {
	name  string
	data  Data
	raw   Data   // what stands in the archive, where that is not data
	noCRC bool   // no CRC is recorded
	way   uint16 // compression method
	size  int64  // in place of data's, where data is not known
	desc  bool   // sizes stand in a descriptor behind the data
	local string // another name in the local header
	extra string // of the local header
	more  string // of the directory
	same  bool   // the entry names the header of the member before it
	lead  Data   // before the local header

	header, central, after func([]byte) // change the structures
}

// archive is a zip archive.
type archive struct {
	members       []member
	gap           Data // between directory and end record
	comment, tail string
	wide          bool // has zip64 end records

	end, end64, locator func([]byte)
}

// at16, at32 and at64 write a number over a structure.
func at16(at int, v uint16) func([]byte) { return func(b []byte) { le.PutUint16(b[at:], v) } }
func at32(at int, v uint32) func([]byte) { return func(b []byte) { le.PutUint32(b[at:], v) } }
func at64(at int, v uint64) func([]byte) { return func(b []byte) { le.PutUint64(b[at:], v) } }

func patched(change func([]byte), b []byte) string {
	if change != nil {
		change(b)
	}
	return string(b)
}

// truth is what header and directory should say of a member.
type truth struct {
	flags      uint16
	crc        uint32
	comp, full uint32
}

func (m *member) truth() truth {
	body := m.body()
	t := truth{comp: uint32(body.Len()), full: uint32(m.data.Len())}
	if m.size != 0 {
		t.full = uint32(m.size)
	}
	if m.desc {
		t.flags = flagDesc
	}
	if !m.noCRC {
		t.crc = m.data.crc()
	}
	return t
}

func (m *member) body() Data {
	if m.raw != nil {
		return m.raw
	}
	return m.data
}

func (m *member) localHeader(t truth) string {
	name := m.name
	if m.local != "" {
		name = m.local
	}
	h := make([]byte, localSize)
	le.PutUint32(h, localMagic)
	le.PutUint16(h[6:], t.flags)
	le.PutUint16(h[8:], m.way)
	if !m.desc {
		le.PutUint32(h[14:], t.crc)
		le.PutUint32(h[18:], t.comp)
		le.PutUint32(h[22:], t.full)
	}
	le.PutUint16(h[26:], uint16(len(name)))
	le.PutUint16(h[28:], uint16(len(m.extra)))
	return patched(m.header, h) + name + m.extra
}

func (m *member) entry(t truth, at int64) string {
	c := make([]byte, centralSize)
	le.PutUint32(c, centralMagic)
	le.PutUint16(c[8:], t.flags)
	le.PutUint16(c[10:], m.way)
	le.PutUint32(c[16:], t.crc)
	le.PutUint32(c[20:], t.comp)
	le.PutUint32(c[24:], t.full)
	le.PutUint16(c[28:], uint16(len(m.name)))
	le.PutUint16(c[30:], uint16(len(m.more)))
	le.PutUint32(c[42:], uint32(at))
	return patched(m.central, c) + m.name + m.more
}

func (m *member) descriptor(t truth) string {
	if !m.desc {
		return ""
	}
	b := le.AppendUint32(nil, descMagic)
	b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, t.crc), t.comp), t.full)
	return patched(m.after, b)
}

// data is the archive's bytes.
func (a archive) data() Data {
	var out Data
	var dir strings.Builder
	var off, last int64
	add := func(d Data) {
		out = append(out, d...)
		off += d.Len()
	}
	for i := range a.members {
		m := &a.members[i]
		t := m.truth()
		add(m.lead)
		at := off
		if m.same {
			at = last
		} else {
			add(bytesOf(m.localHeader(t)))
			add(m.body())
			add(bytesOf(m.descriptor(t)))
		}
		last = at
		dir.WriteString(m.entry(t, at))
	}
	start := off
	add(bytesOf(dir.String()))
	add(a.gap)
	if a.wide {
		add(bytesOf(a.wideEnd(off, start, int64(dir.Len()))))
	}
	return append(out, run{a.endRecord(start, int64(dir.Len())), 1})
}

func (a archive) endRecord(start, size int64) string {
	e := make([]byte, endSize)
	le.PutUint32(e, endMagic)
	le.PutUint16(e[8:], uint16(min(len(a.members), 1<<16-1)))
	le.PutUint16(e[10:], uint16(min(len(a.members), 1<<16-1)))
	le.PutUint32(e[12:], uint32(size))
	le.PutUint32(e[16:], uint32(start))
	le.PutUint16(e[20:], uint16(len(a.comment)))
	return patched(a.end, e) + a.comment + a.tail
}

// wideEnd is the zip64 end record and its locator.
func (a archive) wideEnd(at, start, size int64) string {
	b := make([]byte, 56)
	le.PutUint32(b, end64Magic)
	le.PutUint64(b[4:], 56-12)
	le.PutUint64(b[24:], uint64(len(a.members)))
	le.PutUint64(b[32:], uint64(len(a.members)))
	le.PutUint64(b[40:], uint64(size))
	le.PutUint64(b[48:], uint64(start))
	l := make([]byte, 20)
	le.PutUint32(l, locatorMagic)
	le.PutUint64(l[8:], uint64(at))
	le.PutUint32(l[16:], 1)
	return patched(a.end64, b) + patched(a.locator, l)
}

// wideField is a zip64 extra field.
func wideField(values ...uint64) string {
	b := le.AppendUint16(le.AppendUint16(nil, 1), uint16(8*len(values)))
	for _, v := range values {
		b = le.AppendUint64(b, v)
	}
	return string(b)
}
