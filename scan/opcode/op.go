package opcode

import (
	"math/big"

	"depickle/scan/fault"
)

// Extent is a range of the reader that a payload stands in.
type Extent struct{ Off, Len int64 }

// Op is one opcode with its argument. Offsets are those of the reader.
type Op struct {
	Code   Code
	Offset int64 // of the opcode's byte
	End    int64 // behind the argument
	// Int is the value of an integer opcode that fits 64 bits, a memo index,
	// an extension code, a protocol, or a frame's length in bytes.
	Int int64
	// Big is the value of an integer opcode that does not fit, else nil.
	Big *big.Int
	// IsBool says that INT spelled a bool: False where Int is 0, True where
	// it is 1.
	IsBool bool
	// Float is the value of FLOAT and BINFLOAT, with the bits of the file.
	Float float64
	// Payload is where an argument of variable length stands, undecoded and
	// without its length or line end: text, bytes, a number, both names.
	Payload Extent
	// Data is the payload itself if it has at most 64 KiB, else nil. It is
	// valid until the next call of Next.
	Data []byte
	// Module and Name are the argument of GLOBAL and INST.
	Module, Name string
	quiet        bool // Note is not to be spelled out
	wide         bool // more is set than most opcodes have
	// Note says how readers differ on this opcode's argument; "" when they
	// do not.
	Note string
	// Frame says how the opcode breaks the framing; "" when it does not.
	// Readers then see different opcodes from here on.
	Frame string
}

// reset makes it an opcode without an argument. Most have none or a small
// number, and to clear the whole of it for each takes longer than to read it.
func (op *Op) reset(f form) {
	if op.wide {
		*op = Op{}
	}
	op.Int, op.Frame, op.wide = 0, "", f > int4
}

// bad is the error of an argument that the C unpickler refuses.
func (op *Op) bad(format string, args ...any) error {
	return fault.At(fault.Malformed, op.Offset, op.Code.String()+": "+format, args...)
}

// tooLong is the error of an argument that is refused for its length.
func (op *Op) tooLong(format string, args ...any) error {
	return fault.At(fault.Limit, op.Offset, op.Code.String()+": "+format, args...)
}

// maxNotes is how many notes of one pickle are spelled out: a file may have
// millions of odd literals, and who reads it needs no more than a few.
const maxNotes = 1000

// note makes text the op's Note.
func (op *Op) note(text func() string) {
	if op.quiet {
		op.Note = "more literals that readers differ on"
		return
	}
	op.Note = text()
}
