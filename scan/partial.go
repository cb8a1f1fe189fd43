package scan

import (
	"depickle/scan/machine"
	"depickle/scan/opcode"
	"depickle/scan/policy"
)

// functools.partial is a function with the first of its arguments. To make one
// runs nothing. Picklers write partial(function), and a state (function,
// arguments, keywords, attributes), of which the function counts.

// bound is what a partial calls, and with what. The zero value is one of which
// nothing is known.
type bound struct {
	known    bool
	function machine.Value
	args     []machine.Value
	keywords machine.Value // a dict, which may still grow, or None
}

const (
	// maxBound is how many arguments a partial may have to be followed: each
	// call of it looks at all of them.
	maxBound = 16
	// maxPartials is how deep partials of partials are followed. A state can
	// make one that holds itself.
	maxPartials = 4
)

// partial judges a call of functools.partial.
func (j *judge) partial(c *counted, args []machine.Value, code opcode.Code) *thing {
	b := &bound{}
	if len(args) != 1 || code != opcode.Reduce {
		j.odd(c, "is not made of a function alone by REDUCE, as picklers write it")
	}
	if len(args) > 0 {
		*b = bound{known: len(args) <= maxBound, function: args[0], args: args[1:]}
		j.bind(c, b)
	}
	return &thing{kind: aPartial, bound: b}
}

// partialState judges BUILD into a partial, which takes the place of all that
// it was made of.
func (j *judge) partialState(b *bound, state machine.Value) {
	*b = bound{}
	c := anyOf("functools", "partial")
	items, ok := state.Tuple()
	if !ok || len(items) != 4 {
		j.odd(c, "gets a state that Python does not read")
		return
	}
	args, ok := items[1].Tuple()
	if !ok || !dictOrNone(items[2]) || !dictOrNone(items[3]) {
		j.odd(c, "gets arguments that are computed or too many")
		args = nil
	}
	*b = bound{known: ok && len(args) <= maxBound, function: items[0], args: args, keywords: items[2]}
	j.bind(c, b)
}

func dictOrNone(v machine.Value) bool { return v.Kind == machine.Dict || v.Kind == machine.None }

// bind judges what a partial is made of. Whoever has the partial calls it, and
// what it is called with is not seen: a function that is harmless with some
// arguments alone is suspicious here. One that is unknown or dangerous has its
// finding already.
func (j *judge) bind(c *counted, b *bound) {
	f := global(j.class(b.function))
	switch {
	case hidesArrays(b.function):
		j.bad(c, givenArrays)
	case f != nil:
		if found := j.unexplained(f); found != nil {
			found.Message = "makes a partial of " + j.m.Call(b.function, tupleOf(b.args), callMost, nil) + ", which " + reason(f.decision)
		}
		if f.decision.Tier == policy.Dangerous {
			return
		}
		switch f.decision.Rule {
		case policy.None, policy.WithoutArgs, policy.Named:
		case policy.Iterates:
			j.iterates(f, b.args)
		default:
			j.odd(c, "is made of "+f.shown+", which is harmless with some arguments alone")
		}
	case j.is(b.function, aPartial), j.is(b.function, reached), j.is(b.function, aClass):
	default:
		j.odd(c, "is not made of a function")
	}
}

// asPartial is what a value binds if it is a partial, nil for others.
func (j *judge) asPartial(v machine.Value) *bound {
	if t := j.known(v); t != nil && t.kind == aPartial {
		return t.bound
	}
	return nil
}

// joined follows partials to the function that they call in the end, and the
// arguments that it gets with those of the call. ok is false where they are not
// known.
func (j *judge) joined(b *bound, args []machine.Value) (f machine.Value, all []machine.Value, keywords, ok bool) {
	for range maxPartials {
		if !b.known {
			break
		}
		args = append(append([]machine.Value{}, b.args...), args...)
		keywords = keywords || b.keywords.Kind == machine.Dict && b.keywords.Node.Stored
		inner := j.asPartial(b.function)
		if inner == nil {
			return j.class(b.function), args, keywords, true
		}
		b = inner
	}
	return machine.Value{}, nil, false, false
}

// caller is the global that a call in the file comes down to, through partials;
// nil for none.
func (j *judge) caller(callee machine.Value) *counted {
	for range maxPartials {
		b := j.asPartial(callee)
		if b == nil {
			break
		}
		callee = b.function
	}
	return global(j.class(callee))
}

// calledPartial judges a call of a partial as that of its function with all of
// the arguments.
func (j *judge) calledPartial(ev *machine.Event, b *bound) error {
	args, literal := ev.Args.Tuple()
	f, args, keywords, ok := j.joined(b, args)
	c := global(f)
	switch {
	case !ok || !literal || leavesOpen(args):
		j.find(Dangerous, "call-of-result", "", "calls a partial of which it is hidden what it calls, or with what")
		return nil
	case c == nil:
		j.calledObject(f)
		return nil
	}
	j.explain(c, f, tupleOf(args))
	if c.decision.Tier == policy.Unknown {
		j.find(Suspicious, "call-of-result", "", "calls a partial of "+c.shown)
		return nil
	}
	if (keywords || hasKeywords(ev.KW)) && c.decision.Rule != policy.None {
		j.bad(c, "is called with keywords")
		return nil
	}
	t, err := j.rule(c, args, ev.Op.Code)
	if t != nil {
		ev.Result.Node.Mark = t
	}
	return err
}

func tupleOf(items []machine.Value) machine.Value {
	return machine.Value{Kind: machine.Tuple, Node: &machine.Node{Items: items}}
}

// leavesOpen reports whether one of the arguments is the mark behind which
// Python 3.14 puts an argument of the call.
func leavesOpen(args []machine.Value) bool {
	for _, v := range args {
		if c := global(v); c != nil && c.global.Name == "Placeholder" {
			return true
		}
	}
	return false
}

const givenArrays = "is given joblib's class of arrays, which hides where their elements stand"

// hidesArrays reports whether a value is the class that stands for an array of
// joblib's. Only copyreg's functions make objects of it that show as such.
func hidesArrays(v machine.Value) bool { return v.IsGlobal("joblib.numpy_pickle", "NumpyArrayWrapper") }
