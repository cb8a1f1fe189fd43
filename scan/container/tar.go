package container

import (
	"archive/tar"
	"io"
	"slices"
	"strconv"
	"strings"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// tarBlock is the unit of a tar archive, in bytes.
const tarBlock = 512

// typeSolaris is an extended header to Python's tarfile, and may change the
// size of what follows; to archive/tar it is a member like any other.
const typeSolaris = 'X'

// isTar checks the checksum that each header of a tar archive has of itself:
// the sum of its bytes, its own eight as blanks. Not every tar has a magic.
func isTar(head []byte) bool {
	return len(head) >= tarBlock && head[0] != 0 && tarChecksum(head)
}

func tarChecksum(head []byte) bool {
	want, ok := octal(head[148:156])
	if !ok {
		return false
	}
	unsigned, signed := int64(8*' '), int64(8*' ')
	for i, b := range head[:tarBlock] {
		if i < 148 || i >= 156 {
			unsigned, signed = unsigned+int64(b), signed+int64(int8(b))
		}
	}
	return want == unsigned || want == signed // old tars of Sun and NeXT
}

// octal reads a number as Python's tarfile does, by int(text, 8).
func octal(b []byte) (int64, bool) {
	text, _, _ := strings.Cut(string(b), "\x00")
	text = strings.TrimPrefix(strings.TrimSpace(text), "+")
	if low := strings.ToLower(text); strings.HasPrefix(low, "0o") {
		text = text[2:]
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 8, 64)
	return n, err == nil
}

// openTar lists the members of a tar archive. Where one is cut off, those in
// front of it count.
func (s *Source) openTar() error {
	s.Format, s.Note = Tar, "a tar archive; unpack it and convert what is inside"
	err := s.tarParts()
	if err == nil || !unreadable(err) {
		err = s.pythonParts(err)
	}
	if err == nil && s.isTorchTar() {
		s.Format, s.Note = TorchTar, "a tar file of torch 0.1, which this version does not convert"
		err = s.openTorchTar()
	}
	if err != nil {
		if unreadable(err) {
			return err
		}
		s.Streams = append(s.Streams, Stream{Index: len(s.Streams), Role: Extra, Err: err})
	}
	return nil
}

// tarParts walks the headers. Reading ahead is none of archive/tar's habits, so
// that the data of a member begins where the reader stands.
func (s *Source) tarParts() error {
	raw := s.Section(s.base)
	r, seen := tar.NewReader(raw), map[string]bool{}
	for count := 0; ; count++ {
		if count >= s.limits.Members {
			return limit.Members.Exceeded(int64(s.limits.Members), 0)
		}
		h, err := r.Next()
		at, _ := raw.Seek(0, io.SeekCurrent)
		if err == io.EOF {
			return s.tarEnd(at)
		}
		if err != nil {
			return s.damaged("tar archive", at, err)
		}
		if err := s.tarMember(h, at, seen); err != nil {
			return err
		}
	}
}

func (s *Source) tarMember(h *tar.Header, at int64, seen map[string]bool) error {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			h.Typeflag = tar.TypeGNUSparse // as the reader does not say
		}
	}
	switch h.Typeflag {
	case tar.TypeDir, tar.TypeXGlobalHeader:
	case tar.TypeGNUSparse, typeSolaris:
		return fault.In(h.Name, fault.At(fault.Unsupported, at, "the member is sparse or of Solaris, which this version does not read"))
	case tar.TypeLink, tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
		s.odd("tar-special", h.Name, at, "the member is a link or device, which unpacking makes")
	default: // any other type is a file to Python, too
		if h.Size > s.base.Len-at {
			return fault.In(h.Name, fault.At(fault.Malformed, at, "the member reaches past the end of the archive"))
		}
		if seen[h.Name] {
			// Unpacking keeps the last one, and a reader may take the first.
			s.odd("tar-duplicate", h.Name, at, "the archive has two members of that name; readers see different ones")
		}
		seen[h.Name] = true
		s.Parts = append(s.Parts, Part{Name: h.Name, extent: s.sub(at, h.Size)})
	}
	if leadsOut(h.Name) {
		s.odd("tar-name", h.Name, at, "the member's name leads out of the archive")
	}
	return nil
}

// tarEnd looks at what stands behind the two empty blocks that end an archive:
// padding, as a rule. Without them it was cut off, maybe between two members.
func (s *Source) tarEnd(at int64) error {
	var last [tarBlock]byte
	if err := s.at(last[:], max(at-tarBlock, 0)); err != nil {
		return err
	}
	if last != [tarBlock]byte{} {
		return fault.At(fault.Malformed, at, "the tar archive is cut off: it has no end")
	}
	rest := s.sub(at, s.base.Len-at)
	blank, err := s.blank(rest, "\x00")
	if err == nil && !blank {
		s.Unaccounted = append(s.Unaccounted, rest)
	}
	return err
}

// pythonParts adds the files that Python finds and no other reader, of which
// err is what ended it.
func (s *Source) pythonParts(err error) error {
	found, why := s.pythonTar()
	if why != nil && (err == nil || unreadable(why)) {
		err = why
	}
	known := make(map[Extent]bool, len(s.Parts))
	for _, p := range s.Parts {
		known[p.extent] = true
	}
	for _, m := range found {
		e := s.sub(m.at, m.size)
		if known[e] {
			continue
		}
		if err == nil {
			s.odd("tar-reading", m.name, m.at, "Python finds other members in the archive than other readers")
		}
		known[e] = true
		s.Parts = append(s.Parts, Part{Name: m.name, extent: e})
	}
	return err
}

// part is the number of the part of that name, -1 for none.
func (s *Source) part(name string) int {
	return slices.IndexFunc(s.Parts, func(p Part) bool { return p.Name == name })
}
