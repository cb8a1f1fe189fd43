// Package machine runs a pickle symbolically: CPython's C unpickler
// (Modules/_pickle.c), opcode for opcode, with a real stack, marks and memo,
// but with values that only say what they are. Nothing is called, imported or
// built.
//
// It goes on where CPython might: whatever a call returned may be a tuple, a
// str or a dict. It stops where C stops, though pickle.py, which PyPy runs,
// goes on in a few places (any iterable as arguments, an empty name), and at
// NEXT_BUFFER, for which a file has none. What was reached before stays.
//
// Each opcode is one [Event]; the judge and the translator read the same ones.
// The machine bounds what it keeps by limit.Limits: values are handles into
// the file, contents of lists and dicts are shown once and not kept, and only
// memo slots that the stream fetches again are stored. What counts is what it
// holds at once, not what it made. Time is linear in the stream, text that is
// fetched again and again included.
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
	dec     *opcode.Decoder
	space   container.Space
	limits  limit.Limits
	stack   []Value
	marks   []int
	memo    memo
	proto   int64
	objects int64  // nodes made since the last census, and those that it found
	outer   int64  // of machines outside of this one
	round   uint32 // of the census
	empty   Node   // the empty tuple: CPython has one only
	names   names
	texts   texts
	ev      Event
	err     error // what ended the run; io.EOF behind STOP
}

// New makes a machine for one stream. held is what the machine that this one
// runs inside of holds ([Machine.Held]), for a checkpoint inside another.
func New(src *container.Source, st container.Stream, held int64) *Machine {
	l, e := src.Limits(), st.Extent
	if fault.Is(st.Err, fault.Limit) {
		e.Len = st.Looked
	}
	m := &Machine{space: e.Space, limits: l, outer: held, objects: held}
	m.names.most = min(l.Kept, keptNames+e.Len)
	m.texts.most = rereads(e.Len)
	if m.memo.fetched = st.Fetched; st.Fetched == nil {
		m.memo.fetched = &container.Slots{}
	}
	m.memo.all, m.memo.most = st.Any, l.Memo
	m.memo.index()
	m.dec = opcode.NewDecoder(src.Reader(e.Space), e.Off, e.Off+e.Len+st.Room, l)
	m.dec.Expect(e.Off + e.Len)
	return m
}

// Ahead lets the machine read ahead; see [opcode.Decoder.Ahead].
func (m *Machine) Ahead() { m.dec.Ahead() }

// Close waits for what is being read ahead.
func (m *Machine) Close() { m.dec.Close() }

// Share takes over the memo of a machine that has run, as a program does that
// loads several pickles with one Unpickler. Both keep any slot
// (container.Stream.Any).
func (m *Machine) Share(before *Machine) { m.memo = before.memo }

// Step runs one opcode. After STOP it returns io.EOF, and after an error the
// same one again.
//
// What CPython's C unpickler would refuse is malformed. Where that depends on
// a value that is not known (what a call returned, what a global is), the
// machine goes on: whoever runs the pickle may do so too.
func (m *Machine) Step() (*Event, error) {
	if m.err != nil {
		return nil, m.err
	}
	m.ev.reset()
	err := m.dec.Next(&m.ev.Op)
	if err == nil {
		err = m.run(&m.ev.Op)
	}
	if m.err == nil {
		m.err = err
	}
	if m.err == nil && len(m.stack) > m.limits.Stack {
		m.err = limit.Stack.Exceeded(int64(m.limits.Stack), m.ev.Op.Offset)
	}
	if m.err != nil {
		return nil, m.err
	}
	if m.ev.What == Ended {
		m.err = io.EOF
	}
	return &m.ev, nil
}

// reset makes the event that of an opcode that does nothing. Op is left to
// the decoder, and most events have little else to clear.
func (e *Event) reset() {
	if e.What != Plain {
		e.What, e.Items = Plain, nil
		e.Callee, e.Args, e.KW, e.Target, e.State = Value{}, Value{}, Value{}, Value{}, Value{}
	}
	if e.Result.Node != nil {
		e.Result.Node = nil
	}
	e.Result.Kind, e.Result.Num = None, 0
	e.PopMark, e.Slot, e.Kept = false, 0, false
}

// Frame is what is wrong with the frame that the run ended in, "" for nothing:
// readers that are as lenient as C's once was read something else there.
func (m *Machine) Frame() string { return m.ev.Op.Frame }

// Offset is where the next opcode stands.
func (m *Machine) Offset() int64 { return m.dec.Offset() }

// Skip passes over n bytes that are no opcodes. It fails as malformed if fewer
// are left.
func (m *Machine) Skip(n int64) error { return m.dec.Skip(n) }

// Proto is the protocol that the last PROTO opcode named, 0 before one.
func (m *Machine) Proto() int64 { return m.proto }

// Marks is the number of open marks.
func (m *Machine) Marks() int { return len(m.marks) }

// Depth is the number of values on the stack.
func (m *Machine) Depth() int { return len(m.stack) }
