package scan

import (
	"depickle/scan/machine"
	"depickle/scan/opcode"
	"depickle/scan/policy"
)

// reconstructor: copyreg._reconstructor(class, base, state) calls
// base.__new__(class, state) and base.__init__(object, state). Protocols 0 and
// 1 write it with a builtin base and a literal state; a base that takes a size
// would allocate it.
func (j *judge) reconstructor(c *counted, args []machine.Value, code opcode.Code) (*thing, error) {
	if len(args) != 3 {
		j.bad(c, "is not given a class, a base and a state")
		return nil, nil
	}
	class, base := global(j.class(args[0])), global(args[1])
	nested := class == nil && j.is(args[0], aClass)
	if (class == nil && !nested) || base == nil {
		j.bad(c, "is not given a class and a base")
		return nil, nil
	}
	if nested {
		if !j.baseTakes(base.global, args[2]) {
			j.bad(c, "is given the base "+base.shown+" with a state that it does not have")
		}
		return nil, nil
	}
	switch class.decision.Rule {
	case policy.None, policy.WithoutArgs, policy.Getattr, policy.TypeByName, policy.EvalData:
	default:
		j.bad(c, "is given "+class.shown+", which no pickler makes so")
		return nil, nil
	}
	if !j.baseTakes(base.global, args[2]) {
		j.bad(c, "is given the base "+base.shown+" with a state that it does not have")
	}
	if args[2].Kind != machine.None {
		return nil, nil // an object with items or a value
	}
	return j.rule(class, nil, code)
}

// baseTakes reports whether a builtin base takes a state of that kind.
func (j *judge) baseTakes(base policy.Global, state machine.Value) bool {
	if base.Module != "builtins" {
		return false
	}
	switch base.Name {
	case "object":
		return state.Kind == machine.None
	case "list":
		return j.is(state, aList)
	case "dict":
		return j.is(state, aDict)
	case "set", "frozenset":
		return j.is(state, aSet) || j.is(state, aConstant) && state.Kind != machine.Int
	case "tuple":
		return state.Kind == machine.Tuple
	case "int":
		return state.Kind == machine.Int || state.Kind == machine.BigInt || state.Kind == machine.Bool
	case "float":
		return state.Kind == machine.Float
	case "str":
		return state.Kind == machine.Str || state.Kind == machine.Str2
	case "bytes":
		return state.Kind == machine.Bytes || j.is(state, someBytes)
	case "complex":
		return state.Kind == machine.Object
	}
	return false
}
