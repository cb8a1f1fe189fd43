package scan

import (
	"context"
	"fmt"
	"strings"

	"depickle/scan/container"
	"depickle/scan/machine"
)

// Act is one thing that loading a pickle would do, as Python would spell it.
type Act struct {
	Member string
	Stream int
	Offset int64
	Code   string // "v1 = os.system('id')"
	Err    error  // why the pickle ends here; Code is empty then
}

const (
	// actMost is about how long an Act is, in bytes.
	actMost = 400
	// maxNames is how many objects get a name: each is remembered.
	maxNames = 200_000
)

// Trace lists what loading the pickles of a source would do: calls, states and
// items of objects, persistent ids, and what it returns, in order. Nothing is
// executed. What goes into lists and dicts that the pickle itself makes is
// left out. An error of show ends it.
func Trace(ctx context.Context, src *container.Source, show func(*Act) error) error {
	t := &tracer{names: map[*machine.Node]string{}}
	return observe(ctx, src, func(x *seen) error {
		a := Act{Member: x.member, Stream: x.stream, Err: x.err}
		if x.err == nil {
			a.Offset, a.Code = x.ev.Op.Offset, t.code(x.m, x.ev)
		} else {
			a.Offset = x.m.Offset()
		}
		if a.Code == "" && x.err == nil {
			return nil
		}
		return show(&a)
	})
}

// tracer gives names to objects.
type tracer struct {
	names map[*machine.Node]string
}

func (t *tracer) name(n *machine.Node) string { return t.names[n] }

// made names what an event made.
func (t *tracer) made(v machine.Value) string {
	if v.Node == nil || len(t.names) >= maxNames {
		return ""
	}
	name := fmt.Sprintf("v%d", len(t.names)+1)
	t.names[v.Node] = name
	return name + " = "
}

func (t *tracer) code(m *machine.Machine, ev *machine.Event) string {
	show := func(v machine.Value) string { return m.Named(v, exprMost, t.name) }
	switch ev.What {
	case machine.Called:
		call := m.Call(ev.Callee, ev.Args, actMost, t.name)
		if ev.KW.Kind != machine.None {
			call = strings.TrimSuffix(call, ")") + ", **" + show(ev.KW) + ")"
		}
		return t.made(ev.Result) + call
	case machine.Extended:
		return t.made(ev.Result) + fmt.Sprintf("copyreg._inverted_registry[%d]", ev.Op.Int)
	case machine.Persist:
		return t.made(ev.Result) + "persistent_load(" + show(ev.State) + ")"
	case machine.Built:
		return show(ev.Target) + ".__setstate__(" + m.Named(ev.State, actMost, t.name) + ")"
	case machine.Stored:
		if ev.Target.Kind == machine.Object || ev.Target.Kind == machine.Global || ev.Target.Kind == machine.Persistent {
			return fmt.Sprintf("%s.extend(%d values)", show(ev.Target), len(ev.Items))
		}
	case machine.Ended:
		return "return " + m.Named(ev.Result, actMost, t.name)
	}
	return ""
}
