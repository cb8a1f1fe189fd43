package container

import (
	"bufio"
	"errors"
	"io"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Part is a file inside of this one: a member of an archive, or what a
// compressed file holds.
type Part struct {
	Name      string  // in this file; "" for what a compressed file holds
	member    *Member // of a zip
	extent    Extent  // where it stands in this file, compressed if codec is set
	codec     *Codec
	packed    *packed    // of a 7z archive
	zip       bool       // read as a zip archive, whatever it begins with
	directory *directory // the one that it is read by
	spooled   *spooled   // what it was unpacked to, once it was
}

type spooled struct {
	e   Extent
	err error
}

// Sweep looks at the members that stand where torch keeps storages, and that no
// pickle has declared by now: nobody knows what they are, and those that may
// hold a pickle become parts.
func (s *Source) Sweep() error {
	if s.swept || s.Format != TorchZip && s.Format != TorchScript {
		return nil
	}
	s.swept = true
	for i := range s.Members {
		m := &s.Members[i]
		if s.declared[m.index] || !s.isStorage(m) || named(m) || !m.Readable() || m.Size == 0 {
			continue
		}
		is, part, err := s.looksLikePickle(m)
		if err != nil {
			return fault.In(m.Name, err)
		}
		if is || part {
			s.Parts = append(s.Parts, Part{Name: m.Name, member: m})
		}
	}
	return nil
}

// Bytes is what the part takes in its file.
func (p *Part) Bytes() int64 {
	switch {
	case p.member != nil:
		return p.member.Compressed
	case p.packed != nil:
		return p.packed.bytes()
	}
	return p.extent.Len
}

// Open opens a part as a Source of its own, which is closed with this one. A
// part that cannot be read to its end is opened as far as it goes: a loader
// has run the beginning by the time that it finds out. Then the error comes
// with a Source.
func (s *Source) Open(p *Part) (*Source, error) {
	if p.spooled == nil {
		e, err := s.unpack(p)
		p.spooled = &spooled{e, err}
	}
	e, err := p.spooled.e, p.spooled.err
	if err != nil && (unreadable(err) || e.Len == 0) {
		return nil, err
	}
	n, nested := s.nest(e, p)
	if nested != nil {
		return nil, nested
	}
	return n, err
}

func (s *Source) unpack(p *Part) (Extent, error) {
	switch {
	case p.member != nil:
		return s.Payload(p.member)
	case p.codec != nil:
		return s.through(p.codec.Name, p.extent, p.codec.Open, undeclared)
	case p.packed != nil:
		return s.unpackMember(p.packed)
	}
	return p.extent, nil
}

// undeclared is the size of what does not say how much it unpacks to.
const undeclared = -1

// room is how many bytes may still be unpacked. What compressed files unpack to
// counts as compressed pickles do: a bomb is worth no more than the bytes that
// it came in.
func (s *Source) room() int64 {
	return max(0, min(s.limits.Spool-s.spool.Size(), s.limits.Pickles-*s.inflated))
}

// through unpacks an extent into the spool, which bounds what it may take: so
// many bytes, if the size was declared.
func (s *Source) through(name string, in Extent, open func(*bufio.Reader) (io.Reader, error), size int64) (Extent, error) {
	raw := s.Section(in)
	buf := bufio.NewReaderSize(raw, int(max(min(in.Len, inflateBuffer), 16)))
	r, err := open(buf)
	if err != nil {
		return Extent{}, s.damaged(name+" data", in.Off, err)
	}
	most := s.room()
	bounded := size == undeclared || size > most
	if !bounded {
		most = size
	}
	e, err := s.Spool(&cancelled{s.watch.context(), r}, most)
	*s.inflated = saturated(*s.inflated, e.Len)
	switch {
	case err == nil && e.Len < size:
		return e, fault.At(fault.Malformed, in.Off, "the archive declares %d bytes and holds %d", size, e.Len)
	case err == nil:
		return e, s.behind(in, raw, buf)
	case e.Len == most && bounded:
		return e, limit.Pickles.Exceeded(s.limits.Pickles, in.Off)
	}
	return e, s.damaged(name+" data", in.Off, err)
}

// damaged words an error of a library that reads the format what, from off on.
// What the file's reader says passes as it is, and so does the end of the
// context.
func (s *Source) damaged(what string, off int64, err error) error {
	var f *fault.Error
	if errors.As(err, &f) || s.watch.context().Err() != nil {
		return err
	}
	return fault.At(fault.Malformed, off, "the %s is damaged or ends early", what)
}

// behind notes bytes of a compressed file that its codec did not take.
func (s *Source) behind(in Extent, raw io.Seeker, buf *bufio.Reader) error {
	at, err := raw.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if used := at - int64(buf.Buffered()); used < in.Len {
		s.Unaccounted = append(s.Unaccounted, Extent{Space: in.Space, Off: in.Off + used, Len: in.Len - used})
	}
	return nil
}
