package container

import (
	"bufio"
	"errors"
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
// are left. It returns how many the entry takes.
func (s *Source) readCentral(r *bufio.Reader, off, left int64) (m Member, n int64, err error) {
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
	n = centralSize + name + extra + comment
	if left < n {
		return m, 0, fault.At(fault.Malformed, off, "the zip directory is cut off")
	}
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
	case strings.HasPrefix(name, "/"), strings.Contains("/"+name+"/", "/../"):
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

// readLocal finds the payload by the local header and compares the two. It
// reads no more of the local name than the directory has of it: a million
// entries may share one header, whose name may have 64 KiB.
func (s *Source) readLocal(m *Member) error {
	b := make([]byte, localSize+len(m.Name))
	if err := s.at(b, m.Header); err != nil {
		return err
	}
	if le.Uint32(b) != localMagic {
		return fault.At(fault.Malformed, m.Header, "the member's local header is missing")
	}
	name, extra := int64(le.Uint16(b[26:])), int64(le.Uint16(b[28:]))
	m.Payload = m.Header + localSize + name + extra
	if m.Payload > s.base.Len || m.Compressed > s.base.Len-m.Payload {
		return fault.At(fault.Malformed, m.Header, "the member reaches past the end of the file; the file is truncated, fetch it again")
	}
	if m.Method == methodStored && m.Compressed != m.Size {
		return fault.At(fault.Malformed, m.Header, "the member is stored, and its two sizes differ")
	}
	if shown := string(b[localSize:][:min(name, int64(len(m.Name)))]); name != int64(len(m.Name)) || shown != m.Name {
		s.odd("zip-header-mismatch", m.Name, m.Header, "the local header has another name: "+fault.Quote(shown))
	}
	flags, method := le.Uint16(b[6:]), le.Uint16(b[8:])
	const telling = flagEncrypted | flagDesc | flagStrong
	if method != m.Method || flags&telling != m.Flags&telling {
		s.odd("zip-header-mismatch", m.Name, m.Header, "local header and directory disagree on method or flags")
	}
	if flags&flagDesc == 0 {
		if err := s.compareSizes(m, b, extra); err != nil {
			return err
		}
	}
	m.end = m.Payload + m.Compressed
	if m.Flags&flagDesc != 0 {
		return s.readDescriptor(m)
	}
	return nil
}

// compareSizes holds the local header's sizes against the directory's.
func (s *Source) compareSizes(m *Member, b []byte, extra int64) error {
	local := Member{CRC: le.Uint32(b[14:]), Compressed: int64(le.Uint32(b[18:])), Size: int64(le.Uint32(b[22:]))}
	if local.Compressed == all32 || local.Size == all32 {
		x := make([]byte, min(extra, 64)) // zip64 comes first where it is written
		if err := s.at(x, m.Payload-extra); err != nil {
			return err
		}
		local.widen(x) // one that is missing stays all ones, and differs
	}
	if local.CRC != m.CRC || local.Compressed != m.Compressed || local.Size != m.Size {
		s.odd("zip-header-mismatch", m.Name, m.Header, "local header and directory disagree on size or CRC")
	}
	return nil
}

// readDescriptor takes the data descriptor behind the payload, where there is
// one: 12 or 20 bytes, 4 more with the signature that torch writes.
func (s *Source) readDescriptor(m *Member) error {
	var b [24]byte
	n := min(int64(len(b)), s.base.Len-m.end)
	if err := s.at(b[:n], m.end); err != nil {
		return err
	}
	at := int64(0)
	if n >= 4 && le.Uint32(b[:]) == descMagic {
		at = 4
	}
	v := b[at:]
	switch {
	case n >= at+20 && le.Uint32(v) == m.CRC && int64(le.Uint64(v[4:])) == m.Compressed && int64(le.Uint64(v[12:])) == m.Size:
		m.end += at + 20
	case n >= at+12 && le.Uint32(v) == m.CRC && int64(le.Uint32(v[4:])) == m.Compressed && int64(le.Uint32(v[8:])) == m.Size:
		m.end += at + 12
	case at == 4:
		s.odd("zip-header-mismatch", m.Name, m.end, "data descriptor and directory disagree")
		m.end += min(n, 16)
	}
	return nil
}

// unreadable reports whether an error is that of a reader, or of a file that
// changed, and not of what the file holds.
func unreadable(err error) bool {
	var f *fault.Error
	return !errors.As(err, &f) || f.Kind == fault.Changed
}
