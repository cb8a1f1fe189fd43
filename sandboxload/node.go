package sandboxload

import (
	"depickle/sandboxload/value"
	"depickle/scan/fault"
	"depickle/scan/limit"
	"depickle/scan/policy"

	"github.com/nlpodyssey/gopickle/types"
)

// node is a value on gopickle's stack. It has every method that gopickle asks
// of containers, objects and callables; what the value under it does not
// allow is an error.
type node struct {
	ld *loader
	v  value.Value
}

var (
	_ types.Callable        = (*node)(nil)
	_ types.PyNewable       = (*node)(nil)
	_ types.PyStateSettable = (*node)(nil)
	_ types.ListAppender    = (*node)(nil)
	_ types.DictSetter      = (*node)(nil)
	_ types.SetAdder        = (*node)(nil)
)

// noClass is asked for a class by name, as no stream in canonical form does.
func (ld *loader) noClass(string, string) (any, error) {
	return nil, ld.malformed("a global is not in canonical form")
}

// global resolves a global of the file.
func (ld *loader) global(g value.Global) (any, error) {
	if x, ok := ld.globals[g]; ok {
		return x, nil
	}
	d := policy.Decide(policy.Global(g))
	if d.Tier == policy.Dangerous && d.Rule == policy.None && !ld.opts.Disarm {
		return nil, &fault.Error{Kind: fault.Refused, Offset: ld.in.Offset(), Name: g.String(), Text: "a dangerous global, which " + d.Reason}
	}
	canon := value.Global(policy.Canonical(policy.Global(g)))
	var x any
	if t, ok := dtypeGlobal(canon); ok {
		x = t
	} else {
		x = &node{ld, canon}
	}
	if ld.globals == nil {
		ld.globals = map[value.Global]any{}
	}
	if len(ld.globals) < maxGlobals {
		ld.globals[g] = x
	}
	return x, nil
}

// maxGlobals is how many globals are resolved once only; a checkpoint has
// hundreds at most.
const maxGlobals = 4096

// value turns what gopickle hands over into a value. Tuples are gopickle's
// own; those that may be shared deeply are converted once.
func (ld *loader) value(x any, depth int) (value.Value, error) {
	switch x := x.(type) {
	case *node:
		if ld.growing.items != nil {
			ld.looked(x.v)
		}
		return x.v, nil
	case value.Value:
		return x, nil
	case *types.Tuple:
		return ld.tuple(x, depth)
	case nil:
		return value.None{}, nil
	case bool:
		return value.Bool(x), nil
	}
	return nil, ld.malformed("a value is not in canonical form")
}

// freshTuple is the length up to which a tuple without tuples inside is
// converted again at each use, which costs less than remembering it.
const freshTuple = 16

func (ld *loader) tuple(t *types.Tuple, depth int) (value.Value, error) {
	if v, ok := ld.tuples[t]; ok {
		return v, nil
	}
	if depth >= ld.limits.Depth {
		return nil, limit.Depth.Exceeded(int64(ld.limits.Depth), ld.in.Offset())
	}
	out := &value.Tuple{Items: make([]value.Value, len(*t))}
	flat := len(*t) <= freshTuple
	for i, x := range *t {
		v, err := ld.value(x, depth+1)
		if err != nil {
			return nil, err
		}
		if _, ok := v.(*value.Tuple); ok {
			flat = false
		}
		out.Items[i] = v
	}
	if flat {
		return out, nil
	}
	ld.tuples[t] = out
	return out, ld.keep(1, len(out.Items))
}

func (ld *loader) values(xs []any) ([]value.Value, error) {
	out := make([]value.Value, len(xs))
	for i, x := range xs {
		v, err := ld.value(x, 0)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// made is what gopickle gets for a value that was made, which counts, and for
// an error, which is noted as what ended the stream: that of a disk or a
// context must not come back as the pickle's fault.
func (ld *loader) made(v value.Value, err error) (any, error) {
	if err == nil {
		switch v := v.(type) {
		case *value.Tensor, *value.Storage: // counted, or shared
		case value.Size:
			err = ld.keep(1, len(v))
		default:
			err = ld.keep(1, 0)
		}
	}
	if err != nil {
		ld.in.Fail(err)
		return nil, err
	}
	return &node{ld, v}, nil
}

// Call is REDUCE.
func (n *node) Call(args ...any) (any, error) {
	vals, err := n.ld.values(args)
	if err != nil {
		return nil, err
	}
	return n.ld.made(n.ld.call(n.v, vals, nil, false))
}

// PyNew is NEWOBJ.
func (n *node) PyNew(args ...any) (any, error) {
	vals, err := n.ld.values(args)
	if err != nil {
		return nil, err
	}
	return n.ld.made(n.ld.call(n.v, vals, nil, true))
}

// PySetState is BUILD.
func (n *node) PySetState(state any) error {
	v, err := n.ld.value(state, 0)
	if err == nil {
		err = n.ld.build(n.v, v)
	}
	if err != nil {
		n.ld.in.Fail(err)
	}
	return err
}

// ended reports whether the stream has ended, by an error or with its context:
// gopickle stores millions of items in one opcode, and does not stop.
func (ld *loader) ended() bool {
	if ld.stores++; ld.stores%patience == 0 {
		if err := ld.ctx.Err(); err != nil {
			ld.in.Fail(err)
		}
	}
	return ld.in.Err() != nil
}

// Append is APPEND and APPENDS. gopickle's setters return no error, so it is
// the stream that fails.
func (n *node) Append(x any) {
	if n.ld.ended() {
		return
	}
	v, err := n.ld.value(x, 0)
	if err != nil {
		n.ld.in.Fail(err)
		return
	}
	switch t := n.v.(type) {
	case *value.List:
		n.ld.appendTo(&t.Items, v)
	case *value.Object:
		n.ld.appendTo(&t.Items, v)
	default:
		err = n.ld.malformed("an item is appended to what is no list")
	}
	if err == nil {
		err = n.ld.item(v)
	}
	if err != nil {
		n.ld.in.Fail(err)
	}
}

// Set is SETITEM and SETITEMS.
func (n *node) Set(key, x any) {
	if n.ld.ended() {
		return
	}
	err := n.set(key, x)
	if err != nil {
		n.ld.in.Fail(err)
	}
}

func (n *node) set(key, x any) error {
	k, err := n.ld.value(key, 0)
	if err != nil {
		return err
	}
	v, err := n.ld.value(x, 0)
	if err != nil {
		return err
	}
	var d *value.Dict
	switch t := n.v.(type) {
	case *value.Dict:
		d = t
	case *value.Object:
		if t.Pairs == nil {
			t.Pairs = &value.Dict{}
		}
		d = t.Pairs
	default:
		return n.ld.malformed("an item is set in what is no dict")
	}
	return n.ld.set(d, k, v)
}

// Add is ADDITEMS.
func (n *node) Add(x any) {
	if n.ld.ended() {
		return
	}
	v, err := n.ld.value(x, 0)
	if err != nil {
		n.ld.in.Fail(err)
		return
	}
	switch t := n.v.(type) {
	case *value.Set:
		err = n.ld.set(t.Items, v, value.None{})
	case *value.Object:
		n.ld.appendTo(&t.Items, v)
		err = n.ld.item(v)
	default:
		err = n.ld.malformed("an item is added to what is no set")
	}
	if err != nil {
		n.ld.in.Fail(err)
	}
}
