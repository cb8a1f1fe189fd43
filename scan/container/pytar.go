package container

import (
	"bytes"
	"strings"

	"depickle/scan/fault"
	"depickle/scan/limit"
)

// Python's tarfile goes on where archive/tar stops: it takes numbers as int()
// does, types that nobody knows for files, and the end of the archive from one
// empty block or from a header that is none. Torch's old files are read by it,
// and archives of checkpoints; so what it finds is judged beside what other
// readers find.

// pyTar walks the headers of a tar archive as CPython 3.11 does
// (Lib/tarfile.py, TarInfo.fromtarfile).
type pyTar struct {
	s      *Source
	at     int64 // where the next bytes are read
	next   int64 // where the next member's header stands
	global paxInfo
}

// pyMember is a file that tarfile finds.
type pyMember struct {
	name     string
	kind     byte
	at, size int64
	sparse   bool // its bytes are put together from pieces
}

const (
	// maxExtended is the longest extended header, in bytes, as archive/tar has
	// it.
	maxExtended = 1 << 20
	// maxHeaders is how many extended headers stand before one member.
	maxHeaders = 100
)

// pythonTar lists the files that tarfile finds. It ends like tarfile where a
// header is none; a fault is a reason why there may be more.
func (s *Source) pythonTar() ([]pyMember, error) {
	w := &pyTar{s: s}
	var out []pyMember
	var sparse error
	for count := 0; ; count++ {
		if count >= s.limits.Members {
			return out, limit.Members.Exceeded(int64(s.limits.Members), w.next)
		}
		w.at = w.next
		m, err := w.member(0)
		switch {
		case fault.Is(err, fault.Malformed):
			return out, sparse
		case err != nil:
			return out, err
		case m.sparse && sparse == nil:
			sparse = fault.In(m.name, fault.At(fault.Unsupported, m.at, "the member is sparse, which this version does not read"))
		}
		if m.isFile() && m.size > 0 && m.at < s.base.Len {
			m.size = min(m.size, s.base.Len-m.at) // what is there is read before the end is missed
			out = append(out, m)
		}
		if w.next <= m.at-tarBlock {
			return out, sparse // a negative size, which tarfile would follow backwards
		}
	}
}

// isFile reports whether tarfile gives the bytes of a member of that type: of
// files, and of all types that it does not know.
func (m *pyMember) isFile() bool {
	return strings.IndexByte("123456LK", m.kind) < 0
}

// bytes reads the next n bytes, which have to be there.
func (w *pyTar) bytes(n int64) ([]byte, error) {
	if n < 0 {
		return nil, fault.At(fault.Malformed, w.at, "a negative size")
	}
	if n > maxExtended {
		return nil, limit.Exceeded("bytes in an extended tar header", maxExtended, w.at)
	}
	b := make([]byte, n)
	err := w.s.at(b, w.at)
	w.at += n
	return b, err
}

// member reads one header, and those in front of it that extend it.
func (w *pyTar) member(depth int) (m pyMember, err error) {
	if depth > maxHeaders {
		return m, limit.Exceeded("extended headers of a tar member", maxHeaders, w.at)
	}
	h, err := w.bytes(tarBlock)
	if err != nil {
		return m, err
	}
	if !tarChecksum(h) || !numbers(h) {
		return m, fault.At(fault.Malformed, w.at, "no tar header")
	}
	m = pyMember{name: cString(h[:100]), kind: h[156]}
	m.size, _ = tarNumber(h[124:136])
	switch m.kind {
	case 'L', 'K':
		return w.long(m, depth)
	case 'x', 'g', 'X':
		return w.extended(m, depth)
	case 'S':
		m.sparse = true
		for more := h[482] != 0; more; {
			b, err := w.bytes(tarBlock)
			if err != nil {
				return m, err
			}
			more = b[504] != 0
		}
	case 0:
		if m.kind = '0'; strings.HasSuffix(m.name, "/") {
			m.kind = '5'
		}
	}
	if prefix := cString(h[345:500]); prefix != "" {
		m.name = prefix + "/" + m.name
	}
	m.at = w.at
	w.passed(&m)
	w.global.apply(&m) // behind the place of what follows, which it does not change
	return m, nil
}

// passed sets where the header behind a member stands.
func (w *pyTar) passed(m *pyMember) {
	if w.next = m.at; m.isFile() {
		w.next += blocks(m.size)
	}
}

// blocks rounds a size up to whole blocks; none fits a file beyond maxSize.
func blocks(size int64) int64 {
	if size > maxSize {
		return maxSize
	}
	return (size + tarBlock - 1) / tarBlock * tarBlock
}

// long reads GNU's header with the name, or the link, of the next member.
func (w *pyTar) long(h pyMember, depth int) (pyMember, error) {
	text, err := w.bytes(blocks(h.size))
	if err != nil {
		return h, err
	}
	m, err := w.member(depth + 1)
	if h.kind == 'L' {
		m.name = cString(text)
	}
	return m, err
}

// extended reads records for the next member, or for all that follow.
func (w *pyTar) extended(h pyMember, depth int) (pyMember, error) {
	text, err := w.bytes(blocks(h.size))
	if err != nil {
		return h, err
	}
	info, err := w.global.records(text)
	if err != nil {
		return h, err
	}
	if h.kind == 'g' {
		w.global = info
	}
	m, err := w.member(depth + 1)
	switch {
	case err != nil:
		return m, err
	case h.kind == 'g':
		return m, nil
	}
	m.sparse = m.sparse || info.sparse
	info.apply(&m)
	if info.hasSize {
		w.passed(&m)
	}
	return m, nil
}

// numbers reports whether the fields that tarfile reads are numbers to it.
func numbers(h []byte) bool {
	for _, field := range [][]byte{h[100:108], h[108:116], h[116:124], h[124:136], h[136:148], h[329:337], h[337:345]} {
		if _, ok := tarNumber(field); !ok {
			return false
		}
	}
	return true
}

// tarNumber is a field as tarfile's nti reads it: octal text, or bytes behind
// one that says so.
func tarNumber(b []byte) (n int64, ok bool) {
	if b[0] != 0x80 && b[0] != 0xff {
		if strings.TrimSpace(cString(b)) == "" {
			return 0, true
		}
		return octal(b)
	}
	if b[0] == 0xff {
		return -1, true // negative, and how much does not matter
	}
	for _, c := range b[1:] {
		if n = n<<8 | int64(c); n > maxSize {
			return maxSize, true
		}
	}
	return n, true
}

// cString is text up to the first NUL.
func cString(b []byte) string {
	text, _, _ := bytes.Cut(b, []byte{0})
	return string(text)
}
