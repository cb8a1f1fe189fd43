package scan

import (
	"strings"

	"depickle/scan/machine"
	"depickle/scan/policy"
)

// An object of a harmless class has what attributes its state says, and methods
// of the class call them: list() of a ModuleList calls _modules.values(), UUID()
// replace(), an optimizer's __setstate__ setdefault(). Each can be any harmless
// global with arguments of the file's choosing, and together they replaced the
// methods of torch's own classes. What makes them run stands in the stream.

// walks notes a call that uses methods of an object that it is given.
func (j *judge) walks(c *counted, args []machine.Value) {
	for _, v := range args {
		if v.Kind == machine.Object && j.known(v) == nil {
			j.odd(c, "is given an object, whose state says what it calls")
		}
	}
}

// withState judges what sets a state on the tensor that it makes: its items may
// be any attributes, __setstate__ among them, which the next BUILD would call.
func (j *judge) withState(c *counted, args []machine.Value, made machine.Value) {
	made.Node.Built = 1
	if len(args) == 0 {
		return
	}
	switch state := args[len(args)-1]; state.Kind {
	case machine.Dict, machine.Tuple, machine.None:
	default:
		if !j.is(state, aDict) {
			j.odd(c, "is given a state that is computed")
		}
	}
}

// objectState judges BUILD into an object of torch's.
func (j *judge) objectState(target, state machine.Value) {
	c := global(class(target))
	if c == nil || !strings.HasPrefix(c.global.Module, "torch.") || c.decision.Tier == policy.Unknown {
		return
	}
	if state.Kind == machine.Object && j.known(state) == nil {
		j.odd(c, "gets a state that is computed, whose methods it calls")
	}
	if state.Kind != machine.Dict || !strings.HasPrefix(c.global.Module, "torch.optim.") {
		return
	}
	if f, ok := state.Node.Mark.(*fieldList); ok && f.odd {
		j.odd(c, "gets an object in its state, whose methods it calls")
	}
}

// class is what an object was made of.
func class(v machine.Value) machine.Value {
	callee, _ := v.Callee()
	if args, ok := v.Args(); ok && len(args) > 0 && callee.Kind == machine.Global && callee.Node.Name == "_reconstructor" {
		return args[0]
	}
	return callee
}
