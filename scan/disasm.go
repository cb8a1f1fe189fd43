package scan

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/machine"
	"depickle/scan/opcode"
)

// Step is one opcode of a pickle, as a disassembly shows it.
type Step struct {
	Member string // of the archive, empty if it is none
	Stream int
	Offset int64
	Byte   byte
	Opcode string
	Arg    string // as Python would spell it, "" for none
	Depth  int    // values on the stack afterwards
	Marks  int    // open marks afterwards
	Slot   int64  // the memo slot that it stores to or fetches, -1 for none
	Top    string // the value that is on top afterwards, if the opcode pushed one
	Err    error  // why the pickle ends here; nothing else is set then
}

// exprMost is about how long a shown value is, in bytes.
const exprMost = 100

// Disassemble runs the pickles of a source symbolically, as Scan does, those
// inside of others too, and shows each opcode. Nothing is executed. An error of
// show ends it. What Scan finds, a Scan says.
func Disassemble(ctx context.Context, src *container.Source, show func(*Step) error) error {
	return observe(ctx, src, func(x *seen) error {
		s := Step{Member: x.member, Stream: x.stream, Slot: -1, Err: x.err}
		if x.err == nil {
			s.set(x.m, x.ev)
		} else {
			s.Offset = x.m.Offset()
		}
		return show(&s)
	})
}

// seen is what whoever watches a judge sees of one opcode, before it is judged.
type seen struct {
	member string
	stream int
	m      *machine.Machine
	ev     *machine.Event
	err    error // why the pickle ends; ev is nil then
}

// observe judges a source for whoever watches.
func observe(ctx context.Context, src *container.Source, show func(*seen) error) error {
	defer src.Watch(ctx)()
	j := newJudge(ctx)
	j.observe = show
	return j.source(src)
}

// watch shows what a step did. Bytes that are only tried as a pickle are shown
// where there is nothing else.
func (j *judge) watch(ev *machine.Event, err error) error {
	if err == io.EOF || err != nil && fault.Of(err) == nil || j.guess() && (j.arrays || len(j.src.Streams)+len(j.src.Parts) > 1) {
		return nil
	}
	return j.observe(&seen{member: Join(j.path, j.st.Member), stream: j.st.Index, m: j.m, ev: ev, err: err})
}

func (s *Step) set(m *machine.Machine, ev *machine.Event) {
	op := &ev.Op
	s.Offset, s.Byte, s.Opcode, s.Arg = op.Offset, byte(op.Code), op.Code.String(), argument(op)
	s.Depth, s.Marks = m.Depth(), m.Marks()
	switch op.Code {
	case opcode.Get, opcode.BinGet, opcode.LongBinGet, opcode.Put, opcode.BinPut, opcode.LongBinPut, opcode.Memoize:
		s.Slot = ev.Slot
	}
	switch op.Code {
	case opcode.Proto, opcode.Frame, opcode.Mark, opcode.Pop, opcode.PopMark:
	case opcode.Put, opcode.BinPut, opcode.LongBinPut, opcode.Memoize:
	default:
		switch ev.What {
		case machine.Built, machine.Stored:
		default:
			s.Top = m.Expr(ev.Result, exprMost)
		}
	}
}

// argument spells an opcode's argument.
func argument(op *opcode.Op) string {
	switch op.Code {
	case opcode.Global, opcode.Inst:
		return machine.Quote(op.Module + " " + op.Name)
	case opcode.Float, opcode.BinFloat:
		return strconv.FormatFloat(op.Float, 'g', -1, 64)
	}
	switch {
	case op.Big != nil:
		return fmt.Sprintf("(an int of %d bits)", op.Big.BitLen())
	case op.Payload.Len > 0 && op.Data == nil:
		return fmt.Sprintf("(%d bytes)", op.Payload.Len)
	case op.Data != nil:
		return machine.Quote(string(op.Data))
	case op.End > op.Offset+1:
		return strconv.FormatInt(op.Int, 10)
	}
	return ""
}
