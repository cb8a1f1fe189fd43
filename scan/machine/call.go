package machine

import "depickle/scan/opcode"

// inst runs INST, whose class stands in the opcode and whose arguments reach
// down to a mark.
func (m *Machine) inst(op *opcode.Op) error {
	i, err := m.popMark()
	if err != nil {
		return err
	}
	args, err := m.composite(Tuple, i)
	if err != nil {
		return err
	}
	class, err := m.global(op.Module, op.Name)
	if err != nil {
		return err
	}
	return m.call(class, args, Value{})
}

// obj runs OBJ, whose class stands between the mark and the arguments.
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
	return m.call(class, args, Value{})
}

// reduce runs REDUCE and NEWOBJ, which differ only in what they would do, and
// the end of NEWOBJ_EX.
func (m *Machine) reduce(kw Value) error {
	args, err := m.pop()
	if err != nil {
		return err
	}
	callee, err := m.pop()
	if err != nil {
		return err
	}
	return m.call(callee, args, kw)
}

func (m *Machine) newObjEx() error {
	kw, err := m.pop()
	if err != nil {
		return err
	}
	if kw.Kind != Dict && !kw.unknown() {
		return m.bad("keywords are %s", kw.Kind)
	}
	return m.reduce(kw)
}

// call makes the object that a call would return. What it would do is for
// the judge to say.
func (m *Machine) call(callee, args, kw Value) error {
	if !callee.unknown() {
		return m.bad("%s is called", callee.Kind)
	}
	if args.Kind != Tuple && !args.unknown() {
		return m.bad("arguments are %s, not a tuple", args.Kind)
	}
	v, err := m.node(Object, callee, args)
	if err != nil {
		return err
	}
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
