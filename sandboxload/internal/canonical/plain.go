package canonical

import (
	"encoding/binary"
	"math"
	"math/big"

	"depickle/sandboxload/value"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/machine"
	"depickle/scan/opcode"
)

// inline is the longest text or bytes, in bytes, that is held in memory; a
// longer one is a reference to where it stands.
const inline = 4096

// plain writes constants, collections and stack moves.
func (r *Reader) plain(ev *machine.Event) error {
	switch c := ev.Op.Code; c {
	case opcode.Proto, opcode.Frame:
	case opcode.Mark, opcode.PopMark, opcode.Pop, opcode.Dup:
		r.emit(c)
	case opcode.Build:
		// BUILD of None into a builtin, which does nothing.
		r.emit(opcode.Pop)
	case opcode.Get, opcode.BinGet, opcode.LongBinGet:
		return r.slot(opcode.LongBinGet, ev.Slot)
	case opcode.Put, opcode.BinPut, opcode.LongBinPut, opcode.Memoize:
		if ev.Kept {
			return r.slot(opcode.LongBinPut, ev.Slot)
		}
	case opcode.EmptyTuple, opcode.Tuple, opcode.Tuple1, opcode.Tuple2, opcode.Tuple3:
		r.emit(c)
	case opcode.EmptyList:
		r.empty(List)
	case opcode.EmptyDict:
		r.empty(Dict)
	case opcode.EmptySet:
		r.empty(Set)
	case opcode.List:
		r.emit(opcode.Tuple)
		r.wrapped(List)
	case opcode.Dict:
		r.emit(opcode.Tuple)
		r.wrapped(Dict)
	case opcode.FrozenSet:
		r.emit(opcode.Tuple)
		r.wrapped(FrozenSet)
	default:
		return r.constant(ev.Result)
	}
	return nil
}

func (r *Reader) empty(name string) {
	r.own(name)
	r.emit(opcode.EmptyTuple, opcode.Reduce)
}

func (r *Reader) slot(c opcode.Code, slot int64) error {
	if slot < 0 || slot >= scratch {
		return fault.At(fault.Unsupported, r.off, "memo slot %d is out of range", slot)
	}
	r.emit4(c, uint32(slot))
	return nil
}

func (r *Reader) constant(v machine.Value) error {
	switch v.Kind {
	case machine.None:
		r.emit(opcode.None)
	case machine.Bool:
		if v.Num != 0 {
			r.emit(opcode.NewTrue)
		} else {
			r.emit(opcode.NewFalse)
		}
	case machine.Int:
		// Wider ints would be cut where gopickle's int has 32 bits.
		if v.Num < math.MinInt32 || v.Num > math.MaxInt32 {
			r.put(value.Int(v.Num))
		} else {
			r.emit4(opcode.BinInt, uint32(v.Num))
		}
	case machine.BigInt:
		n, ok := v.Node.Mark.(*big.Int)
		if !ok {
			return fault.At(fault.Malformed, r.off, "an int has no value")
		}
		r.put(value.Big{N: n})
	case machine.Float:
		r.emit(opcode.BinFloat)
		r.buf = binary.BigEndian.AppendUint64(r.buf, uint64(v.Num))
	case machine.Str, machine.Str2, machine.Bytes, machine.ByteArray:
		return r.payload(v)
	default:
		return fault.At(fault.Malformed, r.off, "%s cannot be translated", v.Kind)
	}
	return nil
}

// payload writes text and bytes: short ones as they are, long ones as a
// reference.
func (r *Reader) payload(v machine.Value) error {
	if v.Len > inline {
		b := value.Value(&value.Blob{Code: v.Code, Extent: r.m.Extent(v)})
		if v.Kind == machine.ByteArray {
			b = &value.ByteArray{Data: b}
		}
		r.put(b)
		return nil
	}
	if r.kept += v.Len; r.kept > r.limits.Kept {
		return limit.Exceeded("bytes of text held in memory", r.limits.Kept, r.off)
	}
	raw, ok := r.m.Raw(v)
	if !ok {
		return fault.At(fault.Changed, r.off, "the source changed while it was read")
	}
	switch v.Kind {
	case machine.Bytes:
		r.put(value.Bytes(raw))
	case machine.ByteArray:
		r.put(&value.ByteArray{Data: value.Bytes(raw)})
	default:
		s, err := opcode.Text(v.Code, raw)
		if err != nil {
			return fault.At(fault.Malformed, r.off, "%v", err)
		}
		if v.Kind == machine.Str2 {
			r.put(value.Str2(s))
		} else {
			r.text(s)
		}
	}
	return nil
}
