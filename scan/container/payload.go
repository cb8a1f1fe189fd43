package container

import (
	"bufio"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"

	"depickle/scan/fault"
)

// maxRatio is the most that deflate can expand: 258 bytes from 2 bits, 1032 to
// 1. A member that declares more is lying.
const maxRatio = 1032

// Payload returns a member's bytes: its place in the file when it is stored,
// or in the spool, where it is inflated once and its CRC verified.
func (s *Source) Payload(m *Member) (Extent, error) {
	if m.Encrypted() {
		return Extent{}, &fault.Error{Kind: fault.Unsupported, Member: m.Name, Offset: m.Header, Text: "the member is encrypted"}
	}
	switch m.Method {
	case methodStored:
		return s.sub(m.Payload, m.Size), nil
	case methodDeflate:
		if e, ok := s.spans[m.index]; ok {
			return e, nil
		}
		e, err := s.inflate(m)
		if err != nil {
			return Extent{}, fault.In(m.Name, err)
		}
		if s.spans == nil {
			s.spans = map[int]Extent{}
		}
		s.spans[m.index] = e
		return e, nil
	}
	return Extent{}, &fault.Error{Kind: fault.Unsupported, Member: m.Name, Offset: m.Header, Text: "the member's compression method is not one that depickle reads"}
}

func (s *Source) inflate(m *Member) (Extent, error) {
	if m.Size/maxRatio > m.Compressed {
		return Extent{}, fault.At(fault.Malformed, m.Header, "the member declares %d bytes, more than %d compressed ones can hold", m.Size, m.Compressed)
	}
	// A buffered reader, since flate then takes no byte more than it needs.
	raw := s.Section(s.sub(m.Payload, m.Compressed))
	in := bufio.NewReader(raw)
	sum := crc32.NewIEEE()
	e, err := s.Spool(io.TeeReader(flate.NewReader(in), sum), m.Size)
	if corrupt(err) {
		return e, fault.At(fault.Malformed, m.Payload, "the member's compressed data is damaged")
	}
	if err != nil {
		return e, err
	}
	if e.Len != m.Size {
		return e, fault.At(fault.Malformed, m.Payload, "the member declares %d bytes and holds %d", m.Size, e.Len)
	}
	if m.CRC != 0 && sum.Sum32() != m.CRC {
		s.odd("zip-crc", m.Name, m.Payload, "the member's CRC is wrong")
	}
	at, err := raw.Seek(0, io.SeekCurrent)
	if err != nil {
		return e, err
	}
	used := at - int64(in.Buffered())
	return e, s.gap(m.Payload+used, m.Compressed-used)
}

// corrupt reports whether an error is deflate's own, and not that of what it
// reads from.
func corrupt(err error) bool {
	var bad flate.CorruptInputError
	return errors.As(err, &bad) || errors.Is(err, io.ErrUnexpectedEOF)
}

// checkCRC notes a wrong CRC of a stored member that is read whole anyway.
func (s *Source) checkCRC(m *Member) error {
	if !m.Stored() || m.CRC == 0 {
		return nil
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, s.Section(s.sub(m.Payload, m.Size))); err != nil {
		return err
	}
	if sum.Sum32() != m.CRC {
		s.odd("zip-crc", m.Name, m.Payload, "the member's CRC is wrong")
	}
	return nil
}

// open1 reads a member's first bytes without spooling it.
func (s *Source) open1(m *Member) (io.Reader, error) {
	if !m.Readable() {
		return nil, fault.New(fault.Unsupported, "unreadable member")
	}
	raw := s.Section(s.sub(m.Payload, m.Compressed))
	if m.Method == methodDeflate {
		return io.LimitReader(flate.NewReader(raw), m.Size), nil
	}
	return raw, nil
}
