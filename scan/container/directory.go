package container

import (
	"encoding/binary"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Sizes and signatures of the zip structures (APPNOTE 4.3).
const (
	localSize     = 30
	centralSize   = 46
	endSize       = 22
	locatorSize   = 20
	end64Size     = 56
	localMagic    = 0x04034b50
	centralMagic  = 0x02014b50
	endMagic      = 0x06054b50
	locatorMagic  = 0x07064b50
	end64Magic    = 0x06064b50
	descMagic     = 0x08074b50
	maxComment    = 1<<16 - 1
	all32         = 1<<32 - 1
	all16         = 1<<16 - 1
	extraZip64    = 1
	extraName     = 0x7075
	flagEncrypted = 1 << 0
	flagDesc      = 1 << 3
	flagStrong    = 1 << 6
)

var le = binary.LittleEndian

// directory is where a zip's central directory stands.
type directory struct {
	count     int64
	off, size int64
	end       int64 // offset of the end record, or of the zip64 one before it
	used      int64 // bytes of it that its entries took, once they were read
}

// everything is the count of a directory of which all bytes are read, as
// Python does, whatever it says.
const everything = -1

// findDirectory checks the directory that an end record names, as torch's
// reader (miniz) finds it: by offsets from the file's first byte.
func (s *Source) findDirectory(e ending) (*directory, error) {
	if e.other >= 0 {
		s.otherEnd = e.other
	}
	if err := s.tailAfter(e.at+endSize, e.comment); err != nil {
		return nil, err
	}
	d := e.directory
	if err := s.directory64(&d, e.at); err != nil {
		return nil, err
	}
	if d.off < 0 || d.size < 0 || d.count < 0 || d.off > d.end || d.size > d.end-d.off {
		return nil, fault.At(fault.Malformed, e.at, "the zip directory lies outside of the file; the file is truncated or damaged")
	}
	if err := s.gap(d.off+d.size, d.end-d.off-d.size); err != nil {
		return nil, err
	}
	if d.size > s.limits.Directory {
		return nil, limit.Directory.Exceeded(s.limits.Directory, d.off)
	}
	if d.count > d.size/centralSize {
		return nil, fault.At(fault.Malformed, e.at, "the zip directory declares %d members, more than fit", d.count)
	}
	if d.count > int64(s.limits.Members) {
		return nil, limit.Members.Exceeded(int64(s.limits.Members), d.off)
	}
	return &d, nil
}

// checkEnd judges an end record before the one in force. Inside of a stored
// member it is that member's data, such as an archive inside this one; anywhere
// else readers may differ on which of the two counts.
func (s *Source) checkEnd() {
	if s.otherEnd == 0 {
		return
	}
	for i := range s.Members {
		if m := &s.Members[i]; m.Stored() && s.otherEnd >= m.Payload && s.otherEnd+endSize <= m.Payload+m.Compressed {
			return
		}
	}
	s.odd("zip-two-directories", "", s.otherEnd, "a second end record; readers may differ on which one counts")
}

// tailAfter accounts for the comment and what follows it.
func (s *Source) tailAfter(off, comment int64) error {
	rest := s.base.Len - off
	if comment > rest {
		s.odd("zip-comment", "", off, "the archive's comment is cut off")
		comment = rest
	}
	return s.gap(off+comment, rest-comment)
}

// directory64 takes the zip64 end record's values where there is one.
func (s *Source) directory64(d *directory, at int64) error {
	var b [end64Size]byte
	if at < locatorSize {
		return nil
	}
	if err := s.at(b[:locatorSize], at-locatorSize); err != nil {
		return err
	}
	if le.Uint32(b[:]) != locatorMagic {
		return nil
	}
	off := int64(le.Uint64(b[8:]))
	if off < 0 || off > at-locatorSize-end64Size {
		return fault.At(fault.Malformed, at-locatorSize, "the zip64 end record lies outside of the file")
	}
	if err := s.at(b[:], off); err != nil {
		return err
	}
	if le.Uint32(b[:]) != end64Magic {
		return fault.At(fault.Malformed, off, "the zip64 end record is missing")
	}
	wide := wideDirectory(b[:], off)
	differs := (d.count != all16 && d.count != wide.count) || (d.size != all32 && d.size != wide.size) || (d.off != all32 && d.off != wide.off)
	if differs {
		s.odd("zip-header-mismatch", "", off, "the zip64 end record and the plain one disagree")
	}
	*d = wide
	return s.gap(off+end64Size, at-locatorSize-off-end64Size)
}

// wideDirectory is what a zip64 end record says.
func wideDirectory(b []byte, at int64) directory {
	return directory{count: int64(le.Uint64(b[32:])), size: int64(le.Uint64(b[40:])), off: int64(le.Uint64(b[48:])), end: at}
}

// gap notes bytes that no structure claims; zeros are padding.
func (s *Source) gap(off, n int64) error {
	if n <= 0 {
		return nil
	}
	blank, err := s.blank(s.sub(off, n), "\x00")
	if err == nil && !blank {
		s.Unaccounted = append(s.Unaccounted, s.sub(off, n))
	}
	return err
}
