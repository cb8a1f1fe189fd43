package scan

import (
	"strconv"
	"strings"

	"depickle/scan/machine"
	"depickle/scan/policy"
	"depickle/scan/tensor"
)

// device is (data, dtype, device, requires_grad): data, a tensor or array,
// for a device whose memory no file holds.
func (j *judge) device(c *counted, args []machine.Value) *thing {
	if len(args) != 4 {
		j.count(c, len(args))
		return someTensor
	}
	t := j.known(args[0])
	if !tensorLike(t) || !isDType(args[1]) {
		j.odd(c, "is not made of a tensor and a dtype")
		return someTensor
	}
	return t
}

// parameter is a tensor under another class.
func (j *judge) parameter(c *counted, args []machine.Value) *thing {
	switch c.global.Name {
	case "_rebuild_parameter", "_rebuild_parameter_with_state":
		want := 3
		if c.global.Name != "_rebuild_parameter" {
			want = 4
		}
		if len(args) != want {
			j.bad(c, "has "+strconv.Itoa(len(args))+" arguments")
			return someTensor
		}
	default:
		if len(args) == 0 {
			return &thing{kind: aTensor, empty: true}
		}
	}
	return j.retyped(c, j.known(args[0]), args[0])
}

// retyped is what is known of a tensor that gets another class.
func (j *judge) retyped(c *counted, t *thing, v machine.Value) *thing {
	if tensorLike(t) {
		same := *t
		return &same
	}
	if t != nil || v.Kind != machine.Object {
		j.bad(c, "is made of what is no tensor")
	} else {
		j.odd(c, "is made of an object that may be no tensor")
	}
	return someTensor
}

// fromType: _rebuild_from_type(func, type, args, state) calls func with args,
// so func must be a tensor-rebuild function, and is judged as if called.
func (j *judge) fromType(c *counted, args []machine.Value, depth int) *thing {
	made := someTensor
	if len(args) != 4 {
		j.bad(c, "has "+strconv.Itoa(len(args))+" arguments")
		return made
	}
	f, inner := global(args[0]), args[2]
	if f == nil || global(args[1]) == nil || inner.Kind != machine.Tuple {
		j.bad(c, "is not given a function, a class, a tuple and a state")
		return made
	}
	items, ok := inner.Tuple()
	if f.decision.Tier != policy.Tensor || !strings.Contains(f.global.Name, "_rebuild_") || !ok || depth >= maxTypes {
		j.bad(c, "calls "+f.shown+", which is no tensor-rebuild function")
		return made
	}
	return j.retyped(c, j.tensorRule(f, items, depth+1), args[0])
}

// tensorState judges BUILD into a tensor: very old ones have (storage, offset,
// size, stride), a Variable has its data and four more.
func (j *judge) tensorState(t *thing, state machine.Value) {
	items, ok := state.Tuple()
	if !t.empty || state.Kind != machine.Tuple {
		return
	}
	t.empty = false
	c := anyOf("torch", "Tensor")
	switch {
	case ok && len(items) == 4:
		j.geometry(c, items, tensor.Invalid)
	case ok && len(items) == 5 && j.is(items[0], aTensor):
		t.empty = j.known(items[0]).empty
	default:
		j.bad(c, "gets a state that torch does not read")
	}
}
