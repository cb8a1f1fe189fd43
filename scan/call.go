package scan

import (
	"strings"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/machine"
	"depickle/scan/opcode"
	"depickle/scan/policy"
)

// called judges a call by its callee and, where the policy has a rule, by its
// arguments.
func (j *judge) called(ev *machine.Event) error {
	if ev.Callee.Kind != machine.Global {
		if ev.Callee.Kind == machine.Object {
			j.find(Suspicious, "call-of-result", "", "calls what another call returned")
		}
		return nil
	}
	if ev.Callee.Node.Opaque {
		return nil // a finding already
	}
	g := global(ev.Callee)
	args, ok := ev.Args.Tuple()
	if !ok {
		if policy.Decide(g).Rule != policy.None {
			j.bad(g, "is called with arguments that are computed or too many")
		}
		return nil
	}
	return j.rule(policy.Decide(g).Rule, g, args, ev)
}

// bad notes a use that the policy's rule for a global does not allow.
func (j *judge) bad(g policy.Global, text string) {
	name := g.Module + "." + g.Name
	j.find(Dangerous, "argument-rule", name, name+" "+text)
}

func (j *judge) rule(rule policy.Rule, g policy.Global, args []machine.Value, ev *machine.Event) error {
	switch rule {
	case policy.Latin1Encode:
		if len(args) != 2 || !j.latin1(args[1]) {
			j.bad(g, "is called with another codec than latin1")
		}
	case policy.LoadFromBytes:
		return j.loadFromBytes(g, args, ev)
	case policy.RebuildFromType:
		j.fromType(g, args)
	case policy.RebuildTensorV1, policy.RebuildTensorV2, policy.RebuildTensorV3:
		j.rebuild(rule, g, args)
	case policy.Parameter:
		if len(args) == 0 {
			return nil
		}
		if args[0].Kind != machine.Object {
			j.bad(g, "is made of what is no tensor")
		}
	case policy.Allocator:
		j.allocator(g, args, ev)
	case policy.Reconstructor:
		if len(args) != 3 || args[0].Kind != machine.Global {
			j.bad(g, "is not given a class")
		}
	default:
		j.ruled(rule, args, ev)
	}
	return nil
}

func (j *judge) latin1(v machine.Value) bool {
	codec, ok := j.m.Text(v)
	if !ok {
		return false
	}
	switch strings.ReplaceAll(strings.ToLower(codec), "-", "") {
	case "latin1", "iso88591":
		return true
	}
	return false
}

// fromType: _rebuild_from_type(func, type, args, state) calls func with args,
// so func must be a tensor-rebuild function, and is judged as if called.
func (j *judge) fromType(g policy.Global, args []machine.Value) {
	if len(args) != 4 || args[0].Kind != machine.Global || args[0].Node.Opaque || args[1].Kind != machine.Global {
		j.bad(g, "is not given a function, a class, a tuple and a state")
		return
	}
	f := global(args[0])
	d := policy.Decide(f)
	inner, ok := args[2].Tuple()
	if d.Tier != policy.Tensor || !strings.Contains(f.Name, "_rebuild_") || !ok {
		j.bad(g, "calls "+f.Module+"."+f.Name+", which is no tensor-rebuild function")
		return
	}
	switch d.Rule {
	case policy.RebuildTensorV1, policy.RebuildTensorV2, policy.RebuildTensorV3:
		j.rebuild(d.Rule, f, inner)
	case policy.RebuildFromType:
		j.fromType(f, inner)
	}
}

// allocator: numpy's and bytearray's constructors take a size and allocate
// it. The forms that picklers write take data, or an empty shape.
func (j *judge) allocator(g policy.Global, args []machine.Value, ev *machine.Event) {
	switch g.Name {
	case "_reconstruct":
		shape, ok := []int64(nil), false
		if len(args) == 3 {
			shape, ok = args[1].Ints()
		}
		if !ok || !zero(shape) || args[0].Kind != machine.Global {
			j.bad(g, "is not given a class and an empty shape")
		}
	case "bytearray":
		if len(args) == 2 && !j.latin1(args[1]) {
			j.bad(g, "is called with another codec than latin1")
		} else if len(args) > 0 && args[0].Kind == machine.Int {
			j.bad(g, "allocates as many bytes as the file says")
		}
	case "ndarray":
		if len(args) > 0 || ev.Op.Code != opcode.NewObj {
			j.bad(g, "allocates an array of the shape that the file says")
		}
	}
}

func zero(shape []int64) bool {
	for _, n := range shape {
		if n == 0 {
			return true
		}
	}
	return false
}

// ruled handles globals that are dangerous but for one literal use: what the
// policy allows takes the waiting finding back.
func (j *judge) ruled(rule policy.Rule, args []machine.Value, ev *machine.Event) {
	f, waiting := j.pending[ev.Callee.Node]
	if !waiting {
		return
	}
	if j.harmless(rule, args) {
		delete(j.pending, ev.Callee.Node)
		f.Severity, f.ID = Suspicious, "global-restricted"
		f.Message = f.Global + " is used in a form that real checkpoints have, and reaches nothing else"
		j.add(f)
		return
	}
	j.add(f)
}

// harmless reports whether a dangerous global is used in the one way that
// checkpoints have.
func (j *judge) harmless(rule policy.Rule, args []machine.Value) bool {
	switch rule {
	case policy.Getattr:
		// getattr(torch._C._VariableFunctions, …) and getattr of a torch or
		// numpy class: an attribute of what is known, by a literal name.
		if len(args) != 2 || args[0].Kind != machine.Global || args[0].Node.Opaque {
			return false
		}
		name, ok := j.m.Text(args[1])
		d := policy.Decide(global(args[0]))
		return ok && d.Tier != policy.Dangerous && strings.HasPrefix(args[0].Node.Module, "torch") &&
			!strings.HasPrefix(name, "__") && policy.Decide(policy.Global{Module: "torch", Name: name}).Tier != policy.Dangerous
	}
	return false
}

// loadFromBytes: torch runs it as torch.load without restriction. The bytes
// are a checkpoint of their own and judged as one; anything else than the
// direct call with literal bytes is dangerous.
func (j *judge) loadFromBytes(g policy.Global, args []machine.Value, ev *machine.Event) error {
	if ev.Op.Code != opcode.Reduce || len(args) != 1 {
		j.bad(g, "is not called directly with bytes")
		return nil
	}
	e, ok, err := j.bytes(args[0])
	if err != nil {
		return j.broken(err)
	}
	if !ok {
		j.bad(g, "is called with bytes that are computed")
		return nil
	}
	key := place{j.src, e}
	if left, ok := j.nested[key]; ok {
		mark(ev.Result, left)
		return nil
	}
	inner, err := j.src.Nested(e)
	if err != nil {
		return j.broken(err)
	}
	if !inner.Format.Converted() {
		j.bad(g, "holds "+inner.Note)
		return nil
	}
	src, st, m, cur, places, pending, missing := j.src, j.st, j.m, j.ev, j.places, j.pending, j.missing
	err = j.source(inner)
	j.src, j.st, j.m, j.ev, j.places, j.pending = src, st, m, cur, places, pending
	// A pickled storage is a legacy file that holds one: what it declares
	// holds for the tensors that are rebuilt around the call.
	j.nested[key] = j.object
	mark(ev.Result, j.object)
	if e.Space != container.InFile {
		j.missing = missing
	}
	return err
}

// place is an extent of one source. What stands there is judged once: a
// pickle can load the same bytes a million times.
type place struct {
	src *container.Source
	e   container.Extent
}

// mark gives the result of a call what is known of the object inside.
func mark(result, object machine.Value) {
	if object.Node != nil && result.Node != nil {
		result.Node.Mark = object.Node.Mark
	}
}

// bytes finds a bytes value's extent: literal, or spelled as text that
// _codecs.encode turns into bytes, which then goes through the spool.
func (j *judge) bytes(v machine.Value) (container.Extent, bool, error) {
	switch v.Kind {
	case machine.Bytes:
		return j.m.Extent(v), true, nil
	case machine.Str2:
		if v.Code != opcode.String {
			return j.m.Extent(v), true, nil
		}
	case machine.Object:
		callee, _ := v.Callee()
		args, ok := v.Args()
		if !ok || callee.Kind != machine.Global || global(callee) != (policy.Global{Module: "_codecs", Name: "encode"}) ||
			len(args) != 2 || args[0].Kind != machine.Str || !j.latin1(args[1]) {
			return container.Extent{}, false, nil
		}
		e, err := j.src.Latin1(args[0].Code, j.m.Extent(args[0]))
		if err != nil {
			return e, false, fault.At(fault.Malformed, j.ev.Op.Offset, "%v", err)
		}
		return e, true, nil
	}
	return container.Extent{}, false, nil
}
