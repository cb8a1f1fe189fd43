package sandboxload

import "depickle/sandboxload/value"

// growing is the long list, or object with items, that items are being appended to. They wait in
// chunks until someone looks at the list: one array of all would be copied again
// and again as it grows, and take several times the memory meanwhile.
type growing struct {
	items  *[]value.Value
	chunks [][]value.Value
	n      int // items in chunks
}

const (
	// longList is how long a list is that grows in chunks.
	longList = 64 << 10
	// chunk is the items of one.
	chunk = 4 << 10
)

// appendTo appends v to the items of a list or object.
func (ld *loader) appendTo(items *[]value.Value, v value.Value) {
	if ld.growing.items != items {
		if len(*items) < longList {
			*items = append(*items, v)
			return
		}
		ld.settle()
		ld.growing.items = items
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
	if g.items == nil {
		return
	}
	all := *g.items
	if have := len(all); g.n > have/8 {
		all = append(make([]value.Value, 0, have+g.n), all...)
	}
	for _, c := range g.chunks {
		all = append(all, c...)
	}
	*g.items, *g = all, growing{}
}

// looked settles a list or object that someone looks at.
func (ld *loader) looked(v value.Value) {
	switch v := v.(type) {
	case *value.List:
		if &v.Items == ld.growing.items {
			ld.settle()
		}
	case *value.Object:
		if &v.Items == ld.growing.items {
			ld.settle()
		}
	}
}
