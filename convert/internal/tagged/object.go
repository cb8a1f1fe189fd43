package tagged

import (
	"strconv"

	"depickle/sandboxload/value"
)

// object writes an inert object: who made it, and in mode All of what.
func (e *encoder) object(o *value.Object) {
	if name, ok := device(o); ok {
		e.tag("$device", func() { e.text(name) })
		return
	}
	if e.o.Mode == Plain {
		e.tag("$object", func() { e.callee(o) })
		return
	}
	e.tag("$object", func() {
		e.raw("{")
		e.field("class", func() { e.callee(o) })
		if o.New {
			e.field("new", func() { e.bool(true) })
		}
		if len(o.Args) > 0 {
			e.field("args", func() { e.values("", o.Args) })
		}
		if o.KW != nil {
			e.field("kwargs", func() { e.value(o.KW) })
		}
		if len(o.Items) > 0 {
			e.field("items", func() { e.values("", o.Items) })
		}
		if o.Pairs != nil {
			e.field("pairs", func() { e.value(o.Pairs) })
		}
		if o.State != nil {
			e.field("state", func() { e.value(o.State) })
		}
		e.raw("}")
	})
}

func (e *encoder) callee(o *value.Object) {
	if g, ok := o.Callee.(value.Global); ok {
		e.global(g)
		return
	}
	e.value(o.Callee)
}

// device reads torch.device("cuda", 0) or torch.device("cuda:0").
func device(o *value.Object) (name string, ok bool) {
	if o.Callee != value.Value(value.Global{Module: "torch", Name: "device"}) ||
		o.New || o.KW != nil || o.State != nil || o.Pairs != nil || len(o.Items) > 0 ||
		len(o.Args) < 1 || len(o.Args) > 2 {
		return "", false
	}
	if name, ok = value.Text(o.Args[0]); !ok || len(o.Args) == 1 {
		return name, ok
	}
	index, ok := o.Args[1].(value.Int)
	return name + ":" + strconv.FormatInt(int64(index), 10), ok
}
