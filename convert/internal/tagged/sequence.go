package tagged

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"slices"

	"depickle/sandboxload/value"
)

// maxItems is the length up to which collections of constants are written
// out; longer ones are a length and a digest.
const maxItems = 1000

// hashStep is how many bytes are gathered before they are digested.
const hashStep = 32 << 10

// values writes a collection under a tag, or a list without one.
func (e *encoder) values(tag string, items []value.Value) {
	if len(items) > maxItems && allConstant(items) {
		e.digestList(tag, len(items), func(i int) { e.value(items[i]) })
		return
	}
	e.tagged(tag, func() { e.list(len(items), func(i int) { e.value(items[i]) }) })
}

// ints writes numbers under a tag, or a list without one.
func (e *encoder) ints(tag string, n []int64) {
	if len(n) > maxItems {
		e.digestList(tag, len(n), func(i int) { e.int(n[i]) })
		return
	}
	e.tagged(tag, func() { e.list(len(n), func(i int) { e.int(n[i]) }) })
}

func (e *encoder) tagged(tag string, f func()) {
	if tag == "" {
		f()
		return
	}
	e.tag(tag, f)
}

func allConstant(items []value.Value) bool {
	for _, v := range items {
		if !constant(v) {
			return false
		}
	}
	return true
}

// digestList writes the length and digest of a list of constants. Their JSON
// passes through the end of b, a step at a time.
func (e *encoder) digestList(tag string, n int, item func(i int)) {
	if tag == "" {
		tag = "$list"
	}
	h := sha256.New()
	mark := len(e.b)
	e.raw("[")
	for i := range n {
		if e.full() {
			e.b = e.b[:mark]
			e.truncated(1, "size")
			return
		}
		if i > 0 {
			e.raw(",")
		}
		item(i)
		if len(e.b)-mark >= hashStep {
			e.drain(h, mark)
		}
	}
	e.raw("]")
	e.drain(h, mark)
	e.digest(tag, int64(n), sumOf(h))
}

// drain digests what stands after mark and removes it.
func (e *encoder) drain(h hash.Hash, mark int) {
	h.Write(e.b[mark:])
	e.work += int64(len(e.b) - mark)
	e.b = e.b[:mark]
}

// set writes a set: of constants in the order of their JSON, since Python's
// order changes from run to run; of anything else in the file's order.
func (e *encoder) set(s *value.Set) {
	tag := "$set"
	if s.Frozen {
		tag = "$frozenset"
	}
	if s.Items == nil {
		s = &value.Set{Items: &value.Dict{}}
	}
	items := make([]value.Value, s.Items.Len())
	for i := range items {
		items[i], _ = s.Items.At(i)
	}
	if allConstant(items) {
		e.sorted(tag, items)
		return
	}
	e.values(tag, items)
}

func (e *encoder) sorted(tag string, items []value.Value) {
	mark := len(e.b)
	ends := make([]int, len(items))
	for i, v := range items {
		if e.full() {
			e.b = e.b[:mark]
			e.truncated(1, "size")
			return
		}
		e.value(v)
		ends[i] = len(e.b) - mark
	}
	all := slices.Clone(e.b[mark:])
	e.b = e.b[:mark]
	parts := make([][]byte, len(items))
	from := 0
	for i, end := range ends {
		parts[i], from = all[from:end], end
	}
	slices.SortFunc(parts, bytes.Compare)
	write := func(i int) { e.b = append(e.b, parts[i]...) }
	if len(parts) > maxItems {
		e.digestList(tag, len(parts), write)
		return
	}
	e.tag(tag, func() { e.list(len(parts), write) })
}
