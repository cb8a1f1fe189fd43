package container

import (
	"bufio"
	"errors"
	"sort"

	"depickle/scan/fault"
)

func (s *Source) openZip() error {
	s.Format = Zip
	d, split, err := s.readZip()
	if err != nil {
		if unreadable(err) {
			return err
		}
		s.Note, s.Members = damaged(err), nil
		s.Streams = []Stream{{Role: Guess, Extent: s.base, Err: err}}
		return nil
	}
	if split {
		return nil
	}
	s.declared = make([]bool, len(s.Members))
	if err := s.checkSpans(d); err != nil {
		return err
	}
	s.checkEnd()
	s.checkNames()
	return s.zipStreams()
}

// readZip reads the directory and the members, or finds that the file is split
// into archives one behind the other.
func (s *Source) readZip() (d *directory, split bool, err error) {
	e, found, err := s.findEnding()
	if err != nil {
		return nil, false, err
	}
	if !found {
		return nil, false, fault.New(fault.Malformed, "the zip archive has no end record; the file is truncated, fetch it again")
	}
	d, err = s.findDirectory(e)
	if err == nil {
		err = s.readMembers(d)
	}
	split, err = s.behindOthers(e, d, err)
	return d, split, err
}

// damaged is the note of an archive that cannot be opened.
func damaged(err error) string {
	text := "its directory cannot be read"
	if f := (*fault.Error)(nil); errors.As(err, &f) {
		text = f.Text
	}
	return "a damaged zip archive: " + text
}

// readMembers reads the directory and, for each entry, its local header.
func (s *Source) readMembers(d *directory) error {
	r := bufio.NewReaderSize(s.Section(s.sub(d.off, d.size)), 64<<10)
	off := d.off
	for i := range d.count {
		m, n, err := s.readCentral(r, off, d.off+d.size-off)
		if err != nil {
			return err
		}
		m.index = int(i)
		if err := s.readLocal(&m); err != nil {
			return fault.In(m.Name, err)
		}
		s.Members = append(s.Members, m)
		off += n
	}
	return s.gap(off, d.off+d.size-off)
}

// checkSpans finds members that overlap and bytes that belong to none.
func (s *Source) checkSpans(d *directory) error {
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
			if err := s.gap(at, m.Header-at); err != nil {
				return err
			}
		}
		at = max(at, m.end)
	}
	if at > d.off {
		s.odd("zip-overlap", "", d.off, "a member overlaps the directory")
	}
	return s.gap(at, d.off-at)
}
