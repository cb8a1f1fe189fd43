package sandboxload

import (
	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/tensor"
)

func (ld *loader) refused(text string) error {
	return fault.At(fault.Refused, ld.in.Offset(), "%s", text)
}

func (ld *loader) unsupported(text string) error {
	return fault.At(fault.Unsupported, ld.in.Offset(), "%s", text)
}

// torchUtils are the functions of torch/_utils.py.
func torchUtils(name string) builder {
	switch name {
	case "_rebuild_tensor":
		return rebuildTensor
	case "_rebuild_tensor_v2":
		return rebuildTensorV2
	case "_rebuild_tensor_v3":
		return rebuildTensorV3
	case "_rebuild_parameter":
		return rebuildParameter
	case "_rebuild_parameter_with_state":
		return rebuildParameterWithState
	case "_rebuild_qtensor":
		return elsewhere("quantized", 1, 2)
	case "_rebuild_sparse_tensor", "_rebuild_sparse_csr_tensor":
		return elsewhere("sparse", -1, -1)
	case "_rebuild_nested_tensor":
		return elsewhere("nested", -1, -1)
	case "_rebuild_wrapper_subclass":
		return elsewhere("a wrapper subclass, whose elements are in other tensors", -1, 2)
	case "_rebuild_meta_tensor_no_storage":
		return rebuildMeta
	case "_rebuild_device_tensor_from_numpy", "_rebuild_xla_tensor", "_rebuild_device_tensor_from_cpu_tensor":
		return rebuildDevice
	}
	return nil
}

// rebuildTensor is (storage, offset, size, stride).
func rebuildTensor(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 4 {
		return nil, ld.malformed("_rebuild_tensor has %d arguments, not 4", len(args))
	}
	return ld.tensorOf(args, tensor.Invalid)
}

// rebuildTensorV2 is (storage, offset, size, stride, requires_grad, hooks[,
// metadata]).
func rebuildTensorV2(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 6 && len(args) != 7 {
		return nil, ld.malformed("_rebuild_tensor_v2 has %d arguments, not 6 or 7", len(args))
	}
	t, err := ld.tensorOf(args, tensor.Invalid)
	if err != nil || len(args) == 6 {
		return t, err
	}
	return t, ld.metadata(t, args[6])
}

// rebuildTensorV3 is (untyped storage, offset, size, stride, requires_grad,
// hooks, dtype[, metadata]); the dtype counts, not the storage's.
func rebuildTensorV3(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 7 && len(args) != 8 {
		return nil, ld.malformed("_rebuild_tensor_v3 has %d arguments, not 7 or 8", len(args))
	}
	d, ok := args[6].(value.DType)
	if !ok {
		return nil, ld.malformed("_rebuild_tensor_v3's dtype is none that torch has")
	}
	t, err := ld.tensorOf(args, tensor.DType(d))
	if err != nil || len(args) == 7 {
		return t, err
	}
	return t, ld.metadata(t, args[7])
}

// tensorOf makes a tensor of (storage, offset, size, stride, …). d is the
// dtype where the storage's does not count.
func (ld *loader) tensorOf(args []value.Value, d tensor.DType) (*value.Tensor, error) {
	s, ok := args[0].(*value.Storage)
	if !ok {
		return nil, ld.malformed("a tensor is rebuilt from what is no storage")
	}
	off, ok1 := args[1].(value.Int)
	shape, ok2 := ints(args[2])
	stride, ok3 := ints(args[3])
	if !ok1 || !ok2 || !ok3 {
		return nil, ld.malformed("a tensor's offset, size or stride is no int")
	}
	if d == tensor.Invalid {
		d = s.DType
	}
	t := &value.Tensor{DType: d, Storage: s, Geometry: tensor.Geometry{Offset: int64(off), Shape: shape, Stride: stride}}
	if text := t.Geometry.Check(s.Bytes / d.Size()); text != "" {
		return nil, ld.malformed("tensor of storage %s: %s", fault.Quote(s.Key), text)
	}
	return t, ld.tensor()
}

// metadata applies torch's bits for lazy conjugation and negation: the
// elements on disk do not have them applied (torch/_utils.py
// set_tensor_metadata).
func (ld *loader) metadata(t *value.Tensor, v value.Value) error {
	if _, none := v.(value.None); none {
		return nil
	}
	d, ok := v.(*value.Dict)
	if !ok {
		return ld.malformed("a tensor's metadata is no dict")
	}
	for i := range d.Len() {
		k, on := d.At(i)
		name, _ := value.Text(k)
		switch name {
		case "conj":
			if !t.DType.IsComplex() {
				return ld.unsupported("a tensor that is not complex is to be conjugated")
			}
			t.Conj = true
		case "neg":
			t.Neg = true
		default:
			return ld.unsupported("a tensor has the metadata " + fault.Quote(name) + ", which depickle does not know")
		}
		// torch writes True alone, and reads it from the name: whatever stands
		// there sets the bit (torch/csrc/jit/serialization/pickler.h,
		// setTensorMetadata).
		if on != value.Value(value.Bool(true)) {
			return ld.unsupported("a tensor has the metadata " + fault.Quote(name) + " with another value than True")
		}
	}
	return nil
}

// ints reads a tuple, list or torch.Size of ints.
func ints(v value.Value) ([]int64, bool) {
	var items []value.Value
	switch v := v.(type) {
	case value.Size:
		return v, true
	case *value.Tuple:
		items = v.Items
	case *value.List:
		items = v.Items
	default:
		return nil, false
	}
	out := make([]int64, len(items))
	for i, it := range items {
		n, ok := it.(value.Int)
		if !ok {
			return nil, false
		}
		out[i] = int64(n)
	}
	return out, true
}

// torchSize is torch.Size(tuple).
func torchSize(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) == 0 {
		return value.Size{}, nil
	}
	n, ok := ints(args[0])
	if !ok || len(args) != 1 {
		return nil, ld.malformed("torch.Size is not made of ints")
	}
	return value.Size(n), nil
}

// loadFromBytes is torch.storage._load_from_bytes(bytes), which torch runs as
// torch.load without any restriction. Here it is a checkpoint inside a
// checkpoint, read by the same rules.
func loadFromBytes(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 1 {
		return nil, ld.malformed("_load_from_bytes has %d arguments, not 1", len(args))
	}
	// The same bytes are read once: a pickle can load them a million times.
	var key any
	switch v := args[0].(type) {
	case *value.Blob:
		key = *v // each call of _codecs.encode makes one of its own
	case value.Bytes, value.Str2, *value.ByteArray:
		key = v
	default:
		return nil, ld.malformed("_load_from_bytes is not given bytes")
	}
	if v, ok := ld.nested[key]; ok {
		return v, nil
	}
	e, err := ld.extent(args[0])
	if err != nil {
		return nil, err
	}
	v, err := ld.inner(e)
	if err != nil {
		return nil, err
	}
	if ld.nested == nil {
		ld.nested = map[any]value.Value{}
	}
	ld.nested[key] = v
	return v, nil
}

// inner loads the checkpoint that stands at an extent.
func (ld *loader) inner(e container.Extent) (value.Value, error) {
	src, err := ld.src.Nested(e)
	if err != nil {
		return nil, err
	}
	if !src.Format.Converted() {
		return nil, ld.malformed("_load_from_bytes holds %s", src.Note)
	}
	in := &loader{ctx: ld.ctx, src: src, opts: ld.opts, kept: ld.kept, held: ld.in.Held(), limits: ld.limits}
	roots, err := in.file()
	if err != nil {
		return nil, err
	}
	if len(roots) != 1 {
		return nil, ld.malformed("_load_from_bytes holds %d pickles, not 1", len(roots))
	}
	return roots[0].Value, nil
}
