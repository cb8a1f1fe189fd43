package machine

import (
	"errors"
	"math/bits"

	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// memo is the unpickler's memo. It keeps values only of slots that some GET
// opcode names; of the others it keeps one bit, since MEMOIZE takes the number
// of slots in use as its index.
type memo struct {
	fetched set
	used    set
	below   []uint32        // fetched slots below each word of fetched.dense
	pages   []*[page]Value  // values of dense fetched slots, in their order
	sparse  map[int64]Value // values of the others
}

// page is how many values are allocated at once, as the first is stored: a
// stream may fetch millions of slots that it never fills.
const page = 256

// survey notes which slots are fetched. A stream that does not decode is
// surveyed as far as it does: the run fails at the same place.
func (t *memo) survey(d *opcode.Decoder, most int) error {
	var op opcode.Op
	for {
		if err := d.Next(&op); err != nil {
			var e *fault.Error
			if errors.As(err, &e) && e.Kind != fault.Changed {
				break
			}
			return err
		}
		switch op.Code {
		case opcode.Get, opcode.BinGet, opcode.LongBinGet:
			if t.fetched.add(op.Int); t.fetched.n > int64(most) {
				return limit.Exceeded("memo slots", int64(most), op.Offset)
			}
			continue
		case opcode.Stop:
		default:
			continue
		}
		break
	}
	t.index()
	return nil
}

// index counts the fetched slots, so that their values stand side by side.
func (t *memo) index() {
	t.below = make([]uint32, len(t.fetched.dense))
	n := 0
	for i, w := range t.fetched.dense {
		t.below[i] = uint32(n)
		n += bits.OnesCount64(w)
	}
	t.pages = make([]*[page]Value, (n+page-1)/page)
}

// place finds where a fetched slot's value is stored; ok is false for one in
// the sparse part.
func (t *memo) place(slot int64) (i int, ok bool) {
	if !t.fetched.isDense(slot) {
		return 0, false
	}
	w := t.fetched.dense[slot/64] & (1<<(slot%64) - 1)
	return int(t.below[slot/64]) + bits.OnesCount64(w), true
}

// put stores a value if the slot is ever fetched, and reports whether it is.
func (t *memo) put(slot int64, v Value) (kept bool) {
	t.used.add(slot)
	if !t.fetched.has(slot) {
		return false
	}
	i, ok := t.place(slot)
	if !ok {
		if t.sparse == nil {
			t.sparse = map[int64]Value{}
		}
		t.sparse[slot] = v
		return true
	}
	if t.pages[i/page] == nil {
		t.pages[i/page] = new([page]Value)
	}
	t.pages[i/page][i%page] = v
	return true
}

// get fetches a slot; ok is false for one that is empty.
func (t *memo) get(slot int64) (v Value, ok bool) {
	if !t.used.has(slot) || !t.fetched.has(slot) {
		return Value{}, false
	}
	if i, ok := t.place(slot); ok {
		return t.pages[i/page][i%page], true
	}
	return t.sparse[slot], true
}

// set is a set of non-negative numbers, cheap for dense ones.
type set struct {
	dense  []uint64
	sparse map[int64]struct{}
	n      int64
}

// denseBits bounds the dense part: 8 MiB.
const denseBits = 1 << 26

// add adds i.
func (s *set) add(i int64) {
	if s.has(i) {
		return
	}
	s.n++
	// The dense part at most doubles at once: a number far out costs little.
	if i < denseBits && i/64 < int64(len(s.dense))*2+1024 {
		for int64(len(s.dense)) <= i/64 {
			s.dense = append(s.dense, 0)
		}
		s.dense[i/64] |= 1 << (i % 64)
		return
	}
	if s.sparse == nil {
		s.sparse = map[int64]struct{}{}
	}
	s.sparse[i] = struct{}{}
}

func (s *set) isDense(i int64) bool {
	return i >= 0 && i/64 < int64(len(s.dense)) && s.dense[i/64]&(1<<(i%64)) != 0
}

func (s *set) has(i int64) bool {
	if s.isDense(i) {
		return true
	}
	_, ok := s.sparse[i]
	return ok
}
