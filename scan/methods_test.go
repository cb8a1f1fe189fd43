package scan_test

import (
	"testing"

	"depickle/scan"
)

// What a method of a harmless class calls is what the object's state says. The
// pickles under real torch replaced the methods of torch.nn.Linear, with globals
// that are harmless each.
func TestMethods(t *testing.T) {
	const clean, odd, bad = scan.Clean, scan.Suspicious, scan.Dangerous
	var (
		object = func(module, class string, state string) string { return global(module, class) + ")\x81" + state + "b" }
		space  = object("types", "SimpleNamespace", "}"+str("replace")+global("__builtin__", "dict")+"s")
		layers = object("torch.nn.modules.container", "ModuleList", "}"+str("_modules")+space+"s")
		adam   = func(state string) string { return object("torch.optim.adam", "Adam", state) }
		meta   = call(global("torch._utils", "_rebuild_meta_tensor_no_storage"), global("torch", "float32"), tuple(num(1)), tuple(num(1)), "\x89")
		od     = call(global("collections", "OrderedDict"))
		param  = func(state string) string {
			return call(global("torch._utils", "_rebuild_parameter_with_state"), meta, "\x89", od, state)
		}
	)
	for _, c := range []struct {
		name   string
		pickle string
		want   scan.Severity
		id     string
	}{
		{"an object", space, clean, ""},
		{"a list of lists", call(global("__builtin__", "list"), call(global("__builtin__", "list"), "]")), clean, ""},
		{"a list of modules", call(global("__builtin__", "list"), layers), odd, "argument-form"},
		{"a set of modules", call(global("__builtin__", "set"), layers), odd, "argument-form"},
		{"a dict of an object", call(global("collections", "OrderedDict"), space), odd, "argument-form"},
		{"a dict of a dict", call(global("collections", "OrderedDict"), od), clean, ""},
		{"a UUID of a text", call(global("uuid", "UUID"), str("0")), clean, ""},
		{"a UUID of an object", call(global("uuid", "UUID"), space), odd, "argument-form"},
		{"an optimizer", adam("}" + str("state") + call(global("collections", "defaultdict"), global("__builtin__", "dict")) + "s" + str("param_groups") + "]s"), clean, ""},
		{"an optimizer with an object for its state", adam("}" + str("state") + space + "s"), odd, "argument-form"},
		{"a layer with an object for its state", object("torch.nn.modules.linear", "Linear", space), odd, "argument-form"},
		{"the same in protocol 0", call(global("copy_reg", "_reconstructor"), global("torch.nn.modules.linear", "Linear"), global("__builtin__", "object"), "N") + space + "b", odd, "argument-form"},
		{"a parameter with attributes", param("}" + str("tag") + num(1) + "s"), clean, ""},
		{"a parameter with attributes of an object", param(space), odd, "argument-form"},
		{"a parameter whose __setstate__ is called", param("}"+str("__setstate__")+global("__builtin__", "dict")+"s") + "}b", bad, "change-after-state"},
	} {
		r := judge(t, []byte(proto2(c.pickle)))
		if r.Severity != c.want || c.id != "" && has(r, c.id) == nil {
			t.Errorf("%s: %s %v, want %s %s", c.name, r.Severity, found(r), c.want, c.id)
		}
	}
}
