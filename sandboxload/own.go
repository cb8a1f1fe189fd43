package sandboxload

import (
	"depickle/sandboxload/internal/canonical"
	"depickle/sandboxload/value"
)

// own makes what canonical form has no opcode for, of a tuple of items.
func (ld *loader) own(what canonical.Own, items []any) (any, error) {
	vals, err := ld.values(items)
	if err != nil {
		return nil, err
	}
	switch what {
	case canonical.List:
		return ld.made(&value.List{Items: vals}, ld.keep(0, len(vals)))
	case canonical.Dict:
		return ld.made(ld.dictOf(vals))
	case canonical.FrozenSet:
		return ld.made(ld.setOf(vals, true))
	case canonical.Inst:
		class, err := ld.atom()
		if err != nil {
			return nil, err
		}
		callee, err := ld.value(class, 0)
		if err != nil {
			return nil, err
		}
		return ld.made(ld.call(callee, vals, nil, false))
	case canonical.Obj:
		if len(vals) > 0 {
			return ld.made(ld.call(vals[0], vals[1:], nil, false))
		}
	case canonical.NewObjEx:
		if len(vals) == 3 {
			if args, ok := vals[1].(*value.Tuple); ok {
				return ld.made(ld.call(vals[0], args.Items, vals[2], true))
			}
		}
	}
	return nil, ld.malformed("a collection or call is not in canonical form")
}

// atom is what gopickle gets for the value that stands in the stream.
func (ld *loader) atom() (any, error) {
	switch v := ld.in.Atom().(type) {
	case nil:
		return nil, ld.malformed("a value is not in canonical form")
	case value.Global:
		return ld.global(v)
	case *value.List, *value.Dict, *value.Set:
		return ld.made(v, nil)
	default:
		return v, nil
	}
}

// dictOf makes a dict of keys and values, which alternate.
func (ld *loader) dictOf(vals []value.Value) (value.Value, error) {
	d := &value.Dict{}
	for i := 0; i+1 < len(vals); i += 2 {
		if err := ld.set(d, vals[i], vals[i+1]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// setOf makes a set of values.
func (ld *loader) setOf(vals []value.Value, frozen bool) (value.Value, error) {
	s := &value.Set{Frozen: frozen, Items: &value.Dict{}}
	for _, v := range vals {
		if err := ld.set(s.Items, v, value.None{}); err != nil {
			return nil, err
		}
	}
	return s, nil
}
