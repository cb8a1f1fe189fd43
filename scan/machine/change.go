package machine

import "depickle/scan/opcode"

// build gives an object its state.
func (m *Machine) build() error {
	if len(m.stack)-m.fence() < 2 {
		return m.bad("the stack is empty")
	}
	state, _ := m.pop()
	target, _ := m.top()
	if !target.unknown() {
		if !nothing(state) {
			return m.bad("%s has no state", target.Kind)
		}
		return nil // C asks a builtin for no state, and does nothing
	}
	if target.Node.Built < 2 {
		target.Node.Built++
	}
	m.ev.What, m.ev.Target, m.ev.State = Built, target, state
	return nil
}

// nothing reports whether a state may be one that C does nothing with: None,
// or a pair of None and an empty dict.
func nothing(state Value) bool {
	if state.Kind == None || state.unknown() {
		return true
	}
	pair, ok := state.Tuple()
	if !ok || len(pair) != 2 || (pair[0].Kind != None && !pair[0].unknown()) {
		return false
	}
	return pair[1].unknown() || (pair[1].Kind == Dict && !pair[1].Node.Stored)
}

func (m *Machine) storeOne(code opcode.Code) error {
	n := 1
	if code == opcode.SetItem {
		n = 2
	}
	if len(m.stack)-m.fence() < n+1 {
		return m.bad("the stack is empty")
	}
	return m.store(code, len(m.stack)-n)
}

func (m *Machine) storeMany(code opcode.Code) error {
	i, err := m.popMark()
	if err != nil {
		return err
	}
	if i <= m.fence() {
		return m.bad("there is nothing below the mark")
	}
	return m.store(code, i)
}

// store puts the values above i into the one below. torch's own unpickler
// corrupted memory where the target was of the wrong kind (CVE-2026-24747).
func (m *Machine) store(code opcode.Code, i int) error {
	target, items := m.stack[i-1], m.stack[i:]
	m.stack = m.stack[:i]
	m.ev.What, m.ev.Target, m.ev.Items, m.ev.Result = Stored, target, items, target
	if len(items) == 0 {
		return nil // C looks at the target only when there is something to add
	}
	pairs := code == opcode.SetItem || code == opcode.SetItems
	if pairs && len(items)%2 != 0 {
		return m.bad("odd number of items")
	}
	if target.unknown() {
		target.Node.Stored = true
		return nil
	}
	switch {
	case pairs && target.Kind == Dict:
		target.Node.Stored = true
		return m.keys(items, 2)
	case pairs:
		return m.assign(target, items)
	case code == opcode.AddItems && target.Kind == Set:
		return m.keys(items, 1)
	case code == opcode.AddItems:
	case target.Kind == List:
		return nil
	case target.Kind == ByteArray:
		return m.extend(items)
	}
	return m.bad("the target is %s", target.Kind)
}

// assign sets items of a list or bytearray by index, which no pickler writes
// and C runs. Whether the index is in range is not known.
func (m *Machine) assign(target Value, items []Value) error {
	if target.Kind != List && target.Kind != ByteArray {
		return m.bad("the target is %s", target.Kind)
	}
	for i := 0; i < len(items); i += 2 {
		key, v := items[i], items[i+1]
		if key.Kind != Int && key.Kind != Bool && !key.unknown() {
			return m.bad("%s is no index", key.Kind)
		}
		if target.Kind == ByteArray && !key.unknown() && !isByte(v) {
			return m.bad("%s cannot be a byte", v.Kind)
		}
	}
	m.ev.Op.Note = "sets items of " + target.Kind.String() + " by index, as no pickler does; loaders differ on it"
	return nil
}

// extend appends bytes to a bytearray, which has the method that C looks for.
func (m *Machine) extend(items []Value) error {
	for _, v := range items {
		if !isByte(v) {
			return m.bad("%s cannot be a byte", v.Kind)
		}
	}
	m.ev.Op.Note = "appends to a bytearray, as no pickler does; loaders differ on it"
	return nil
}

func isByte(v Value) bool {
	return v.Kind == Bool || v.unknown() || (v.Kind == Int && v.Num >= 0 && v.Num <= 255)
}
