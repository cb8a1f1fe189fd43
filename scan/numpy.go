package scan

import (
	"strings"

	"depickle/scan/limit"
	"depickle/scan/machine"
	"depickle/scan/policy"
	"depickle/scan/tensor"
)

// numpyRule judges numpy's constructors. What they make is arithmetic too: an
// array must have the size that its data has.
func (j *judge) numpyRule(c *counted, args []machine.Value) (*thing, error) {
	switch c.decision.Rule {
	case policy.Reconstruct:
		return j.reconstruct(c, args), nil
	case policy.NDArray:
		if len(args) > 0 {
			j.bad(c, "allocates an array of the shape that the file says")
		}
	case policy.FromBuffer:
		return j.fromBuffer(c, args)
	case policy.NumpyDType:
		return j.numpyDType(c, args), nil
	case policy.NumpyScalar:
		return j.scalar(c, args)
	case policy.RandomCtor:
		j.randomCtor(c, args)
	}
	return nil, nil
}

// reconstruct is _reconstruct(class, shape, type), or, of a masked array,
// _mareconstruct(class, class, shape, type): an empty array that BUILD fills.
func (j *judge) reconstruct(c *counted, args []machine.Value) *thing {
	classes := 1
	if c.global.Name == "_mareconstruct" {
		classes = 2
	}
	shape, ok := []int64(nil), len(args) == classes+2
	if ok {
		shape, ok = j.ints(args[classes])
	}
	if len(args) > 0 {
		j.used(args[0])
	}
	if n, fits := tensor.Numel(shape); !ok || !fits || n != 0 || global(args[0]) == nil || global(args[classes-1]) == nil {
		j.bad(c, "is not given a class and an empty shape")
	}
	if classes == 2 {
		return nil
	}
	return &thing{kind: anArray, empty: true}
}

// arrayState is (version, shape, dtype, order, data), in very old pickles
// without the version. Subclasses may have another one.
func (j *judge) arrayState(t *thing, state machine.Value) error {
	items, ok := state.Tuple()
	c := anyOf("numpy", "ndarray")
	if !ok || (len(items) != 4 && len(items) != 5) {
		j.odd(c, "gets a state that is computed, or that numpy does not read")
		return nil
	}
	if !t.empty {
		j.bad(c, "gets its state twice")
		return nil
	}
	t.empty = false
	items = items[len(items)-4:]
	return j.array(c, items[0], items[1], items[3])
}

// array judges the shape, dtype and data of an array.
func (j *judge) array(c *counted, size, dtype, data machine.Value) error {
	shape, ok := j.ints(size)
	dt := j.known(dtype)
	if !ok || dt == nil || dt.kind != aDType {
		j.odd(c, "is not given a shape of ints and a dtype")
		return nil
	}
	n, ok := tensor.Numel(shape)
	if !ok || len(shape) > 64 {
		j.bad(c, "makes an array whose shape is negative or overflows")
		return nil
	}
	if data.Kind == machine.List || dt.dtype == tensor.Invalid {
		return nil // a list of objects, or no plain numbers: numpy counts them
	}
	have, err := j.size(data)
	if err != nil {
		return err
	}
	if want, ok := limit.Mul(n, dt.dtype.Size()); !ok || want != have {
		j.bad(c, "makes an array of another size than its data has")
	}
	return nil
}

// fromBuffer is (buffer, dtype, shape, order[, axes]).
func (j *judge) fromBuffer(c *counted, args []machine.Value) (*thing, error) {
	t := &thing{kind: anArray}
	if len(args) != 4 && len(args) != 5 {
		j.count(c, len(args))
		return t, nil
	}
	order, ok := j.m.Text(args[3])
	if !ok || len(order) != 1 || !strings.Contains("CFK", order) {
		j.odd(c, "is not given an order")
	}
	return t, j.array(c, args[2], args[1], args[0])
}

// scalar is (dtype, bytes).
func (j *judge) scalar(c *counted, args []machine.Value) (*thing, error) {
	t := &thing{kind: aScalar}
	if len(args) != 1 && len(args) != 2 {
		j.count(c, len(args))
		return t, nil
	}
	dt := j.known(args[0])
	if dt == nil || dt.kind != aDType {
		j.odd(c, "is not given a dtype")
		return t, nil
	}
	if len(args) == 2 {
		j.textScalar(dt, args[1])
	}
	if dt.object && !dt.flexible {
		j.odd(c, "returns the object that it is given, which hides what that is")
		return nil, nil
	}
	if len(args) == 1 || dt.dtype == tensor.Invalid {
		return t, nil
	}
	have, err := j.size(args[1])
	if err == nil && have != dt.dtype.Size() {
		j.bad(c, "makes a number of another size than its data has")
	}
	return t, err
}

// randomCtor: numpy's constructors of random states call the second argument
// with the first, or the first alone.
func (j *judge) randomCtor(c *counted, args []machine.Value) {
	for _, v := range args {
		if _, text := j.m.Text(v); text {
			continue
		}
		if callee, ok := v.Callee(); ok {
			v = callee
		}
		g := global(v)
		if g == nil || !strings.HasPrefix(g.global.Module, "numpy.random") || g.decision.Tier != policy.Data {
			j.bad(c, "calls what it is given, which is nothing of numpy.random's")
			return
		}
	}
}
