package sandboxload

import "depickle/sandboxload/value"

// growing is the long list that items are being appended to. They wait in
// chunks until someone looks at the list: one array of all would be copied again
// and again as it grows, and take several times the memory meanwhile.
type growing struct {
	list   *value.List
	chunks [][]value.Value
	n      int // items in chunks
}

const (
	// longList is how long a list is that grows in chunks.
	longList = 64 << 10
	// chunk is the items of one.
	chunk = 4 << 10
)

// appendTo appends v to l.
func (ld *loader) appendTo(l *value.List, v value.Value) {
	if ld.growing.list != l {
		if len(l.Items) < longList {
			l.Items = append(l.Items, v)
			return
		}
		ld.settle()
		ld.growing.list = l
	}
	g := &ld.growing
	if g.n%chunk == 0 {
		g.chunks = append(g.chunks, make([]value.Value, 0, chunk))
	}
	last := &g.chunks[len(g.chunks)-1]
	*last = append(*last, v)
	g.n++
}

// settle gives the list that grows its items. Few are appended, so that a
// pickle that appends to two lists in turn does not copy both each time.
func (ld *loader) settle() {
	g := &ld.growing
	if g.list == nil {
		return
	}
	if have := len(g.list.Items); g.n > have/8 {
		all := make([]value.Value, have, have+g.n)
		copy(all, g.list.Items)
		g.list.Items = all
	}
	for _, c := range g.chunks {
		g.list.Items = append(g.list.Items, c...)
	}
	*g = growing{}
}
