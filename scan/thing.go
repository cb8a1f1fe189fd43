package scan

import (
	"depickle/scan/machine"
	"depickle/scan/opcode"
	"depickle/scan/tensor"
)

// thing is what is known of a value that a call or a persistent id made. The
// machine knows only that something was made; what may be stored into it,
// built on it or rebuilt from it follows from here. It is kept as a node's
// Mark; a value without one could be anything.
type thing struct {
	kind  kind
	dtype tensor.DType // of a storage; of a numpy dtype, Invalid where it is no plain number
	bytes int64        // a storage's or a bytes object's size
	empty bool         // a tensor or array that waits for its state
	// item is what an element of a numpy dtype takes, in bytes, 0 where that is
	// not known; object says that elements are Python objects.
	item     int64
	object   bool
	flexible bool // bytes, text or a structure: its state says what an element takes
	fetched  bool // the dtype came from the memo: others have it, whose elements change with it
	shared   bool // the dtype is no copy of numpy's own

	bound *bound // of a partial
}

type kind uint8

// The kinds of things.
const (
	_ kind = iota // nothing is known
	aStorage
	aTensor
	anArray // numpy's
	aDType  // numpy's
	aScalar // numpy's
	aDict
	aList
	aSet
	someBytes
	aConstant // a tuple, a size, a dtype: nothing can be stored in it
	reached   // an attribute or type that was reached by name
	aClass    // likewise, and no more than a class of the file's own
	aPartial  // of functools
)

// Things of which no more is known than their kind. They are never changed.
var (
	someDict     = &thing{kind: aDict}
	someList     = &thing{kind: aList}
	someSet      = &thing{kind: aSet}
	someConstant = &thing{kind: aConstant}
	someTensor   = &thing{kind: aTensor}
)

// known is what is known of a value, nil for nothing.
func (j *judge) known(v machine.Value) *thing {
	switch v.Kind {
	case machine.Object, machine.Persistent:
		t, _ := v.Node.Mark.(*thing)
		return t
	case machine.Dict:
		return someDict
	case machine.List:
		return someList
	case machine.Set:
		return someSet
	}
	return someConstant
}

// is reports whether a value is known to be of a kind.
func (j *judge) is(v machine.Value, k kind) bool {
	t := j.known(v)
	return t != nil && t.kind == k
}

// tensorLike reports whether a value is a tensor of torch's or numpy's.
func tensorLike(t *thing) bool { return t != nil && (t.kind == aTensor || t.kind == anArray) }

// stored judges APPEND, SETITEM and ADDITEMS: torch's own loader once wrote
// past the end of what was no dict (CVE-2026-24747).
func (j *judge) stored(ev *machine.Event) {
	if len(ev.Items) == 0 {
		return
	}
	j.keys.note(j, ev)
	if j.st.Joblib && ev.Target.Kind == machine.Dict {
		j.wrapperState(ev)
	}
	switch ev.Target.Kind {
	case machine.Global, machine.Persistent:
		j.find(Dangerous, "store-wrong-kind", "", "stores items in "+ev.Target.Kind.String())
		return
	case machine.Object:
	default:
		j.hold(ev.Target, ev.Items)
		j.noteData(ev)
		j.noteFields(ev)
		return
	}
	j.afterState(ev.Target, 1)
	t := j.known(ev.Target)
	if t == nil {
		return
	}
	want := aList
	switch ev.Op.Code {
	case opcode.SetItem, opcode.SetItems:
		want = aDict
	case opcode.AddItems:
		want = aSet
	}
	if t.kind != want {
		j.find(Dangerous, "store-wrong-kind", "", "stores items in what is no container for them")
	}
}

// afterState notes that an object is changed once more after its state was set.
// Picklers write the state last. A state can put any global under the names
// __setstate__, append, extend or add, and the next such opcode then calls it
// with an argument of the file's choosing.
func (j *judge) afterState(target machine.Value, built uint8) {
	if target.Node.Built >= built {
		j.find(Dangerous, "change-after-state", "", "changes an object after its state was set, which can call what the state put there")
	}
}

// built judges BUILD.
func (j *judge) built(ev *machine.Event) error {
	target := j.class(ev.Target)
	switch target.Kind {
	case machine.Global:
		name := "a computed global"
		if c := global(target); c != nil {
			name = c.shown
		}
		j.find(Dangerous, "build-on-global", "", "changes the attributes of "+name+", a class, function or module")
		return nil
	case machine.Persistent:
		j.find(Dangerous, "build-on-storage", "", "sets the state of a storage")
		return nil
	}
	j.afterState(target, 2)
	if target.IsJoblibArray() {
		return j.rawArray(ev)
	}
	t := j.known(target)
	if t == nil {
		j.objectState(target, ev.State)
		return nil
	}
	switch t.kind {
	case aDict:
	case anArray:
		return j.arrayState(t, ev.State)
	case aTensor:
		j.tensorState(t, ev.State)
	case aDType:
		j.dtypeState(t, ev.State)
	case aPartial:
		j.partialState(t.bound, ev.State)
	case reached, aClass:
		j.find(Dangerous, "build-on-global", "", "changes the attributes of what was reached by name")
	default:
		if ev.State.Kind != machine.None {
			j.find(Suspicious, "build-wrong-kind", "", "sets the state of what has none")
		}
	}
	return nil
}
