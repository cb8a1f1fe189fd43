package container

import "regexp"

// fields reads the dtype of a structure as a .npy header spells it: a list of
// tuples with a name, or a title and a name, and a type or another list, and
// maybe a shape. Any other spelling is refused: numpy would make a dtype of
// whatever Python's parser takes, and "2O" are objects too.
type fields struct {
	rest    string
	objects bool // an element is, or has, Python objects
}

// npyFields reports whether a structure has objects; ok is false for one that
// numpy does not write.
func npyFields(descr string) (objects, ok bool) {
	f := &fields{rest: descr}
	ok = f.list(0) && f.rest == ""
	return f.objects, ok
}

var (
	npyName  = regexp.MustCompile(`^'(?:[^'\\]|\\.)*'|^"(?:[^"\\]|\\.)*"`)
	npyType  = regexp.MustCompile(`^'[<>|=]?([a-zA-Z?])\d*(?:\[\d*[a-zA-Z]+\])?'`)
	npyShape = regexp.MustCompile(`^, \((?:\d+, ?)*\d*\)`)
)

// maxFields is how deep lists may stand in each other.
const maxFields = 32

func (f *fields) take(s string) bool {
	if len(f.rest) < len(s) || f.rest[:len(s)] != s {
		return false
	}
	f.rest = f.rest[len(s):]
	return true
}

func (f *fields) match(re *regexp.Regexp) []string {
	m := re.FindStringSubmatch(f.rest)
	if m != nil {
		f.rest = f.rest[len(m[0]):]
	}
	return m
}

func (f *fields) list(depth int) bool {
	if depth > maxFields || !f.take("[") {
		return false
	}
	for {
		if !f.tuple(depth) {
			return false
		}
		if f.take("]") {
			return true
		}
		if !f.take(", ") {
			return false
		}
	}
}

func (f *fields) tuple(depth int) bool {
	if !f.take("(") || !f.name() || !f.take(", ") {
		return false
	}
	if kind := f.match(npyType); kind != nil {
		f.objects = f.objects || kind[1] == "O"
	} else if !f.list(depth + 1) {
		return false
	}
	f.match(npyShape)
	return f.take(")")
}

// name is a name, or a tuple of title and name.
func (f *fields) name() bool {
	if !f.take("(") {
		return f.match(npyName) != nil
	}
	return f.match(npyName) != nil && f.take(", ") && f.match(npyName) != nil && f.take(")")
}
