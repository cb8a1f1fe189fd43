package scan_test

import (
	"strings"
	"testing"

	"depickle/scan"
)

// What CPython 3.8 to 3.13 write of functools.partial, and what is made to look
// like it. A partial is what its function is; a call of it is that of the
// function, with all of the arguments.
func TestPartial(t *testing.T) {
	const clean, odd, bad = scan.Clean, scan.Suspicious, scan.Dangerous
	var (
		partial = global("functools", "partial")
		made    = func(f string) string { return partial + f + "\x85R" }
		with    = func(f string, state ...string) string { return made(f) + tuple(append([]string{f}, state...)...) + "b" }
		args    = func(f string, args ...string) string { return with(f, tuple(args...), "}", "N") }
		called  = func(p string, args ...string) string { return p + tuple(args...) + "R" }
		dict    = global("__builtin__", "dict")
		list    = global("__builtin__", "list")
		lots    = call(global("__builtin__", "xrange"), num(1<<30))
		layer   = global("torch.nn.modules.normalization", "LayerNorm")
		deque   = global("collections", "deque")
		system  = global("os", "system")
		id      = str("id")
		unknown = global("m", "f")
	)
	for _, c := range []struct {
		name   string
		pickle string
		want   scan.Severity
		id     string
	}{
		{"without arguments", args(dict), clean, ""},
		{"with keywords", with(layer, ")", "}"+str("eps")+num(1)+"s", "N"), clean, ""},
		{"with attributes", with(layer, ")", "}", "}"+str("tag")+num(3)+"s"), clean, ""},
		{"without keywords, as pickle.py writes it", with(layer, ")", "N", "N"), clean, ""},
		{"protocol 4", "\x80\x04" + stack("functools", "partial") + dict + "\x85R" + tuple(dict, ")", "}", "N") + "b", clean, ""},
		{"of a partial with attributes", args(args(dict), num(5)), clean, ""},
		{"for a missing key", call(global("collections", "defaultdict"), with(deque, ")", "}"+str("maxlen")+num(3)+"s", "N")), clean, ""},
		{"of an activation", args(global("torch.nn.functional", "leaky_relu")), clean, ""},

		{"of an unknown class", args(unknown, num(1)), odd, "global-unknown"},
		{"of a function with a rule", args(global("_codecs", "encode"), str("a")), odd, "argument-form"},
		{"of getattr's", args(call(global("__builtin__", "getattr"), global("m", "C"), str("f"))), odd, "global-restricted"},
		{"of an object", args(call(global("argparse", "Namespace"))), odd, "argument-form"},
		{"of a number", made(num(1)), odd, "argument-form"},
		{"by NEWOBJ", partial + dict + "\x85\x81", odd, "argument-form"},
		{"with arguments at once", call(partial, dict, num(1)), odd, "argument-form"},
		{"of nothing", partial + ")R", odd, "argument-form"},
		{"a state of three", made(dict) + tuple(dict, ")", "}") + "b", odd, "argument-form"},
		{"a state that is computed", made(dict) + call(global("__builtin__", "tuple"), "]") + "b", odd, "argument-form"},
		{"arguments that are computed", with(dict, call(global("__builtin__", "tuple"), "]"), "}", "N"), odd, "argument-form"},
		{"a subclass of a project's", global("m", "P") + dict + "\x85R" + tuple(dict, ")", "}", "N") + "b", odd, "global-unknown"},

		{"of os.system", args(system, id), bad, "global-dangerous"},
		{"of os.system, without a state", call(partial, system, id), bad, "global-dangerous"},
		{"a state that puts os.system in", made(dict) + tuple(system, tuple(id), "}", "N") + "b", bad, "global-dangerous"},
		{"a state that takes os.system out", made(system) + tuple(dict, ")", "}", "N") + "b", bad, "global-dangerous"},
		{"of getattr", args(global("__builtin__", "getattr")), bad, "global-dangerous"},
		{"of memmap", args(global("numpy", "memmap"), str("f")), bad, "argument-rule"},
		{"of _load_from_bytes", args(global("torch.storage", "_load_from_bytes"), raw("N.")), bad, "argument-rule"},
		{"of joblib's array", made(global("joblib.numpy_pickle", "NumpyArrayWrapper")), bad, "argument-rule"},
		{"a state that puts joblib's array in", args(dict) + "0" + made(dict) + tuple(global("joblib.numpy_pickle", "NumpyArrayWrapper"), ")", "}", "N") + "b", bad, "argument-rule"},
		{"a state set twice", args(dict) + tuple(dict, ")", "}", "N") + "b", bad, "change-after-state"},
		{"items", made(dict) + "Na", bad, "store-wrong-kind"},
		{"made by copyreg", call(global("copy_reg", "_reconstructor"), partial, global("__builtin__", "object"), "N"), bad, "argument-rule"},
		{"of a list without end", args(list, lots), bad, "argument-rule"},
		{"with keywords by NEWOBJ_EX", partial + dict + "\x85}" + str("a") + "Ns\x92", bad, "argument-rule"},

		// Calls.
		{"called", called(args(dict)), clean, ""},
		{"called, then filled", called(args(dict)) + str("a") + "Ns", clean, ""},
		{"called, then filled as what it is not", called(args(dict)) + "Na", bad, "store-wrong-kind"},
		{"an unknown is called", called(args(unknown)), odd, "call-of-result"},
		{"a layer is called", called(args(layer), num(1<<30)), odd, "argument-form"},
		{"a layer is called with keywords", called(with(layer, ")", "}"+str("eps")+num(1)+"s", "N")), bad, "argument-rule"},
		{"keywords that come later", "}\x94" + "0" + made(layer) + tuple(layer, ")", "h\x00", "N") + "b" + "h\x00" + str("eps") + num(1) + "s0)R", bad, "argument-rule"},
		{"os.system is called", called(args(system), id), bad, "global-dangerous"},
		{"a codec is called", called(args(global("_codecs", "encode"), str("a")), str("rot13")), bad, "argument-rule"},
		{"a range is walked", call(list, called(args(global("__builtin__", "xrange"), num(1<<30)))), bad, "argument-rule"},
		{"what getattr reached is called", called(args(call(global("__builtin__", "getattr"), dict, str("fromkeys"))), ")"), bad, "call-of-result"},
		{"a partial of itself is called", made(dict) + "\x94" + tuple("h\x00", ")", "}", "N") + "b)R", bad, "call-of-result"},
		{"a computed state is called", made(dict) + call(global("__builtin__", "tuple"), "]") + "b)R", bad, "call-of-result"},
		{"called with computed arguments", args(dict) + call(unknown) + "R", bad, "call-of-result"},
		{"many arguments are called", called(args(dict, strings.Repeat("N", 17))), bad, "call-of-result"},
		{"a gap in the arguments is called", called(args(dict, global("functools", "Placeholder")), id), bad, "call-of-result"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := judge(t, []byte(proto2(c.pickle)))
			if r.Severity != c.want || !r.Complete || c.id != "" && has(r, c.id) == nil {
				t.Errorf("%s %v (complete %v), want %s %s", r.Severity, found(r), r.Complete, c.want, c.id)
			}
			verdict(t, r)
		})
	}
}

// What a partial would call stands in the report.
func TestPartialSays(t *testing.T) {
	partial := global("functools", "partial") + global("os", "system") + "\x85R" + tuple(global("os", "system"), tuple(str("id")), "}", "N") + "b"
	for pickle, want := range map[string]string{
		partial:         "makes a partial of os.system('id'), which runs commands or reaches the operating system",
		partial + ")R":  "calls os.system('id') when loaded; it runs commands or reaches the operating system",
		partial + "NR.": "makes a partial of os.system('id'), which runs commands or reaches the operating system",
	} {
		if f := has(judge(t, []byte(proto2(pickle))), "global-dangerous"); f == nil || f.Message != want {
			t.Errorf("%+v, want %q", f, want)
		}
	}
}
