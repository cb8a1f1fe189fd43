package scan

import (
	"strconv"
	"strings"

	"depickle/scan/machine"
	"depickle/scan/policy"
	"depickle/scan/tensor"
)

// maxTypes is how deep rebuilds may stand in one another; torch writes two.
const maxTypes = 8

// tensorRule judges what makes tensors. depth counts _rebuild_from_type
// around it.
func (j *judge) tensorRule(c *counted, args []machine.Value, depth int) *thing {
	switch c.decision.Rule {
	case policy.RebuildTensorV1:
		j.rebuild(c, args, 4, 4)
	case policy.RebuildTensorV2:
		j.rebuild(c, args, 6, 7)
	case policy.RebuildTensorV3:
		j.rebuild(c, args, 7, 8)
	case policy.RebuildQTensor:
		j.rebuild(c, args, 6, 7)
	case policy.RebuildMeta:
		if len(args) != 4 {
			j.count(c, len(args))
		} else if _, ok := j.ints(args[1]); !ok || !isDType(args[0]) {
			j.odd(c, "is not given a dtype and a size")
		}
	case policy.RebuildDevice:
		return j.device(c, args)
	case policy.Parameter:
		return j.parameter(c, args)
	case policy.TensorClass:
		for _, v := range args {
			if v.Kind != machine.Bool {
				j.bad(c, "allocates a tensor of what the file says")
				break
			}
		}
		return &thing{kind: aTensor, empty: !strings.HasPrefix(c.global.Name, "Uninitialized")}
	case policy.RebuildFromType:
		return j.fromType(c, args, depth)
	}
	return &thing{kind: aTensor}
}

// rebuild judges the geometry of a tensor: (storage, offset, size, stride, …)
// must lie inside of the storage.
func (j *judge) rebuild(c *counted, args []machine.Value, least, most int) {
	if len(args) < least || len(args) > most {
		j.bad(c, "has "+strconv.Itoa(len(args))+" arguments")
		return
	}
	dtype := tensor.Invalid
	if c.decision.Rule == policy.RebuildTensorV3 {
		dtype = dtypeOf(args[6])
		if dtype == tensor.Invalid {
			j.bad(c, "has a dtype that no storage has")
			return
		}
	}
	if c.decision.Rule != policy.RebuildQTensor && len(args) == most && most > least {
		switch args[most-1].Kind {
		case machine.Dict, machine.None:
		default:
			j.odd(c, "has metadata that is no dict")
		}
	}
	n := j.geometry(c, args, dtype)
	if n > 0 && c.decision.Rule == policy.RebuildQTensor {
		if s := j.known(args[0]); n > s.bytes/s.dtype.Size() {
			j.bad(c, "allocates a tensor larger than its storage")
		}
	}
}

// geometry judges (storage, offset, size, stride). It returns the number of
// elements, -1 where there is a finding.
func (j *judge) geometry(c *counted, args []machine.Value, d tensor.DType) int64 {
	s := j.known(args[0])
	if s == nil || s.kind != aStorage {
		if args[0].Kind == machine.Persistent && s == nil && j.class(args[0]).Kind == machine.Persistent {
			return -1 // a finding already
		}
		j.bad(c, "rebuilds a tensor from what is no storage")
		return -1
	}
	shape, ok1 := j.ints(args[2])
	stride, ok2 := j.ints(args[3])
	if args[1].Kind != machine.Int || !ok1 || !ok2 {
		j.bad(c, "has an offset, size or stride that is no int")
		return -1
	}
	if d == tensor.Invalid {
		d = s.dtype
	}
	geo := tensor.Geometry{Offset: args[1].Num, Shape: shape, Stride: stride}
	if text := geo.Check(s.bytes / d.Size()); text != "" {
		j.find(Dangerous, "tensor-geometry", "", "a tensor's "+text)
		return -1
	}
	n, _ := tensor.Numel(shape)
	return n
}

// dtypeOf is torch's dtype that a global is, Invalid for none.
func dtypeOf(v machine.Value) tensor.DType {
	c := global(v)
	if c == nil || c.global.Module != "torch" {
		return tensor.Invalid
	}
	d, _ := tensor.ByName(c.global.Name)
	return d
}

func isDType(v machine.Value) bool { return dtypeOf(v) != tensor.Invalid }

// device is (data, dtype, device, requires_grad): data, a tensor or array,
// for a device whose memory no file holds.
func (j *judge) device(c *counted, args []machine.Value) *thing {
	if len(args) != 4 {
		j.count(c, len(args))
		return &thing{kind: aTensor}
	}
	t := j.known(args[0])
	if !tensorLike(t) || !isDType(args[1]) {
		j.odd(c, "is not made of a tensor and a dtype")
		return &thing{kind: aTensor}
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
			return &thing{kind: aTensor}
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
	return &thing{kind: aTensor}
}

// fromType: _rebuild_from_type(func, type, args, state) calls func with args,
// so func must be a tensor-rebuild function, and is judged as if called.
func (j *judge) fromType(c *counted, args []machine.Value, depth int) *thing {
	made := &thing{kind: aTensor}
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
	c := &counted{global: policy.Global{Module: "torch", Name: "Tensor"}, shown: "torch.Tensor"}
	switch {
	case ok && len(items) == 4:
		j.geometry(c, items, tensor.Invalid)
	case ok && len(items) == 5 && j.is(items[0], aTensor):
		t.empty = j.known(items[0]).empty
	default:
		j.bad(c, "gets a state that torch does not read")
	}
}
