package scan

import (
	"io"
	"strconv"

	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/machine"
	"depickle/scan/opcode"
	"depickle/scan/policy"
)

// event judges what one opcode did.
func (j *judge) event(ev *machine.Event) error {
	if ev.Op.Frame != "" {
		j.straddles(ev.Op.Frame, ev.Op.Offset)
	}
	if ev.Op.Code == opcode.ReadonlyBuffer {
		j.find(Suspicious, "buffer-alone", "", "makes a buffer read-only that came from no buffer outside of the file, as picklers never do")
	}
	if ev.Op.Note != "" {
		j.find(Suspicious, "literal-ambiguous", "", ev.Op.Note)
	}
	switch ev.What {
	case machine.Plain:
		return j.plain(ev)
	case machine.Found:
		return j.found(ev.Result)
	case machine.Called:
		if ev.Op.Code == opcode.Inst {
			if err := j.found(ev.Callee); err != nil {
				return err
			}
		}
		return j.called(ev)
	case machine.Built:
		return j.built(ev)
	case machine.Stored:
		j.stored(ev)
	case machine.Persist:
		j.persist(ev)
	case machine.Extended:
		j.find(Dangerous, "extension", "", "a global is named by an extension code, which hides which one it is")
	}
	return nil
}

// straddles notes a frame that opcodes do not keep to, also where the run ends
// for it.
func (j *judge) straddles(what string, offset int64) {
	if j.guess() {
		return
	}
	j.add(Finding{ID: "frame-straddle", Severity: Dangerous, Member: j.st.Member, Stream: j.st.Index, Offset: offset,
		Message: what + "; readers see different opcodes"})
}

// plain judges constants and stack moves: a global that is fetched again may be
// used once more, and a tuple holds what it is made of.
func (j *judge) plain(ev *machine.Event) error {
	switch ev.Op.Code {
	case opcode.Get, opcode.BinGet, opcode.LongBinGet, opcode.Dup:
		if ev.Result.Kind == machine.Global {
			j.wait(ev.Result)
		} else if t := j.known(ev.Result); t != nil && t.kind == aDType {
			t.fetched = true
		}
		if ev.Op.Code == opcode.Dup {
			j.duplicate(ev.Result)
		}
	case opcode.Tuple, opcode.Tuple1, opcode.Tuple2, opcode.Tuple3, opcode.FrozenSet:
		j.hold(ev.Result, ev.Result.Node.Items)
	case opcode.Dict:
		j.unseenState(ev.Result)
	case opcode.ShortBinUnicode, opcode.ShortBinString, opcode.BinString:
		j.address(ev)
	case opcode.BinUnicode, opcode.BinUnicode8, opcode.Unicode, opcode.String:
		j.address(ev)
		if err := j.longText(ev); err != nil {
			return err
		}
	}
	if ev.Op.Payload.Len >= hiddenLeast {
		return j.hidden(ev)
	}
	return nil
}

// longText checks text that was too long for the machine to decode on its way.
// CPython stops at it where it does not decode.
func (j *judge) longText(ev *machine.Event) error {
	if ev.Op.Data != nil || ev.Op.Payload.Len == 0 {
		return nil
	}
	_, err := io.Copy(io.Discard, opcode.TextReader(ev.Op.Code, j.bulk(j.m.Extent(ev.Result))))
	if !fault.Is(err, fault.Malformed) {
		return err
	}
	j.find(Inconclusive, "malformed", "", "a long text does not decode")
	return nil
}

// maxGlobals is how many different globals a report can list; a checkpoint
// has hundreds at most.
const maxGlobals = 100_000

// found judges a global by its name alone. Those that are harmless in one
// use are dangerous until that use is seen.
func (j *judge) found(v machine.Value) error {
	if v.Node.Opaque {
		how := "is computed"
		if isText(j.ev.Target) && isText(j.ev.State) {
			how = "is longer than any"
		}
		j.find(Dangerous, "global-computed", "", "a global's name "+how+", which hides which one it is")
		return nil
	}
	g := policy.Global{Module: v.Node.Module, Name: v.Node.Name}
	c := j.counts[g]
	if c == nil {
		if len(j.order) >= maxGlobals {
			return j.broken(fault.At(fault.Limit, j.ev.Op.Offset, "more than %d different globals", maxGlobals))
		}
		name := g.String()
		c = &counted{global: policy.Canonical(g), name: name, shown: display(name), decision: j.policy.Decide(g)}
		if c.decision.Tier == policy.Unknown && j.ownCode(g.Module) {
			c.decision.Tier = policy.Data
		}
		j.counts[g] = c
		j.order = append(j.order, g)
	}
	c.n++
	v.Node.Mark = c
	switch d := c.decision; {
	case j.wait(v):
	case d.Tier == policy.Dangerous:
		j.find(Dangerous, "global-dangerous", c.name, c.names())
	case d.Tier == policy.Unknown:
		j.find(Suspicious, "global-unknown", c.name, "names "+c.shown+", which is not known to be harmless")
	}
	return nil
}

func isText(v machine.Value) bool { return v.Kind == machine.Str || v.Kind == machine.Str2 }

// names says that a dangerous global is named, and what it would do.
func (c *counted) names() string { return "names " + c.shown + ", which " + reason(c.decision) }

func reason(d policy.Decision) string {
	if d.Advisory != "" {
		return d.Reason + " (" + d.Advisory + ")"
	}
	return d.Reason
}

// global is what is counted of a global, nil for other values and for one
// whose name is computed.
func global(v machine.Value) *counted {
	if v.Kind != machine.Global || v.Node.Opaque {
		return nil
	}
	c, _ := v.Node.Mark.(*counted)
	return c
}

// class finds the class that a value is: a global, or what legacy torch makes
// of the persistent id ("module", class, file, source).
func (j *judge) class(v machine.Value) machine.Value {
	if v.Kind == machine.Persistent && j.src.Format == container.TorchLegacy && len(v.Node.Items) == 1 {
		if id, ok := v.Node.Items[0].Tuple(); ok && j.isModule(id) {
			return id[1]
		}
	}
	return v
}

func (j *judge) isModule(id []machine.Value) bool {
	if len(id) != 4 || global(id[1]) == nil {
		return false
	}
	tag, ok := j.m.Text(id[0])
	return ok && tag == "module"
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
		if tag == "storage" && (len(items) == 5 || len(items) == 6) {
			j.storage(ev.Result, items)
			return
		}
		if j.src.Format == container.TorchLegacy && j.isModule(items) {
			return
		}
	}
	if j.src.Format == container.TorchTar && j.isTarID(ev.State) {
		return
	}
	j.find(Suspicious, "persistent-id", "", "a persistent id that names no storage; what it loads is up to the loader")
}

// isTarID reports whether a persistent id is one of a torch tar: the number of
// a tensor or storage, or a tuple around it with the class that holds it.
func (j *judge) isTarID(id machine.Value) bool {
	if items, ok := id.Tuple(); ok && len(items) > 0 {
		id = items[0]
		for _, v := range items[1:] {
			items, ok := v.Tuple()
			if !ok || len(items) != 3 || global(items[0]) == nil {
				return false
			}
		}
	}
	return id.Kind == machine.Int || id.Kind == machine.Str || id.Kind == machine.Str2
}

// bad notes a use that the policy's rule for a global does not allow.
func (j *judge) bad(c *counted, text string) {
	j.find(Dangerous, "argument-rule", c.name, c.shown+" "+text)
}

// odd notes arguments that no pickler writes, and with which a call fails or
// makes something else than it seems to.
func (j *judge) odd(c *counted, text string) {
	j.find(Suspicious, "argument-form", c.name, c.shown+" "+text)
}

func (j *judge) count(c *counted, n int) {
	j.odd(c, "has "+strconv.Itoa(n)+" arguments, as it never does in a checkpoint")
}
