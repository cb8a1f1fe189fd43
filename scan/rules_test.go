package scan_test

import (
	"strings"
	"testing"

	"depickle/scan"
)

// Each argument rule: the form that picklers write is clean, other forms are
// what the table says. The pickles stand in a torch file with a FloatStorage
// "0" of four elements.
func TestRules(t *testing.T) {
	var (
		v2      = global("torch._utils", "_rebuild_tensor_v2")
		v3      = global("torch._utils", "_rebuild_tensor_v3")
		v1      = global("torch._utils", "_rebuild_tensor")
		q       = global("torch._utils", "_rebuild_qtensor")
		from    = global("torch._tensor", "_rebuild_from_type_v2")
		cls     = global("torch", "Tensor")
		encode  = global("_codecs", "encode")
		ba      = global("__builtin__", "bytearray")
		rec     = global("numpy.core.multiarray", "_reconstruct")
		nd      = global("numpy", "ndarray")
		dtype   = global("numpy", "dtype")
		f4      = call(dtype, str("f4"), "\x89", "\x88")
		recon   = global("copy_reg", "_reconstructor")
		object  = global("__builtin__", "object")
		param   = global("torch._utils", "_rebuild_parameter")
		getattr = global("__builtin__", "getattr")
		eval    = global("__builtin__", "eval")
		od      = call(global("collections", "OrderedDict"))
		st      = storage("FloatStorage", "0", 4)
		ten     = tensor("0", 4)
		inner   = tuple(st, num(0), tuple(num(4)), tuple(num(1)), "\x89", od)
		rebuild = func(off int32, size, stride string) string { return call(v2, st, num(off), size, stride, "\x89", od) }
		array   = func(shape, dt, data string) string {
			return call(rec, nd, tuple(num(0)), raw("b")) + tuple(num(1), shape, dt, "\x89", data) + "b"
		}
		lots = big(1 << 60)
	)
	const clean, odd, bad = scan.Clean, scan.Suspicious, scan.Dangerous
	for _, c := range []struct {
		name   string
		pickle string
		want   scan.Severity
		id     string
	}{
		// Tensors: the geometry of all forms.
		{"v2", ten, clean, ""},
		{"v2 with metadata", call(v2, st, num(0), tuple(num(4)), tuple(num(1)), "\x89", od, "}"), clean, ""},
		{"v2 with metadata that is none", call(v2, st, num(0), tuple(num(4)), tuple(num(1)), "\x89", od, "K\x01"), odd, "argument-form"},
		{"v2, 5 arguments", call(v2, st, num(0), tuple(num(4)), tuple(num(1)), "\x89"), bad, "argument-rule"},
		{"v2, 8 arguments", call(v2, st, num(0), tuple(num(4)), tuple(num(1)), "\x89", od, "N", "N"), bad, "argument-rule"},
		{"v1", call(v1, st, num(0), tuple(num(2), num(2)), tuple(num(2), num(1))), clean, ""},
		{"v1, 5 arguments", call(v1, st, num(0), tuple(num(4)), tuple(num(1)), "\x89"), bad, "argument-rule"},
		{"v3", call(v3, st, num(0), tuple(num(8)), tuple(num(1)), "\x89", od, global("torch", "int16")), clean, ""},
		{"v3 past the end", call(v3, st, num(0), tuple(num(9)), tuple(num(1)), "\x89", od, global("torch", "int16")), bad, "tensor-geometry"},
		{"v3 of no dtype", call(v3, st, num(0), tuple(num(1)), tuple(num(1)), "\x89", od, "N"), bad, "argument-rule"},
		{"v3 of a dtype without elements", call(v3, st, num(0), tuple(num(1)), tuple(num(1)), "\x89", od, global("torch", "int3")), bad, "argument-rule"},
		{"past the end", rebuild(1, tuple(num(4)), tuple(num(1))), bad, "tensor-geometry"},
		{"far past the end", rebuild(0, tuple(num(4)), tuple(num(1<<30))), bad, "tensor-geometry"},
		{"negative offset", rebuild(-1, tuple(num(1)), tuple(num(1))), bad, "tensor-geometry"},
		{"negative size", rebuild(0, tuple(num(-1)), tuple(num(1))), bad, "tensor-geometry"},
		{"negative stride", rebuild(3, tuple(num(2)), tuple(num(-1))), bad, "tensor-geometry"},
		{"overflow", rebuild(0, tuple(lots, lots), tuple(num(0), num(0))), bad, "tensor-geometry"},
		{"a size that overflows 64 bits", rebuild(0, tuple("L18446744073709551617L\n"), tuple(num(0))), bad, "argument-rule"},
		{"sizes without strides", rebuild(0, tuple(num(2), num(2)), tuple(num(1))), bad, "tensor-geometry"},
		{"expanded", rebuild(3, tuple(num(1<<30)), tuple(num(0))), clean, ""},
		{"empty", rebuild(0, tuple(num(0)), tuple(num(1))), clean, ""},
		{"a list for a size", rebuild(0, "]K\x04a", tuple(num(1))), bad, "argument-rule"},
		{"a torch.Size", rebuild(0, call(global("torch", "Size"), tuple(num(4))), tuple(num(1))), clean, ""},
		{"of no storage", call(v2, "N", num(0), tuple(num(4)), tuple(num(1)), "\x89", od), bad, "argument-rule"},
		{"of a tensor", call(v2, ten, num(0), tuple(num(4)), tuple(num(1)), "\x89", od), bad, "argument-rule"},
		{"with computed arguments", v2 + call(global("m", "f")) + "R", bad, "argument-rule"},
		{"with keywords", v2 + ")}K\x01K\x02s\x92", bad, "argument-rule"},
		{"quantized", call(q, storage("QInt8Storage", "1", 4), num(0), tuple(num(4)), tuple(num(1)), ")", "\x89", od), clean, ""},
		{"quantized past the end", call(q, storage("QInt8Storage", "1", 4), num(1), tuple(num(4)), tuple(num(1)), ")", "\x89", od), bad, "tensor-geometry"},
		{"quantized and expanded", call(q, storage("QInt8Storage", "1", 4), num(0), tuple(num(1<<30)), tuple(num(0)), ")", "\x89", od), bad, "argument-rule"},
		{"meta", call(global("torch._utils", "_rebuild_meta_tensor_no_storage"), global("torch", "float32"), tuple(lots), tuple(num(1)), "\x89"), clean, ""},
		{"meta of no dtype", call(global("torch._utils", "_rebuild_meta_tensor_no_storage"), "N", tuple(num(1)), tuple(num(1)), "\x89"), odd, "argument-form"},
		{"device", call(global("torch._utils", "_rebuild_device_tensor_from_cpu_tensor"), ten, global("torch", "float32"), str("xla:0"), "\x89"), clean, ""},
		{"device of no tensor", call(global("torch._utils", "_rebuild_device_tensor_from_cpu_tensor"), od, global("torch", "float32"), str("xla:0"), "\x89"), odd, "argument-form"},

		// Storages.
		{"two sizes", tuple(st, storage("FloatStorage", "0", 3)), bad, "storage-mismatch"},
		{"two types", tuple(st, storage("IntStorage", "0", 4)), bad, "storage-mismatch"},
		{"larger than its record", storage("FloatStorage", "0", 5), bad, "storage-mismatch"},
		{"negative", storage("FloatStorage", "0", -1), bad, "storage-mismatch"},
		{"overflow", tuple(str("storage"), global("torch", "FloatStorage"), str("0"), str("cpu"), lots) + "Q", bad, "storage-mismatch"},
		{"of another class", tuple(str("storage"), global("torch", "Tensor"), str("0"), str("cpu"), num(4)) + "Q", bad, "storage-mismatch"},
		{"of another module", tuple(str("storage"), global("m", "FloatStorage"), str("0"), str("cpu"), num(4)) + "Q", bad, "storage-mismatch"},
		{"without a location", tuple(str("storage"), global("torch", "FloatStorage"), str("0"), "N", num(4)) + "Q", bad, "storage-mismatch"},
		{"a storage class is called", call(global("torch", "FloatStorage"), num(1<<30)), bad, "argument-rule"},
		{"a dtype is called", call(global("torch", "float32")), odd, "argument-form"},

		// Parameters and subclasses.
		{"parameter", call(param, ten, "\x88", od), clean, ""},
		{"parameter of nothing", call(param, "N", "\x88", od), bad, "argument-rule"},
		{"parameter of a dict", call(param, od, "\x88", od), bad, "argument-rule"},
		{"parameter of a storage", call(param, st, "\x88", od), bad, "argument-rule"},
		{"parameter of a known object", call(param, call(global("argparse", "Namespace")), "\x88", od), odd, "argument-form"},
		{"parameter, 2 arguments", call(param, ten, "\x88"), bad, "argument-rule"},
		{"the class itself", call(global("torch.nn.parameter", "Parameter"), ten), clean, ""},
		{"the class of a dict", call(global("torch.nn.parameter", "Parameter"), od), bad, "argument-rule"},
		{"subclass", call(from, v2, cls, inner, "}"), clean, ""},
		{"subclass of os.system", call(from, global("os", "system"), cls, tuple(str("id")), "}"), bad, "argument-rule"},
		{"subclass of an unknown", call(from, global("m", "f"), cls, tuple(str("id")), "}"), bad, "argument-rule"},
		{"subclass of OrderedDict", call(from, global("collections", "OrderedDict"), cls, ")", "}"), bad, "argument-rule"},
		{"subclass of _load_from_bytes", call(from, global("torch.storage", "_load_from_bytes"), cls, tuple(raw("N.")), "}"), bad, "argument-rule"},
		{"subclass past the end", call(from, v2, cls, tuple(st, num(9), tuple(num(4)), tuple(num(1)), "\x89", od), "}"), bad, "tensor-geometry"},
		{"subclass of a subclass", call(from, from, cls, tuple(v2, cls, inner, "}"), "}"), clean, ""},
		{"subclass of a subclass of os.system", call(from, from, cls, tuple(global("os", "system"), cls, tuple(str("id")), "}"), "}"), bad, "argument-rule"},
		{"subclasses without end", call(from, deep(from, cls, 20)), bad, "argument-rule"},
		{"subclass with 3 arguments", call(from, v2, cls, inner), bad, "argument-rule"},
		{"old tensor", global("torch", "FloatTensor") + ")\x81" + tuple(st, num(0), tuple(num(4)), tuple(num(1))) + "b", clean, ""},
		{"old tensor past the end", global("torch", "FloatTensor") + ")\x81" + tuple(st, num(1), tuple(num(4)), tuple(num(1))) + "b", bad, "tensor-geometry"},
		{"old tensor, other state", global("torch", "FloatTensor") + ")\x81" + tuple(st) + "b", bad, "argument-rule"},
		{"a tensor class allocates", call(global("torch", "FloatTensor"), num(1<<30)), bad, "argument-rule"},
		{"a layer", global("torch.nn.modules.linear", "Linear") + ")\x81}b", clean, ""},
		{"a layer is constructed", call(global("torch.nn.modules.linear", "Linear"), num(1<<30), num(1<<30)), odd, "argument-form"},

		// Bytes.
		{"latin1", call(encode, str("a\u00ff"), str("latin1")), clean, ""},
		{"latin-1", call(encode, str("a"), str("Latin-1")), clean, ""},
		{"another codec", call(encode, str("a"), str("rot13")), bad, "argument-rule"},
		{"no codec", call(encode, str("a")), bad, "argument-rule"},
		{"a computed codec", call(encode, str("a"), call(global("m", "f"))), bad, "argument-rule"},
		{"latin1 of bytes", call(encode, raw("a"), str("latin1")), bad, "argument-rule"},
		{"above U+00FF", call(encode, str("\u0100"), str("latin1")), odd, "argument-form"},
		{"bytearray", call(ba, call(encode, str("a"), str("latin1"))), clean, ""},
		{"bytearray of bytes", call(ba, raw("a")), clean, ""},
		{"bytearray of text", call(ba, str("a"), str("latin-1")), clean, ""},
		{"bytearray of nothing", call(ba), clean, ""},
		{"bytearray of a number", call(ba, big(1_000_000_000_000)), bad, "argument-rule"},
		{"bytearray of a long number", call(ba, "L18446744073709551617L\n"), bad, "argument-rule"},
		{"bytearray of an object", call(ba, call(global("numpy.core.multiarray", "scalar"), call(dtype, str("i8")), raw("\x00\x00\x00\x00\x00\x10\x00\x00"))), bad, "argument-rule"},
		{"bytearray of another codec", call(ba, str("a"), str("utf-16")), bad, "argument-rule"},
		{"bytes of a number", call(global("__builtin__", "bytes"), big(1_000_000_000_000)), bad, "argument-rule"},
		{"a void of a number", call(global("numpy", "void"), big(1_000_000_000_000)), bad, "argument-rule"},
		{"a list of a range", call(global("__builtin__", "list"), call(global("__builtin__", "xrange"), lots)), bad, "argument-rule"},
		{"a range", call(global("__builtin__", "xrange"), lots), clean, ""},
		{"an int of a decimal", call(global("__builtin__", "int"), call(global("decimal", "Decimal"), str("1e999999999"))), bad, "argument-rule"},

		// numpy.
		{"array", array(tuple(num(2)), f4, raw("12345678")), clean, ""},
		{"array of text", array(tuple(num(2)), f4, call(encode, str("1234567\u00ff"), str("latin1"))), clean, ""},
		{"array of too little", array(tuple(num(3)), f4, raw("12345678")), bad, "argument-rule"},
		{"array of too little text", array(tuple(num(3)), f4, call(encode, str("1234567\u00ff"), str("latin1"))), bad, "argument-rule"},
		{"array of a Python 2 string", array(tuple(num(2)), f4, "S'12345\\x078\\n'\n"), clean, ""},
		{"array of too long a string", array(tuple(num(2)), f4, "S'123456789'\n"), bad, "argument-rule"},
		{"negative array", array(tuple(num(-1)), f4, raw("")), bad, "argument-rule"},
		{"array that overflows", array(tuple(lots, lots), f4, raw("")), bad, "argument-rule"},
		{"array of objects", array(tuple(num(1)), call(dtype, str("O8"), "\x89", "\x88"), "]Na"), clean, ""},
		{"array of no dtype", array(tuple(num(1)), "N", raw("1234")), odd, "argument-form"},
		{"array twice", array(tuple(num(1)), f4, raw("1234")) + tuple(num(1), tuple(num(1)), f4, "\x89", raw("1234")) + "b", bad, "argument-rule"},
		{"a shape allocates", call(rec, nd, tuple(lots), raw("b")), bad, "argument-rule"},
		{"zero and negative", call(rec, nd, tuple(num(0), num(-1)), raw("b")), bad, "argument-rule"},
		{"masked array", call(global("numpy.ma.core", "_mareconstruct"), global("numpy.ma", "MaskedArray"), nd, tuple(num(0)), raw("b")), clean, ""},
		{"masked array allocates", call(global("numpy.ma.core", "_mareconstruct"), global("numpy.ma", "MaskedArray"), nd, tuple(lots), raw("b")), bad, "argument-rule"},
		{"of no class", call(rec, "N", tuple(num(0)), raw("b")), bad, "argument-rule"},
		{"ndarray allocates", call(nd, tuple(lots)), bad, "argument-rule"},
		{"ndarray allocates by NEWOBJ", nd + tuple(tuple(lots)) + "\x81", bad, "argument-rule"},
		{"ndarray allocates by keyword", nd + ")}X\x05\x00\x00\x00shape" + tuple(lots) + "s\x92", bad, "argument-rule"},
		{"ndarray allocates by _reconstructor", call(recon, nd, nd, tuple(lots)), bad, "argument-rule"},
		{"dtype", f4 + tuple(num(3), str("<"), "N", "N", "N", "J\xff\xff\xff\xff", "J\xff\xff\xff\xff", num(0)) + "b", clean, ""},
		{"dtype of another state", f4 + tuple(num(3)) + "b", odd, "argument-form"},
		{"dtype of no arguments", call(dtype), odd, "argument-form"},
		{"scalar", call(global("numpy.core.multiarray", "scalar"), f4, raw("1234")), clean, ""},
		{"scalar of too little", call(global("numpy.core.multiarray", "scalar"), f4, raw("123")), bad, "argument-rule"},
		{"scalar of no dtype", call(global("numpy.core.multiarray", "scalar"), "N", raw("123")), odd, "argument-form"},
		{"frombuffer", call(global("numpy.core.numeric", "_frombuffer"), raw("1234"), f4, tuple(num(1)), str("C")), clean, ""},
		{"frombuffer of too little", call(global("numpy.core.numeric", "_frombuffer"), raw("1234"), f4, tuple(num(2)), str("C")), bad, "argument-rule"},
		{"random state", call(global("numpy.random._pickle", "__randomstate_ctor"), str("MT19937")), clean, ""},
		{"random state by class", call(global("numpy.random._pickle", "__randomstate_ctor"), call(global("numpy.random._pickle", "__bit_generator_ctor"), global("numpy.random._mt19937", "MT19937"))), clean, ""},
		{"random state calls", call(global("numpy.random._pickle", "__randomstate_ctor"), big(1<<40), ba), bad, "argument-rule"},

		// copyreg._reconstructor.
		{"an object of protocol 1", call(recon, global("torch.nn.modules.linear", "Linear"), object, "N") + "}b", clean, ""},
		{"a list subclass", call(recon, global("m", "L"), global("__builtin__", "list"), "]"), odd, "global-unknown"},
		{"of no class", call(recon, "N", object, "N"), bad, "argument-rule"},
		{"2 arguments", call(recon, object, object), bad, "argument-rule"},
		{"a base that allocates", call(recon, global("m", "A"), ba, big(1<<40)), bad, "argument-rule"},
		{"a state that the base does not have", call(recon, global("m", "A"), global("__builtin__", "bytes"), big(1<<40)), bad, "argument-rule"},
		{"a state for object", call(recon, global("m", "A"), object, num(1)), bad, "argument-rule"},
		{"of a rebuild function", call(recon, v2, object, "N"), bad, "argument-rule"},

		// What is harmless in one use.
		{"getattr, plain", call(getattr, global("torch._C", "_VariableFunctions"), str("tanh")), odd, "global-restricted"},
		{"getattr, twice from the memo", getattr + "q\x07" + tuple(global("m", "A"), str("x")) + "R0h\x07" + tuple(global("m", "A"), str("y")) + "R", odd, "global-restricted"},
		{"getattr, once good, once bad", getattr + "q\x07" + tuple(global("m", "A"), str("x")) + "R0h\x07" + tuple(od, str("__globals__")) + "R", bad, "global-dangerous"},
		{"getattr, used and kept", getattr + "q\x07" + tuple(global("m", "A"), str("x")) + "R0h\x07", bad, "global-dangerous"},
		{"getattr, duplicated", getattr + "2" + tuple(global("m", "A"), str("x")) + "R", bad, "global-dangerous"},
		{"getattr, named", getattr, bad, "global-dangerous"},
		{"eval, as Paddle writes it", call(eval, str("data"), "}"+str("data")+array(tuple(num(1)), f4, raw("abcd"))+"s"), odd, "global-restricted"},
		{"eval of another text", call(eval, str("data()"), "}"+str("data")+array(tuple(num(1)), f4, raw("abcd"))+"s"), bad, "global-dangerous"},
		{"eval with another key", call(eval, str("data"), "}"+str("date")+array(tuple(num(1)), f4, raw("abcd"))+"s"), bad, "global-dangerous"},
		{"eval of what is no array", call(eval, str("data"), "}"+str("data")+od+"s"), bad, "global-dangerous"},
		{"eval without a dict", call(eval, str("data")), bad, "global-dangerous"},
		{"eval with locals", call(eval, str("data"), "}"+str("data")+array(tuple(num(1)), f4, raw("abcd"))+"s", "}"), bad, "global-dangerous"},
		{"eval, named", eval, bad, "global-dangerous"},
		{"eval, duplicated", eval + "2" + tuple(str("data"), "}"+str("data")+array(tuple(num(1)), f4, raw("abcd"))+"s") + "R", bad, "global-dangerous"},
		{"getattr of a module", call(getattr, global("torch.utils", "cpp_extension"), str("load_inline")), bad, "global-dangerous"},
		{"getattr of __globals__", call(getattr, global("m", "f"), str("__globals__")), bad, "global-dangerous"},
		// Protocols below 4 write a bound method and a nested class so.
		{"getattr of an object", call(getattr, od, str("update")), odd, "global-restricted"},
		{"getattr of an object, and called", call(call(getattr, od, str("update"))), bad, "call-of-result"},
		{"getattr of an object, dunder", call(getattr, od, str("__reduce__")), bad, "global-dangerous"},
		{"getattr of an object, hidden module", call(getattr, od, str("_os")), bad, "global-dangerous"},
		{"getattr of an object, gadget", call(getattr, od, str("system")), bad, "global-dangerous"},
		{"getattr of a dict", call(getattr, "}", str("update")), bad, "global-dangerous"},
		{"getattr of a method", call(getattr, call(getattr, od, str("update")), str("x")), bad, "global-dangerous"},
		{"getattr of a module of torch, and called", call(call(getattr, global("torch", "storage"), str("x"))), bad, "call-of-result"},
		{"getattr through a module", call(call(getattr, global("m", "os"), str("system")), str("id")), bad, "global-dangerous"},
		{"getattr of a computed name", call(getattr, global("m", "A"), call(global("m", "f"))), bad, "global-dangerous"},
		{"getattr with a default", call(getattr, global("m", "A"), str("x"), "N"), bad, "global-dangerous"},
		{"object of a nested class", call(getattr, global("m", "A"), str("B")) + ")\x81", odd, "call-of-result"},
		{"getattr, and built", call(getattr, global("m", "A"), str("x")) + "}b", bad, "build-on-global"},
		{"dill type", call(global("dill._dill", "_load_type"), str("MappingProxyType")), odd, "global-restricted"},
		{"dill code", call(global("dill._dill", "_load_type"), str("CodeType")), bad, "global-dangerous"},
		{"dill type, called", call(call(global("dill._dill", "_load_type"), str("MappingProxyType"))), bad, "call-of-result"},
		{"type hint", call(global("_operator", "getitem"), global("typing", "Optional"), global("builtins", "int")), odd, "global-restricted"},
		{"item of a module", call(global("_operator", "getitem"), global("m", "A"), str("x")), bad, "global-dangerous"},
		{"type hint, called", call(call(global("_operator", "getitem"), global("typing", "Optional"), global("builtins", "int")), str("x")), bad, "call-of-result"},
		// A state can put a global under __setstate__ or append; the next opcode calls it.
		{"state set twice", global("argparse", "Namespace") + ")\x81}b}b", bad, "change-after-state"},
		{"append after the state", global("argparse", "Namespace") + ")\x81}bK\x01a", bad, "change-after-state"},
		{"item after the state", call(global("collections", "OrderedDict")) + "}b" + str("k") + "K\x01s", bad, "change-after-state"},
		{"items, then the state", call(global("collections", "OrderedDict")) + str("k") + "K\x01s}b", clean, ""},
		{"identity of a class", call(global("torch.jit._pickle", "restore_type_tag"), global("pathlib", "Path"), str("s")), bad, "argument-rule"},
		{"identity of numpy's", call(global("numpy", "object_"), global("pathlib", "Path")), bad, "argument-rule"},
		{"dill set", call(call(global("dill._dill", "_load_type"), str("set")), "]"), odd, "call-of-result"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := archive(t, member{"a/data.pkl", proto2("(" + c.pickle + "t")}, member{"a/data/0", strings.Repeat("\x00", 16)},
				member{"a/data/1", "1234"})
			r := judge(t, file)
			if r.Severity != c.want || !r.Complete || (c.id != "" && has(r, c.id) == nil) {
				t.Errorf("%s %v (complete %v), want %s %s", r.Severity, found(r), r.Complete, c.want, c.id)
				for _, f := range r.Findings {
					t.Logf("%s: %s", f.ID, f.Message)
				}
			}
			verdict(t, r)
		})
	}
}

// deep is the arguments of n subclasses around each other.
func deep(from, cls string, n int) string {
	s := from + cls + ")}"
	for range n {
		s = from + cls + "(" + s + "t}"
	}
	return s
}

// A rule that is broken says which global it is about, and where.
func TestRuleNamesItsGlobal(t *testing.T) {
	r := judge(t, []byte(proto2(call(global("__builtin__", "bytearray"), big(1<<40)))))
	f := has(r, "argument-rule")
	if f == nil || f.Global != "__builtin__.bytearray" || f.Opcode != "REDUCE" || f.Offset != 43 || !strings.HasPrefix(f.Message, "__builtin__.bytearray ") {
		t.Errorf("%+v", f)
	}
}
