package container

import (
	"bufio"
	"io"
	"strings"

	"depickle/scan/fault"
)

// The compression methods that are read.
const (
	methodStored  = 0
	methodDeflate = 8
)

// Member is one entry of a zip archive.
type Member struct {
	Name       string
	Header     int64 // offset of the local header
	Payload    int64 // offset of the data, from the LOCAL header
	Compressed int64
	Size       int64
	CRC        uint32 // 0: not recorded (torch may leave it out)
	Method     uint16
	Flags      uint16
	end        int64 // behind the data and its descriptor
	index      int
}

// Encrypted reports whether the data cannot be read without a password.
func (m *Member) Encrypted() bool { return m.Flags&(flagEncrypted|flagStrong) != 0 }

// Readable reports whether the method is one that depickle inflates.
func (m *Member) Readable() bool {
	return !m.Encrypted() && (m.Method == methodStored || m.Method == methodDeflate)
}

// Stored reports whether the data stands in the file as it is.
func (m *Member) Stored() bool { return m.Method == methodStored }

// readCentral reads one entry of the central directory, of whose bytes left
// are left. It returns how many the entry takes. Python lets the last entry be
// cut off behind its first fields: clip does.
func (s *Source) readCentral(r *bufio.Reader, off, left int64, clip bool) (m Member, n int64, err error) {
	var b [centralSize]byte
	if left < centralSize {
		return m, 0, fault.At(fault.Malformed, off, "the zip directory is cut off")
	}
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return m, 0, err
	}
	if le.Uint32(b[:]) != centralMagic {
		return m, 0, fault.At(fault.Malformed, off, "the zip directory is damaged")
	}
	name, extra, comment := int64(le.Uint16(b[28:])), int64(le.Uint16(b[30:])), int64(le.Uint16(b[32:]))
	if left -= centralSize; clip {
		name = min(name, left)
		extra = min(extra, left-name)
		comment = min(comment, left-name-extra)
	}
	if n = name + extra + comment; left < n {
		return m, 0, fault.At(fault.Malformed, off, "the zip directory is cut off")
	}
	n += centralSize
	rest := make([]byte, name+extra)
	if _, err := io.ReadFull(r, rest); err != nil {
		return m, 0, err
	}
	if _, err := r.Discard(int(comment)); err != nil {
		return m, 0, err
	}
	m = Member{
		Flags: le.Uint16(b[8:]), Method: le.Uint16(b[10:]), CRC: le.Uint32(b[16:]),
		Compressed: int64(le.Uint32(b[20:])), Size: int64(le.Uint32(b[24:])), Header: int64(le.Uint32(b[42:])),
		Name: string(rest[:name]),
	}
	if !m.widen(rest[name:]) {
		return m, 0, fault.At(fault.Malformed, off, "a zip64 size is missing or out of range")
	}
	if why := disputed(m.Name, rest[name:]); why != "" {
		s.odd("zip-name", m.Name, m.Header, why)
	}
	return m, n, nil
}

// disputed says why readers may take a member for another one.
func disputed(name string, extra []byte) string {
	switch {
	case strings.IndexByte(name, 0) >= 0:
		return "the member's name holds a NUL, where some readers end it"
	case strings.IndexByte(name, '\\') >= 0:
		return "the member's name holds a backslash, which some readers take for a slash"
	case leadsOut(name):
		return "the member's name leads out of the archive"
	}
	// A version, a CRC and a name (Info-ZIP's), which Python takes since 3.13.
	if other := field(extra, extraName); len(other) > 5 && string(other[5:]) != name {
		return "the member has another name in its extra field, which some readers take: " + fault.Quote(string(other[5:]))
	}
	return ""
}

// field finds an extra field by its id.
func field(extra []byte, id uint16) []byte {
	for len(extra) >= 4 {
		n := int(le.Uint16(extra[2:]))
		if n > len(extra)-4 {
			return nil
		}
		if le.Uint16(extra) == id {
			return extra[4 : 4+n : 4+n]
		}
		extra = extra[4+n:]
	}
	return nil
}

// widen takes 64-bit values from the zip64 extra field for those that are all
// ones.
func (m *Member) widen(extra []byte) bool {
	z := field(extra, extraZip64)
	for _, v := range []*int64{&m.Size, &m.Compressed, &m.Header} {
		if *v != all32 {
			continue
		}
		if len(z) < 8 {
			return false
		}
		*v, z = int64(le.Uint64(z)), z[8:]
		if *v < 0 {
			return false
		}
	}
	return true
}

// unreadable reports whether an error is that of a reader, or of a file that
// changed, and not of what the file holds.
func unreadable(err error) bool {
	return fault.Of(err) == nil
}
