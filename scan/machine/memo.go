package machine

import (
	"math/bits"

	"depickle/scan/container"
)

// memo is the unpickler's memo. It keeps values only of slots that some GET
// opcode names; of the others it keeps one bit, since MEMOIZE takes the number
// of slots in use as its index.
type memo struct {
	all     bool // every slot may be fetched: all are kept, in far
	most    int  // of them
	fetched *container.Slots
	used    container.Slots
	below   []uint32        // fetched slots below each word of the dense ones
	pages   []*[page]Value  // values of dense fetched slots, in their order
	far     map[int64]Value // values of the others
}

// page is how many values are allocated at once, as the first is stored: a
// stream may fetch millions of slots that it never fills.
const page = 256

// index counts the fetched slots, so that their values stand side by side.
func (t *memo) index() {
	words := t.fetched.Words()
	t.below = make([]uint32, len(words))
	n := 0
	for i, w := range words {
		t.below[i] = uint32(n)
		n += bits.OnesCount64(w)
	}
	t.pages = make([]*[page]Value, (n+page-1)/page)
}

// place finds where a fetched slot's value is stored; ok is false for one in
// the sparse part.
func (t *memo) place(slot int64) (i int, ok bool) {
	if !t.fetched.Dense(slot) {
		return 0, false
	}
	w := t.fetched.Words()[slot/64] & (1<<(slot%64) - 1)
	return int(t.below[slot/64]) + bits.OnesCount64(w), true
}

// put stores a value if the slot is ever fetched, and reports whether it is;
// ok is false when there are too many slots far from all others.
func (t *memo) put(slot int64, v Value) (kept, ok bool) {
	if !t.used.Add(slot) {
		return false, false
	}
	if t.all {
		if t.far == nil {
			t.far = map[int64]Value{}
		}
		t.far[slot] = v
		return true, len(t.far) <= t.most
	}
	if !t.fetched.Has(slot) {
		return false, true
	}
	i, ok := t.place(slot)
	if !ok {
		if t.far == nil {
			t.far = map[int64]Value{}
		}
		t.far[slot] = v
		return true, true
	}
	if t.pages[i/page] == nil {
		t.pages[i/page] = new([page]Value)
	}
	t.pages[i/page][i%page] = v
	return true, true
}

// get fetches a slot; ok is false for one that is empty.
func (t *memo) get(slot int64) (v Value, ok bool) {
	if t.all {
		v, ok = t.far[slot]
		return v, ok
	}
	if !t.used.Has(slot) || !t.fetched.Has(slot) {
		return Value{}, false
	}
	if i, ok := t.place(slot); ok {
		return t.pages[i/page][i%page], true
	}
	return t.far[slot], true
}
