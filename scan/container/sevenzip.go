package container

import (
	"bytes"
	"io"
	"slices"

	"depickle/scan/fault"
	"depickle/scan/internal/sevenzip"
)

func isSevenZip(head []byte) bool { return bytes.HasPrefix(head, []byte(sevenzip.Magic)) }

// openSevenZip lists the members of a 7z archive. Where its header is damaged,
// those that it lists all the same count.
func (s *Source) openSevenZip() error {
	s.Format, s.Note = SevenZip, "a 7z archive; unpack it and convert what is inside"
	a, err := sevenzip.Open(s.Section(s.base), sevenzip.Options{
		Members: s.limits.Members, Names: s.limits.Kept, Header: s.limits.Directory, Unpack: s.unpackHeader,
	})
	if err != nil && unreadable(err) {
		return err
	}
	s.sevenZipParts(a)
	switch {
	case err != nil && len(s.Parts) == 0:
		s.Note = "a 7z archive that cannot be opened: " + fault.Of(err).Text
		return nil
	case err != nil:
		s.Streams = []Stream{{Role: Extra, Err: err}}
	case len(s.Parts) == 0:
		s.Note = "a 7z archive that holds no bytes"
	}
	return s.unclaimed(a.Claimed)
}

// folder is what several members of an archive are packed in. It is unpacked
// once.
type folder struct {
	*sevenzip.Folder
	done bool
	e    Extent
	err  error
}

// packed is a member of a 7z archive.
type packed struct {
	sevenzip.Member
	folder *folder
}

func (s *Source) sevenZipParts(a *sevenzip.Archive) {
	folders := make([]folder, len(a.Folders))
	for i := range a.Folders {
		folders[i].Folder = &a.Folders[i]
	}
	seen := map[string]bool{}
	for _, m := range a.Members {
		s.sevenZipName(&m, seen)
		if m.Folder >= 0 && m.Size > 0 {
			s.Parts = append(s.Parts, Part{Name: m.Name, packed: &packed{m, &folders[m.Folder]}})
		}
	}
}

func (s *Source) sevenZipName(m *sevenzip.Member, seen map[string]bool) {
	if seen[m.Name] {
		// Unpacking keeps the last one, and a reader may take the first.
		s.odd("7z-duplicate", m.Name, 0, "the archive has two members of that name; readers see different ones")
	}
	seen[m.Name] = true
	if why := disputed(m.Name, nil); why != "" {
		s.odd("7z-name", m.Name, 0, why)
	}
	if m.Special != "" {
		s.odd("7z-special", m.Name, 0, "the member is "+m.Special+", which unpacking makes or deletes")
	}
}

// unclaimed notes the bytes of an archive that its header does not explain.
func (s *Source) unclaimed(claimed []sevenzip.Range) error {
	slices.SortFunc(claimed, func(a, b sevenzip.Range) int { return int(min(1, max(-1, a.Off-b.Off))) })
	at := int64(0)
	for _, r := range claimed {
		if err := s.gap(at, r.Off-at); err != nil {
			return err
		}
		at = max(at, r.Off+r.Len)
	}
	return s.gap(at, s.base.Len-at)
}

// bytes is what a member takes in the file: its share of what its folder takes.
func (p *packed) bytes() int64 {
	return max(1, int64(float64(p.folder.Packed.Len)*float64(p.Size)/float64(p.folder.Size)))
}

// unpackMember finds a member in what its folder holds. Where that could not be
// unpacked to its end, a member in front of the damage is whole all the same,
// if its CRC says so; the last one has the error in any case.
func (s *Source) unpackMember(p *packed) (Extent, error) {
	f := p.folder
	if err := s.spend(asMember, f.Packed.Off); err != nil {
		return Extent{}, err
	}
	if !f.done {
		f.e, f.err = s.unfold(f.Folder)
		f.done = true
	}
	if f.err != nil && unreadable(f.err) {
		return Extent{}, f.err
	}
	from := min(p.Off, f.e.Len)
	e := Extent{Space: f.e.Space, Off: f.e.Off + from, Len: min(p.Size, f.e.Len-from)}
	if e.Len < p.Size {
		return e, fault.In(p.Name, f.err)
	}
	right, err := s.sums(e, p.CRC)
	if err != nil {
		return Extent{}, err
	}
	if !right {
		s.odd("7z-crc", p.Name, f.Packed.Off, "the member's CRC is wrong")
	}
	if right && p.CRC.Known && p.Off+p.Size < f.Size {
		return e, nil
	}
	return e, fault.In(p.Name, f.err)
}

// sums compares bytes with a CRC, if there is one.
func (s *Source) sums(e Extent, sum sevenzip.Digest) (right bool, err error) {
	if !sum.Known {
		return true, nil
	}
	got, err := s.crc(e)
	return got == sum.Sum, err
}

// unpackHeader unpacks the folder that a header is packed in.
func (s *Source) unpackHeader(f *sevenzip.Folder) (*io.SectionReader, error) {
	e, err := s.unfold(f)
	if err != nil && (unreadable(err) || e.Len == 0) {
		return nil, err
	}
	return s.Section(e), err
}
