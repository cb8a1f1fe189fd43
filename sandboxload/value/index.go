package value

import "hash/maphash"

// smallDict is the size up to which keys are compared one by one.
const smallDict = 8

// index finds the keys of a large dict. Go's map from an interface to an int
// takes several times the memory. The seed is random, so that nobody can make
// keys that collide.
type index struct {
	seed  maphash.Seed
	slots []slot   // a power of two, at most 13 of 16 in use
	more  [][]pair // behind Dict.first, chunk in each but the last
}

// slot is where a key stands, counted from 1; 0 is for a free one.
type slot struct{ hash, at uint32 }

func newIndex(d *Dict) *index {
	x := &index{seed: maphash.MakeSeed(), slots: make([]slot, 4*smallDict)}
	for i := range d.first {
		id, _ := identify(d.first[i].key)
		x.add(id, i+1)
	}
	return x
}

// add adds the n-th key of a dict, its last.
func (x *index) add(id identity, n int) {
	if id.kind == isNaN {
		return // it is never found, and a million of them would collide
	}
	if n > len(x.slots)/16*13 {
		old := x.slots
		x.slots = make([]slot, 2*len(old))
		for _, s := range old {
			if s.at != 0 {
				x.insert(s)
			}
		}
	}
	x.insert(slot{x.hash(id), uint32(n)})
}

// insert adds a slot that is not there.
func (x *index) insert(s slot) {
	mask := uint32(len(x.slots) - 1)
	for i := s.hash & mask; ; i = (i + 1) & mask {
		if x.slots[i].at == 0 {
			x.slots[i] = s
			return
		}
	}
}

func (x *index) find(id identity, d *Dict) (int, bool) {
	mask, hash := uint32(len(x.slots)-1), x.hash(id)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := x.slots[i]
		if s.at == 0 {
			return 0, false
		}
		if s.hash == hash && d.is(int(s.at-1), id) {
			return int(s.at - 1), true
		}
	}
}

func (x *index) hash(id identity) uint32 {
	switch {
	case id.text != "":
		return uint32(maphash.String(x.seed, id.text))
	case id.object != nil:
		return uint32(maphash.Comparable(x.seed, id.object))
	}
	return uint32(maphash.Comparable(x.seed, id.number))
}
