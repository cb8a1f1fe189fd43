package container

import "strings"

// Module is a member of an archive that holds the code of a Python module.
type Module struct {
	Name   string // as Python imports it
	Member *Member
}

// PackageCode are the modules in an archive of torch.package. What lists the
// modules from outside makes it such an archive: torch.package opens no other.
// Torch's reader takes no notice of the case of that name.
func (s *Source) PackageCode() []Module {
	if _, ok := s.byName[s.prefix+".data/extern_modules"]; !ok {
		return nil
	}
	var code []Module
	for i := range s.Members {
		m := &s.Members[i]
		rest, inside := strings.CutPrefix(lower(m.Name), s.prefix)
		if inside && strings.HasSuffix(rest, ".py") && !strings.HasPrefix(rest, ".data/") {
			path := m.Name[len(s.prefix) : len(m.Name)-len(".py")]
			code = append(code, Module{strings.ReplaceAll(strings.TrimSuffix(path, "/__init__"), "/", "."), m})
		}
	}
	return code
}
