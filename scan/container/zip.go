package container

import (
	"bufio"
	"errors"
	"sort"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

func (s *Source) openZip() error {
	s.Format = Zip
	d, split, err := s.readZip()
	if split && err == nil {
		return nil
	}
	return s.openDirectory(d, err)
}

// openAs opens the file as a zip archive with a directory that is known.
func (s *Source) openAs(d directory) error {
	s.Format = Zip
	if d.size > s.limits.Directory {
		return s.openDirectory(&d, limit.Directory.Exceeded(s.limits.Directory, d.off))
	}
	return s.openDirectory(&d, s.readMembers(&d))
}

// openDirectory goes on with the members that were read, or with the error why
// they were not.
func (s *Source) openDirectory(d *directory, err error) error {
	if err != nil {
		if unreadable(err) {
			return err
		}
		s.Note, s.Members, s.Unaccounted = damaged(err), nil, nil // none of it counts as read
		s.Streams = []Stream{{Role: Guess, Extent: s.base, Err: err}}
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

// Damaged reports whether the file is a zip archive that torch's reader cannot
// open. What another reader finds in it is a part.
func (s *Source) Damaged() bool {
	return s.Format == Zip && len(s.Streams) > 0 && s.Streams[0].Role == Guess
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
	for i := 0; d.more(i); i++ {
		if i >= s.limits.Members {
			return limit.Members.Exceeded(int64(s.limits.Members), d.off)
		}
		left := d.size - d.used
		m, n, err := s.readCentral(r, d.off+d.used, left, d.count == everything)
		if err != nil {
			return err
		}
		d.used += n
		if err := s.readLocal(&m); err != nil {
			if unreadable(err) {
				return err
			}
			// Readers look for one member at a time, and take the others.
			s.Streams = append(s.Streams, Stream{Index: len(s.Streams), Member: m.Name, Role: Extra, Err: fault.In(m.Name, err)})
			continue
		}
		m.index = len(s.Members)
		s.Members = append(s.Members, m)
	}
	return s.gap(d.off+d.used, d.size-d.used)
}

// more reports whether the directory has an entry of that number.
func (d *directory) more(i int) bool {
	if d.count == everything {
		return d.used < d.size
	}
	return int64(i) < d.count
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
