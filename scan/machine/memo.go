package machine

import (
	"errors"

	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// memo is the unpickler's memo. It keeps values only of slots that some GET
// opcode names; of the others it keeps one bit, since MEMOIZE takes the number
// of slots in use as its index.
type memo struct {
	fetched bits
	used    bits
	n       int64 // slots in use
	values  map[int64]Value
}

// survey notes which slots are fetched. A stream that does not decode is
// surveyed as far as it does: the run fails at the same place.
func (t *memo) survey(d *opcode.Decoder, most int) error {
	t.values = map[int64]Value{}
	var op opcode.Op
	for {
		if err := d.Next(&op); err != nil {
			var e *fault.Error
			if errors.As(err, &e) {
				return nil
			}
			return err
		}
		switch op.Code {
		case opcode.Get, opcode.BinGet, opcode.LongBinGet:
			t.fetched.set(op.Int)
			if t.fetched.n > int64(most) {
				return limit.Exceeded("memo slots", int64(most), op.Offset)
			}
		case opcode.Stop:
			return nil
		}
	}
}

// put stores a value if the slot is ever fetched, and reports whether it is.
func (t *memo) put(slot int64, v Value) (kept bool) {
	if t.used.set(slot) {
		t.n++
	}
	if !t.fetched.has(slot) {
		return false
	}
	t.values[slot] = v
	return true
}

func (t *memo) get(slot int64) (Value, bool) {
	v, ok := t.values[slot]
	return v, ok
}

// bits is a set of non-negative numbers, cheap for dense ones.
type bits struct {
	dense  []uint64
	sparse map[int64]struct{}
	n      int64
}

// denseBits bounds the dense part: 8 MiB.
const denseBits = 1 << 26

// set adds i and reports whether it was new.
func (b *bits) set(i int64) bool {
	if i >= 0 && i < denseBits && i/64 < int64(len(b.dense))*2+1024 {
		for int64(len(b.dense)) <= i/64 {
			b.dense = append(b.dense, 0)
		}
		if b.dense[i/64]&(1<<(i%64)) != 0 || b.inSparse(i) {
			return false
		}
		b.dense[i/64] |= 1 << (i % 64)
		b.n++
		return true
	}
	if b.has(i) {
		return false
	}
	if b.sparse == nil {
		b.sparse = map[int64]struct{}{}
	}
	b.sparse[i] = struct{}{}
	b.n++
	return true
}

func (b *bits) inSparse(i int64) bool {
	_, ok := b.sparse[i]
	return ok
}

func (b *bits) has(i int64) bool {
	if i >= 0 && i/64 < int64(len(b.dense)) && b.dense[i/64]&(1<<(i%64)) != 0 {
		return true
	}
	return b.inSparse(i)
}
