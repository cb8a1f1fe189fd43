package plan

import (
	"strconv"

	"depickle/sandboxload/value"
)

// children calls f for every value inside v, with its segment. An object's
// attributes are segments, its arguments stand under __args__.
func children(v value.Value, f func(segment string, child value.Value) error) error {
	switch v := v.(type) {
	case *value.Dict:
		if err := pairs(v, f); err != nil {
			return err
		}
		if v.State != nil {
			return f("__state__", v.State)
		}
	case *value.List:
		return indexed(v.Items, f)
	case *value.Tuple:
		return indexed(v.Items, f)
	case *value.Persistent:
		return f("__id__", v.ID)
	case *value.Object:
		return objectChildren(v, f)
	}
	return nil
}

func pairs(d *value.Dict, f func(string, value.Value) error) error {
	for i := range d.Len() {
		k, v := d.At(i)
		if err := f(spell(k, 0), v); err != nil {
			return err
		}
	}
	return nil
}

func indexed(items []value.Value, f func(string, value.Value) error) error {
	for i, v := range items {
		if err := f(strconv.Itoa(i), v); err != nil {
			return err
		}
	}
	return nil
}

func objectChildren(o *value.Object, f func(string, value.Value) error) error {
	if len(o.Args) > 0 {
		if err := f("__args__", &value.Tuple{Items: o.Args}); err != nil {
			return err
		}
	}
	if o.KW != nil {
		if err := f("__kwargs__", o.KW); err != nil {
			return err
		}
	}
	if err := indexed(o.Items, f); err != nil {
		return err
	}
	if o.Pairs != nil {
		if err := pairs(o.Pairs, f); err != nil {
			return err
		}
	}
	return state(o.State, f)
}

// state gives an object's attributes: those of its __dict__, and of its slots
// where the state is a pair.
func state(v value.Value, f func(string, value.Value) error) error {
	switch s := v.(type) {
	case nil:
		return nil
	case *value.Dict:
		return pairs(s, f)
	case *value.Tuple:
		if len(s.Items) == 2 && isStatePart(s.Items[0]) && isStatePart(s.Items[1]) {
			for _, part := range s.Items {
				if d, ok := part.(*value.Dict); ok {
					if err := pairs(d, f); err != nil {
						return err
					}
				}
			}
			return nil
		}
	}
	return f("__state__", v)
}

func isStatePart(v value.Value) bool {
	switch v.(type) {
	case *value.Dict, value.None:
		return true
	}
	return false
}
