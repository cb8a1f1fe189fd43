package sandboxload

import (
	"strings"

	"depickle/sandboxload/value"
	"depickle/scan/limit"
	"depickle/scan/tensor"
)

// numpyBuilder are numpy's constructors, each under the modules that hold it.
func numpyBuilder(module, name string) builder {
	core, below := strings.CutPrefix(strings.Replace(module, "numpy._core.", "numpy.core.", 1), "numpy.core.")
	switch {
	case module == "numpy" && name == "dtype":
		return numpyDType
	case module == "numpy.ma.core" && name == "_mareconstruct":
		return maskedArray
	case below && (core == "multiarray" || core == "_internal") && name == "_reconstruct":
		return reconstructArray
	case below && core == "multiarray" && name == "scalar":
		return numpyScalar
	case below && core == "numeric" && name == "_frombuffer":
		return frombuffer
	}
	return nil
}

// reconstructArray is _reconstruct(ndarray, (0,), b'b'): an empty array that
// BUILD fills. A shape given here would allocate, and numpy never writes one.
func reconstructArray(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 3 {
		return nil, ld.malformed("_reconstruct has %d arguments, not 3", len(args))
	}
	class, ok1 := args[0].(value.Global)
	shape, ok2 := ints(args[1])
	if n, ok := tensor.Numel(shape); !ok1 || !ok2 || !ok || n != 0 {
		return nil, ld.malformed("_reconstruct is not given a class and an empty shape")
	}
	t := &value.Tensor{Numpy: true, Reason: notBuilt, Missing: true}
	if class.Name != "ndarray" {
		t.Class = class
	}
	return t, ld.tensor()
}

// maskedArray is numpy.ma.core._mareconstruct(class, base, (0,), typecode): two
// arrays in one, elements and mask, for which SafeTensors has no form.
func maskedArray(ld *loader, _ []value.Value) (value.Value, error) {
	return &value.Tensor{Reason: "a masked array of numpy"}, ld.tensor()
}

// buildArray is ndarray.__setstate__: (version, shape, dtype, is_fortran,
// data), without the version in very old pickles.
func (ld *loader) buildArray(t *value.Tensor, state value.Value) error {
	tup, ok := state.(*value.Tuple)
	if !ok || (len(tup.Items) != 5 && len(tup.Items) != 4) {
		return ld.merge(&t.State, state) // a subclass with attributes
	}
	if t.Reason != notBuilt {
		return ld.malformed("an array's state is set twice")
	}
	if len(tup.Items) == 5 && tup.Items[0] != value.Value(value.Int(1)) {
		return ld.unsupported("a numpy array of another version than 1")
	}
	it := tup.Items[len(tup.Items)-4:]
	shape, ok1 := ints(it[0])
	dt, ok2 := it[1].(*value.NumpyDType)
	if !ok1 || !ok2 {
		return ld.malformed("an array's state is not (version, shape, dtype, order, data)")
	}
	return ld.array(t, shape, dt, truth(it[2]), it[3])
}

func truth(v value.Value) bool {
	switch v := v.(type) {
	case value.Bool:
		return bool(v)
	case value.Int:
		return v != 0
	}
	return false
}

// array gives an array its elements.
func (ld *loader) array(t *value.Tensor, shape []int64, dt *value.NumpyDType, fortran bool, data value.Value) error {
	n, ok := tensor.Numel(shape)
	if !ok || len(shape) > 64 {
		return ld.malformed("an array's shape is negative or overflows")
	}
	t.Missing, t.Reason = false, dt.Reason
	t.Geometry = tensor.Geometry{Shape: shape, Stride: tensor.CStrides(shape)}
	if fortran {
		t.Geometry.Stride = tensor.FStrides(shape)
	}
	if l, ok := data.(*value.List); ok {
		if int64(len(l.Items)) != n {
			return ld.unsupported("an array of objects holds another number of them than its shape says")
		}
		t.Objects, t.Reason = l.Items, objectArray
		return nil
	}
	if dt.Reason != "" {
		return nil
	}
	inline, e, err := ld.data(data)
	if err != nil {
		return err
	}
	have := e.Len
	if inline != nil {
		have = int64(len(inline))
	}
	want, ok := limit.Mul(n, dt.Plain.Size())
	if !ok || want != have {
		return ld.malformed("an array of %d elements of %s holds %d bytes", n, dt.Plain, have)
	}
	t.DType = dt.Plain
	t.Storage = &value.Storage{DType: dt.Plain, Bytes: have, Extent: e, Inline: inline, BigEndian: dt.Order == '>'}
	return nil
}

// objectArray is the reason of an array of Python objects, which is walked as
// a list.
const objectArray = "an array of Python objects"

// frombuffer is numpy.core.numeric._frombuffer(buffer, dtype, shape, order),
// which protocol 5 uses.
func frombuffer(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 4 && len(args) != 5 {
		return nil, ld.malformed("_frombuffer has %d arguments, not 4 or 5", len(args))
	}
	dt, ok1 := args[1].(*value.NumpyDType)
	shape, ok2 := ints(args[2])
	order, ok3 := value.Text(args[3])
	if !ok1 || !ok2 || !ok3 || (order != "C" && order != "F" && order != "K") {
		return nil, ld.malformed("_frombuffer is not given (buffer, dtype, shape, order)")
	}
	if len(args) == 5 || order == "K" {
		if _, none := args[len(args)-1].(value.None); len(args) != 5 || !none {
			return nil, ld.unsupported("an array with permuted axes")
		}
		order = "C"
	}
	t := &value.Tensor{Numpy: true}
	if err := ld.array(t, shape, dt, order == "F", args[0]); err != nil {
		return nil, err
	}
	return t, ld.tensor()
}

// numpyScalar is scalar(dtype, bytes).
func numpyScalar(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 1 && len(args) != 2 {
		return nil, ld.malformed("a numpy scalar has %d arguments, not 2", len(args))
	}
	dt, ok := args[0].(*value.NumpyDType)
	if !ok {
		return nil, ld.malformed("a numpy scalar has no dtype")
	}
	s := &value.Scalar{DType: dt, Data: value.Bytes("")}
	if len(args) == 2 {
		s.Data = args[1]
	}
	if dt.Reason == "" {
		inline, _, err := ld.data(s.Data)
		if err != nil {
			return nil, err
		}
		if int64(len(inline)) != dt.Plain.Size() && len(args) == 2 {
			return nil, ld.malformed("a numpy scalar of %s holds %d bytes", dt.Plain, len(inline))
		}
		s.Data = value.Bytes(inline)
	}
	return s, nil
}

// numpyDType is dtype(spec, align, copy).
func numpyDType(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) == 0 || len(args) > 3 {
		return nil, ld.malformed("numpy.dtype has %d arguments", len(args))
	}
	spec, ok := value.Text(args[0])
	if g, is := args[0].(value.Global); is {
		spec, ok = g.Name, true
	}
	if !ok {
		spec = "V"
	}
	dt := &value.NumpyDType{Spec: spec}
	dt.Plain, dt.Order, dt.Reason = tensor.ByNumpy(spec)
	// Without copy it is numpy's own dtype of that name, which ignores a state
	// (numpy/_core/src/multiarray/descriptor.c, arraydescr_setstate).
	dt.Shared = len(args) < 3 || !truth(args[2])
	return dt, nil
}

// buildDType is dtype.__setstate__: (version, byte order, subarray, names,
// fields, …).
func (ld *loader) buildDType(t *value.NumpyDType, state value.Value) error {
	tup, ok := state.(*value.Tuple)
	if !ok || len(tup.Items) < 5 {
		return ld.malformed("a numpy dtype's state is no tuple of 5 or more")
	}
	if t.Shared {
		return ld.unsupported("the state of a numpy dtype that is not a copy")
	}
	// Later versions may mean something else.
	if version, ok := tup.Items[0].(value.Int); !ok || version < 1 || version > 4 {
		return ld.unsupported("a numpy dtype of another version than 1 to 4")
	}
	order, ok := value.Text(tup.Items[1])
	if !ok || len(order) != 1 || strings.IndexByte("<>=|", order[0]) < 0 {
		return ld.malformed("a numpy dtype has no byte order")
	}
	t.Order = order[0]
	for _, i := range []int{2, 3} {
		if _, none := tup.Items[i].(value.None); !none {
			t.Plain, t.Reason = tensor.Invalid, "numpy dtype "+t.Spec+", a structured array"
		}
	}
	return nil
}
