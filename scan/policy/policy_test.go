package policy

import (
	"flag"
	"os"
	"strings"
	"testing"
)

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		module, name string
		tier         Tier
		rule         Rule
	}{
		{"torch", "FloatStorage", Tensor, Named},
		{"torch.cuda", "FloatStorage", Tensor, Named},
		{"torch.cuda", "QInt8Storage", Unknown, None}, // torch has none
		{"torch", "int3", Tensor, Named},
		{"torch", "uint7", Tensor, Named},
		{"torch", "int9", Unknown, None},
		{"torch", "bcomplex32", Tensor, Named},
		{"torch", "per_channel_affine", Tensor, Named},
		{"torch", "half", Data, Named},
		{"torch.sparse", "FloatTensor", Tensor, TensorClass},
		{"torch.sparse", "BoolTensor", Unknown, None}, // torch has none
		{"torch._utils", "_rebuild_tensor_v2", Tensor, RebuildTensorV2},
		{"torch._utils", "_rebuild_qtensor", Tensor, RebuildQTensor},
		{"torch._utils", "_rebuild_nested_tensor", Unknown, None}, // torch does not allow it
		{"torch._utils", "_rebuild_tensor_v4", Unknown, None},
		{"torch._utils", "Tensor", Unknown, None},
		{"torch.tensor", "_rebuild_from_type", Tensor, RebuildFromType},
		{"torch._tensor", "_rebuild_from_type_v2", Tensor, RebuildFromType},
		{"torch.storage", "_load_from_bytes", Data, LoadFromBytes},
		{"collections", "OrderedDict", Tensor, None},
		{"collections", "namedtuple", Unknown, None},
		{"builtins", "set", Tensor, Iterates},
		{"__builtin__", "set", Tensor, Iterates},
		{"__builtin__", "unicode", Data, PlainValue},
		{"__builtin__", "xrange", Data, None},
		{"copy_reg", "_reconstructor", Data, Reconstructor},
		{"UserDict", "OrderedDict", Unknown, None}, // may be anyone's module
		{"cStringIO", "StringIO", Unknown, None},
		{"numpy.core.multiarray", "_reconstruct", Data, Reconstruct},
		{"numpy._core.multiarray", "_reconstruct", Data, Reconstruct},
		{"torch.nn.modules.conv", "Conv2d", Data, WithoutArgs},
		{"torch.nn.modules.conv", "conv2d", Unknown, None},
		{"torch.nn.modules.conv.evil", "Conv2d", Unknown, None},
		{"Torch.nn.modules.conv", "Conv2d", Unknown, None},
		{"transformers.training_args", "TrainingArguments", Unknown, None},
		{"", "", Unknown, None},

		// What Python 2 called exceptions; another module may have that name.
		{"exceptions", "ValueError", Unknown, None},
		{"exceptions", "set", Unknown, None},

		// Dangerous by name, by module, by the module above, by renaming.
		{"builtins", "eval", Dangerous, EvalData},
		{"__builtin__", "eval", Dangerous, EvalData},
		{"__builtins__", "anything", Dangerous, None},
		{"os", "system", Dangerous, None},
		{"os", "anything", Dangerous, None},
		{"os.path", "join", Dangerous, None},
		{"posix", "system", Dangerous, None},
		{"asyncio.unix_events", "x", Dangerous, None},
		{"commands", "getoutput", Dangerous, None},
		{"cPickle", "loads", Dangerous, None},
		{"urllib2", "urlopen", Dangerous, None},
		{"itertools", "imap", Dangerous, None},
		{"__builtin__", "reduce", Dangerous, None},
		{"uuid", "_get_command_stdout", Dangerous, None},
		{"uuid", "UUID", Data, None},
		{"io", "FileIO", Dangerous, None},
		{"_io", "BytesIO", Data, None},
		{"torch", "load", Dangerous, None},
		{"torch.jit", "anything", Dangerous, None},
		{"torch.jit._pickle", "build_intlist", Data, Identity},
		{"torch.serialization", "_get_layout", Tensor, None},
		{"torch.serialization", "add_safe_globals", Dangerous, None},
		{"builtins", "getattr", Dangerous, Getattr},
		{"dill._dill", "_load_type", Dangerous, TypeByName},
		{"dill._dill", "_create_function", Dangerous, None},

		// Names of dangerous modules that people give to packages.
		{"code", "interact", Dangerous, None},
		{"code.model", "Net", Unknown, None},
		{"test", "Net", Unknown, None},
		{"test.support.script_helper", "assert_python_ok", Dangerous, None},
		{"ostrich", "system", Unknown, None},
		{"osmodule", "x", Unknown, None},

		// A module in reach through another one, and the inside of a module.
		{"random", "_os", Dangerous, None},
		{"torch.hub", "os", Dangerous, None},
		{"anything", "subprocess", Dangerous, None},
		{"anything", "__builtins__", Dangerous, None},
		{"anything", "__dict__", Dangerous, None},
		{"copyreg", "__newobj__", Unknown, None},
		{"torch", "hub", Dangerous, None},
		{"torch.utils", "cpp_extension", Dangerous, None},

		// Names with dots.
		{"pathlib", "os.system", Dangerous, None},
		{"builtins", "eval.__call__", Dangerous, None},
		{"torch.library", "torch.utils.collect_env.run", Dangerous, None},
		{"torch", "nn.Linear", Dangerous, None},
		{"numpy", "core.multiarray", Dangerous, None},
		{"collections", "OrderedDict.x", Dangerous, None},
		{"mymodel", "os.system", Dangerous, None},
		{"mymodel", "Net.__init__", Dangerous, None},
		{"mymodel", "helper.check_output", Dangerous, None},
		{"mymodel", "Net.Config", Unknown, None},
	} {
		g := Global{c.module, c.name}
		d := Decide(g)
		if d.Tier != c.tier || d.Rule != c.rule {
			t.Errorf("%s: %s, rule %d; want %s, rule %d", g, d.Tier, d.Rule, c.tier, c.rule)
		}
		if (d.Tier == Dangerous) != (d.Reason != "") {
			t.Errorf("%s: tier %s has the reason %q", g, d.Tier, d.Reason)
		}
	}
}

func TestAttribute(t *testing.T) {
	for _, c := range []struct {
		module, name, attr string
		want               bool
	}{
		{"torch._C", "_VariableFunctions", "tanh", true},
		{"transformers.training_args", "OptimizerNames", "ADAMW", true},
		{"torch._C", "_VariableFunctions", "from_file", false},
		{"logging", "config", "dictConfig", false},
		{"torch.utils", "data", "_os", false},
		{"mymodel", "tools", "os", false},
		{"mymodel", "tools", "eval", false},
		{"mymodel", "tools", "check_output", false},
		{"mymodel", "tools", "a.b", false},
		{"mymodel", "tools", "__globals__", false},
		{"mymodel", "tools", "", false},
		{"os", "path", "join", false},
		{"builtins", "getattr", "x", false},
		{"torch", "nn", "parameter", true},
		{"torch", "utils", "cpp_extension", false},
		{"torch", "distributed", "rpc", false},
	} {
		if got := Attribute(Global{c.module, c.name}, c.attr); got != c.want {
			t.Errorf("attribute %s of %s.%s: %v, want %v", c.attr, c.module, c.name, got, c.want)
		}
	}
}

// Advisories stand beside the globals that they are about.
func TestAdvisories(t *testing.T) {
	for name, want := range map[string]string{
		"pip.main":                             "CVE-2025-1716",
		"pty.spawn":                            "GHSA-vqmv-47xg-9wpr",
		"ctypes.CDLL":                          "GHSA-4675-36f9-wf6r",
		"cProfile.run":                         "GHSA-49gj-c84q-6qm9",
		"pkgutil.resolve_name":                 "GHSA-vvpj-8cmc-gx39",
		"numpy.f2py.crackfortran.getlincoef":   "GHSA-r8g5-cgf2-4m4m",
		"torch.utils.collect_env.run":          "GHSA-f745-w6jp-hpxx",
		"logging.FileHandler":                  "CVE-2026-56304",
		"uuid._get_command_stdout":             "CVE-2026-56315",
		"imaplib.IMAP4_stream":                 "CVE-2026-56315",
		"_pyrepl.pager.pipe_pager":             "CVE-2026-56315",
		"asyncio.unix_events.anything":         "GHSA-q77w-mwjj-7mqx",
		"_operator.methodcaller":               "GHSA-955r-x9j8-7rhh",
		"distutils.file_util.write_file":       "GHSA-m273-6v24-x4m4",
		"pydoc.pipepager":                      "GHSA-84r2-jw7c-4r5q",
		"torch.jit.unsupported_tensor_ops.x":   "",
		"os.system":                            "",
		"trace.Trace":                          "GHSA-5qwp-399c-mjwf",
		"torch.utils.bottleneck.__main__.what": "",
	} {
		if d := Decide(split(name)); d.Tier != Dangerous || d.Advisory != want {
			t.Errorf("%s: %s, advisory %q, want %q", name, d.Tier, d.Advisory, want)
		}
	}
}

// A dotted name is about what it goes through, where that is known.
func TestDottedReasons(t *testing.T) {
	for _, c := range []struct{ module, name, advisory string }{
		{"trace", "Trace.run", "GHSA-5qwp-399c-mjwf"},
		{"torch._dynamo.guards", "GuardBuilder.get", "GHSA-86cj-95qr-2p4f"},
		{"builtins", "getattr.__call__", ""},
		{"pathlib", "os.system", "GHSA-5j3x-jp52-966f"},
	} {
		if d := Decide(Global{c.module, c.name}); d.Tier != Dangerous || d.Rule != None || d.Advisory != c.advisory {
			t.Errorf("%s.%s: %+v, want advisory %q", c.module, c.name, d, c.advisory)
		}
	}
}

// No global stands in two tables, and no module: the last one would win in
// silence.
func TestTablesAreDisjoint(t *testing.T) {
	seen := map[string]string{}
	note := func(where, key string) {
		if old := seen[key]; old != "" {
			t.Errorf("%s is in %s and in %s", key, old, where)
		}
		seen[key] = where
	}
	for where, list := range map[string][]ruled{"tensor": tensorGlobals, "old": oldSpellings, "data": dataGlobals, "classes": torchClasses} {
		for _, r := range list {
			for _, name := range strings.Fields(r.names) {
				note(where, r.module+"."+name)
			}
		}
	}
	for _, d := range gadgets {
		for _, name := range strings.Fields(d.names) {
			note("gadgets", name)
		}
	}
	clear(seen)
	for _, d := range dangerousModules {
		for _, m := range strings.Fields(d.names) {
			note("modules", m)
		}
	}
	for _, m := range strings.Fields(leaves.list) {
		if _, ok := modules()[m]; !ok {
			t.Errorf("%s is a leaf, and no dangerous module", m)
		}
	}
	for g := range restricted {
		if exact()[g].Tier != Dangerous {
			t.Errorf("%s is restricted, and not dangerous", g)
		}
	}
}

// Reasons follow "which": "names os.system, which runs commands".
func TestReasonsRead(t *testing.T) {
	for _, list := range [][]danger{gadgets, dangerousModules} {
		for _, d := range list {
			verb, _, _ := strings.Cut(d.reason, " ")
			if !strings.HasSuffix(strings.TrimSuffix(verb, ","), "s") || strings.ToLower(d.reason) != strings.ReplaceAll(strings.ReplaceAll(d.reason, "Python", "python"), "Tcl", "tcl") || strings.HasSuffix(d.reason, ".") {
				t.Errorf("%q is no clause that follows \"which\"", d.reason)
			}
			if d.advisory != "" && !strings.HasPrefix(d.advisory, "GHSA-") && !strings.HasPrefix(d.advisory, "CVE-") {
				t.Errorf("%q is no advisory", d.advisory)
			}
		}
	}
}

// What is mapped for protocols below 3 is mapped for all; so no name may be
// allowed by that alone, but those whose module Python 3 does not have.
func TestMappingAllowsNothingNew(t *testing.T) {
	for g := range exact() {
		for old, to := range renamedModules {
			if to == g.Module && !vanished.has(old) {
				raw := Global{old, g.Name}
				if d := Decide(raw); d.Tier == Tensor || d.Tier == Data {
					t.Errorf("%s is allowed as %s", raw, Canonical(raw))
				}
			}
		}
	}
	for old, to := range renamedGlobals {
		if d := Decide(old); (d.Tier == Tensor || d.Tier == Data) && !vanished.has(old.Module) {
			t.Errorf("%s is allowed as %s", old, to)
		}
	}
}

var update = flag.Bool("update", false, "write the golden files")

// The digest changes with every table, and with nothing else: records and
// clearances name it.
func TestDigest(t *testing.T) {
	const golden = "testdata/digest.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(Digest()+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if Digest() != strings.TrimSpace(string(want)) {
		t.Errorf("the policy changed: its digest is %s; run with -update if that was meant", Digest())
	}
	lines := dump()
	if sum(lines) != Digest() || sum(lines[1:]) == Digest() {
		t.Error("the digest does not depend on the tables alone")
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, g := range []Global{{"torch._utils", "_rebuild_tensor_v2"}, {"transformers.models.bert.modeling_bert", "BertModel"}} {
		b.Run(g.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Decide(g)
			}
		})
	}
}
