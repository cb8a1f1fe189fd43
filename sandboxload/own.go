package sandboxload

import (
	"depickle/sandboxload/internal/canonical"
	"depickle/sandboxload/value"

	"github.com/nlpodyssey/gopickle/types"
)

// ownClass is one of the loader's own globals in canonical form.
type ownClass struct {
	ld *loader
	f  ownFunc
}

type ownFunc func(ld *loader, args []any) (any, error)

// ownFor finds the function of a name in canonical form, nil when it is none.
func ownFor(name string) ownFunc {
	switch name {
	case canonical.List:
		return ownList
	case canonical.Dict:
		return ownDict
	case canonical.Set:
		return ownSet
	case canonical.FrozenSet:
		return ownFrozenSet
	case canonical.Apply:
		return ownApply
	case canonical.NewEx:
		return ownNewEx
	}
	return nil
}

// Call implements types.Callable.
func (c *ownClass) Call(args ...any) (any, error) { return c.f(c.ld, args) }

// items are those of the one tuple among the arguments, none without it.
func items(ld *loader, args []any) ([]any, error) {
	if len(args) == 0 {
		return nil, nil
	}
	t, ok := args[0].(*types.Tuple)
	if !ok || len(args) != 1 {
		return nil, ld.malformed("a collection is not in canonical form")
	}
	return *t, nil
}

func ownList(ld *loader, args []any) (any, error) {
	xs, err := items(ld, args)
	if err != nil {
		return nil, err
	}
	vals, err := ld.values(xs)
	return ld.stacked(&value.List{Items: vals}, err)
}

func ownDict(ld *loader, args []any) (any, error) {
	xs, err := items(ld, args)
	if err != nil {
		return nil, err
	}
	vals, err := ld.values(xs)
	if err != nil {
		return nil, err
	}
	d := &value.Dict{}
	for i := 0; i+1 < len(vals); i += 2 {
		if ld.ended() {
			return nil, ld.in.Err()
		}
		if !d.Set(vals[i], vals[i+1]) {
			return nil, ld.unsupported("a key cannot be hashed")
		}
	}
	return ld.stacked(d, nil)
}

func ownSet(ld *loader, _ []any) (any, error) {
	return ld.stacked(&value.Set{Items: &value.Dict{}}, nil)
}

func ownFrozenSet(ld *loader, args []any) (any, error) {
	xs, err := items(ld, args)
	if err != nil {
		return nil, err
	}
	vals, err := ld.values(xs)
	if err != nil {
		return nil, err
	}
	return ld.stacked(ld.set(vals, true))
}

// set makes a set of values.
func (ld *loader) set(vals []value.Value, frozen bool) (value.Value, error) {
	s := &value.Set{Frozen: frozen, Items: &value.Dict{}}
	for _, v := range vals {
		if !s.Items.Set(v, value.None{}) {
			return nil, ld.unsupported("a set's item cannot be hashed")
		}
	}
	return s, nil
}

// ownApply is OBJ: the class stands first among its arguments.
func ownApply(ld *loader, args []any) (any, error) {
	xs, err := items(ld, args)
	if err != nil || len(xs) == 0 {
		return nil, ld.malformed("a class is missing")
	}
	vals, err := ld.values(xs)
	if err != nil {
		return nil, err
	}
	return ld.stacked(ld.call(vals[0], vals[1:], nil, false))
}

// ownNewEx is NEWOBJ_EX.
func ownNewEx(ld *loader, args []any) (any, error) {
	xs, err := items(ld, args)
	if err != nil || len(xs) != 3 {
		return nil, ld.malformed("NEWOBJ_EX is not in canonical form")
	}
	vals, err := ld.values(xs)
	if err != nil {
		return nil, err
	}
	t, ok := vals[1].(*value.Tuple)
	if !ok {
		return nil, ld.malformed("the arguments of a call are no tuple")
	}
	return ld.stacked(ld.call(vals[0], t.Items, vals[2], true))
}
