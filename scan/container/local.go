package container

import "depickle/scan/fault"

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
	// An encrypted one has twelve bytes more.
	if m.Method == methodStored && m.Compressed != m.Size && !m.Encrypted() {
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
