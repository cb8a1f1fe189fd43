package sandboxload

import (
	"math/big"

	"depickle/sandboxload/internal/canonical"
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

// findClass resolves a name of canonical form.
func (ld *loader) findClass(module, name string) (any, error) {
	if module != canonical.Module {
		return nil, ld.malformed("a global is not in canonical form")
	}
	if f := ownFor(name); f != nil {
		return &ownClass{ld: ld, f: f}, nil
	}
	g, ok := ld.in.Global(name)
	if !ok {
		return nil, ld.malformed("a global is not in canonical form")
	}
	d := policy.Decide(policy.Global(g))
	if d.Tier == policy.Dangerous && d.Rule == policy.None && !ld.opts.Disarm {
		return nil, &fault.Error{Kind: fault.Refused, Offset: ld.in.Offset(), Name: g.String(), Text: "a dangerous global, which " + d.Reason}
	}
	canon := value.Global(policy.Canonical(policy.Global(g)))
	if t, ok := dtypeGlobal(canon); ok {
		return t, nil
	}
	return &node{ld, canon}, nil
}

// value turns what gopickle hands over into a value. Tuples are gopickle's
// own; those that may be shared deeply are converted once.
func (ld *loader) value(x any, depth int) (value.Value, error) {
	switch x := x.(type) {
	case nil:
		return value.None{}, nil
	case bool:
		return value.Bool(x), nil
	case int:
		return value.Int(x), nil
	case *big.Int:
		return value.Big{N: x}, nil
	case float64:
		return value.Float(x), nil
	case string:
		return value.Str(x), nil
	case *node:
		return x.v, nil
	case value.Value:
		return x, nil
	case *types.Tuple:
		return ld.tuple(x, depth)
	}
	return nil, ld.malformed("the loader's own functions are used as values")
}

// freshTuple is the length up to which a tuple without tuples inside is
// converted again at each use, which costs less than remembering it.
const freshTuple = 16

func (ld *loader) tuple(t *types.Tuple, depth int) (value.Value, error) {
	if v, ok := ld.tuples[t]; ok {
		return v, nil
	}
	if depth >= ld.limits.Depth {
		return nil, limit.Exceeded("tuples inside one another", int64(ld.limits.Depth), ld.in.Offset())
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
	if !flat {
		ld.tuples[t] = out
	}
	return out, nil
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

// stacked is what gopickle gets for a value, and for an error, which is noted
// as what ended the stream: that of a disk or a context must not come back as
// the pickle's fault.
func (ld *loader) stacked(v value.Value, err error) (any, error) {
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
	return n.ld.stacked(n.ld.call(n.v, vals, nil, false))
}

// PyNew is NEWOBJ.
func (n *node) PyNew(args ...any) (any, error) {
	vals, err := n.ld.values(args)
	if err != nil {
		return nil, err
	}
	return n.ld.stacked(n.ld.call(n.v, vals, nil, true))
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
		t.Items = append(t.Items, v)
	case *value.Object:
		t.Items = append(t.Items, v)
	default:
		n.ld.in.Fail(n.ld.malformed("an item is appended to what is no list"))
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
	if !d.Set(k, v) {
		return n.ld.unsupported("a key cannot be hashed")
	}
	return nil
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
		if !t.Items.Set(v, value.None{}) {
			n.ld.in.Fail(n.ld.unsupported("a set's item cannot be hashed"))
		}
	case *value.Object:
		t.Items = append(t.Items, v)
	default:
		n.ld.in.Fail(n.ld.malformed("an item is added to what is no set"))
	}
}
