package machine

import "depickle/scan/opcode"

// act runs the opcodes that reach globals, call them or change an object.
func (m *Machine) act(op *opcode.Op) error {
	switch op.Code {
	case opcode.Global:
		return m.found(op.Module, op.Name)
	case opcode.StackGlobal:
		return m.stackGlobal()
	case opcode.Inst:
		return m.inst(op)
	case opcode.Obj:
		return m.obj()
	case opcode.Reduce, opcode.NewObj:
		return m.reduce(Value{})
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
		return m.persistent(payload(Str, op.Code, op.Payload.Off, op.Payload.Len))
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

// found pushes the global of that name.
func (m *Machine) found(module, name string) error {
	v, err := m.global(module, name)
	if err != nil {
		return err
	}
	m.ev.What = Found
	m.push(v)
	return nil
}

func (m *Machine) global(module, name string) (v Value, err error) {
	named, err := m.names.share(Named{module, name}, m.ev.Op.Offset)
	if err != nil {
		return Value{}, err
	}
	if v, err = m.node(Global); err != nil {
		return Value{}, err
	}
	v.Node.Named = named
	return v, nil
}

// stackGlobal takes module and name from the stack; C wants two exact strs.
// Which global a computed str names cannot be known, and so never is one. The
// length of others is bounded as in GLOBAL: five bytes of pickle would else read
// and keep 2 MiB.
func (m *Machine) stackGlobal() error {
	name, err := m.pop()
	if err != nil {
		return err
	}
	module, err := m.pop()
	if err != nil {
		return err
	}
	for _, v := range [2]Value{module, name} {
		switch {
		case v.Kind == Str || v.Kind == Str2, v.unknown():
		default:
			return m.bad("needs two strs, has %s and %s", module.Kind, name.Kind)
		}
	}
	if module.unknown() || name.unknown() || module.Len() > maxName || name.Len() > maxName {
		v, err := m.node(Global)
		if err != nil {
			return err
		}
		v.Node.Opaque, v.Node.Named = true, new(Named)
		m.ev.What, m.ev.Target, m.ev.State = Found, module, name
		m.push(v)
		return nil
	}
	mod, err := m.nameOf(module)
	if err != nil {
		return err
	}
	nam, err := m.nameOf(name)
	if err != nil {
		return err
	}
	return m.found(mod, nam)
}

// nameOf reads half of a global's name.
func (m *Machine) nameOf(v Value) (string, error) {
	s, ok := m.Text(v)
	if !ok {
		return "", m.bad("a name does not decode")
	}
	return s, nil
}
