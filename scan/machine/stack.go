package machine

import (
	"slices"

	"depickle/scan/fault"
)

func (m *Machine) bad(format string, args ...any) error {
	return fault.At(fault.Malformed, m.ev.Op.Offset, m.ev.Op.Code.String()+": "+format, args...)
}

// fence is the lowest stack index that may be popped: C keeps the values
// below the last mark out of reach.
func (m *Machine) fence() int {
	if len(m.marks) == 0 {
		return 0
	}
	return m.marks[len(m.marks)-1]
}

func (m *Machine) push(v Value) {
	if len(m.stack) == cap(m.stack) && len(m.stack) >= longStack {
		m.grow()
	}
	m.stack = append(m.stack, v)
	m.ev.Result = v
}

const (
	// longStack is where the stack begins to grow by steps of its own, in
	// values: pages that are not touched cost nothing, each copy that is left
	// behind does.
	longStack = 64 << 10
	// wholeStack is how many it then gets at once, if so many are allowed.
	wholeStack = 4 << 20
)

func (m *Machine) grow() {
	n := len(m.stack)
	m.stack = slices.Grow(m.stack, max(1, min(max(3*n, wholeStack), m.limits.Stack-n)))
}

func (m *Machine) pop() (Value, error) {
	n := len(m.stack)
	if n <= m.fence() {
		return Value{}, m.bad("the stack is empty")
	}
	v := m.stack[n-1]
	m.stack = m.stack[:n-1]
	return v, nil
}

func (m *Machine) top() (Value, error) {
	n := len(m.stack)
	if n <= m.fence() {
		return Value{}, m.bad("the stack is empty")
	}
	return m.stack[n-1], nil
}

// popMark takes the last mark away and returns where it stood.
func (m *Machine) popMark() (int, error) {
	if len(m.marks) == 0 {
		return 0, m.bad("there is no mark")
	}
	i := m.marks[len(m.marks)-1]
	m.marks = m.marks[:len(m.marks)-1]
	return i, nil
}

// composite makes a tuple or frozenset of the values above stack index i.
func (m *Machine) composite(k Kind, i int) (Value, error) {
	above := m.stack[i:]
	if k == Tuple && len(above) == 0 {
		return Value{Kind: Tuple, Node: &m.empty}, nil
	}
	hashable := allHashable(above)
	var v Value
	var err error
	if len(above) > maxItems {
		v, err = m.node(k)
		if err == nil {
			v.Node.Opaque = true
		}
	} else {
		v, err = m.node(k, append([]Value(nil), above...)...)
	}
	if err == nil {
		v.Node.unhashable = !hashable
	}
	clear(above)
	m.stack = m.stack[:i]
	return v, err
}

func allHashable(values []Value) bool {
	for i := range values {
		if !values[i].hashable() {
			return false
		}
	}
	return true
}
