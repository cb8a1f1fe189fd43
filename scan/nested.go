package scan

import (
	"depickle/scan/container"
	"depickle/scan/machine"
	"depickle/scan/opcode"
	"depickle/scan/policy"
)

// inner is a checkpoint inside of another one: text as it stands, or bytes.
type inner struct {
	e    container.Extent
	code opcode.Code
}

// loadFromBytes: torch runs it as torch.load without restriction. The bytes
// are a checkpoint of their own and judged as one; anything else than the
// direct call with literal bytes is dangerous.
func (j *judge) loadFromBytes(c *counted, args []machine.Value, code opcode.Code) (*thing, error) {
	if code != opcode.Reduce || len(args) != 1 {
		j.bad(c, "is not called directly with bytes")
		return nil, nil
	}
	v, ok := j.literal(args[0])
	if !ok {
		j.bad(c, "is called with bytes that are computed")
		return nil, nil
	}
	// A few bytes of pickle can load the same bytes a million times.
	id := inner{j.m.Extent(v), v.Code}
	if t, done := j.inner[id]; done {
		return t, nil
	}
	t, err := j.nested(c, v)
	j.inner[id] = t
	return t, err
}

// literal finds the bytes that a value stands for, or the text that
// _codecs.encode turns into them.
func (j *judge) literal(v machine.Value) (machine.Value, bool) {
	switch v.Kind {
	case machine.Bytes, machine.Str2:
		return v, true
	case machine.Object:
		callee, _ := v.Callee()
		args, ok := v.Args()
		c := global(callee)
		if ok && c != nil && c.decision.Rule == policy.Latin1Encode && len(args) == 2 && args[0].Kind == machine.Str && j.latin1(args[1]) {
			return args[0], true
		}
	}
	return v, false
}

// plainBytes is where the bytes of a literal stand, in the spool where it had
// to be decoded.
func (j *judge) plainBytes(v machine.Value) (container.Extent, error) {
	e := j.m.Extent(v)
	switch {
	case v.Kind == machine.Str:
		return j.src.Latin1(v.Code, e)
	case v.Code == opcode.String:
		return j.src.Plain(v.Code, e)
	}
	return e, nil
}

// nested judges a checkpoint inside of this one. It returns what is known of
// its object: a pickled storage is a legacy file that holds one, and what that
// declares holds for the tensors that are rebuilt around the call.
func (j *judge) nested(c *counted, v machine.Value) (*thing, error) {
	e, err := j.plainBytes(v)
	if err != nil {
		return nil, j.broken(err)
	}
	src, err := j.src.Nested(e)
	if err != nil {
		return nil, j.broken(err)
	}
	if !src.Format.Converted() {
		j.bad(c, "holds "+src.Note)
		return nil, nil
	}
	objects := 0
	for _, st := range src.Streams {
		if st.Role == container.Object {
			objects++
		}
	}
	if src.Format == container.Pickle || objects != 1 {
		j.odd(c, "holds a pickle that is no torch file")
	}
	outer, missing, held := j.run, j.missing, j.held
	j.held = j.m.Held()
	err = j.source(src)
	made := j.object
	j.run, j.held = outer, held
	if e.Space != container.InFile {
		j.missing = missing
	}
	return made, err
}
