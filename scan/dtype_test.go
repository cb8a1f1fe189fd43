package scan_test

import (
	"testing"

	"depickle/scan"
)

// numpy takes a dtype's state from the pickle without a look at it, and what an
// object says of its elements: each of the dangerous ones below wrote to memory,
// or used bytes as an object, under numpy 2.4.
func TestDTypeState(t *testing.T) {
	const clean, odd, bad = scan.Clean, scan.Suspicious, scan.Dangerous
	var (
		dtype = func(spec string) string { return call(global("numpy", "dtype"), str(spec), "\x89", "\x88") }
		state = func(items ...string) string { return tuple(append([]string{num(3), str("|")}, items...)...) + "b" }
		plain = func(spec string, flags int32) string {
			return dtype(spec) + state("N", "N", "N", num(-1), num(-1), num(flags))
		}
		fields = func(size, flags int32, names string, items ...string) string {
			dict := "}"
			for i := 0; i+1 < len(items); i += 2 {
				dict += str(items[i]) + items[i+1] + "s"
			}
			return dtype("V8") + state("N", names, dict, num(size), num(1), num(flags))
		}
		at    = func(dt string, offset int32) string { return tuple(dt, num(offset)) }
		a     = tuple(str("a"))
		i8    = plain("i8", 0)
		array = func(dt, data string) string {
			return call(global("numpy.core.multiarray", "_reconstruct"), global("numpy", "ndarray"), tuple(num(0)), raw("b")) +
				tuple(num(1), tuple(num(1)), dt, "\x89", data) + "b"
		}
		scalar = func(dt, data string) string { return call(global("numpy.core.multiarray", "scalar"), dt, data) }
		sub    = func(shape string, size int32) string {
			return dtype("V8") + state(tuple(i8, shape), "N", "N", num(size), num(8), num(0))
		}
	)
	for _, c := range []struct {
		name   string
		pickle string
		want   scan.Severity
		id     string
	}{
		{"a number", i8, clean, ""},
		{"objects", plain("O8", 63), clean, ""},
		{"text", dtype("U3") + state("N", "N", "N", num(12), num(4), num(8)), clean, ""},
		{"a long double", plain("f16", 0), clean, ""},
		{"a field", fields(8, 16, a, "a", at(i8, 0)), clean, ""},
		{"a field with a title", fields(8, 16, a, "a", tuple(i8, num(0), str("t")), "t", tuple(i8, num(0), str("t"))), clean, ""},
		{"no fields", dtype("V0") + state("N", ")", "}", num(0), num(1), num(16)), clean, ""},
		{"a field of objects", fields(8, 27, a, "a", at(plain("O8", 63), 0)), clean, ""},
		{"a field of fields", fields(8, 16, a, "a", at(fields(8, 16, a, "a", at(i8, 0)), 0)), clean, ""},
		{"an array in each element", sub(tuple(num(2)), 16), clean, ""},
		{"an array of one axis", sub(num(2), 16), clean, ""},
		{"an array of it", array(fields(8, 16, a, "a", at(i8, 0)), raw("12345678")), clean, ""},

		{"a field behind the end", fields(8, 16, a, "a", at(i8, 1)), bad, "argument-rule"},
		{"a field far behind the end", array(fields(8, 18, a, "a", at(i8, 1<<30)), "]"+tuple(num(1))+"a"), bad, "argument-rule"},
		{"a field before the element", fields(8, 16, a, "a", at(i8, -8)), bad, "argument-rule"},
		{"an inner field behind the end", fields(8, 16, a, "a", at(fields(16, 16, a, "a", at(i8, 8)), 0)), bad, "argument-rule"},
		{"a second field behind the end", fields(8, 16, tuple(str("a"), str("b")), "a", at(i8, 0), "b", at(i8, 8)), bad, "argument-rule"},
		{"an array behind the end", sub(tuple(num(2)), 8), bad, "argument-rule"},
		{"an array that overflows", sub(tuple(num(1<<30), num(1<<30), num(1<<30)), 8), bad, "argument-rule"},
		{"a negative size", dtype("V8") + state("N", "N", "N", num(-8), num(1), num(0)), bad, "argument-rule"},
		{"bytes for an object", scalar(plain("O8", 32), raw("AAAAAAAA")), bad, "argument-rule"},
		{"a number that is an object", plain("i8", 63), bad, "argument-rule"},
		{"a field of objects that is none", fields(8, 16, a, "a", at(plain("O8", 63), 0)), bad, "argument-rule"},
		{"a field that is none of objects", fields(8, 27, a, "a", at(i8, 0)), bad, "argument-rule"},
		{"fields that change later", "}\x94" + str("a") + at(i8, 0) + "s0" + dtype("V8") + state("N", a, "h\x00", num(8), num(1), num(16)) +
			"h\x00" + str("a") + at(i8, 9) + "s", bad, "argument-rule"},
		{"a dtype that changes later", dtype("V8") + "\x94" + state("N", "N", "N", num(8), num(1), num(0)) + "0" + array("h\x00", raw("12345678")) +
			"h\x00" + state("N", "N", "N", num(1<<20), num(1), num(0)), bad, "argument-rule"},
		{"a field's dtype that changes later", dtype("V8") + "\x940" + fields(8, 16, a, "a", at("h\x00", 0)) +
			"h\x00" + state("N", "N", "N", num(1<<20), num(1), num(0)), bad, "argument-rule"},
		{"numpy's own dtype", call(global("numpy", "dtype"), str("O8"), "\x89", "\x89") + state("N", "N", "N", num(-1), num(-1), num(63)), odd, "argument-form"},
		{"numpy's own dtype by its class", call(global("numpy.dtypes", "ObjectDType")) + state("N", "N", "N", num(-1), num(-1), num(32)), odd, "build-wrong-kind"},

		{"a dtype that changes later, in a computed state", dtype("V8") + "\x940" + call(global("numpy.core.multiarray", "_reconstruct"), global("numpy", "ndarray"), tuple(num(0)), raw("b")) +
			call(global("__builtin__", "tuple"), "]h\x00a") + "b" + "h\x00" + state("N", "N", "N", num(1<<20), num(1), num(0)), bad, "argument-rule"},
		{"any object by way of a scalar", scalar(plain("O8", 63), global("__builtin__", "dict")), odd, "argument-form"},
		{"an array with a computed state", call(global("numpy.core.multiarray", "_reconstruct"), global("numpy", "ndarray"), tuple(num(0)), raw("b")) +
			call(global("__builtin__", "tuple"), "]") + "b", odd, "argument-form"},
		{"a field that is computed", fields(8, 16, a, "a", call(global("__builtin__", "tuple"), "]")), odd, "argument-form"},
		{"an offset that is computed", fields(8, 16, a, "a", tuple(i8, call(global("__builtin__", "int")))), odd, "argument-form"},
		{"a field of an unknown object", fields(8, 16, a, "a", at(call(global("argparse", "Namespace")), 0)), odd, "argument-form"},
		{"fewer fields than names", fields(8, 16, tuple(str("a"), str("b")), "a", at(i8, 0)), odd, "argument-form"},
		{"fields of a number", dtype("i8") + state("N", a, "}"+str("a")+at(i8, 0)+"s", num(8), num(1), num(0)), odd, "argument-form"},
		{"fields that are no dict", dtype("V8") + state("N", a, call(global("__builtin__", "dict")), num(8), num(1), num(16)), odd, "argument-form"},
		{"flags that are computed", dtype("i8") + state("N", "N", "N", num(-1), num(-1), call(global("__builtin__", "int"))), odd, "argument-form"},
		{"flags of a type by a text", plain("i4,O", 0), odd, "argument-form"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := judge(t, []byte(proto2(c.pickle)))
			if r.Severity != c.want || !r.Complete || c.id != "" && has(r, c.id) == nil {
				t.Errorf("%s %v (complete %v), want %s %s", r.Severity, found(r), r.Complete, c.want, c.id)
			}
		})
	}
}

// An attribute can be an address in memory.
func TestAddress(t *testing.T) {
	const clean, odd, bad = scan.Clean, scan.Suspicious, scan.Dangerous
	const name = "__array_interface__"
	var (
		object = global("types", "SimpleNamespace") + ")\x81}" + str(name) + "}sb"
		wide   = func(s string) (out string) {
			for _, c := range []byte(s) {
				out += string(c) + "\x00\x00\x00"
			}
			return out
		}
		text = call(global("numpy", "dtype"), str("U19"), "\x89", "\x88") + tuple(num(3), str("<"), "N", "N", "N", num(76), num(4), num(8)) + "b"
	)
	for _, c := range []struct {
		name   string
		pickle string
		want   scan.Severity
		id     string
	}{
		{"the name", str(name), odd, "array-address"},
		{"the name in escapes", "V\\u005f_array_interface__\n", odd, "array-address"},
		{"the name in escapes of Python 2", "S'\\x5f_array_interface__'\n", odd, "array-address"},
		{"a short text", "\x8c\x13" + name, odd, "array-address"},
		{"a text of numpy's", call(global("numpy.core.multiarray", "scalar"), text, raw(wide(name))), odd, "array-address"},
		{"a text of numpy's in protocol 2", call(global("numpy.core.multiarray", "scalar"), text, call(global("_codecs", "encode"), str(wide(name)), str("latin1"))), odd, "array-address"},
		{"a sentence", str("see " + name), clean, ""},
		{"an array of it", call(global("numpy", "float64"), object), bad, "argument-rule"},
		{"an array of any object", call(global("numpy", "uint64"), call(global("argparse", "Namespace"))), bad, "argument-rule"},
		{"an array of a list", call(global("numpy", "float64"), "]"), odd, "argument-form"},
		{"an item of a number", call(global("numpy", "float64"), num(1)) + "NNs", bad, "store-wrong-kind"},
		{"a number", call(global("numpy", "float64"), num(1)), clean, ""},
		{"a number of a number", call(global("numpy", "float64"), call(global("numpy", "int64"), num(1))), clean, ""},
		{"a text of a text", call(global("__builtin__", "unicode"), str("a")), clean, ""},
		{"a text of bytes", call(global("__builtin__", "str"), raw(name), str("ascii")), odd, "argument-form"},
		{"a text of an object", call(global("__builtin__", "str"), call(global("argparse", "Namespace"))), odd, "argument-form"},
		{"keys of an array", call(global("collections", "OrderedDict"), call(global("numpy.core.multiarray", "_reconstruct"), global("numpy", "ndarray"), tuple(num(0)), raw("b"))), odd, "argument-form"},
	} {
		r := judge(t, []byte(proto2(c.pickle)))
		if r.Severity != c.want || c.id != "" && has(r, c.id) == nil {
			t.Errorf("%s: %s %v, want %s %s", c.name, r.Severity, found(r), c.want, c.id)
		}
	}
}
