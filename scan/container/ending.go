package container

import "bytes"

// ending is the end record of a zip archive, from which all readers start.
type ending struct {
	at        int64 // where it stands
	comment   int64 // bytes of it, as it says
	other     int64 // where the one before it stands, -1 for none that was seen
	directory       // what it says of the directory, in 16 and 32 bits
}

// findEnding looks for the last end record, no further from the file's end
// than a comment reaches.
func (s *Source) findEnding() (e ending, found bool, err error) {
	n := min(s.base.Len, endSize+maxComment)
	tail := make([]byte, n)
	if err := s.at(tail, s.base.Len-n); err != nil {
		return e, false, err
	}
	i := lastEnd(tail)
	if i < 0 {
		return e, false, nil
	}
	e = newEnding(tail[i:], s.base.Len-n+int64(i))
	if other := lastEnd(tail[:i]); other >= 0 {
		e.other = s.base.Len - n + int64(other)
	}
	return e, true, nil
}

func newEnding(b []byte, at int64) ending {
	return ending{at: at, comment: int64(le.Uint16(b[20:])), other: -1, directory: directory{
		count: int64(le.Uint16(b[10:])), size: int64(le.Uint32(b[12:])), off: int64(le.Uint32(b[16:])), end: at,
	}}
}

// endingAt reads an end record without a comment that ends there.
func (s *Source) endingAt(end int64) (e ending, found bool, err error) {
	var b [endSize]byte
	if end < endSize {
		return e, false, nil
	}
	if err := s.at(b[:], end-endSize); err != nil || le.Uint32(b[:]) != endMagic {
		return e, false, err
	}
	e = newEnding(b[:], end-endSize)
	return e, e.comment == 0, nil
}

// lastEnd finds the last end record's signature with room for the record. It
// searches forwards, which the processor does in long strides.
func lastEnd(b []byte) int {
	last := -1
	for at := 0; at <= len(b)-endSize; {
		i := bytes.Index(b[at:len(b)-endSize+4], []byte("PK\x05\x06"))
		if i < 0 {
			break
		}
		last = at + i
		at = last + 1
	}
	return last
}

// located is a zip archive as Python's zipfile finds it, in a file that has
// something in front of it, or nothing.
type located struct {
	begin, end int64     // of its bytes; end is behind its comment
	directory  directory // off counts from begin
}

// pythons finds the archive that an end record ends as Python's zipfile does:
// the directory stands right in front of the record, whatever its offset says,
// and all offsets count from where that offset puts the archive's begin
// (Lib/zipfile, _EndRecData64 and _RealGetContents). Not ok where zipfile
// finds none.
func (s *Source) pythons(e ending) (a located, ok bool, err error) {
	const before = locatorSize + end64Size
	a = located{end: min(e.at+endSize+e.comment, s.base.Len), directory: e.directory}
	if e.at >= before {
		var b [before]byte
		if err := s.at(b[:], e.at-before); err != nil {
			return a, false, err
		}
		if le.Uint32(b[:]) == end64Magic && le.Uint32(b[end64Size:]) == locatorMagic {
			a.directory = wideDirectory(b[:], e.at-before)
		}
	}
	d := a.directory
	if d.size < 0 || d.off < 0 || d.off > d.end || d.size > d.end-d.off {
		return a, false, nil
	}
	a.begin = d.end - d.size - d.off
	a.directory.count = everything
	if d.size == 0 {
		return a, true, nil
	}
	var first [4]byte
	if err := s.at(first[:], d.end-d.size); err != nil {
		return a, false, err
	}
	return a, le.Uint32(first[:]) == centralMagic, nil
}
