// Package canonical rewrites a pickle, as the machine understood it, into the
// few opcodes that gopickle runs correctly.
//
// gopickle panics, over-allocates and misdecodes on hostile bytes, and
// follows other rules than CPython in places. So it never sees a byte of the
// file: every length is one that was proven here, every text is decoded,
// every global is a number, every container and every payload is an object of
// the loader's. What is not representable is an error here.
//
// In canonical form the only globals are "x NAME", with NAME one of the
// constants below or a number that [Reader.Global] resolves, and a persistent
// id is either an int, the next of [Reader.Atom], or a tuple of one item, the
// file's own id.
package canonical

import (
	"encoding/binary"
	"io"
	"math"
	"strconv"

	"depickle/sandboxload/value"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/machine"
	"depickle/scan/opcode"
)

// Module is the module of every global in canonical form.
const Module = "x"

// The names of the loader's own globals.
const (
	List      = "list"      // () → list, (tuple,) → list
	Dict      = "dict"      // () → dict, (tuple of keys and values,) → dict
	Set       = "set"       // () → set
	FrozenSet = "frozenset" // (tuple,) → frozenset
	Apply     = "apply"     // (tuple of class and arguments,) → the class called
	NewEx     = "newex"     // (class, args, kw) → the class's __new__ called
)

// scratch is a memo slot that no pickle can name: DICT, LIST, INST and OBJ
// learn their class after their items, so the items wait here.
const scratch = math.MaxInt32

// Reader yields the canonical stream. It translates one opcode when the last
// one's bytes are used up, so that [Reader.Offset] is the opcode that gopickle
// is running.
type Reader struct {
	// Disarm lets a global whose name is not known stand as an inert one.
	Disarm bool

	m       *machine.Machine
	limits  limit.Limits
	kept    int64 // bytes of text and bytes held in memory
	buf     []byte
	pos     int
	err     error
	off     int64
	atoms   []value.Value
	atom    int32
	globals []value.Global
	ids     map[value.Global]int
}

// New makes a Reader over a machine that has not run yet.
func New(m *machine.Machine, l limit.Limits) *Reader {
	return &Reader{m: m, limits: l, ids: map[value.Global]int{}}
}

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

// Global resolves a name of canonical form to the global that the file names.
func (r *Reader) Global(name string) (value.Global, bool) {
	i, err := strconv.Atoi(name)
	if err != nil || i < 0 || i >= len(r.globals) {
		return value.Global{}, false
	}
	return r.globals[i], true
}

// Atom takes the value that the persistent id n stands for.
func (r *Reader) Atom(n int) (value.Value, bool) {
	if n != int(r.atom) || len(r.atoms) == 0 {
		return nil, false
	}
	v := r.atoms[0]
	r.atoms = r.atoms[1:]
	r.atom++
	if len(r.atoms) == 0 {
		r.atoms, r.atom = nil, 0
	}
	return v, true
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
		if ev.Result.Node.Opaque {
			// STACK_GLOBAL took two strings; its global takes their place.
			r.emit(opcode.Pop, opcode.Pop)
			return r.nameless("a global's name is computed")
		}
		if ev.Op.Code == opcode.StackGlobal {
			r.emit(opcode.Pop, opcode.Pop)
		}
		return r.global(ev.Result)
	case machine.Called:
		return r.call(ev)
	case machine.Built:
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
	return r.global(machine.Value{Node: &machine.Node{Module: "?", Name: text}})
}

func (r *Reader) emit(codes ...opcode.Code) {
	for _, c := range codes {
		r.buf = append(r.buf, byte(c))
	}
}

func (r *Reader) emit4(c opcode.Code, n uint32) {
	r.emit(c)
	r.buf = binary.LittleEndian.AppendUint32(r.buf, n)
}

// own pushes one of the loader's globals.
func (r *Reader) own(name string) {
	r.emit(opcode.Global)
	r.buf = append(append(append(r.buf, Module+"\n"...), name...), '\n')
}

// global pushes the file's global, by number.
func (r *Reader) global(v machine.Value) error {
	g := value.Global{Module: v.Node.Module, Name: v.Node.Name}
	id, ok := r.ids[g]
	if !ok {
		id = len(r.globals)
		r.ids[g] = id
		r.globals = append(r.globals, g)
	}
	r.own(strconv.Itoa(id))
	return nil
}

// put queues a value and pushes its persistent id.
func (r *Reader) put(v value.Value) {
	r.emit4(opcode.BinInt, uint32(r.atom)+uint32(len(r.atoms)))
	r.emit(opcode.BinPersID)
	r.atoms = append(r.atoms, v)
}

// wrapped calls an own global with the tuple on top of the stack as its one
// argument.
func (r *Reader) wrapped(name string) {
	r.emit4(opcode.LongBinPut, scratch)
	r.emit(opcode.Pop)
	r.own(name)
	r.emit4(opcode.LongBinGet, scratch)
	r.emit(opcode.Tuple1, opcode.Reduce)
}

func (r *Reader) call(ev *machine.Event) error {
	if ev.Args.Kind != machine.Tuple {
		return fault.At(fault.Unsupported, r.off, "the arguments of a call are computed")
	}
	switch ev.Op.Code {
	case opcode.Inst:
		r.emit(opcode.Tuple)
		r.emit4(opcode.LongBinPut, scratch)
		r.emit(opcode.Pop)
		if err := r.global(ev.Callee); err != nil {
			return err
		}
		r.emit4(opcode.LongBinGet, scratch)
		r.emit(opcode.Reduce)
	case opcode.Obj:
		r.emit(opcode.Tuple)
		r.wrapped(Apply)
	case opcode.NewObjEx:
		r.emit(opcode.Tuple3)
		r.wrapped(NewEx)
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
		r.text(s)
	}
	r.emit(opcode.Tuple1, opcode.BinPersID)
	return nil
}

func (r *Reader) text(s string) {
	r.emit4(opcode.BinUnicode, uint32(len(s)))
	r.buf = append(r.buf, s...)
}

var _ io.ByteReader = (*Reader)(nil)
