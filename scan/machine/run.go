package machine

import (
	"math"

	"depickle/scan/limit"
	"depickle/scan/opcode"
)

// run does what one opcode does to stack, marks and memo.
func (m *Machine) run(op *opcode.Op) error {
	switch op.Code {
	case opcode.Proto:
		m.proto = op.Int
	case opcode.Frame:
	case opcode.Mark:
		if len(m.marks) >= m.limits.Marks {
			return limit.Exceeded("open marks", int64(m.limits.Marks), op.Offset)
		}
		m.marks = append(m.marks, len(m.stack))
	case opcode.Stop:
		return m.stop()
	case opcode.Pop:
		return m.popOne()
	case opcode.PopMark:
		i, err := m.popMark()
		if err != nil {
			return err
		}
		m.stack = m.stack[:i]
	case opcode.Dup:
		v, err := m.top()
		if err != nil {
			return err
		}
		m.push(v)
	case opcode.Get, opcode.BinGet, opcode.LongBinGet:
		return m.get(op)
	case opcode.Put, opcode.BinPut, opcode.LongBinPut:
		return m.put(op.Int)
	case opcode.Memoize:
		return m.put(m.memo.n)
	default:
		if done, err := m.constant(op); done {
			return err
		}
		if done, err := m.collect(op); done {
			return err
		}
		return m.act(op)
	}
	return nil
}

func (m *Machine) stop() error {
	v, err := m.pop()
	if err != nil {
		return err
	}
	m.ev.What, m.ev.Result, m.done = Ended, v, true
	return nil
}

// popOne takes a value, or the mark when it stands on top.
func (m *Machine) popOne() error {
	if n := len(m.marks); n > 0 && m.marks[n-1] == len(m.stack) {
		m.marks = m.marks[:n-1]
		m.ev.PopMark = true
		return nil
	}
	_, err := m.pop()
	return err
}

func (m *Machine) get(op *opcode.Op) error {
	v, ok := m.memo.get(op.Int)
	if !ok {
		return m.bad("memo slot %d is empty", op.Int)
	}
	m.ev.Slot, m.ev.Kept = op.Int, true
	m.push(v)
	return nil
}

func (m *Machine) put(slot int64) error {
	v, err := m.top()
	if err != nil {
		return err
	}
	m.ev.Slot, m.ev.Kept = slot, m.memo.put(slot, v)
	if int64(len(m.memo.used.sparse)) > int64(m.limits.Memo) {
		return limit.Exceeded("memo slots", int64(m.limits.Memo), m.ev.Op.Offset)
	}
	m.ev.Result = v
	return nil
}

// constant runs the opcodes that push a value of their own.
func (m *Machine) constant(op *opcode.Op) (done bool, err error) {
	payload := func(k Kind) {
		m.push(Value{Kind: k, Code: op.Code, Num: op.Payload.Off, Len: op.Payload.Len})
	}
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
			m.push(Value{Kind: BigInt, Node: &Node{Mark: op.Big}})
		default:
			m.push(Value{Kind: Int, Num: op.Int})
		}
	case opcode.Float, opcode.BinFloat:
		m.push(Value{Kind: Float, Num: int64(math.Float64bits(op.Float))})
	case opcode.String, opcode.BinString, opcode.ShortBinString:
		payload(Str2)
	case opcode.Unicode, opcode.BinUnicode, opcode.ShortBinUnicode, opcode.BinUnicode8:
		payload(Str)
	case opcode.BinBytes, opcode.ShortBinBytes, opcode.BinBytes8:
		payload(Bytes)
	case opcode.ByteArray8:
		payload(ByteArray)
	case opcode.NextBuffer:
		return true, m.bad("the pickle refers to an out-of-band buffer, which is not in this file")
	case opcode.ReadonlyBuffer:
		return true, m.bad("the pickle refers to an out-of-band buffer, which is not in this file")
	default:
		return false, nil
	}
	return true, nil
}

// collect runs the opcodes that make a container of what is on the stack.
func (m *Machine) collect(op *opcode.Op) (done bool, err error) {
	var v Value
	switch op.Code {
	case opcode.EmptyTuple:
		v, err = m.node(Tuple)
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
	clear(above)
	m.stack = m.stack[:i]
	return m.node(kind)
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
