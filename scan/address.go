package scan

import (
	"bytes"

	"depickle/scan/machine"
	"depickle/scan/opcode"
)

// An object with an attribute __array_interface__ says at which address of
// memory its elements stand, and numpy takes it at its word: what it makes of
// such an object reads there, and SETITEM writes. A pickle of numbers and texts
// alone can so replace code of the interpreter. No checkpoint has the name.

var addressNames = map[string]bool{"__array_interface__": true, "__cuda_array_interface__": true}

// The length of such a name: at least, and with each character escaped.
const (
	leastAddress = len("__array_interface__")
	mostAddress  = 10 * len("__cuda_array_interface__")
)

// address looks for such a name among the constants of a pickle. Whether it
// becomes that of an attribute is not followed.
func (j *judge) address(ev *machine.Event) {
	text := ev.Op.Data
	if n := len(text); n < leastAddress || n > mostAddress || text[0] != '_' && text[0] != '\\' && ev.Op.Code != opcode.String {
		return
	}
	if s, ok := j.m.Text(ev.Result); ok {
		j.namedAddress(s)
	}
}

func (j *judge) namedAddress(text string) {
	if addressNames[text] {
		j.find(Suspicious, "array-address", "", "has the name of an attribute that is an address in memory, which numpy reads and writes")
	}
}

// textScalar looks into the bytes of a text of numpy's, which takes four for a
// character.
func (j *judge) textScalar(dt *thing, data machine.Value) {
	v, ok := j.literal(data)
	if !ok || !dt.flexible || v.Len() > int64(2*mostAddress) {
		return
	}
	if b, ok := j.m.Raw(v); ok {
		j.namedAddress(string(bytes.ReplaceAll(b, []byte{0}, nil)))
	}
}

// plainValue: of a number or a text these types make the same. Of an object
// numpy makes what the object says, and str a text that nobody sees.
func (j *judge) plainValue(c *counted, args []machine.Value) *thing {
	made := &thing{kind: aScalar}
	if c.global.Module == "builtins" {
		made = someConstant
	}
	for _, v := range args {
		switch v.Kind {
		case machine.None, machine.Bool, machine.Int, machine.BigInt, machine.Float, machine.Str, machine.Str2:
			continue
		}
		if j.is(v, aScalar) && made.kind == aScalar {
			continue
		}
		if v.Kind == machine.Object && made.kind == aScalar {
			j.bad(c, "is made of an object, which can say where in memory it stands")
		} else {
			j.odd(c, "is made of what is no number and no text")
		}
	}
	return made
}

// ofArray notes a dict that is made of an array: its keys are then what the
// array's bytes say.
func (j *judge) ofArray(c *counted, args []machine.Value) {
	for _, v := range args {
		if j.is(v, anArray) {
			j.odd(c, "is made of an array")
		}
	}
}
