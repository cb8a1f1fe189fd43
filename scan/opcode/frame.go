package opcode

// What Op.Frame says.
const (
	crossesFrame = "an opcode crosses the end of its frame"
	nestedFrame  = "a frame begins inside of a frame"
	stopsInFrame = "the pickle stops before the end of its frame"
	rawInFrame   = "bytes that are no opcodes stand inside of a frame"
)

// framing follows the frames of protocol 4. C unpicklers before 3.13.15 and
// 3.14.7 read on over the end of a frame, and from a file they drop what was
// left of it: they run bytes that others take for a payload
// (cpython#154848). Later ones, and pickle.py, refuse.
type framing struct {
	end int64 // of the open frame; 0 outside of any
	raw bool  // a Skip left bytes inside of one
}

// next follows one opcode and returns what is wrong with it.
func (f *framing) next(op *Op) (wrong string) {
	if f.end <= op.Offset {
		f.end = 0
	}
	if f.raw {
		wrong, f.raw = rawInFrame, false
	}
	if f.end == 0 {
		if op.Code == Frame {
			f.end = op.End + op.Int
		}
		return wrong
	}
	switch {
	case op.Code == Frame:
		wrong, f.end = nestedFrame, op.End+op.Int
	case op.End > f.end:
		wrong, f.end = crossesFrame, 0
	case op.Code == Stop && op.End < f.end:
		wrong = stopsInFrame
	}
	return wrong
}

// skip follows bytes that are no opcodes, from the offset from on. They belong
// between frames: joblib ends its frame before it writes an array.
func (f *framing) skip(from, n int64) {
	if n > 0 && f.end > from {
		f.raw = true
	}
}
