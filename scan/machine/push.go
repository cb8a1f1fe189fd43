package machine

import (
	"bytes"
	"math"
	"unicode/utf8"

	"depickle/scan/opcode"
)

// constant runs the opcodes that push a value of their own.
func (m *Machine) constant(op *opcode.Op) (done bool, err error) {
	switch op.Code {
	case opcode.None:
		m.push(Value{})
	case opcode.NewTrue:
		m.push(Value{Kind: Bool, Num: 1})
	case opcode.NewFalse:
		m.push(Value{Kind: Bool})
	case opcode.Int, opcode.BinInt, opcode.BinInt1, opcode.BinInt2, opcode.Long, opcode.Long1, opcode.Long4:
		switch {
		case op.IsBool:
			m.push(Value{Kind: Bool, Num: op.Int})
		case op.Big != nil:
			return true, m.bigInt(op)
		default:
			m.push(Value{Kind: Int, Num: op.Int})
		}
	case opcode.Float, opcode.BinFloat:
		m.push(Value{Kind: Float, Num: int64(math.Float64bits(op.Float))})
	case opcode.String, opcode.BinString, opcode.ShortBinString:
		return true, m.payload(Str2, op)
	case opcode.Unicode, opcode.BinUnicode, opcode.ShortBinUnicode, opcode.BinUnicode8:
		return true, m.payload(Str, op)
	case opcode.BinBytes, opcode.ShortBinBytes, opcode.BinBytes8:
		return true, m.payload(Bytes, op)
	case opcode.ByteArray8:
		return true, m.payload(ByteArray, op)
	case opcode.ReadonlyBuffer:
		return true, m.readonly()
	case opcode.NextBuffer:
		return true, m.bad("the pickle refers to an out-of-band buffer, which is not in this file")
	default:
		return false, nil
	}
	return true, nil
}

// readonly is READONLY_BUFFER. It is meant for buffers from outside, but takes
// whatever Python makes a memoryview of: bytes stay what they are.
func (m *Machine) readonly() error {
	v, err := m.top()
	if err != nil {
		return err
	}
	switch {
	case v.Kind == ByteArray:
		v = Value{Kind: Buffer}
		m.stack[len(m.stack)-1] = v
	case v.Kind == Bytes, v.Kind == Buffer, v.unknown():
	default:
		return m.bad("%s is no buffer", v.Kind)
	}
	m.ev.Result = v
	return nil
}

// payload pushes a handle to text or bytes. C decodes text here, so what does
// not decode ends the run here; text longer than 64 KiB is left to whoever
// reads it, since nobody may.
func (m *Machine) payload(k Kind, op *opcode.Op) error {
	if op.Data != nil && !plain(op.Code, op.Data) {
		if _, err := opcode.Text(op.Code, op.Data); err != nil {
			return m.bad("the text does not decode")
		}
	}
	m.push(payload(k, op.Code, op.Payload.Off, op.Payload.Len))
	return nil
}

// plain reports whether a payload surely decodes.
func plain(code opcode.Code, b []byte) bool {
	switch code {
	case opcode.BinUnicode, opcode.ShortBinUnicode, opcode.BinUnicode8:
		return utf8.Valid(b)
	case opcode.Unicode, opcode.String:
		return bytes.IndexByte(b, '\\') < 0
	}
	return true
}

// bigInt pushes an integer that does not fit 64 bits. Each may be 64 KiB long.
func (m *Machine) bigInt(op *opcode.Op) error {
	if err := m.names.count(int64(op.Big.BitLen()/8), op.Offset); err != nil {
		return err
	}
	v, err := m.node(BigInt)
	if err != nil {
		return err
	}
	v.Node.Mark = op.Big
	m.push(v)
	return nil
}

// collect runs the opcodes that make a container of what is on the stack.
func (m *Machine) collect(op *opcode.Op) (done bool, err error) {
	var v Value
	switch op.Code {
	case opcode.EmptyTuple:
		v = Value{Kind: Tuple, Node: &m.empty}
	case opcode.EmptyList:
		v, err = m.node(List)
	case opcode.EmptyDict:
		v, err = m.node(Dict)
	case opcode.EmptySet:
		v, err = m.node(Set)
	case opcode.Tuple1, opcode.Tuple2, opcode.Tuple3:
		n := int(op.Code-opcode.Tuple1) + 1
		if len(m.stack)-m.fence() < n {
			return true, m.bad("the stack is empty")
		}
		v, err = m.composite(Tuple, len(m.stack)-n)
	case opcode.Tuple, opcode.FrozenSet, opcode.List, opcode.Dict:
		v, err = m.fromMark(op.Code)
	default:
		return false, nil
	}
	if err == nil {
		m.push(v)
	}
	return true, err
}

// fromMark makes a container of everything above the last mark.
func (m *Machine) fromMark(code opcode.Code) (Value, error) {
	i, err := m.popMark()
	if err != nil {
		return Value{}, err
	}
	above := m.stack[i:]
	switch code {
	case opcode.Tuple:
		return m.composite(Tuple, i)
	case opcode.FrozenSet:
		if err := m.keys(above, 1); err != nil {
			return Value{}, err
		}
		return m.composite(FrozenSet, i)
	case opcode.Dict:
		if len(above)%2 != 0 {
			return Value{}, m.bad("odd number of items")
		}
		if err := m.keys(above, 2); err != nil {
			return Value{}, err
		}
	}
	kind := List
	if code == opcode.Dict {
		kind = Dict
	}
	v, err := m.node(kind)
	if err != nil {
		return Value{}, err
	}
	v.Node.Stored = kind == Dict && len(above) > 0
	clear(above)
	m.stack = m.stack[:i]
	return v, nil
}

// keys checks that every step-th value may be a key.
func (m *Machine) keys(items []Value, step int) error {
	for i := 0; i < len(items); i += step {
		if !items[i].hashable() {
			return m.bad("%s cannot be a key", items[i].Kind)
		}
	}
	return nil
}
