package container

import (
	"bufio"
	"context"
	"errors"
	"hash/crc32"
	"io"

	"depickle/scan/fault"

	"github.com/klauspost/compress/flate"
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
		in := s.inflate(s.watch.context(), m)
		return in.extent, s.keep(in)
	}
	return Extent{}, &fault.Error{Kind: fault.Unsupported, Member: m.Name, Offset: m.Header, Text: "the member's compression method is not one that depickle reads"}
}

// inflated is a member that was inflated.
type inflated struct {
	member   *Member
	extent   Extent
	wrongCRC bool
	used     int64 // compressed bytes
	err      error
}

// keep notes what was inflated.
func (s *Source) keep(in inflated) error {
	m := in.member
	if in.err != nil {
		return fault.In(m.Name, in.err)
	}
	if in.wrongCRC {
		s.odd("zip-crc", m.Name, m.Payload, "the member's CRC is wrong")
	}
	if err := s.gap(m.Payload+in.used, m.Compressed-in.used); err != nil {
		return fault.In(m.Name, err)
	}
	if s.spans == nil {
		s.spans = map[int]Extent{}
	}
	s.spans[m.index] = in.extent
	return nil
}

// inflate inflates a member into the spool. It changes nothing else, so that
// several may be inflated side by side.
func (s *Source) inflate(ctx context.Context, m *Member) inflated {
	in := inflated{member: m}
	in.err = s.inflateInto(ctx, m, &in)
	return in
}

func (s *Source) inflateInto(ctx context.Context, m *Member, in *inflated) error {
	if m.Size/maxRatio > m.Compressed {
		return fault.At(fault.Malformed, m.Header, "the member declares %d bytes, more than %d compressed ones can hold", m.Size, m.Compressed)
	}
	// A buffered reader, since flate then takes no byte more than it needs. The
	// context is looked at where the bytes come out: a few may go in for many.
	raw := s.Section(s.sub(m.Payload, m.Compressed))
	buf := bufio.NewReaderSize(raw, int(max(min(m.Compressed, inflateBuffer), 16)))
	sum := crc32.NewIEEE()
	var err error
	in.extent, err = s.Spool(&cancelled{ctx, io.TeeReader(flate.NewReader(buf), sum)}, m.Size)
	if corrupt(err) {
		return fault.At(fault.Malformed, m.Payload, "the member's compressed data is damaged")
	}
	if err != nil {
		return err
	}
	if in.extent.Len != m.Size {
		return fault.At(fault.Malformed, m.Payload, "the member declares %d bytes and holds %d", m.Size, in.extent.Len)
	}
	in.wrongCRC = m.CRC != 0 && sum.Sum32() != m.CRC
	at, err := raw.Seek(0, io.SeekCurrent)
	in.used = at - int64(buf.Buffered())
	return err
}

// inflateBuffer is what is read of compressed data at once, in bytes.
const inflateBuffer = 64 << 10

// cancelled ends a reader with its context.
type cancelled struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c *cancelled) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
}

// corrupt reports whether an error is deflate's own, and not that of what it
// reads from.
func corrupt(err error) bool {
	var bad flate.CorruptInputError
	var odd flate.InternalError // this library's word for a code that is none
	return errors.As(err, &bad) || errors.As(err, &odd) || errors.Is(err, io.ErrUnexpectedEOF)
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
