package scan

import (
	"strconv"
	"strings"

	"depickle/scan/limit"
	"depickle/scan/machine"
	"depickle/scan/policy"
	"depickle/scan/tensor"
)

// A numpy dtype takes its state from the pickle as it stands: where fields lie,
// and whether bytes are the addresses of objects. numpy checks neither. A field
// behind the end of its element is written to, a number that counts as an
// object is one, at an address of the file's choosing.

// numpyDType is dtype(spec, align, copy).
func (j *judge) numpyDType(c *counted, args []machine.Value) *thing {
	t := &thing{kind: aDType, shared: len(args) != 3 || args[2].Kind > machine.Int || args[2].Num == 0}
	if len(args) == 0 || len(args) > 3 {
		j.count(c, len(args))
		return t
	}
	spec, ok := j.m.Text(args[0])
	literal := ok
	if g := global(args[0]); g != nil && !isDType(args[0]) {
		spec, ok = g.global.Name, true
		t.flexible = ofRecord(g.global)
	}
	if ok {
		t.dtype, _, _ = tensor.ByNumpy(spec)
		if !literal && t.dtype == tensor.Invalid {
			return t // a class by any name: objects, or who knows
		}
		t.elements(spec)
	}
	return t
}

// elements notes what an element takes, as far as the spec says, and whether
// elements are objects.
func (t *thing) elements(spec string) {
	if t.dtype != tensor.Invalid {
		t.item = t.dtype.Size()
		return
	}
	spec = strings.TrimLeft(spec, "<>=|")
	if spec == "" {
		return
	}
	switch spec[0] {
	case 'O', 'o':
		t.object = true
	case 'M', 'm':
		t.item = 8
	case 'f', 'c': // longer than any that has a name
		t.item, _ = strconv.ParseInt(spec[1:], 10, 64)
	case 'S', 'a', 'U', 'V':
		t.flexible = true
		n, err := strconv.ParseInt(spec[1:], 10, 64)
		if err != nil {
			return
		}
		if spec[0] == 'U' {
			n, _ = limit.Mul(n, 4)
		}
		t.item = n
	}
}

// ofRecord reports whether a class is one whose elements are structures, as its
// dtype's state says.
func ofRecord(g policy.Global) bool {
	return g.Module == "numpy" && (g.Name == "record" || g.Name == "void")
}

// dtypeState is (version, byte order, subarray, names, fields, size, alignment,
// flags, …).
func (j *judge) dtypeState(t *thing, state machine.Value) {
	items, ok := state.Tuple()
	order := ""
	if ok && len(items) >= 5 {
		order, ok = j.m.Text(items[1])
	}
	if !ok || len(order) != 1 || !strings.Contains("<>=|", order) {
		j.odd(ofDType, "gets a state that numpy does not read")
		return
	}
	if t.fetched {
		j.bad(ofDType, "is changed after it was fetched, so that others have it whose elements change")
	}
	if t.shared {
		j.odd(ofDType, "is changed that is numpy's own, for everybody")
	}
	if size, ok := intAt(items, 5); ok && t.flexible {
		if size < 0 {
			j.bad(ofDType, "has elements of a negative size")
		}
		t.item = max(size, 0) // numpy takes it for these types alone
	}
	if items[2].Kind != machine.None || items[3].Kind != machine.None || items[4].Kind != machine.None {
		t.dtype = tensor.Invalid
		j.structure(t, items)
	}
	j.flags(t, items)
}

// ofDType is what findings about a dtype's state are of.
var ofDType = anyOf("numpy", "dtype")

// intAt is the int at an index of a state.
func intAt(items []machine.Value, i int) (int64, bool) {
	if i >= len(items) || items[i].Kind != machine.Int {
		return 0, false
	}
	return items[i].Num, true
}

// What the flags of a dtype's state say of an element.
const (
	flagsObject  = 63 // it is an object
	flagsObjects = 3  // it holds objects, which are pickled as such
	flagsBytes   = 7  // that any of these makes objects of bytes
)

// flags judges what the state says of objects against what the type and the
// fields say. numpy believes the flags.
func (j *judge) flags(t *thing, items []machine.Value) {
	if len(items) <= 7 {
		return // numpy finds out by itself
	}
	flags, ok := intAt(items, 7)
	if _, known := t.size(); !ok || !known {
		j.odd(ofDType, "has flags that cannot be compared with its type")
	}
	objects := flags&1 != 0
	switch {
	case !t.object && flags&flagsBytes != 0, t.object && flags&flagsObjects != flagsObjects,
		t.object && !t.flexible && flags&flagsObject != flagsObject:
		j.bad(ofDType, "takes bytes for the addresses of objects")
		if !objects {
			t.item = 0
		}
	}
	t.object = objects
}

// size is what an element takes, in bytes, where that is known.
func (t *thing) size() (int64, bool) {
	if t.object && !t.flexible {
		return 8, true
	}
	return t.item, t.item > 0 || t.flexible
}
