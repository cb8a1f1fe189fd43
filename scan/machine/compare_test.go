package machine

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/opcode"
)

// ours is what the machine reaches, in the oracle's terms.
//
// It ends where a frame is broken: which opcodes come then depends on
// Python's version, and the judge says so.
func ours(data []byte, tmp string) (found [][2]string, err error) {
	broken := false
	err = each(data, tmp, func(ev *Event) {
		broken = broken || ev.Op.Frame != ""
		switch {
		case broken:
		case ev.What == Found:
			found = append(found, nameOf(ev.Result))
		case ev.What == Called && ev.Op.Code == 'i':
			found = append(found, nameOf(ev.Callee))
		case ev.What == Extended:
			// copyreg's cache answers for a code that was seen before.
			if g := [2]string{"ext", fmt.Sprint(ev.Op.Int)}; !slices.Contains(found, g) {
				found = append(found, g)
			}
		}
	})
	if broken {
		found = append(found, [2]string{opaque})
	}
	return found, err
}

// each shows the events of a pickle to f. It is run without what a test pays
// for each call, a folder and a cleanup: there are a million of them.
func each(data []byte, tmp string, f func(*Event)) error {
	src, err := container.Open(bytes.NewReader(data), int64(len(data)), container.Options{TempDir: tmp})
	if err != nil {
		return err
	}
	defer src.Close()
	st := container.Stream{Extent: container.Extent{Len: int64(len(data))}}
	if len(src.Streams) > 0 {
		if err := src.Streams[0].Err; fault.Is(err, fault.Limit) {
			return err
		}
		st.Fetched = src.Streams[0].Fetched
	}
	m := New(src, st, 0)
	for {
		ev, err := m.Step()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			if frame := m.Frame(); frame != "" {
				f(&Event{Op: opcode.Op{Frame: frame}})
			}
			return err
		}
		f(ev)
	}
}

// opaque stands for a global whose name is computed, and for what follows a
// broken frame: both are findings, and what Python makes of them here means
// nothing.
const opaque = "?"

func nameOf(v Value) [2]string {
	if v.Node.Opaque {
		return [2]string{opaque}
	}
	return [2]string{v.Node.Module, v.Node.Name}
}

// compare holds the machine against one of CPython's unpicklers. Why is what
// explains that they differ, wrong how they do where nothing does.
func compare(name string, found [][2]string, err error, v verdict) (why, wrong string) {
	n := min(len(found), len(v.Found))
	for i := range n {
		if found[i][0] == opaque {
			return "a computed name, or a broken frame", ""
		}
		if !same(found[i], v.Found[i]) {
			return "", fmt.Sprintf("global %d is %q, %s reaches %q", i, found[i], name, v.Found[i])
		}
	}
	if len(found) > n && found[n][0] == opaque {
		return "a computed name, or a broken frame", ""
	}
	switch {
	case len(v.Found) > n || (v.Error == nil && err != nil):
		if err != nil {
			why = strict.explain(err.Error())
		}
		wrong = fmt.Sprintf("stops with %v behind %q; %s reaches %q, error %s", err, found, name, v.Found, text(v.Error))
	case v.Error == nil && len(found) > n:
		return "", fmt.Sprintf("reaches %q, %s reaches only %q", found, name, v.Found)
	case v.Error != nil && err == nil, len(found) > n:
		why = lenient.explain(*v.Error)
		wrong = fmt.Sprintf("goes on to %q, %v; %s stops behind %q: %s", found, err, name, v.Found, *v.Error)
	}
	if why != "" {
		wrong = ""
	}
	return why, wrong
}

// same compares a global with one of the oracle's. A name in a Python 2 string
// is bytes, which the oracle's unpicklers read as latin1.
func same(ours, theirs [2]string) bool {
	for i := range ours {
		if w := wire(ours[i]); w != theirs[i] && wire(w) != theirs[i] {
			return false
		}
	}
	return true
}

// wire is a string as the oracle sends it: each byte is a character.
func wire(s string) string {
	r := make([]rune, len(s))
	for i := range r {
		r[i] = rune(s[i])
	}
	return string(r)
}

// begins reports whether a list of globals begins another.
func begins(short, long [][2]string, same func(a, b [2]string) bool) bool {
	return len(short) <= len(long) && slices.EqualFunc(short, long[:len(short)], same)
}

func text(s *string) string {
	if s == nil {
		return "none"
	}
	return *s
}

// comparePy is compare with pickle.py, which PyPy runs. It stops elsewhere than
// C, as a rule sooner; that it reaches nothing else is what counts.
func comparePy(found [][2]string, err error, v verdict) (why, wrong string) {
	why, wrong = compare("pickle.py", found, err, v)
	switch {
	case wrong == "":
	case v.Error != nil && begins(v.Found, found, func(theirs, ours [2]string) bool { return same(ours, theirs) }):
		return "it stops sooner", ""
	case err != nil && begins(found, v.Found, same):
		if why = python.explain(err.Error()); why != "" {
			return why, ""
		}
	}
	return why, wrong
}
