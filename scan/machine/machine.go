// Package machine runs a pickle symbolically: CPython's C unpickler
// (Modules/_pickle.c), opcode for opcode, with a real stack, marks and memo,
// but with values that only say what they are. Nothing is called, imported or
// built.
//
// Each opcode is one [Event]; the judge and the translator read the same ones.
// The machine bounds what it keeps by limit.Limits: values are handles into
// the file, contents of lists and dicts are shown once and not kept, and only
// memo slots that the stream fetches again are stored.
package machine

import (
	"io"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// What says what an opcode did, as far as anyone must know.
type What uint8

// What an event is.
const (
	Plain    What = iota // constants and stack moves
	Found                // a global was reached: Result
	Called               // REDUCE, INST, OBJ, NEWOBJ, NEWOBJ_EX: Callee(Args) → Result
	Built                // BUILD: State into Target
	Stored               // APPEND(S), SETITEM(S), ADDITEMS: Items into Target
	Persist              // a persistent id: State → Result
	Extended             // EXT1, EXT2, EXT4: a global by number, Op.Int
	Ended                // STOP: Result
)

// Event is what one opcode did. It is valid until the next Step.
type Event struct {
	Op      opcode.Op
	What    What
	Callee  Value
	Args    Value // a Tuple
	KW      Value // NEWOBJ_EX's keywords
	Target  Value
	State   Value
	Items   []Value // keys and values alternate for SETITEM(S)
	Result  Value   // what is on top of the stack now, where something was pushed
	PopMark bool    // POP took a mark
	Slot    int64   // memo slot of PUT and GET opcodes, MEMOIZE included
	Kept    bool    // the slot is fetched later
}

// Machine runs one pickle.
type Machine struct {
	src     *container.Source
	dec     *opcode.Decoder
	space   container.Space
	limits  limit.Limits
	stack   []Value
	marks   []int
	memo    memo
	proto   int64
	objects int64
	ev      Event
	done    bool
}

// New makes a machine for one stream. It reads the opcodes once to learn
// which memo slots are fetched; what is wrong with them shows in Step.
func New(src *container.Source, e container.Extent) (*Machine, error) {
	l := src.Limits()
	m := &Machine{src: src, space: e.Space, limits: l}
	r := src.Reader(e.Space)
	if err := m.memo.survey(opcode.NewDecoder(r, e.Off, e.Off+e.Len, l), l.Memo); err != nil {
		return nil, err
	}
	m.dec = opcode.NewDecoder(r, e.Off, e.Off+e.Len, l)
	return m, nil
}

// Step runs one opcode. After STOP it returns io.EOF.
func (m *Machine) Step() (*Event, error) {
	if m.done {
		return nil, io.EOF
	}
	op := m.ev.Op // keeps the buffers that the decoder reuses
	m.ev = Event{Op: op}
	if err := m.dec.Next(&m.ev.Op); err != nil {
		return nil, err
	}
	if err := m.run(&m.ev.Op); err != nil {
		return nil, err
	}
	if len(m.stack) > m.limits.Stack {
		return nil, limit.Exceeded("values on the stack", int64(m.limits.Stack), m.ev.Op.Offset)
	}
	return &m.ev, nil
}

// Proto is the protocol that the last PROTO opcode named, 0 before one.
func (m *Machine) Proto() int64 { return m.proto }

// Depth is the number of values on the stack.
func (m *Machine) Depth() int { return len(m.stack) }

// Extent is the bytes of a Str, Str2, Bytes or ByteArray.
func (m *Machine) Extent(v Value) container.Extent {
	return container.Extent{Space: m.space, Off: v.Num, Len: v.Len}
}

// Raw reads a payload whole; ok is false when it is longer than Limits.Text.
func (m *Machine) Raw(v Value) (b []byte, ok bool) {
	if v.Len > m.limits.Text {
		return nil, false
	}
	b = make([]byte, v.Len)
	if n, _ := m.dec.ReadAt(b, v.Num); n < len(b) {
		return nil, false
	}
	return b, true
}

// Text reads a Str or Str2; ok is false for other kinds, for text that does
// not decode and for text longer than Limits.Text.
func (m *Machine) Text(v Value) (s string, ok bool) {
	if v.Kind != Str && v.Kind != Str2 {
		return "", false
	}
	b, ok := m.Raw(v)
	if !ok {
		return "", false
	}
	s, err := opcode.Text(v.Code, b)
	return s, err == nil
}

func (m *Machine) bad(format string, args ...any) error {
	return fault.At(fault.Malformed, m.ev.Op.Offset, m.ev.Op.Code.String()+": "+format, args...)
}

// fence is the lowest stack index that may be popped: C keeps the values
// below the last mark out of reach.
func (m *Machine) fence() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

func (m *Machine) push(v Value) {
	m.stack = append(m.stack, v)
	m.ev.Result = v
}

func (m *Machine) pop() (Value, error) {
	n := len(m.stack)
	if n <= m.fence() {
		return Value{}, m.bad("the stack is empty")
	}
	v := m.stack[n-1]
	m.stack = m.stack[:n-1]
	return v, nil
}

func (m *Machine) top() (Value, error) {
	n := len(m.stack)
	if n <= m.fence() {
		return Value{}, m.bad("the stack is empty")
	}
	return m.stack[n-1], nil
}

// popMark takes the last mark away and returns where it stood.
func (m *Machine) popMark() (int, error) {
	if len(m.marks) == 0 {
		return 0, m.bad("there is no mark")
	}
	i := m.marks[len(m.marks)-1]
	m.marks = m.marks[:len(m.marks)-1]
	return i, nil
}

// node makes a value with an identity and counts it.
func (m *Machine) node(k Kind, items ...Value) (Value, error) {
	m.objects += 1 + int64(len(items))
	if m.objects > m.limits.Objects {
		return Value{}, limit.Exceeded("pickled objects", m.limits.Objects, m.ev.Op.Offset)
	}
	return Value{Kind: k, Node: &Node{Items: items}}, nil
}

// composite makes a tuple or frozenset of the values above stack index i.
func (m *Machine) composite(k Kind, i int) (Value, error) {
	above := m.stack[i:]
	var v Value
	var err error
	if len(above) > maxItems {
		v, err = m.node(k)
		if err == nil {
			v.Node.Opaque = true
		}
	} else {
		v, err = m.node(k, append([]Value(nil), above...)...)
	}
	clear(above)
	m.stack = m.stack[:i]
	return v, err
}
