package machine

import (
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
			return limit.Marks.Exceeded(int64(m.limits.Marks), op.Offset)
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
		return m.put(m.memo.used.Len())
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
	m.ev.What, m.ev.Result = Ended, v
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
	kept, ok := m.memo.put(slot, v)
	if !ok {
		return limit.Memo.Exceeded(int64(m.limits.Memo), m.ev.Op.Offset)
	}
	m.ev.Slot, m.ev.Kept = slot, kept
	m.ev.Result = v
	return nil
}
