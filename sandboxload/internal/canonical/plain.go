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
		return r.slot(opcode.BinGet, opcode.LongBinGet, ev.Slot)
	case opcode.Put, opcode.BinPut, opcode.LongBinPut, opcode.Memoize:
		if ev.Kept {
			return r.slot(opcode.BinPut, opcode.LongBinPut, ev.Slot)
		}
	case opcode.EmptyTuple, opcode.Tuple, opcode.Tuple1, opcode.Tuple2, opcode.Tuple3:
		r.emit(c)
	case opcode.EmptyList:
		r.put(&value.List{})
	case opcode.EmptyDict:
		r.put(&value.Dict{})
	case opcode.EmptySet:
		r.put(&value.Set{Items: &value.Dict{}})
	case opcode.List:
		r.emit(opcode.Tuple)
		r.own(List)
	case opcode.Dict:
		r.emit(opcode.Tuple)
		r.own(Dict)
	case opcode.ReadonlyBuffer:
		if ev.Result.Kind != machine.Bytes { // which stay what they are
			return fault.At(fault.Unsupported, r.off, "READONLY_BUFFER of %s", ev.Result.Kind)
		}
	case opcode.FrozenSet:
		r.emit(opcode.Tuple)
		r.own(FrozenSet)
	default:
		return r.constant(ev)
	}
	return nil
}

func (r *Reader) slot(short, long opcode.Code, slot int64) error {
	switch {
	case slot < 0 || slot > math.MaxInt32:
		return fault.At(fault.Unsupported, r.off, "memo slot %d is out of range", slot)
	case slot < 256:
		r.buf = append(r.buf, byte(short), byte(slot))
	default:
		r.emit(long)
		r.buf = binary.LittleEndian.AppendUint32(r.buf, uint32(slot))
	}
	return nil
}

func (r *Reader) constant(ev *machine.Event) error {
	v := ev.Result
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
		r.put(value.Int(v.Num))
	case machine.BigInt:
		n, ok := v.Node.Mark.(*big.Int)
		if !ok {
			return fault.At(fault.Malformed, r.off, "an int has no value")
		}
		r.put(value.Big{N: n})
	case machine.Float:
		r.put(value.Float(v.Float64()))
	case machine.Str, machine.Str2, machine.Bytes, machine.ByteArray:
		return r.payload(v, ev.Op.Data)
	default:
		return fault.At(fault.Malformed, r.off, "%s cannot be translated", v.Kind)
	}
	return nil
}

// payload writes text and bytes: short ones as they are, long ones as a
// reference. data is the payload undecoded.
func (r *Reader) payload(v machine.Value, data []byte) error {
	if v.Len() > inline {
		b := value.Value(&value.Blob{Code: v.Code, Extent: r.m.Extent(v)})
		if v.Kind == machine.ByteArray {
			b = &value.ByteArray{Data: b}
		}
		r.put(b)
		return nil
	}
	if r.kept += v.Len(); r.kept > r.limits.Kept {
		return limit.Kept.Exceeded(r.limits.Kept, r.off)
	}
	switch v.Kind {
	case machine.Bytes:
		r.put(value.Bytes(data))
	case machine.ByteArray:
		r.put(&value.ByteArray{Data: value.Bytes(data)})
	default:
		t, err := r.text(v, data)
		if err != nil {
			return err
		}
		r.put(t)
	}
	return nil
}

// text makes a text. Short ones that were made lately are made once: files say
// the same again and again.
func (r *Reader) text(v machine.Value, data []byte) (value.Value, error) {
	var slot *value.Value
	if n := len(data); n > 0 && n <= shortText {
		if r.texts == nil {
			r.texts = new([512]value.Value)
		}
		slot = &r.texts[(n*31+int(data[0])*7+int(data[n-1])+int(data[n/2])*13)%len(r.texts)]
		switch old := (*slot).(type) {
		case value.Str:
			if v.Kind == machine.Str && v.Code != opcode.Unicode && string(old) == string(data) {
				return *slot, nil
			}
		case value.Str2:
			if v.Kind == machine.Str2 && v.Code != opcode.String && string(old) == string(data) {
				return *slot, nil
			}
		}
	}
	s, err := opcode.Text(v.Code, data)
	if err != nil {
		return nil, fault.At(fault.Malformed, r.off, "%v", err)
	}
	t := value.Value(value.Str(s))
	if v.Kind == machine.Str2 {
		t = value.Str2(s)
	}
	if slot != nil {
		*slot = t
	}
	return t, nil
}

// shortText is the longest text, in bytes, that is made once.
const shortText = 16
