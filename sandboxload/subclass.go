package sandboxload

import (
	"strings"

	"depickle/sandboxload/value"
	"depickle/scan/tensor"
)

// rebuildParameter is (data, requires_grad, hooks).
func rebuildParameter(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 3 {
		return nil, ld.malformed("_rebuild_parameter has %d arguments, not 3", len(args))
	}
	return ld.retyped(args[0], parameterClass, nil)
}

// rebuildParameterWithState is (data, requires_grad, hooks, state).
func rebuildParameterWithState(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 4 {
		return nil, ld.malformed("_rebuild_parameter_with_state has %d arguments, not 4", len(args))
	}
	return ld.retyped(args[0], parameterClass, args[3])
}

var parameterClass = value.Global{Module: "torch.nn.parameter", Name: "Parameter"}

// retyped is a tensor under another class: the same view of the same storage.
func (ld *loader) retyped(v value.Value, class value.Global, state value.Value) (value.Value, error) {
	t, ok := v.(*value.Tensor)
	if !ok {
		return nil, ld.malformed("a parameter is made of what is no tensor")
	}
	c := *t
	c.Class = class
	if state != nil {
		c.State = state
	}
	return &c, nil
}

// rebuildFromType is torch._tensor's _rebuild_from_type and _v2 of it, both
// (func, type, args, state): an allowed rebuild function around which a class
// is put.
func rebuildFromType(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 4 {
		return nil, ld.malformed("_rebuild_from_type has %d arguments, not 4", len(args))
	}
	f, ok1 := args[0].(value.Global)
	class, ok2 := args[1].(value.Global)
	inner, ok3 := args[2].(*value.Tuple)
	if !ok1 || !ok2 || !ok3 {
		return nil, ld.malformed("_rebuild_from_type is not given a function, a class and a tuple")
	}
	if f.Module == "torch.nested._internal.nested_tensor" && f.Name == "_rebuild_njt" {
		return elsewhere("nested", -1, -1)(ld, inner.Items)
	}
	b := builderFor(f)
	if b == nil || !strings.HasPrefix(f.Module, "torch") {
		return nil, ld.refused("_rebuild_from_type calls " + f.String() + ", which is no tensor-rebuild function")
	}
	v, err := b(ld, inner.Items)
	if err != nil {
		return nil, err
	}
	state := args[3]
	if _, none := state.(value.None); none {
		state = nil
	}
	return ld.retyped(v, class, state)
}

// elsewhere makes the builder of a tensor whose elements have no form in
// SafeTensors, or are not in this one. shape and dtype are found at these
// arguments where they have one.
func elsewhere(reason string, storageArg, shapeArg int) builder {
	return func(ld *loader, args []value.Value) (value.Value, error) {
		t := &value.Tensor{Reason: reason}
		if storageArg >= 0 && len(args) > 0 {
			if s, ok := args[0].(*value.Storage); ok {
				t.DType, t.Storage = s.DType, s
			}
		}
		if shapeArg >= 0 && shapeArg < len(args) {
			if long(args[shapeArg]) {
				return nil, ld.unsupported("a tensor of more than 64 dimensions")
			}
			t.Geometry.Shape, _ = ints(args[shapeArg])
		}
		return t, ld.tensor()
	}
}

// long reports whether a shape has more dimensions than a tensor can have. A
// shape is copied into each tensor that is kept, and one long tuple may be the
// shape of a million.
func long(v value.Value) bool {
	switch v := v.(type) {
	case *value.Tuple:
		return len(v.Items) > 64
	case *value.List:
		return len(v.Items) > 64
	case value.Size:
		return len(v) > 64
	}
	return false
}

// rebuildMeta is (dtype, size, stride, requires_grad): a tensor on the meta
// device, which never had elements.
func rebuildMeta(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 4 {
		return nil, ld.malformed("_rebuild_meta_tensor_no_storage has %d arguments, not 4", len(args))
	}
	if long(args[1]) {
		return nil, ld.unsupported("a tensor of more than 64 dimensions")
	}
	d, ok1 := args[0].(value.DType)
	shape, ok2 := ints(args[1])
	if !ok1 || !ok2 {
		return nil, ld.malformed("a meta tensor has no dtype or size")
	}
	t := &value.Tensor{DType: tensor.DType(d), Reason: "meta: the file holds no elements of it", Missing: true}
	t.Geometry.Shape = shape
	return t, ld.tensor()
}

// rebuildDevice is (data, dtype, device, requires_grad): a tensor of a device
// without a storage type of its own, saved as a numpy array or a CPU tensor.
func rebuildDevice(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 4 {
		return nil, ld.malformed("a device tensor is rebuilt from %d arguments, not 4", len(args))
	}
	d, ok1 := args[1].(value.DType)
	t, ok2 := args[0].(*value.Tensor)
	if !ok1 || !ok2 {
		return nil, ld.malformed("a device tensor is not made of a tensor and a dtype")
	}
	if t.Reason == "" && t.DType != tensor.DType(d) {
		return nil, ld.unsupported("a device tensor was saved as " + t.DType.String() + " and is to be cast to " + tensor.DType(d).String())
	}
	return t, nil
}

// torchParameter are the classes of torch/nn/parameter.py.
func torchParameter(name string) builder {
	switch name {
	case "Parameter", "Buffer":
		return oldParameter
	case "UninitializedParameter", "UninitializedBuffer":
		return uninitialized
	}
	return nil
}

func uninitialized(ld *loader, _ []value.Value) (value.Value, error) {
	t := &value.Tensor{Reason: "uninitialized: the file holds no elements of it", Missing: true, Class: parameterClass}
	return t, ld.tensor()
}

// oldParameter is Parameter(data, requires_grad) where the class itself is
// called; made without arguments, it waits for BUILD.
func oldParameter(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) > 0 {
		return ld.retyped(args[0], parameterClass, nil)
	}
	t := &value.Tensor{Reason: notBuilt, Missing: true, Class: parameterClass}
	return t, ld.tensor()
}

// notBuilt is the reason of a tensor that BUILD should still fill.
const notBuilt = "its state was never set"

// tensorClass reports whether the name in module torch is that of a tensor
// class: Tensor, FloatTensor, ….
func tensorClass(name string) bool {
	if name == "Tensor" {
		return true
	}
	kind, ok := strings.CutSuffix(name, "Tensor")
	if !ok {
		return false
	}
	_, _, ok = tensor.ByStorage(kind + "Storage")
	return ok
}

// emptyTensor is a tensor class made by NEWOBJ, as very old files have it.
func emptyTensor(ld *loader, _ []value.Value) (value.Value, error) {
	t := &value.Tensor{Reason: notBuilt, Missing: true}
	return t, ld.tensor()
}

// buildTensor is BUILD into a tensor: numpy's state, the state of very old
// torch tensors (torch/_tensor.py __setstate__), or a subclass's attributes.
func (ld *loader) buildTensor(t *value.Tensor, state value.Value) error {
	if t.Numpy {
		return ld.buildArray(t, state)
	}
	tup, ok := state.(*value.Tuple)
	if !ok || t.Reason != notBuilt {
		return ld.merge(&t.State, state)
	}
	switch len(tup.Items) {
	case 4: // (storage, offset, size, stride)
		made, err := ld.tensorOf(tup.Items, tensor.Invalid)
		if err != nil {
			return err
		}
		fill(t, made)
		return nil
	case 5: // a Variable's: (data, requires_grad, volatile, hooks, …)
		inner, ok := tup.Items[0].(*value.Tensor)
		if !ok {
			break
		}
		fill(t, inner)
		return nil
	}
	return ld.malformed("a tensor's state is neither of the forms that torch reads")
}

// fill gives a tensor that waited for its state another one's elements.
func fill(t, from *value.Tensor) {
	class := t.Class
	*t = *from
	if t.Class == (value.Global{}) {
		t.Class = class
	}
}
