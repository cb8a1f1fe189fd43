package plan

import (
	"strings"

	"depickle/sandboxload/value"
	"depickle/scan/fault"
	"depickle/scan/limit"
)

// table are the entries of a checkpoint that hold its weights, the first one
// that does wins. "ema" counts only beside a "model" where both are whole
// modules, as YOLO's own loader takes it.
var table = []string{
	"state_dict", "model_state_dict", "params_ema", "params-ema", "params", "ema", "model",
	"module", "net", "network", "generator", "weight", "string_to_param",
}

// maxUnwrapped is how often a mapping with one key is opened.
const maxUnwrapped = 4

// root is where the names begin.
type root struct {
	v        value.Value
	segments []string // of the JSON Pointer that leads here
	// renamed names the tensor "*" of a textual inversion as its loaders
	// expect.
	inversion bool
}

// pointer is where the root stands, as a JSON Pointer; "" for the whole file.
func (r root) pointer() string {
	var b strings.Builder
	for _, s := range r.segments {
		b.WriteString("/" + escape(s))
	}
	return b.String()
}

// chooser answers which values hold tensors.
type chooser struct {
	limits limit.Limits
	budget *budget
	holds  map[value.Value]int // tensors found under a value that was asked for
}

func newChooser(l limit.Limits, b *budget) *chooser {
	return &chooser{limits: l, budget: b, holds: map[value.Value]int{}}
}

// pickRoot applies --root to the object of one stream.
func pickRoot(v value.Value, want string, l limit.Limits, b *budget) (root, error) {
	c := newChooser(l, b)
	switch {
	case want == "" || want == "auto":
		return c.auto(v)
	case want == "none":
		return root{v: v}, nil
	case strings.HasPrefix(want, "/"):
		return resolve(v, want)
	}
	return root{}, fault.New(fault.Unsupported, "--root %s is neither auto, none nor a JSON Pointer such as /state_dict", fault.Quote(want))
}

func (c *chooser) auto(v value.Value) (root, error) {
	at := root{v: v}
	for unwrapped := 0; ; unwrapped++ {
		top := mapping(at.v)
		if top == nil {
			break
		}
		if r, ok, err := c.fromTable(top, at.segments); ok || err != nil {
			return r, err
		}
		if direct(top) {
			return at, nil
		}
		if top.Len() != 1 || unwrapped == maxUnwrapped {
			break
		}
		k, only := top.At(0)
		if mapping(only) == nil && module(only) == nil {
			break
		}
		at = root{v: only, segments: append(at.segments, spell(k, 0))}
	}
	if module(at.v) != nil || (mapping(at.v) != nil && direct(mapping(at.v))) {
		return at, nil
	}
	return root{v: v}, nil
}

func (c *chooser) fromTable(top *value.Dict, above []string) (root, bool, error) {
	for _, name := range table {
		v, ok := top.Get(name)
		if !ok || (mapping(v) == nil && module(v) == nil) {
			continue
		}
		if name == "ema" {
			model, _ := top.Get("model")
			if module(v) == nil || module(model) == nil {
				continue
			}
		}
		n, err := c.tensors(v)
		if err != nil {
			return root{}, false, err
		}
		if n > 0 {
			return root{v: v, segments: append(above, name), inversion: name == "string_to_param"}, true, nil
		}
	}
	return root{}, false, nil
}

// tensors counts the tensors under a value, each container once.
func (c *chooser) tensors(v value.Value) (int, error) {
	if n, ok := c.holds[v]; ok {
		return n, nil
	}
	w := newWalker(c.limits, c.budget)
	if err := w.walk(v, &place{}); err != nil {
		return 0, err
	}
	c.holds[v] = w.tensors()
	return c.holds[v], nil
}

// mapping is a dict, or an object with items by key; nil otherwise.
func mapping(v value.Value) *value.Dict {
	switch v := v.(type) {
	case *value.Dict:
		return v
	case *value.Object:
		if module(v) == nil {
			return v.Pairs
		}
	}
	return nil
}

// direct reports whether a mapping has tensors among its own values.
func direct(d *value.Dict) bool {
	if d == nil {
		return false
	}
	for i := range d.Len() {
		_, v := d.At(i)
		if t, ok := v.(*value.Tensor); ok && t.Objects == nil {
			return true
		}
	}
	return false
}

// resolve follows a JSON Pointer.
func resolve(v value.Value, pointer string) (root, error) {
	at := root{v: v}
	for _, segment := range strings.Split(pointer[1:], "/") {
		segment = unescape(segment)
		next := step(at.v, segment)
		if next == nil {
			return root{}, fault.New(fault.Unsupported, "--root %s: there is no %s in the file", fault.Quote(pointer), fault.Quote(segment))
		}
		at = root{v: next, segments: append(at.segments, segment)}
	}
	switch at.v.(type) {
	case *value.Dict, *value.List, *value.Tuple, *value.Object, *value.Tensor:
		return at, nil
	}
	return root{}, fault.New(fault.Unsupported, "--root %s: what stands there holds no tensors", fault.Quote(pointer))
}

func step(v value.Value, segment string) value.Value {
	if t, ok := v.(*value.Tensor); ok && t.Objects != nil {
		v = &value.List{Items: t.Objects}
	}
	var out value.Value
	children(v, func(s string, child value.Value) error {
		if s == segment && out == nil {
			out = child
		}
		return nil
	})
	return out
}
