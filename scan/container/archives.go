package container

import (
	"slices"
	"strconv"

	"depickle/scan/limit"
)

// A zip archive may stand behind something else, and several behind each
// other. torch's reader counts offsets from the file's first byte, and
// Python's from where the archive begins by its own account: both readings of
// a file are judged.

// archives are those that stand one behind the other at the file's end, the
// last one first. The files of torch.distributed.checkpoint are made of nothing
// else.
func (s *Source) archives(e ending) (list []located, err error) {
	for found := true; found; {
		a, ok, err := s.pythons(e)
		if err != nil || !ok {
			return list, err
		}
		if len(list) >= s.limits.Members {
			return nil, limit.Members.Exceeded(int64(s.limits.Members), e.at)
		}
		list = append(list, a)
		if e, found, err = s.endingAt(a.begin); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// behindOthers looks at the archives of a file whose last one does not begin
// with the file. torch is what torch's reader found, cause why it cannot read
// that. The file is split where all that anyone reads is one of them.
func (s *Source) behindOthers(e ending, torch *directory, cause error) (split bool, err error) {
	if cause != nil && unreadable(cause) {
		return false, cause
	}
	list, err := s.archives(e)
	if err != nil {
		return false, err
	}
	if len(list) == 0 {
		return false, cause
	}
	last, front := list[0], list[len(list)-1]
	switch {
	case last.begin == 0:
		if cause == nil && last.directory.same(*torch) {
			return false, nil
		}
		s.addDirectory(last)
	case front.begin == 0 && (cause != nil || torch.used == 0 || front.directory.same(*torch)):
		return true, s.split(e, list)
	case cause != nil:
		s.addArchives(list)
	default:
		s.addArchive(last)
	}
	if cause == nil && last.directory.size > 0 {
		s.odd("zip-shifted", "", e.at, "Python's reader finds another directory than torch's, in an archive that begins at byte "+strconv.FormatInt(last.begin, 10))
	}
	return false, cause
}

// split takes a file for archives one behind the other. What another reading
// found is dropped.
func (s *Source) split(e ending, list []located) error {
	s.Members, s.Unaccounted, s.Oddities, s.odds, s.otherEnd = nil, nil, nil, nil, 0
	s.Streams = nil
	s.Note = "zip archives one behind the other, as torch.distributed.checkpoint writes them; this version does not convert those"
	s.addArchives(list)
	return s.tailAfter(e.at+endSize, e.comment)
}

// addArchives makes parts of archives one behind the other, and of what stands
// in front of them.
func (s *Source) addArchives(list []located) {
	if front := list[len(list)-1].begin; front > 0 {
		s.Parts = append(s.Parts, Part{Name: at(0), extent: s.sub(0, front)})
	}
	for _, a := range slices.Backward(list) {
		s.addArchive(a)
	}
}

// same reports whether Python's directory is the one that torch's reader used.
func (d directory) same(torch directory) bool {
	return d.off == torch.off && d.size == torch.used
}

// addArchive makes a part of an archive that has any members.
func (s *Source) addArchive(a located) {
	if a.directory.size > 0 {
		s.Parts = append(s.Parts, Part{Name: at(a.begin), extent: s.sub(a.begin, a.end-a.begin), zip: true})
	}
}

// addDirectory makes a part of what Python reads in an archive that begins with
// the file, by a directory that torch does not use.
func (s *Source) addDirectory(a located) {
	if a.directory.size > 0 {
		s.Parts = append(s.Parts, Part{Name: at(0), extent: s.sub(0, a.end), directory: &a.directory})
	}
}

// at is the name of a part that has none: where it begins, as the .metadata of
// a torch.distributed.checkpoint counts.
func at(off int64) string { return "@" + strconv.FormatInt(off, 10) }

// zipBehind looks for a zip archive at the end of a file of another kind:
// readers of zips begin there, whatever the file begins with. Bytes in a
// pickle may be an archive, and the last of them; then it ends before the file
// does, and is no more than a part.
func (s *Source) zipBehind() error {
	e, found, err := s.findEnding()
	if err != nil || !found {
		return err
	}
	a, ok, err := s.pythons(e)
	if err != nil {
		return err
	}
	if ok {
		s.addArchive(a)
	}
	if e.at+endSize+e.comment == s.base.Len || ok && s.Format != Pickle {
		s.odd("zip-inside", "", e.at, "a zip archive ends where the file does; whoever opens the file as one reads something else")
	}
	return nil
}
