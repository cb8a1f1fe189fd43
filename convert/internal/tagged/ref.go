package tagged

import (
	"slices"
	"strconv"
	"strings"

	"depickle/sandboxload/value"
)

// segment is one of a JSON Pointer: an index, or a key where that is keyed.
type segment struct {
	key   string
	index int32
	node  int32 // one more than its place in nodes; 0 while it has none
}

// keyed is the index of a segment that is a key, which may be "".
const keyed = -1

// node is a segment that leads to a container. Pointers are kept as a tree,
// since a pointer in full for each of a million containers, a thousand deep
// with long keys, would be terabytes.
type node struct {
	up    int32 // as segment.node; 0 for the first
	key   string
	index int32
}

// again writes a reference if v stands in the output already, and notes its
// place if it does not. Objects in plain mode and bare tensors hold nothing,
// so they are written each time.
func (e *encoder) again(v value.Value) bool {
	switch v := v.(type) {
	case *value.Object:
		if e.o.Mode == Plain {
			return false
		}
	case *value.Tensor:
		if v.Objects == nil && (v.State == nil || e.o.Mode == Plain) {
			return false
		}
	}
	at, ok := e.seen[v]
	if !ok {
		e.seen[v] = e.here()
		return false
	}
	e.tag("$ref", func() { e.quote(e.pointer(at)) })
	return true
}

// here gives the present path nodes and returns its last one.
func (e *encoder) here() int32 {
	up := int32(0)
	for i := range e.path {
		s := &e.path[i]
		if s.node == 0 {
			e.nodes = append(e.nodes, node{up: up, key: s.key, index: s.index})
			s.node = int32(len(e.nodes))
		}
		up = s.node
	}
	return up
}

// pointer is the JSON Pointer (RFC 6901) of a node, after a "#".
func (e *encoder) pointer(at int32) string {
	var parts []string
	for ; at != 0; at = e.nodes[at-1].up {
		n := &e.nodes[at-1]
		if n.index == keyed {
			parts = append(parts, escape(n.key))
		} else {
			parts = append(parts, strconv.Itoa(int(n.index)))
		}
	}
	parts = append(parts, "#")
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}

// escape writes a key as a segment.
func escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}
