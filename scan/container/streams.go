package container

import (
	"bytes"
	"io"
	"strings"

	"depickle/scan/fault"
	"depickle/scan/opcode"
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
	for i := range s.Members {
		m := &s.Members[i]
		if (torch && i == object) || !m.Readable() || m.Size == 0 {
			continue
		}
		if s.isStorage(m) && !named(m) {
			continue
		}
		is, err := s.looksLikePickle(m)
		if err != nil {
			return err
		}
		if is {
			if err := s.addStream(m, Extra); err != nil {
				return err
			}
		}
	}
	return nil
}

// isStorage reports whether a member stands where torch keeps elements.
func (s *Source) isStorage(m *Member) bool {
	rest, ok := strings.CutPrefix(lower(m.Name), s.prefix)
	return ok && strings.HasPrefix(rest, "data/") && rest != "data/" && (s.Format == TorchZip || s.Format == TorchScript)
}

// addStream finds the end of the pickle in a member. The error is the
// reader's; what is wrong with the member is the stream's.
func (s *Source) addStream(m *Member, role Role) error {
	st := Stream{Index: len(s.Streams), Member: m.Name, Role: role}
	e, found, err := s.memberStop(m)
	if err != nil && unreadable(err) {
		return err
	}
	st.Extent, st.Fetched = e, found.fetched
	if err != nil {
		st.Err = fault.In(m.Name, err)
		s.Streams = append(s.Streams, st)
		return nil
	}
	st.Extent.Len = found.end - e.Off
	s.Streams = append(s.Streams, st)
	if rest := e.Off + e.Len - found.end; rest > 0 {
		s.Unaccounted = append(s.Unaccounted, Extent{Space: e.Space, Off: found.end, Len: rest})
	}
	return nil
}

func (s *Source) memberStop(m *Member) (e Extent, found stopped, err error) {
	// What a compressed pickle inflates to costs nothing before it is known to
	// be worth the file: a megabyte can hold a billion opcodes.
	if !m.Stored() {
		if *s.inflated = saturated(*s.inflated, m.Size); *s.inflated > s.limits.Pickles {
			return Extent{}, found, limit.Pickles.Exceeded(s.limits.Pickles, m.Header)
		}
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

// saturated adds two sizes.
func saturated(a, b int64) int64 {
	sum, ok := limit.Add(a, b)
	if !ok {
		return math.MaxInt64
	}
	return sum
}

// named reports whether a member has a pickle's name.
func named(m *Member) bool {
	low := lower(m.Name)
	return strings.HasSuffix(low, ".pkl") || strings.HasSuffix(low, ".pickle")
}

// sniffed is how much of a member is looked at, in bytes.
const sniffed = 64 << 10

// looksLikePickle reports whether a member has a pickle's name, begins as one
// of protocol 2 or later, or is one of an older protocol, which begins with
// anything.
func (s *Source) looksLikePickle(m *Member) (bool, error) {
	if named(m) {
		return true, nil
	}
	r, err := s.open1(m)
	if err != nil {
		return false, nil // its oddity says why
	}
	head, err := io.ReadAll(io.LimitReader(r, sniffed))
	if err != nil && !corrupt(err) {
		return false, err
	}
	if len(head) > 1 && head[0] == byte(opcode.Proto) && head[1] <= 5 {
		return true, nil
	}
	return s.decodes(bytes.NewReader(head), 0, int64(len(head))), nil
}

// decodes reports whether bytes that claim to be something else are a pickle
// all the same: they reach a global and call it, or end at a STOP.
func (s *Source) decodes(r io.ReaderAt, off, end int64) bool {
	d := opcode.NewDecoder(r, off, end, s.limits)
	var op opcode.Op
	global := false
	for d.Next(&op) == nil {
		switch op.Code {
		case opcode.Inst:
			return true
		case opcode.Global, opcode.StackGlobal, opcode.Ext1, opcode.Ext2, opcode.Ext4:
			global = true
		case opcode.Reduce, opcode.Obj, opcode.NewObj, opcode.NewObjEx, opcode.Build:
			if global {
				return true
			}
		case opcode.Stop:
			return op.Offset > off && op.End == end
		}
	}
	return false
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
