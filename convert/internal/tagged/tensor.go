package tagged

import (
	"depickle/sandboxload/value"
	"depickle/scan/tensor"
)

// tensor writes what a tensor is, never its elements; an array of Python
// objects has items instead.
func (e *encoder) tensor(t *value.Tensor) {
	e.tag("$tensor", func() {
		e.raw("{")
		e.field("dtype", func() { e.text(elementType(t)) })
		e.field("shape", func() { e.ints("", t.Geometry.Shape) })
		if e.o.Path != nil {
			if path := e.o.Path(t); path != "" {
				e.field("path", func() { e.text(path) })
			}
		}
		if t.Objects != nil {
			e.field("items", func() { e.values("", t.Objects) })
		} else if t.Reason != "" {
			e.field("reason", func() { e.text(t.Reason) })
		}
		if e.o.Mode == All {
			e.beside(t)
		}
		e.raw("}")
	})
}

// beside are the parts of a tensor that are no elements.
func (e *encoder) beside(t *value.Tensor) {
	if t.Numpy {
		e.field("numpy", func() { e.bool(true) })
	}
	if t.Class != (value.Global{}) {
		e.field("class", func() { e.global(t.Class) })
	}
	if t.State != nil {
		e.field("state", func() { e.value(t.State) })
	}
}

func elementType(t *value.Tensor) string {
	switch {
	case t.Objects != nil:
		return "object"
	case t.DType == tensor.Invalid:
		return "unknown"
	}
	return t.DType.String()
}

// storage writes one that stands for itself, outside of a tensor.
func (e *encoder) storage(s *value.Storage) {
	e.tag("$storage", func() {
		e.raw("{")
		e.field("key", func() { e.text(s.Key) })
		e.field("dtype", func() {
			if s.Untyped {
				e.text("untyped")
			} else {
				e.text(s.DType.String())
			}
		})
		e.field("bytes", func() { e.int(s.Bytes) })
		e.raw("}")
	})
}
