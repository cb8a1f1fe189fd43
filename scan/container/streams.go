package container

import (
	"fmt"
	"io"
	"math"
	"strings"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// zipStreams lists the members that hold pickles, the object first. Every
// member is looked at: one that torch never opens may still be loaded by
// another program.
func (s *Source) zipStreams() error {
	object, torch := s.byName[s.prefix+"data.pkl"]
	if _, script := s.byName[s.prefix+"constants.pkl"]; torch && script {
		s.Format, s.Note = TorchScript, "a TorchScript archive, which this version does not convert"
	} else if torch {
		s.Format = TorchZip
	} else if len(s.Members) == 0 {
		s.Note = "a zip archive without members"
	} else {
		s.Note = "a zip archive without a data.pkl, so not a PyTorch checkpoint; unpack it and convert what is inside"
	}
	if torch {
		if err := s.byteOrder(); err != nil {
			return err
		}
		if err := s.addStream(&s.Members[object], Object); err != nil {
			return err
		}
	}
	near := &nearby{r: s.Bulk(s.base.Space)}
	for i := range s.Members {
		m := &s.Members[i]
		if !m.Readable() {
			s.byMethod(m, torch)
			continue
		}
		if (torch && i == object) || m.Size == 0 {
			continue
		}
		if s.isStorage(m) && !named(m) {
			if is, err := s.isNpy(near, m); err != nil {
				return err
			} else if is {
				s.Parts = append(s.Parts, Part{Name: m.Name, member: m})
			}
			continue
		}
		is, part, err := s.looksLikePickle(m)
		if err != nil {
			if unreadable(err) {
				return err
			}
			s.Streams = append(s.Streams, Stream{Index: len(s.Streams), Member: m.Name, Role: Extra, Err: fault.In(m.Name, err)})
			return nil // over a limit: the others are not looked at
		}
		switch {
		case part || is && !torch:
			s.Parts = append(s.Parts, Part{Name: m.Name, member: m})
		case is:
			if err := s.addStream(m, Extra); err != nil {
				return err
			}
		}
	}
	return nil
}

// byMethod makes a part of a member that is compressed as torch never does, and
// Python's zipfile can read: numpy takes what that reads.
func (s *Source) byMethod(m *Member, torch bool) {
	if m.Encrypted() {
		return // noted
	}
	c := s.zipCodec(m.Method)
	if c != nil {
		s.Parts = append(s.Parts, Part{Name: m.Name, extent: s.sub(m.Payload, m.Compressed), codec: c})
	}
	if c == nil || torch {
		s.odd("zip-method", m.Name, m.Header, fmt.Sprintf("the member is compressed by method %d, which depickle does not read", m.Method))
	}
}

// isNpy reports whether a stored member begins as a .npy file does: numpy takes
// any zip for its own, and elements of a tensor do not begin so.
func (s *Source) isNpy(near *nearby, m *Member) (bool, error) {
	var b [len(npyMagic)]byte
	if !m.Stored() || m.Size < 8 {
		return false, nil
	}
	if n, err := near.ReadAt(b[:], s.base.Off+m.Payload); n < len(b) {
		if err == io.EOF || err == nil {
			return false, nil
		}
		return false, err
	}
	return string(b[:]) == npyMagic, nil
}

// isStorage reports whether a member stands where torch keeps elements.
func (s *Source) isStorage(m *Member) bool {
	rest, ok := strings.CutPrefix(lower(m.Name), s.prefix)
	return ok && strings.HasPrefix(rest, "data/") && rest != "data/" && (s.Format == TorchZip || s.Format == TorchScript)
}

// addStream finds the end of the pickle in a member. The error is the
// reader's; what is wrong with the member is the stream's.
func (s *Source) addStream(m *Member, role Role) error {
	e, found, err := s.memberStop(m)
	return s.add(Stream{Member: m.Name, Role: role, Extent: e}, found, fault.In(m.Name, err))
}

// openStream is addStream for a pickle that stands somewhere in the file.
func (s *Source) openStream(role Role, member string, e Extent) error {
	found, err := s.findStop(e)
	return s.add(Stream{Member: member, Role: role, Extent: e}, found, err)
}

func (s *Source) add(st Stream, found stopped, err error) error {
	if err != nil && unreadable(err) {
		return err
	}
	e := st.Extent
	st.Index = len(s.Streams)
	found.note(&st, err)
	s.Streams = append(s.Streams, st)
	if rest := e.Off + e.Len - found.end; err == nil && rest > 0 && !found.joblib {
		s.Unaccounted = append(s.Unaccounted, Extent{Space: e.Space, Off: found.end, Len: rest})
	}
	return nil
}

func (s *Source) memberStop(m *Member) (e Extent, found stopped, err error) {
	if err := s.afford(m); err != nil {
		return Extent{}, found, err
	}
	if e, err = s.Payload(m); err != nil {
		return Extent{}, found, err
	}
	if err := s.checkCRC(m); err != nil {
		return e, found, err
	}
	found, err = s.findStop(e)
	return e, found, err
}

// afford counts what it costs to read a pickle's member. What a compressed one
// inflates to must be worth the file, before anything is inflated: a megabyte
// can hold a billion opcodes. Stored ones are read twice over at most: a
// thousand members may overlap, so that each is nearly the whole file.
func (s *Source) afford(m *Member) error {
	if m.Stored() {
		if s.stored = saturated(s.stored, m.Size); s.stored/2 > s.base.Len {
			return fault.At(fault.Malformed, m.Header, "the pickles of the archive overlap, and are larger than it")
		}
		return nil
	}
	if m.Size/maxRatio > m.Compressed {
		return nil // it lies, and Payload says so
	}
	if *s.inflated = saturated(*s.inflated, m.Size); *s.inflated > s.limits.Pickles {
		return limit.Pickles.Exceeded(s.limits.Pickles, m.Header)
	}
	return nil
}

// saturated adds two sizes.
func saturated(a, b int64) int64 {
	sum, ok := limit.Add(a, b)
	if !ok {
		return math.MaxInt64
	}
	return sum
}

// byteOrder reads the member of that name; files before torch 2.1 have none
// and are little-endian.
func (s *Source) byteOrder() error {
	i, ok := s.byName[s.prefix+"byteorder"]
	if !ok {
		return nil
	}
	m := &s.Members[i]
	r, err := s.open1(m)
	if err != nil {
		return nil // the member's oddity says why
	}
	b, err := io.ReadAll(io.LimitReader(r, 8))
	if err != nil && !corrupt(err) {
		return err
	}
	switch string(b) {
	case "little":
	case "big":
		s.BigEndian = true
	default:
		s.odd("zip-byteorder", m.Name, m.Payload, "the byte order is neither little nor big: "+fault.Quote(string(b)))
	}
	return nil
}
