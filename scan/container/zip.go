package container

import (
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"

	"depickle/scan/fault"
	"depickle/scan/opcode"
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

func (s *Source) openZip() error {
	s.Format = Zip
	d, err := s.findDirectory()
	if err != nil {
		s.Note = damaged(err)
		s.Streams = []Stream{{Role: Object, Extent: s.base, Err: err}}
		return nil
	}
	if err := s.readMembers(d); err != nil {
		s.Note = damaged(err)
		s.Streams = []Stream{{Role: Object, Extent: s.base, Err: err}}
		return nil
	}
	s.checkSpans(d)
	s.checkNames()
	return s.zipStreams()
}

// damaged is the note of an archive that cannot be opened.
func damaged(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return "a damaged zip archive: " + f.Text
	}
	return "a zip archive that could not be read"
}

// readMembers reads the directory and, for each entry, its local header.
func (s *Source) readMembers(d *directory) error {
	b := make([]byte, d.size)
	if err := s.at(b, d.off); err != nil {
		return err
	}
	s.Members = make([]Member, 0, d.count)
	off := d.off
	for i := int64(0); i < d.count; i++ {
		m, n, err := parseCentral(b, off)
		if err != nil {
			return err
		}
		m.index = int(i)
		if err := s.readLocal(&m); err != nil {
			return fault.In(m.Name, err)
		}
		s.Members = append(s.Members, m)
		b, off = b[n:], off+int64(n)
	}
	if len(b) > 0 {
		s.gap(off, int64(len(b)))
	}
	return nil
}

// parseCentral reads one entry of the central directory.
func parseCentral(b []byte, off int64) (Member, int, error) {
	bad := func(text string) (Member, int, error) {
		return Member{}, 0, fault.At(fault.Malformed, off, "%s", text)
	}
	if len(b) < centralSize || le.Uint32(b) != centralMagic {
		return bad("the zip directory is damaged")
	}
	name, extra, comment := int(le.Uint16(b[28:])), int(le.Uint16(b[30:])), int(le.Uint16(b[32:]))
	n := centralSize + name + extra + comment
	if len(b) < n {
		return bad("the zip directory is cut off")
	}
	m := Member{
		Flags: le.Uint16(b[8:]), Method: le.Uint16(b[10:]), CRC: le.Uint32(b[16:]),
		Compressed: int64(le.Uint32(b[20:])), Size: int64(le.Uint32(b[24:])), Header: int64(le.Uint32(b[42:])),
		Name: string(b[centralSize : centralSize+name]),
	}
	if !m.widen(b[centralSize+name : centralSize+name+extra]) {
		return bad("a zip64 size is missing or out of range")
	}
	return m, n, nil
}

// widen takes 64-bit values from the zip64 extra field for those that are all
// ones.
func (m *Member) widen(extra []byte) bool {
	var z []byte
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if n > len(extra)-4 {
			break
		}
		if id == extraZip64 {
			z = extra[4 : 4+n]
			break
		}
		extra = extra[4+n:]
	}
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

// readLocal finds the payload by the local header and compares the two.
func (s *Source) readLocal(m *Member) error {
	var b [localSize]byte
	if err := s.at(b[:], m.Header); err != nil {
		return err
	}
	if le.Uint32(b[:]) != localMagic {
		return fault.At(fault.Malformed, m.Header, "the member's local header is missing")
	}
	name := make([]byte, le.Uint16(b[26:]))
	if err := s.at(name, m.Header+localSize); err != nil {
		return err
	}
	m.Payload = m.Header + localSize + int64(len(name)) + int64(le.Uint16(b[28:]))
	if m.Payload > s.base.Len || m.Compressed > s.base.Len-m.Payload {
		return fault.At(fault.Malformed, m.Header, "the member reaches past the end of the file; the file is truncated, fetch it again")
	}
	if m.Method == methodStored && m.Compressed != m.Size {
		return fault.At(fault.Malformed, m.Header, "the member is stored, and its two sizes differ")
	}
	if string(name) != m.Name {
		s.odd("zip-header-mismatch", m.Name, m.Header, "the local header has another name: "+fault.Quote(string(name)))
	}
	flags, method := le.Uint16(b[6:]), le.Uint16(b[8:])
	const telling = flagEncrypted | flagDesc | flagStrong
	if method != m.Method || flags&telling != m.Flags&telling {
		s.odd("zip-header-mismatch", m.Name, m.Header, "local header and directory disagree on method or flags")
	}
	if flags&flagDesc == 0 {
		crc, comp, size := le.Uint32(b[14:]), int64(le.Uint32(b[18:])), int64(le.Uint32(b[22:]))
		if crc != m.CRC || (comp != m.Compressed && comp != all32) || (size != m.Size && size != all32) {
			s.odd("zip-header-mismatch", m.Name, m.Header, "local header and directory disagree on size or CRC")
		}
	}
	m.end = m.Payload + m.Compressed
	if m.Flags&flagDesc != 0 {
		s.readDescriptor(m)
	}
	return nil
}

// readDescriptor takes the data descriptor behind the payload, where there is
// one: 12 or 20 bytes, 4 more with the signature that torch writes.
func (s *Source) readDescriptor(m *Member) {
	var b [24]byte
	n := min(int64(len(b)), s.base.Len-m.end)
	if s.at(b[:n], m.end) != nil {
		return
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
		m.end += 16
	}
}

// checkSpans finds members that overlap and bytes that belong to none.
func (s *Source) checkSpans(d *directory) {
	order := make([]*Member, len(s.Members))
	for i := range s.Members {
		order[i] = &s.Members[i]
	}
	sort.SliceStable(order, func(i, j int) bool { return order[i].Header < order[j].Header })
	var at int64
	for _, m := range order {
		switch {
		case m.Header < at:
			s.odd("zip-overlap", m.Name, m.Header, "the member overlaps the one before it")
		case m.Header > at:
			s.gap(at, m.Header-at)
		}
		at = max(at, m.end)
	}
	if at > d.off {
		s.odd("zip-overlap", "", d.off, "a member overlaps the directory")
	}
	s.gap(at, d.off-at)
}

// checkNames takes the prefix as torch does, from the first entry, and
// refuses what readers disagree on: torch's lookup ignores case and picks
// among equals by position.
func (s *Source) checkNames() {
	s.byName = make(map[string]int, len(s.Members))
	if len(s.Members) > 0 {
		if i := strings.IndexByte(s.Members[0].Name, '/'); i >= 0 {
			s.prefix = s.Members[0].Name[:i+1]
		}
	}
	seen := make(map[string]int, len(s.Members))
	for i := range s.Members {
		m := &s.Members[i]
		low := strings.ToLower(m.Name)
		if j, ok := seen[low]; ok {
			if s.Members[j].Name == m.Name {
				s.odd("zip-duplicate", m.Name, m.Header, "two members have this name; readers differ on which one they take")
			} else {
				s.odd("zip-case-twin", m.Name, m.Header, "another member's name differs only in case: "+fault.Quote(s.Members[j].Name))
			}
		} else {
			seen[low] = i
			if rest, ok := strings.CutPrefix(low, strings.ToLower(s.prefix)); ok {
				s.byName[rest] = i
			}
		}
		if m.Encrypted() {
			s.odd("zip-encrypted", m.Name, m.Header, "the member is encrypted")
		} else if !m.Readable() {
			s.odd("zip-method", m.Name, m.Header, fmt.Sprintf("the member is compressed by method %d, which depickle does not read", m.Method))
		}
	}
}

// zipStreams lists the members that hold pickles, the object first. Every
// member is looked at: one that torch never opens may still be loaded by
// another program.
func (s *Source) zipStreams() error {
	object, torch := s.byName["data.pkl"]
	if _, script := s.byName["constants.pkl"]; torch && script {
		s.Format, s.Note = TorchScript, "a TorchScript archive, which this version does not convert"
	} else if torch {
		s.Format = TorchZip
	} else {
		s.Note = "a zip archive without a data.pkl, so not a PyTorch checkpoint; unpack it and convert what is inside"
	}
	if torch {
		if err := s.byteOrder(); err != nil {
			return err
		}
		s.addStream(&s.Members[object], Object)
	}
	for i := range s.Members {
		m := &s.Members[i]
		if (torch && i == object) || !m.Readable() || m.Size == 0 {
			continue
		}
		if s.isStorage(m) {
			continue
		}
		if s.looksLikePickle(m) {
			s.addStream(m, Extra)
		}
	}
	return nil
}

func (s *Source) isStorage(m *Member) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(m.Name), strings.ToLower(s.prefix)+"data/")
	return ok && rest != "" && (s.Format == TorchZip || s.Format == TorchScript)
}

func (s *Source) addStream(m *Member, role Role) {
	st := Stream{Index: len(s.Streams), Member: m.Name, Role: role}
	e, err := s.Payload(m)
	if err != nil {
		st.Err = fault.In(m.Name, err)
		s.Streams = append(s.Streams, st)
		return
	}
	st.Extent = e
	_, end, err := s.findStop(e)
	if err != nil {
		st.Err = fault.In(m.Name, err)
		s.Streams = append(s.Streams, st)
		return
	}
	st.Extent.Len = end - e.Off
	s.Streams = append(s.Streams, st)
	if rest := e.Off + e.Len - end; rest > 0 {
		s.Unaccounted = append(s.Unaccounted, Extent{Space: e.Space, Off: end, Len: rest})
	}
}

// looksLikePickle opens a member that has a pickle's name or begins as one.
func (s *Source) looksLikePickle(m *Member) bool {
	low := strings.ToLower(m.Name)
	if strings.HasSuffix(low, ".pkl") || strings.HasSuffix(low, ".pickle") {
		return true
	}
	r, err := s.open1(m)
	if err != nil {
		return false
	}
	var b [2]byte
	n, _ := io.ReadFull(r, b[:])
	return n == 2 && b[0] == byte(opcode.Proto) && b[1] <= 5
}

// byteOrder reads the member of that name; files before torch 2.1 have none
// and are little-endian.
func (s *Source) byteOrder() error {
	i, ok := s.byName["byteorder"]
	if !ok {
		return nil
	}
	m := &s.Members[i]
	r, err := s.open1(m)
	if err != nil {
		return nil // the member's oddity says why
	}
	var b [8]byte
	n, _ := io.ReadFull(r, b[:])
	switch string(b[:n]) {
	case "little":
	case "big":
		s.BigEndian = true
	default:
		s.odd("zip-byteorder", m.Name, m.Payload, "the byte order is neither little nor big: "+fault.Quote(string(b[:n])))
	}
	return nil
}

// UnknownMembers lists the members of a torch archive that torch neither
// writes nor reads. They are no reason to refuse it: each release adds some.
func (s *Source) UnknownMembers() []string {
	if s.Format != TorchZip && s.Format != TorchScript {
		return nil
	}
	var out []string
	for i := range s.Members {
		if m := &s.Members[i]; !s.isStorage(m) && !s.known(m.Name) {
			out = append(out, m.Name)
		}
	}
	return out
}

// known reports whether torch writes members of that name.
func (s *Source) known(name string) bool {
	low := strings.ToLower(name)
	rest, ok := strings.CutPrefix(low, strings.ToLower(s.prefix))
	if !ok {
		return false
	}
	switch rest {
	case "", "data.pkl", "byteorder", "version", ".format_version", ".storage_alignment", ".data/serialization_id", ".data/version":
		return true
	}
	if s.Format != TorchScript {
		return false
	}
	return rest == "constants.pkl" || strings.HasPrefix(rest, "code/") || strings.HasPrefix(rest, "constants/") || strings.HasPrefix(rest, "extra/")
}
