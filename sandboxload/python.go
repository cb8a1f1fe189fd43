package sandboxload

import (
	"io"
	"strings"

	"depickle/sandboxload/value"
	"depickle/scan/container"
	"depickle/scan/fault"
	"depickle/scan/opcode"
)

// collection are the dict classes of module collections.
func collection(g value.Global) builder {
	switch g.Name {
	case "OrderedDict", "Counter":
		return func(ld *loader, args []value.Value) (value.Value, error) {
			if len(args) > 1 {
				return nil, ld.unsupported(g.String() + " is called with more than one argument")
			}
			return ld.dict(g, args)
		}
	case "defaultdict":
		return func(ld *loader, args []value.Value) (value.Value, error) {
			if len(args) == 0 {
				return ld.dict(g, nil)
			}
			d, err := ld.dict(g, args[1:])
			if err == nil {
				d.Factory = args[0]
			}
			return d, err
		}
	}
	return nil
}

// dict is a dict made of nothing, of another mapping or of pairs.
func (ld *loader) dict(class value.Global, args []value.Value) (*value.Dict, error) {
	d := &value.Dict{Class: class}
	if len(args) == 0 {
		return d, nil
	}
	if from, ok := args[0].(*value.Dict); ok {
		return d, ld.update(d, from)
	}
	pairs, ok := sequence(args[0])
	if !ok || len(args) > 1 {
		return nil, ld.unsupported("a dict is made of what is no list of pairs")
	}
	for _, p := range pairs {
		kv, ok := sequence(p)
		if !ok || len(kv) != 2 {
			return nil, ld.unsupported("a dict is made of what is no list of pairs")
		}
		if err := ld.set(d, kv[0], kv[1]); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// sequence are the items of a list, tuple or set.
func sequence(v value.Value) ([]value.Value, bool) {
	switch v := v.(type) {
	case *value.List:
		return v.Items, true
	case *value.Tuple:
		return v.Items, true
	case *value.Set:
		out := make([]value.Value, v.Items.Len())
		for i := range out {
			out[i], _ = v.Items.At(i)
		}
		return out, true
	}
	return nil, false
}

// builtin are the containers of module builtins. What is not made of the
// values that depickle models stays a record.
func builtin(name string) builder {
	switch name {
	case "list", "tuple", "set", "frozenset", "dict":
		return func(ld *loader, args []value.Value) (value.Value, error) { return ld.container(name, args) }
	case "bytearray":
		return bytearray
	case "bytes":
		return emptyBytes
	case "eval":
		return evalData
	}
	return nil
}

// evalData is how Paddle pickles a tensor: eval("data", {"data": array}). Any
// other eval is a record, and refused by the judge.
func evalData(_ *loader, args []value.Value) (value.Value, error) {
	if len(args) == 2 && args[0] == value.Value(value.Str("data")) {
		if d, ok := args[1].(*value.Dict); ok {
			if v, ok := d.Get("data"); ok {
				return v, nil
			}
		}
	}
	return &value.Object{Callee: value.Global{Module: "builtins", Name: "eval"}, Args: args}, nil
}

func (ld *loader) container(name string, args []value.Value) (value.Value, error) {
	record := &value.Object{Callee: value.Global{Module: "builtins", Name: name}, Args: args}
	if name == "dict" {
		if len(args) > 1 {
			return record, nil
		}
		return ld.dict(value.Global{}, args)
	}
	var vals []value.Value
	if len(args) > 0 {
		var ok bool
		if vals, ok = sequence(args[0]); !ok || len(args) > 1 {
			return record, nil
		}
		if err := ld.keep(0, len(vals)); err != nil {
			return nil, err
		}
		vals = append([]value.Value(nil), vals...)
	}
	switch name {
	case "list":
		return &value.List{Items: vals}, nil
	case "tuple":
		return &value.Tuple{Items: vals}, nil
	}
	return ld.setOf(vals, name == "frozenset")
}

// bytearray is bytearray(), bytearray(bytes) or bytearray(str, 'latin-1').
// bytearray(n) would allocate, and no pickler writes it.
func bytearray(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) == 0 {
		return &value.ByteArray{Data: value.Bytes("")}, nil
	}
	data := args[0]
	if len(args) == 2 {
		var err error
		if data, err = codecsEncode(ld, args); err != nil {
			return nil, err
		}
	}
	switch d := data.(type) {
	case value.Bytes, value.Str2, *value.Blob:
		return &value.ByteArray{Data: d}, nil
	}
	return nil, ld.malformed("a bytearray is not made of bytes")
}

// emptyBytes is bytes(), which is how protocol 2 spells no bytes. With
// arguments it stays a record.
func emptyBytes(_ *loader, args []value.Value) (value.Value, error) {
	if len(args) > 0 {
		return &value.Object{Callee: value.Global{Module: "builtins", Name: "bytes"}, Args: args}, nil
	}
	return value.Bytes(""), nil
}

// reconstructor is copyreg._reconstructor(class, base, state), which protocols
// 0 and 1 use for every object.
func reconstructor(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 3 {
		return nil, ld.malformed("_reconstructor has %d arguments, not 3", len(args))
	}
	class := args[0]
	switch class.(type) {
	case value.Global, *value.Object: // an object is a nested class that getattr reached
	default:
		return nil, ld.malformed("_reconstructor is not given a class")
	}
	switch state := args[2].(type) {
	case value.None:
		return ld.call(class, nil, nil, true)
	case *value.Dict:
		return &value.Object{Callee: class, New: true, Pairs: state}, nil
	case *value.List:
		return &value.Object{Callee: class, New: true, Items: state.Items}, nil
	default:
		return &value.Object{Callee: class, New: true, Args: []value.Value{state}}, nil
	}
}

// codecsEncode is _codecs.encode(str, 'latin1'), which is how protocol 2
// spells bytes.
func codecsEncode(ld *loader, args []value.Value) (value.Value, error) {
	if len(args) != 2 {
		return nil, ld.malformed("_codecs.encode has %d arguments, not 2", len(args))
	}
	codec, _ := value.Text(args[1])
	switch strings.ReplaceAll(strings.ToLower(codec), "-", "") {
	case "latin1", "iso88591":
	default:
		return nil, ld.refused("_codecs.encode is called with the codec " + fault.Quote(codec))
	}
	return ld.latin1(args[0])
}

// latin1 turns text into the bytes that it stands for; a long one goes
// through the spool.
func (ld *loader) latin1(v value.Value) (value.Value, error) {
	switch v := v.(type) {
	case value.Str2:
		return value.Bytes(v), nil // Python 2 had bytes there already
	case value.Str:
		b, err := io.ReadAll(container.EncodeLatin1(strings.NewReader(string(v))))
		if err != nil {
			return nil, ld.malformed("%v", err)
		}
		return value.Bytes(b), nil
	case *value.Blob:
		e, err := ld.src.Latin1(v.Code, v.Extent)
		if err != nil {
			return nil, ld.undecoded(err)
		}
		return &value.Blob{Code: opcode.BinBytes8, Extent: e}, nil
	}
	return nil, ld.malformed("what is encoded is no text")
}

// undecoded is the error of a payload that went into the spool: text that does
// not decode is the opcode's fault; a full disk or a cancelled context is not.
func (ld *loader) undecoded(err error) error {
	if fault.Is(err, fault.Malformed) {
		return ld.malformed("%v", err)
	}
	return err
}

// data finds the bytes that a value stands for: in memory, or as an extent of
// raw bytes.
func (ld *loader) data(v value.Value) (inline []byte, e container.Extent, err error) {
	switch v := v.(type) {
	case value.Bytes:
		return []byte(v), container.Extent{}, nil
	case value.Str2:
		return []byte(v), container.Extent{}, nil
	case *value.ByteArray:
		return ld.data(v.Data)
	case value.Str:
		// numpy takes text as latin-1: what Python 3 made of Python 2's str.
		b, err := ld.latin1(v)
		if err != nil {
			return nil, e, err
		}
		return ld.data(b)
	case *value.Blob:
		switch v.Code {
		case opcode.BinBytes, opcode.BinBytes8, opcode.ShortBinBytes, opcode.ByteArray8, opcode.BinString, opcode.ShortBinString:
			return nil, v.Extent, nil
		case opcode.String:
			e, err := ld.src.Plain(v.Code, v.Extent)
			if err != nil {
				return nil, e, ld.undecoded(err)
			}
			return nil, e, nil
		}
		b, err := ld.latin1(v)
		if err != nil {
			return nil, e, err
		}
		return ld.data(b)
	}
	return nil, e, ld.malformed("bytes are expected, and something else stands there")
}

// extent is data as an extent, through the spool where it is in memory.
func (ld *loader) extent(v value.Value) (container.Extent, error) {
	inline, e, err := ld.data(v)
	if err != nil || inline == nil {
		return e, err
	}
	return ld.src.Spool(strings.NewReader(string(inline)), int64(len(inline)))
}
