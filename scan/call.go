package scan

import (
	"strings"

	"depickle/scan/fault"
	"depickle/scan/machine"
	"depickle/scan/opcode"
	"depickle/scan/policy"
)

// called judges a call by its callee and, where the policy has a rule, by its
// arguments, and notes what it makes.
func (j *judge) called(ev *machine.Event) error {
	callee := j.class(ev.Callee)
	if callee.Kind != machine.Global {
		if b := j.asPartial(callee); b != nil {
			return j.calledPartial(ev, b)
		}
		j.calledObject(callee)
		return nil
	}
	c := global(callee)
	if c == nil {
		return nil // a finding already
	}
	args, ok := ev.Args.Tuple()
	if !ok {
		if c.decision.Rule != policy.None {
			j.bad(c, "is called with arguments that are computed or too many")
		}
		return nil
	}
	if hasKeywords(ev.KW) && c.decision.Rule != policy.None {
		j.bad(c, "is called with keywords")
		return nil
	}
	if ev.Callee.Kind == machine.Global {
		j.used(ev.Callee)
	}
	for _, v := range args {
		if hidesArrays(v) && c.global.Module != "copyreg" {
			j.bad(c, givenArrays)
		}
	}
	t, err := j.rule(c, args, ev.Op.Code)
	if t != nil {
		ev.Result.Node.Mark = t
	}
	if c.decision.Rule == policy.RebuildFromType || c.global.Name == "_rebuild_parameter_with_state" {
		j.withState(c, args, ev.Result)
	}
	j.explain(c, ev.Callee, ev.Args)
	if c.decision.Tier == policy.Unknown && j.guess() && !j.st.Any {
		// Bytes that happen to name something do not call it.
		j.add(j.at(Suspicious, "global-unknown", c.name, "calls "+j.m.Call(ev.Callee, ev.Args, callMost, nil)+
			" if it is read as a pickle, which is not known to be harmless"))
	}
	return err
}

// hasKeywords reports whether NEWOBJ_EX may give a call any.
func hasKeywords(v machine.Value) bool {
	return v.Kind != machine.None && (v.Kind != machine.Dict || v.Node.Stored)
}

// callMost is about how much of a call a message shows, in bytes.
const callMost = 300

// explain makes of the finding that a dangerous global is named one that says
// what the first call of it would be.
func (j *judge) explain(c *counted, callee, args machine.Value) {
	if f := j.unexplained(c); f != nil {
		f.Message = "calls " + j.m.Call(callee, args, callMost, nil) + " when loaded; it " + reason(c.decision)
	}
}

// unexplained is the finding that a dangerous global is named, nil where it
// says already what is called.
func (j *judge) unexplained(c *counted) *Finding {
	f := j.findingOf("global-dangerous", c.name)
	if f == nil || strings.HasPrefix(f.Message, "calls ") {
		return nil
	}
	return f
}

func (j *judge) calledObject(callee machine.Value) {
	switch t := j.known(callee); {
	case t != nil && t.kind == reached:
		j.find(Dangerous, "call-of-result", "", "calls what was reached by name, which hides what it is")
		return
	case t != nil && t.kind == aClass:
		j.find(Suspicious, "call-of-result", "", "makes an object of a class that was reached by name")
		return
	}
	j.find(Suspicious, "call-of-result", "", "calls what another call returned")
}

// rule judges a call by the policy's rule for its global. It returns what the
// call makes, nil where nothing is known of it.
func (j *judge) rule(c *counted, args []machine.Value, code opcode.Code) (*thing, error) {
	switch c.decision.Rule {
	case policy.RebuildTensorV1, policy.RebuildTensorV2, policy.RebuildTensorV3, policy.RebuildQTensor,
		policy.RebuildElsewhere, policy.RebuildMeta, policy.RebuildDevice, policy.Parameter, policy.TensorClass,
		policy.RebuildFromType:
		return j.tensorRule(c, args, 0), nil
	case policy.Latin1Encode:
		return j.encode(c, args)
	case policy.Allocator:
		return j.allocator(c, args)
	case policy.LoadFromBytes:
		return j.loadFromBytes(c, args, code)
	case policy.Reconstructor:
		return j.reconstructor(c, args, code)
	case policy.Reconstruct, policy.NDArray, policy.FromBuffer, policy.NumpyDType, policy.NumpyScalar, policy.RandomCtor:
		return j.numpyRule(c, args)
	case policy.Getattr, policy.TypeByName:
		return &thing{kind: j.byName(c, args)}, nil
	case policy.EvalData:
		return j.evalData(c, args), nil
	case policy.Subscript:
		j.subscript(c, args)
		return &thing{kind: reached}, nil
	case policy.Identity:
		if len(args) > 0 && (args[0].Kind == machine.Global || args[0].Kind == machine.Object || args[0].Kind == machine.Persistent) {
			j.bad(c, "returns what it is given, which hides what that is")
		}
	case policy.WithoutArgs:
		if len(args) > 0 {
			j.odd(c, "is constructed with arguments of the file, where checkpoints only reconstruct it")
		}
	case policy.Named, policy.ArrayClass:
		if len(args) > 0 {
			j.bad(c, "is called, where checkpoints only name it, and may allocate what the file says")
		} else {
			j.odd(c, "is called, where checkpoints only name it")
		}
	case policy.Iterates:
		j.iterates(c, args)
	case policy.PlainValue:
		return j.plainValue(c, args), nil
	case policy.Partial:
		return j.partial(c, args, code), nil
	}
	return j.plainCall(c, args), nil
}

// plainCall is what a call without a rule of its own makes.
func (j *judge) plainCall(c *counted, args []machine.Value) *thing {
	switch c.global.Module {
	case "collections":
		if c.global.Name != "deque" && c.decision.Tier != policy.Unknown {
			j.ofArray(c, args)
			j.walks(c, args)
			return someDict
		}
	case "builtins":
		switch c.global.Name {
		case "dict":
			j.ofArray(c, args)
			j.walks(c, args)
			return someDict
		case "list":
			return someList
		case "set":
			return someSet
		case "tuple", "frozenset":
			return someConstant
		}
	case "uuid":
		j.walks(c, args)
	case "numpy.dtypes":
		return someConstant // numpy's own dtypes, for everybody: their state is not set
	case "torch":
		if c.global.Name == "Size" {
			if _, ok := j.ints(args...); !ok {
				j.odd(c, "is not made of one tuple of ints")
			}
			return someConstant
		}
	}
	return nil
}

// iterates: list, set and their like walk what they are given, and a range of
// the file's choosing never ends; nor does int of a decimal like 1e999999999.
func (j *judge) iterates(c *counted, args []machine.Value) {
	j.walks(c, args)
	for _, v := range args {
		callee, ok := v.Callee()
		if !ok {
			continue
		}
		if from := j.caller(callee); from != nil && endless(from.global) {
			j.bad(c, "allocates as much as a range or number of the file says")
		}
	}
}

func endless(g policy.Global) bool {
	return g == policy.Global{Module: "builtins", Name: "range"} || g == policy.Global{Module: "decimal", Name: "Decimal"}
}

// byName: getattr and what finds types by name are harmless where the name is
// literal, plain, and reaches nothing dangerous. Protocols below 4 write nested
// classes and bound methods so. It returns the kind of what is reached: a class
// that may be made an object of, or something that must not be called.
func (j *judge) byName(c *counted, args []machine.Value) kind {
	name, ok, made := "", false, reached
	switch {
	case c.decision.Rule == policy.TypeByName && len(args) == 1:
		name, ok = j.m.Text(args[0])
		ok = ok && !strings.HasSuffix(name, "CodeType") && !strings.HasSuffix(name, "FunctionType")
		if inertTypes[name] {
			made = aClass
		}
	case c.decision.Rule == policy.Getattr && len(args) == 2:
		name, ok = j.m.Text(args[1])
		if from := global(j.class(args[0])); from != nil {
			ok = ok && policy.Attribute(from.global, name)
			// What protocol 4 would spell with a dot.
			dotted := policy.Global{Module: from.global.Module, Name: from.global.Name + "." + name}
			if policy.Decide(dotted).Tier == policy.Unknown {
				made = aClass
			}
		} else {
			ok = ok && j.instance(args[0]) && policy.PlainAttribute(name)
		}
	}
	if !ok {
		j.find(Dangerous, "global-dangerous", c.name, c.names())
		return reached
	}
	j.find(Suspicious, "global-restricted", c.name,
		c.shown+" reaches "+fault.Quote(name)+" by name, as some real checkpoints do, and does not call it")
	return made
}

// evalData: Paddle pickles a tensor as eval("data", {"data": array}), which
// does no more than to take the array out
// (python/paddle/framework/io.py, reduce_LoDTensor).
func (j *judge) evalData(c *counted, args []machine.Value) *thing {
	if len(args) == 2 && args[1].Kind == machine.Dict {
		text, ok := j.m.Text(args[0])
		if t, has := args[1].Node.Mark.(*thing); ok && has && text == dataKey {
			j.find(Suspicious, "global-restricted", c.name, c.shown+" takes an array out of a dict, as Paddle's tensors do, and no more")
			return t
		}
	}
	j.find(Dangerous, "global-dangerous", c.name, c.names())
	return nil
}

// dataKey is the name of the array in Paddle's dict.
const dataKey = "data"

// noteData notes that a dict holds one array, and that under Paddle's name.
func (j *judge) noteData(ev *machine.Event) {
	if ev.Target.Kind != machine.Dict || len(ev.Items) != 2 || ev.Items[0].Len() != int64(len(dataKey)) {
		return
	}
	if text, ok := j.m.Text(ev.Items[0]); !ok || text != dataKey {
		return
	}
	if t := j.known(ev.Items[1]); t != nil && t.kind == anArray && ev.Target.Node.Mark == nil {
		ev.Target.Node.Mark = t
	}
}

// subscript: typing.Optional[int] is pickled as a call of getitem.
func (j *judge) subscript(c *counted, args []machine.Value) {
	of := (*counted)(nil)
	if len(args) == 2 {
		of = global(args[0])
	}
	if of == nil || of.global.Module != "typing" || of.decision.Tier == policy.Dangerous {
		j.find(Dangerous, "global-dangerous", c.name, c.names())
		return
	}
	j.find(Suspicious, "global-restricted", c.name, c.shown+" makes a type hint of "+of.shown+", as some real checkpoints do")
}

// inertTypes are builtin types that make data of data.
var inertTypes = map[string]bool{"set": true, "frozenset": true, "list": true, "dict": true, "tuple": true, "complex": true}

// instance reports whether a value is an object of a class that the pickle
// names, so that an attribute of it is a method or a value of its own.
func (j *judge) instance(v machine.Value) bool {
	if v.Kind != machine.Object {
		return false
	}
	t := j.known(v)
	callee, ok := v.Callee()
	return ok && (t == nil || (t.kind != reached && t.kind != aClass)) &&
		(global(j.class(callee)) != nil || j.is(callee, aClass))
}
