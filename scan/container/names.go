package container

import (
	"strings"

	"depickle/scan/fault"
)

// lower is a name as torch's reader compares it: without the case of ASCII.
func lower(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= 'A' && c <= 'Z' {
			return string(fold([]byte(s)))
		}
	}
	return s
}

// fold takes the case away, in place.
func fold(b []byte) []byte {
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return b
}

// checkNames takes the prefix as torch does, from the first entry, and
// refuses what readers disagree on: torch's lookup ignores case and picks
// among equals by position.
func (s *Source) checkNames() {
	s.byName = make(map[string]int, len(s.Members))
	if len(s.Members) > 0 {
		if i := strings.IndexByte(s.Members[0].Name, '/'); i >= 0 {
			s.prefix = lower(s.Members[0].Name[:i+1])
		}
	}
	for i := range s.Members {
		m := &s.Members[i]
		low := lower(m.Name)
		if j, ok := s.byName[low]; ok {
			if s.Members[j].Name == m.Name {
				s.odd("zip-duplicate", m.Name, m.Header, "two members have this name; readers differ on which one they take")
			} else {
				s.odd("zip-case-twin", m.Name, m.Header, "another member's name differs only in case: "+fault.Quote(s.Members[j].Name))
			}
		} else {
			s.byName[low] = i
		}
		if m.Encrypted() {
			s.odd("zip-encrypted", m.Name, m.Header, "the member is encrypted")
		}
	}
}

// UnknownMembers lists the members of a torch archive that torch neither
// writes nor reads. They are no reason to refuse it: each release adds some.
func (s *Source) UnknownMembers() []string {
	if s.Format != TorchZip && s.Format != TorchScript {
		return nil
	}
	var out []string
	for i := range s.Members {
		if m := &s.Members[i]; !s.isStorage(m) && !s.known(m.Name) {
			out = append(out, m.Name)
		}
	}
	return out
}

// CodeMembers are the members of a TorchScript archive that hold code: as
// text, or as bytecode for mobile readers.
func (s *Source) CodeMembers() []*Member {
	if s.Format != TorchScript {
		return nil
	}
	var out []*Member
	for i := range s.Members {
		m := &s.Members[i]
		rest, ok := strings.CutPrefix(lower(m.Name), s.prefix)
		if ok && m.Readable() && m.Size > 0 && (strings.HasPrefix(rest, "code/") || rest == "bytecode.pkl") && !strings.HasSuffix(rest, "debug_pkl") {
			out = append(out, m)
		}
	}
	return out
}

// known reports whether torch writes members of that name.
func (s *Source) known(name string) bool {
	low := lower(name)
	rest, ok := strings.CutPrefix(low, s.prefix)
	if !ok {
		return false
	}
	switch rest {
	case "", "data.pkl", "byteorder", "version", ".format_version", ".storage_alignment", ".data/serialization_id", ".data/version":
		return true
	}
	if s.Format != TorchScript {
		return false
	}
	return rest == "constants.pkl" || strings.HasPrefix(rest, "code/") || strings.HasPrefix(rest, "constants/") || strings.HasPrefix(rest, "extra/")
}

// leadsOut reports whether unpacking a member of that name writes outside of
// the folder that it is unpacked in.
func leadsOut(name string) bool {
	return strings.HasPrefix(name, "/") || strings.Contains("/"+name+"/", "/../")
}
