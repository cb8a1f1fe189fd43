package scan

import (
	"depickle/scan/container"
	"depickle/scan/machine"
	"depickle/scan/opcode"
	"depickle/scan/policy"
)

// event judges what one opcode did.
func (j *judge) event(ev *machine.Event) error {
	if ev.Op.Frame != "" {
		j.find(Dangerous, "frame-straddle", "", ev.Op.Frame+"; readers see different opcodes")
	}
	if ev.Op.Note != "" {
		j.find(Suspicious, "literal-ambiguous", "", ev.Op.Note)
	}
	switch ev.What {
	case machine.Found:
		j.found(ev.Result)
	case machine.Called:
		if ev.Op.Code == opcode.Inst {
			j.found(ev.Callee)
		}
		return j.called(ev)
	case machine.Built:
		j.built(ev)
	case machine.Stored:
		j.stored(ev)
	case machine.Persist:
		j.persist(ev)
	case machine.Extended:
		j.find(Dangerous, "extension", "", "a global is named by an extension code, which hides which one it is")
	}
	return nil
}

// global is the policy's name of a symbolic value.
func global(v machine.Value) policy.Global {
	return policy.Canonical(policy.Global{Module: v.Node.Module, Name: v.Node.Name})
}

// found judges a global by its name alone. Those that are harmless in one
// use are dangerous until that use is seen.
func (j *judge) found(v machine.Value) {
	if v.Node.Opaque {
		j.find(Dangerous, "global-computed", "", "a global's name is computed, which hides which one it is")
		return
	}
	g := policy.Global{Module: v.Node.Module, Name: v.Node.Name}
	c := j.counts[g]
	if c == nil {
		c = &counted{decision: policy.Decide(g)}
		j.counts[g] = c
		j.order = append(j.order, g)
	}
	c.n++
	name := g.Module + "." + g.Name
	switch d := c.decision; {
	case d.Tier == policy.Dangerous && d.Rule != policy.None:
		f := j.at(Dangerous, "global-dangerous", name, reason(d))
		j.pending[v.Node] = f
	case d.Tier == policy.Dangerous:
		j.find(Dangerous, "global-dangerous", name, reason(d))
	case d.Tier == policy.Unknown:
		j.find(Suspicious, "global-unknown", name, "names "+name+", which is not known to be harmless")
	}
}

func reason(d policy.Decision) string {
	if d.Advisory != "" {
		return d.Reason + " (" + d.Advisory + ")"
	}
	return d.Reason
}

// built judges BUILD.
func (j *judge) built(ev *machine.Event) {
	switch ev.Target.Kind {
	case machine.Global:
		g := global(ev.Target)
		j.find(Dangerous, "build-on-global", g.Module+"."+g.Name, "changes the attributes of a class, function or module")
	case machine.Persistent:
		j.find(Dangerous, "build-on-storage", "", "sets the state of a storage")
	case machine.Object:
		j.builtObject(ev)
	}
}

// stored judges APPEND, SETITEM and ADDITEMS: torch's own loader once wrote
// past the end of what was no dict (CVE-2026-24747).
func (j *judge) stored(ev *machine.Event) {
	if len(ev.Items) == 0 {
		return
	}
	if j.st.Role == container.Keys {
		j.noteKeys(ev.Items)
	}
	switch ev.Target.Kind {
	case machine.Global, machine.Persistent:
		j.find(Dangerous, "store-wrong-kind", "", "stores items in "+ev.Target.Kind.String())
		return
	case machine.Object:
	default:
		return
	}
	var ok bool
	switch kind := made(ev.Target); ev.Op.Code {
	case opcode.SetItem, opcode.SetItems:
		ok = kind == madeDict || kind == madeOther
	case opcode.AddItems:
		ok = kind == madeSet || kind == madeOther
	default:
		ok = kind == madeList || kind == madeOther
	}
	if !ok {
		j.find(Dangerous, "store-wrong-kind", "", "stores items in what is no container for them")
	}
}

// What a call of a known global makes.
type madeKind uint8

const (
	madeOther madeKind = iota
	madeDict
	madeList
	madeSet
	madeData // a tensor, dtype, size or other constant
)

// made classifies an object by what was called to make it.
func made(v machine.Value) madeKind {
	callee, ok := v.Callee()
	if !ok || callee.Kind != machine.Global {
		return madeOther
	}
	g := global(callee)
	switch g.Module {
	case "collections":
		switch g.Name {
		case "OrderedDict", "Counter", "defaultdict":
			return madeDict
		}
	case "builtins":
		switch g.Name {
		case "dict":
			return madeDict
		case "list":
			return madeList
		case "set":
			return madeSet
		case "tuple", "frozenset", "bytearray":
			return madeData
		}
		return madeOther
	case "torch":
		if g.Name == "Size" {
			return madeData
		}
	}
	switch policy.Decide(g).Rule {
	case policy.RebuildTensorV1, policy.RebuildTensorV2, policy.RebuildTensorV3, policy.Parameter,
		policy.RebuildFromType, policy.Latin1Encode:
		return madeData
	}
	return madeOther
}

// persist judges a persistent id. torch knows storages, and classes with
// their source in legacy files; what another id would do is up to the loader.
func (j *judge) persist(ev *machine.Event) {
	items, ok := ev.State.Tuple()
	if !ok && ev.Op.Code == opcode.PersID {
		text, _ := j.m.Text(ev.State)
		if id, is := container.ParseTextID(text); is {
			j.declare(ev.Result, policy.Global{Module: id.Module, Name: id.Class}, id.Key, id.Numel)
			return
		}
	}
	if ok && len(items) > 0 {
		tag, _ := j.m.Text(items[0])
		switch {
		case tag == "storage" && (len(items) == 5 || len(items) == 6):
			j.storage(ev.Result, items)
			return
		case tag == "module" && len(items) == 4 && j.src.Format == container.TorchLegacy:
			return
		}
	}
	j.find(Suspicious, "persistent-id", "", "a persistent id that names no storage; what it loads is up to the loader")
}
