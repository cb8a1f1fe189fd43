package tagged

import (
	"unicode/utf8"

	"depickle/sandboxload/value"
)

// dict writes a dict; what a subclass adds only where it was asked for.
func (e *encoder) dict(d *value.Dict) {
	if e.o.Mode == Plain {
		if n := d.Len(); n > 0 && allTensors(d) {
			e.tag("$tensors", func() { e.int(int64(n)) })
			return
		}
	} else if d.Class != (value.Global{}) || d.Factory != nil || d.State != nil {
		e.tag("$dict", func() { e.subclass(d) })
		return
	}
	if natural(d) {
		e.members(d)
		return
	}
	e.tag("$dict", func() { e.pairs(d) })
}

func (e *encoder) subclass(d *value.Dict) {
	e.raw("{")
	if d.Class != (value.Global{}) {
		e.field("class", func() { e.global(d.Class) })
	}
	if d.Factory != nil {
		e.field("factory", func() { e.value(d.Factory) })
	}
	e.field("items", func() { e.items(d) })
	if d.State != nil {
		e.field("state", func() { e.value(d.State) })
	}
	e.raw("}")
}

// items writes an object, or a list of pairs where keys need one.
func (e *encoder) items(d *value.Dict) {
	if natural(d) {
		e.members(d)
	} else {
		e.pairs(d)
	}
}

// allTensors: nothing but tensors, which the record lists elsewhere.
func allTensors(d *value.Dict) bool {
	for i := range d.Len() {
		_, v := d.At(i)
		if t, ok := v.(*value.Tensor); !ok || t.Objects != nil {
			return false
		}
	}
	return true
}

// natural reports whether every key can be a member's name. One that begins
// with "$" would read as a tag.
func natural(d *value.Dict) bool {
	for i := range d.Len() {
		k, _ := d.At(i)
		if _, ok := memberName(k); !ok {
			return false
		}
	}
	return true
}

func memberName(k value.Value) (name string, ok bool) {
	switch k := k.(type) {
	case value.Str:
		name = string(k)
	case value.Str2: // its latin-1 has a form of its own
		name = string(k)
	default:
		return "", false
	}
	return name, len(name) <= maxText && utf8.ValidString(name) && (name == "" || name[0] != '$')
}

func (e *encoder) members(d *value.Dict) {
	e.raw("{")
	for i := range d.Len() {
		k, v := d.At(i)
		name, _ := memberName(k)
		if i > 0 {
			e.raw(",")
		}
		e.quote(name)
		e.raw(":")
		if e.full() {
			e.truncated(d.Len()-i, "size")
			break
		}
		e.path = append(e.path, segment{key: name, index: keyed})
		e.entry(k, v)
		e.path = e.path[:len(e.path)-1]
	}
	e.raw("}")
}

func (e *encoder) pairs(d *value.Dict) {
	e.list(d.Len(), func(i int) {
		k, v := d.At(i)
		e.list(2, func(part int) {
			if part == 0 {
				e.value(k)
			} else {
				e.entry(k, v)
			}
		})
	})
}

// entry writes the value of a key, unless it is a secret.
func (e *encoder) entry(k, v value.Value) {
	if secret(k) {
		e.raw(`{"$redacted":true}`)
		return
	}
	e.value(v)
}
