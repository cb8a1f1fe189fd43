package machine

import (
	"io"
	"math"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// Extent is the bytes of a Str, Str2, Bytes or ByteArray.
func (m *Machine) Extent(v Value) container.Extent {
	return container.Extent{Space: m.space, Off: v.Num, Len: v.Len()}
}

// Raw reads a payload whole; ok is false when it is longer than Limits.Text,
// or cannot be read: then the next Step returns why.
func (m *Machine) Raw(v Value) (b []byte, ok bool) {
	if v.Len() > m.limits.Text {
		return nil, false
	}
	if err := m.texts.count(v.Len(), m.ev.Op.Offset); err != nil {
		m.fail(err)
		return nil, false
	}
	b = make([]byte, v.Len())
	if n, err := m.dec.ReadAt(b, v.Num); n < len(b) {
		if err == nil || err == io.EOF {
			err = fault.At(fault.Changed, v.Num, "the source became shorter while it was read")
		}
		m.fail(err)
		return nil, false
	}
	return b, true
}

// Text reads a Str or Str2; ok is false for other kinds, for text that does
// not decode, for text longer than Limits.Text and for what cannot be read:
// then the next Step returns why.
func (m *Machine) Text(v Value) (s string, ok bool) {
	if v.Kind != Str && v.Kind != Str2 {
		return "", false
	}
	slot := m.texts.slot(v)
	if slot != nil && slot.is(v) {
		return slot.text, true
	}
	b, ok := m.Raw(v)
	if !ok {
		return "", false
	}
	s, err := opcode.Text(v.Code, b)
	if err != nil {
		return "", false
	}
	if slot != nil {
		*slot = cached{code: v.Code, off: v.Num, len: v.Len(), text: s}
	}
	return s, true
}

// fail makes the next Step return err.
func (m *Machine) fail(err error) {
	if m.err == nil {
		m.err = err
	}
}

// texts remembers short texts, which pickles fetch from their memo again and
// again, and bounds how much of long ones is read again: a few bytes of
// pickle can fetch a text of 1 MiB, so that time would not be linear.
type texts struct {
	slots *[256]cached // made for the first text: a file may have 100,000 pickles
	most  int64
	read  int64
}

type cached struct {
	code     opcode.Code
	off, len int64
	text     string
}

// shortText is the longest text that is remembered, in bytes.
const shortText = 256

func (c *cached) is(v Value) bool { return c.code == v.Code && c.off == v.Num && c.len == v.Len() }

func (t *texts) slot(v Value) *cached {
	if v.Len() > shortText {
		return nil
	}
	if t.slots == nil {
		t.slots = new([256]cached)
	}
	return &t.slots[uint64(v.Num)%uint64(len(t.slots))]
}

func (t *texts) count(n, off int64) error {
	if n > shortText {
		if t.read += n; t.read > t.most {
			return limit.Exceeded("bytes of text that is fetched again and again", t.most, off)
		}
	}
	return nil
}

// rereads is how many bytes of long text a stream of that size may have read:
// all of it some times over.
func rereads(stream int64) int64 {
	n, ok := limit.Mul(stream, 8)
	if !ok {
		return math.MaxInt64
	}
	sum, ok := limit.Add(n, 64<<20)
	if !ok {
		return math.MaxInt64
	}
	return sum
}

// names holds one copy of each short global's name, and counts what other
// names and long integers cost: they live as long as the values on the stack.
type names struct {
	seen map[Named]*Named
	most int64
	kept int64
}

const (
	// maxName is the longest name of a global, in bytes, as in a GLOBAL line.
	maxName = 64 << 10
	// maxNames is how many names are shared.
	maxNames = 4096
	// keptNames is how many bytes of other names and long integers are kept,
	// above the size of the pickle.
	keptNames = 8 << 20
)

func (t *names) share(n Named, off int64) (*Named, error) {
	if old, ok := t.seen[n]; ok {
		return old, nil
	}
	size := len(n.Module) + len(n.Name)
	if size > 2*shortText || len(t.seen) >= maxNames {
		return &n, t.count(int64(size), off)
	}
	if t.seen == nil {
		t.seen = map[Named]*Named{}
	}
	t.seen[n] = &n
	return &n, nil
}

func (t *names) count(n, off int64) error {
	if t.kept += n; t.kept > t.most {
		return limit.Exceeded("bytes of names and long integers", t.most, off)
	}
	return nil
}
