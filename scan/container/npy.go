package container

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// npyMagic begins a .npy file.
const npyMagic = "\x93NUMPY"

// maxNpyHeader is the longest header, in bytes: a structured dtype may have
// thousands of fields.
const maxNpyHeader = 1 << 20

// openNpy reads the header of a .npy file (numpy/lib/format.py): eight bytes
// of magic and version, the header's length, and a Python dict. Behind it stand
// the elements, or one pickle where they are objects.
func (s *Source) openNpy() error {
	s.Format, s.Note = Npy, "a .npy file, which this version does not convert"
	header, data, err := s.npyHeader()
	if err == nil {
		err = s.npyData(header, data)
	}
	if err != nil {
		if unreadable(err) {
			return err
		}
		s.Streams = []Stream{{Role: Object, Err: err}}
	}
	return nil
}

// npyHeader returns the dict's text, and where the data begins.
func (s *Source) npyHeader() (text string, data int64, err error) {
	var b [12]byte
	size := 2
	if err := s.at(b[:8], 0); err != nil {
		return "", 0, err
	}
	if b[6] >= 2 {
		size = 4
	}
	if err := s.at(b[8:8+size], 8); err != nil {
		return "", 0, err
	}
	n := int64(le.Uint16(b[8:]))
	if size == 4 {
		n = int64(le.Uint32(b[8:]))
	}
	if n > maxNpyHeader {
		return "", 0, limit.Exceeded("bytes in the header of a .npy file", maxNpyHeader, 8)
	}
	header := make([]byte, n)
	data = int64(8+size) + n
	err = s.readHeader(header, data-n)
	return string(bytes.TrimRight(header, "\n \x00")), data, err
}

func (s *Source) readHeader(p []byte, off int64) error {
	if off > s.base.Len-int64(len(p)) {
		return fault.At(fault.Malformed, off, "the header reaches past the end of the file")
	}
	return s.at(p, off)
}

// The parts of a .npy header that decide what is behind it. numpy writes them
// so; any other spelling is refused, since Python would evaluate it.
var (
	npyPlain = regexp.MustCompile(`^\{'descr': '([<>|=]?)([a-zA-Z])(\d*)(\[[^'\]]*\])?', 'fortran_order': (?:True|False), 'shape': \(([\d, ]*)\), \}$`)
	npyOther = regexp.MustCompile(`^\{'descr': (\[.*\]), 'fortran_order': (?:True|False), 'shape': \(([\d, ]*)\), \}$`)
)

var errNpyHeader = fault.At(fault.Malformed, 0, "the header of the .npy file is none that numpy writes")

func (s *Source) npyData(header string, data int64) error {
	rest := s.sub(data, s.base.Len-data)
	plain, other := npyPlain.FindStringSubmatch(header), npyOther.FindStringSubmatch(header)
	switch {
	case plain == nil && other == nil:
		return errNpyHeader
	case plain != nil && plain[2] == "O":
		return s.openStream(Object, "", rest)
	case other != nil:
		objects, ok := npyFields(other[1])
		if !ok {
			return errNpyHeader
		}
		if objects {
			return s.openStream(Object, "", rest)
		}
		return nil // a structure of numbers: no reader runs what is behind it
	}
	item, _ := strconv.ParseInt("0"+plain[3], 10, 64)
	if plain[2] == "U" {
		item *= 4
	}
	n, ok := item, true
	for _, dim := range strings.FieldsFunc(plain[5], func(r rune) bool { return r == ',' || r == ' ' }) {
		d, err := strconv.ParseInt(dim, 10, 64)
		if n, ok = limit.Mul(n, d); err != nil || !ok {
			return fault.At(fault.Malformed, 0, "the shape of the .npy file is too large")
		}
	}
	switch {
	case n > rest.Len:
		return fault.At(fault.Malformed, data, "the .npy file declares %d bytes of elements and has %d", n, rest.Len)
	case n < rest.Len:
		s.Unaccounted = append(s.Unaccounted, s.sub(data+n, rest.Len-n))
	}
	return nil
}
