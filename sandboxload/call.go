package sandboxload

import (
	"depickle/sandboxload/value"
	"depickle/scan/tensor"
)

// builder models one global: it returns what a call to it makes, from
// arguments that nobody has checked.
type builder func(ld *loader, args []value.Value) (value.Value, error)

// call models a call. A global without a builder, or one called with
// keywords, becomes a record.
func (ld *loader) call(callee value.Value, args []value.Value, kw value.Value, isNew bool) (value.Value, error) {
	if d, ok := kw.(*value.Dict); ok && d.Len() == 0 {
		kw = nil
	}
	if g, ok := callee.(value.Global); ok && kw == nil {
		if b := builderFor(g); b != nil {
			return b(ld, args)
		}
	}
	switch callee.(type) {
	case value.Global, *value.Object, *value.Persistent:
		o := &value.Object{Callee: callee, New: isNew, Args: args, KW: kw}
		for _, v := range args {
			if err := ld.item(v); err != nil {
				return nil, err
			}
		}
		return o, nil
	}
	return nil, ld.malformed("a value that cannot be called is called")
}

// builderFor is the loader's allow-list: exact names, after Python's renaming
// of modules.
func builderFor(g value.Global) builder {
	switch g.Module {
	case "torch._utils":
		return torchUtils(g.Name)
	case "torch._tensor", "torch.tensor":
		switch g.Name {
		case "_rebuild_from_type", "_rebuild_from_type_v2":
			return rebuildFromType
		}
	case "torch.storage":
		if g.Name == "_load_from_bytes" {
			return loadFromBytes
		}
	case "torch.nn.parameter":
		return torchParameter(g.Name)
	case "torch":
		if g.Name == "Size" {
			return torchSize
		}
		if tensorClass(g.Name) {
			return emptyTensor
		}
	case "torch.cuda", "torch.sparse", "torch.cuda.sparse":
		if tensorClass(g.Name) {
			return emptyTensor
		}
	case "collections":
		return collection(g)
	case "builtins":
		return builtin(g.Name)
	case "_codecs":
		if g.Name == "encode" {
			return codecsEncode
		}
	case "copyreg":
		if g.Name == "_reconstructor" {
			return reconstructor
		}
	case "numpy", "numpy.core.multiarray", "numpy._core.multiarray", "numpy.core._internal", "numpy._core._internal", "numpy.core.numeric", "numpy._core.numeric", "numpy.ma.core":
		return numpyBuilder(g.Module, g.Name)
	}
	return nil
}

// dtypeGlobal is torch.float32 and its like: a value, not a class.
func dtypeGlobal(g value.Global) (value.Value, bool) {
	if g.Module != "torch" {
		return nil, false
	}
	d, ok := tensor.ByName(g.Name)
	return value.DType(d), ok
}

// build is BUILD: state goes into what a call made.
func (ld *loader) build(target, state value.Value) error {
	switch t := target.(type) {
	case *value.Tensor:
		return ld.buildTensor(t, state)
	case *value.NumpyDType:
		return ld.buildDType(t, state)
	case *value.Dict:
		return ld.merge(&t.State, state)
	case *value.Object:
		return ld.merge(&t.State, state)
	case value.Global:
		if ld.opts.Disarm {
			return nil
		}
		return ld.refused("the state of a class or function is changed (" + t.String() + ")")
	}
	if _, none := state.(value.None); none {
		return nil
	}
	return ld.malformed("state is set in what has none")
}

// update stores what from holds in d. A pickle can ask for the same large copy
// a million times, so that copies count as items do.
func (ld *loader) update(d, from *value.Dict) error {
	for i := range from.Len() {
		k, v := from.At(i)
		if err := ld.set(d, k, v); err != nil {
			return err
		}
	}
	return nil
}

// merge keeps a second state as Python does: dicts update each other.
func (ld *loader) merge(into *value.Value, state value.Value) error {
	if *into == nil {
		*into = state
		return nil
	}
	old, ok1 := (*into).(*value.Dict)
	now, ok2 := state.(*value.Dict)
	if !ok1 || !ok2 {
		return ld.unsupported("an object's state is set twice")
	}
	both := &value.Dict{Class: old.Class}
	for _, d := range []*value.Dict{old, now} {
		if err := ld.update(both, d); err != nil {
			return err
		}
	}
	*into = both
	return nil
}
