// Package canonical rewrites a pickle, as the machine understood it, into the
// few opcodes that gopickle runs correctly.
//
// gopickle panics, over-allocates and misdecodes on hostile bytes, and
// follows other rules than CPython in places. So it never sees a byte of the
// file: every length is one that was proven here, every text is decoded,
// every global is a number, every container and every payload is an object of
// the loader's. What is not representable is an error here.
//
// In canonical form there are no globals, numbers or texts. A persistent id is
// one of three things: True, for the value that [Reader.Atom] gives; a tuple of
// one item, for the file's own id; or a tuple of a tuple and a number, one of
// the [Own] below, for what the loader makes of the items.
package canonical

import (
	"io"

	"depickle/sandboxload/value"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/machine"
	"depickle/scan/opcode"
)

// Own is something that the loader makes of a tuple of items.
type Own byte

// What the loader makes itself: DICT, LIST, INST and OBJ learn their class
// after their items, and gopickle has no frozenset that takes all of them.
const (
	List      Own = iota + 1 // a list
	Dict                     // a dict of keys and values
	FrozenSet                // a frozenset
	Inst                     // the class that Atom gives, called with the items
	Obj                      // the first item, called with the others
	NewObjEx                 // class, arguments and keywords: the class's __new__ called
)

// Reader yields the canonical stream. It translates one opcode when the last
// one's bytes are used up, so that [Reader.Offset] is the opcode that gopickle
// is running.
type Reader struct {
	// Disarm lets a global whose name is not known stand as an inert one.
	Disarm bool

	m      *machine.Machine
	limits limit.Limits
	kept   int64 // bytes of text and bytes held in memory
	buf    []byte
	pos    int
	err    error
	off    int64
	atom   value.Value
	texts  *[512]value.Value // made for the first text
}

// New makes a Reader over a machine that has not run yet.
func New(m *machine.Machine, l limit.Limits) *Reader { return &Reader{m: m, limits: l} }

// Held is how many objects the machine holds ([machine.Machine.Held]).
func (r *Reader) Held() int64 { return r.m.Held() }

// Offset is where in the source the current opcode stands.
func (r *Reader) Offset() int64 { return r.off }

// Err is what ended the stream, nil while it goes on.
func (r *Reader) Err() error { return r.err }

// Fail makes every further read return err: gopickle's setters cannot.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Atom takes the value that a persistent id of True stands for, nil when there
// is none.
func (r *Reader) Atom() value.Value {
	v := r.atom
	r.atom = nil
	return v
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if err := r.fill(); err != nil {
		return 0, err
	}
	n := copy(p, r.buf[r.pos:])
	r.pos += n
	return n, nil
}

// ReadByte implements io.ByteReader; without it gopickle reads byte by byte
// through Read, 15 times slower.
func (r *Reader) ReadByte() (byte, error) {
	if err := r.fill(); err != nil {
		return 0, err
	}
	b := r.buf[r.pos]
	r.pos++
	return b, nil
}

func (r *Reader) fill() error {
	for r.err == nil && r.pos == len(r.buf) {
		r.buf, r.pos = r.buf[:0], 0
		ev, err := r.m.Step()
		if err == nil {
			r.off = ev.Op.Offset
			err = r.translate(ev)
		}
		if err != nil {
			r.Fail(err)
		}
	}
	return r.err
}

// translate writes what one event is in canonical form.
func (r *Reader) translate(ev *machine.Event) error {
	switch ev.What {
	case machine.Found:
		if ev.Op.Code == opcode.StackGlobal {
			r.emit(opcode.Pop, opcode.Pop) // its global takes the place of two strings
		}
		if ev.Result.Node.Opaque {
			return r.nameless("a global's name is computed")
		}
		r.put(global(ev.Result))
	case machine.Called:
		return r.call(ev)
	case machine.Built:
		if ev.Target.IsJoblibArray() {
			return fault.At(fault.Unsupported, ev.Op.Offset, "a joblib file: its arrays stand raw inside of the pickle, which this version does not convert")
		}
		r.emit(opcode.Build)
	case machine.Stored:
		r.store(ev)
	case machine.Persist:
		return r.persist(ev)
	case machine.Extended:
		return r.nameless("a global is named by an extension code")
	case machine.Ended:
		r.emit(opcode.Stop)
	default:
		return r.plain(ev)
	}
	return nil
}

// nameless stands for a global that is named in a way that only evades
// judgement.
func (r *Reader) nameless(text string) error {
	if !r.Disarm {
		return fault.At(fault.Refused, r.off, "%s", text)
	}
	r.put(value.Global{Module: "?", Name: text})
	return nil
}

func global(v machine.Value) value.Global {
	return value.Global{Module: v.Node.Module, Name: v.Node.Name}
}

func (r *Reader) emit(codes ...opcode.Code) {
	for _, c := range codes {
		r.buf = append(r.buf, byte(c))
	}
}

// put pushes a value.
func (r *Reader) put(v value.Value) {
	r.atom = v
	r.emit(opcode.NewTrue, opcode.BinPersID)
}

// own makes something of the tuple on top of the stack.
func (r *Reader) own(what Own) {
	r.buf = append(r.buf, byte(opcode.BinInt1), byte(what), byte(opcode.Tuple2), byte(opcode.BinPersID))
}

func (r *Reader) call(ev *machine.Event) error {
	if ev.Args.Kind != machine.Tuple {
		return fault.At(fault.Unsupported, r.off, "the arguments of a call are computed")
	}
	switch ev.Op.Code {
	case opcode.Inst:
		r.atom = global(ev.Callee)
		r.emit(opcode.Tuple)
		r.own(Inst)
	case opcode.Obj:
		r.emit(opcode.Tuple)
		r.own(Obj)
	case opcode.NewObjEx:
		r.emit(opcode.Tuple3)
		r.own(NewObjEx)
	case opcode.NewObj:
		r.emit(opcode.NewObj)
	default:
		r.emit(opcode.Reduce)
	}
	return nil
}

// store copies the opcode. One that stores nothing is left out: CPython then
// does not look at what it would store into.
func (r *Reader) store(ev *machine.Event) {
	if len(ev.Items) == 0 {
		r.emit(opcode.PopMark)
		return
	}
	r.emit(ev.Op.Code)
}

func (r *Reader) persist(ev *machine.Event) error {
	if ev.Op.Code == opcode.PersID {
		s, ok := r.m.Text(ev.State)
		if !ok {
			return fault.At(fault.Malformed, r.off, "a persistent id is too long")
		}
		r.put(value.Str(s))
	}
	r.emit(opcode.Tuple1, opcode.BinPersID)
	return nil
}

var _ io.ByteReader = (*Reader)(nil)
