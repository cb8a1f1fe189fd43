package scan

import (
	"depickle/scan/container"
	"strconv"
	"strings"

	"depickle/scan/fault"
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
	return someTensor
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

// wide reports whether v is a tuple of which the machine keeps no items, since
// it has too many.
func wide(v machine.Value) bool { return v.Kind == machine.Tuple && v.Node.Opaque }

// geometry judges (storage, offset, size, stride). It returns the number of
// elements, -1 where there is a finding.
func (j *judge) geometry(c *counted, args []machine.Value, d tensor.DType) int64 {
	s := j.known(args[0])
	if s == nil || s.kind != aStorage {
		if args[0].Kind == machine.Persistent && s == nil && j.class(args[0]).Kind == machine.Persistent {
			return -1 // a finding already
		}
		if j.src.Format == container.TorchTar && args[0].Kind == machine.Tuple {
			// As a file that was written by hand has it: torch fails.
			j.odd(c, "rebuilds a tensor from a tuple, where torch wants a storage")
			return -1
		}
		j.bad(c, "rebuilds a tensor from what is no storage")
		return -1
	}
	if wide(args[2]) || wide(args[3]) {
		j.find(Inconclusive, fault.Limit.String(), "", "a tensor of more than 4096 dimensions")
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
		j.find(Dangerous, "tensor-geometry", "", "a tensor with a wrong geometry: "+text)
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
