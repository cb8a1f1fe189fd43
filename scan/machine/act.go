package machine

import (
	"depickle/scan/opcode"
)

// act runs the opcodes that reach globals, call them or change an object.
func (m *Machine) act(op *opcode.Op) error {
	switch op.Code {
	case opcode.Global:
		m.found(op.Module, op.Name)
		return nil
	case opcode.StackGlobal:
		return m.stackGlobal()
	case opcode.Inst:
		return m.inst(op)
	case opcode.Obj:
		return m.obj()
	case opcode.Reduce:
		return m.reduce(false)
	case opcode.NewObj:
		return m.reduce(true)
	case opcode.NewObjEx:
		return m.newObjEx()
	case opcode.Ext1, opcode.Ext2, opcode.Ext4:
		v, err := m.node(Object)
		if err != nil {
			return err
		}
		m.ev.What = Extended
		m.push(v)
		return nil
	case opcode.PersID:
		return m.persistent(Value{Kind: Str, Code: op.Code, Num: op.Payload.Off, Len: op.Payload.Len})
	case opcode.BinPersID:
		id, err := m.pop()
		if err != nil {
			return err
		}
		return m.persistent(id)
	case opcode.Build:
		return m.build()
	case opcode.Append, opcode.SetItem:
		return m.storeOne(op.Code)
	case opcode.Appends, opcode.SetItems, opcode.AddItems:
		return m.storeMany(op.Code)
	}
	return m.bad("unknown opcode")
}

func (m *Machine) found(module, name string) {
	m.ev.What = Found
	m.push(Value{Kind: Global, Node: &Node{Module: module, Name: name}})
}

// stackGlobal takes module and name from the stack; C wants two exact strs.
// Which global a computed str names cannot be known, and so never is one.
func (m *Machine) stackGlobal() error {
	name, err := m.pop()
	if err != nil {
		return err
	}
	module, err := m.pop()
	if err != nil {
		return err
	}
	mod, ok1 := m.Text(module)
	nam, ok2 := m.Text(name)
	switch {
	case ok1 && ok2:
		m.found(mod, nam)
	case computed(module) || computed(name):
		m.ev.What, m.ev.Target, m.ev.State = Found, module, name
		m.push(Value{Kind: Global, Node: &Node{Opaque: true}})
	default:
		return m.bad("needs two strs, has %s and %s", module.Kind, name.Kind)
	}
	return nil
}

func computed(v Value) bool { return v.Kind == Object || v.Kind == Persistent }

func (m *Machine) inst(op *opcode.Op) error {
	i, err := m.popMark()
	if err != nil {
		return err
	}
	args, err := m.composite(Tuple, i)
	if err != nil {
		return err
	}
	class := Value{Kind: Global, Node: &Node{Module: op.Module, Name: op.Name}}
	return m.call(class, args, Value{}, false)
}

func (m *Machine) obj() error {
	i, err := m.popMark()
	if err != nil {
		return err
	}
	if len(m.stack) <= i {
		return m.bad("the class is missing")
	}
	class := m.stack[i]
	args, err := m.composite(Tuple, i+1)
	if err != nil {
		return err
	}
	m.stack = m.stack[:i]
	return m.call(class, args, Value{}, false)
}

func (m *Machine) reduce(isNew bool) error {
	args, err := m.pop()
	if err != nil {
		return err
	}
	callee, err := m.pop()
	if err != nil {
		return err
	}
	return m.call(callee, args, Value{}, isNew)
}

func (m *Machine) newObjEx() error {
	kw, err := m.pop()
	if err != nil {
		return err
	}
	if kw.Kind != Dict && kw.Kind != Object {
		return m.bad("keywords are %s", kw.Kind)
	}
	args, err := m.pop()
	if err != nil {
		return err
	}
	callee, err := m.pop()
	if err != nil {
		return err
	}
	return m.call(callee, args, kw, true)
}

// call makes the object that a call would return. What it would do is for
// the judge to say.
func (m *Machine) call(callee, args, kw Value, isNew bool) error {
	switch callee.Kind {
	case Global, Object, Persistent:
	default:
		return m.bad("%s is called", callee.Kind)
	}
	if args.Kind != Tuple && args.Kind != Object {
		return m.bad("arguments are %s, not a tuple", args.Kind)
	}
	v, err := m.node(Object, callee, args)
	if err != nil {
		return err
	}
	v.Node.New = isNew
	m.ev.What, m.ev.Callee, m.ev.Args, m.ev.KW = Called, callee, args, kw
	m.push(v)
	return nil
}

func (m *Machine) persistent(id Value) error {
	v, err := m.node(Persistent, id)
	if err != nil {
		return err
	}
	m.ev.What, m.ev.State = Persist, id
	m.push(v)
	return nil
}

func (m *Machine) build() error {
	if len(m.stack)-m.fence() < 2 {
		return m.bad("the stack is empty")
	}
	state, _ := m.pop()
	target, _ := m.top()
	switch {
	case target.Kind == Object, target.Kind == Persistent, target.Kind == Global:
	case state.Kind == None:
		return nil // C asks a builtin for no state, and does nothing
	default:
		return m.bad("%s has no state", target.Kind)
	}
	target.Node.State, target.Node.Built = state, true
	m.ev.What, m.ev.Target, m.ev.State = Built, target, state
	return nil
}

func (m *Machine) storeOne(code opcode.Code) error {
	n := 1
	if code == opcode.SetItem {
		n = 2
	}
	if len(m.stack)-m.fence() < n+1 {
		return m.bad("the stack is empty")
	}
	i := len(m.stack) - n
	return m.store(code, i)
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
	want, step := List, 1
	switch code {
	case opcode.SetItem, opcode.SetItems:
		want, step = Dict, 2
		if len(items)%2 != 0 {
			return m.bad("odd number of items")
		}
	case opcode.AddItems:
		want = Set
	}
	switch target.Kind {
	case want:
	case Object, Persistent, Global:
		target.Node.Stored = true
		return nil
	default:
		return m.bad("the target is %s", target.Kind)
	}
	if want == List {
		return nil
	}
	return m.keys(items, step)
}
