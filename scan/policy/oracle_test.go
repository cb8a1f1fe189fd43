package policy

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// python runs a script with the Python that DEPICKLE_PYTHON names and decodes
// what it prints as JSON. The test is skipped without one, or without torch
// where the script needs it.
func python(t *testing.T, script string, out any) {
	t.Helper()
	exe := os.Getenv("DEPICKLE_PYTHON")
	if exe == "" {
		t.Skip("DEPICKLE_PYTHON names no Python with torch")
	}
	cmd := exec.Command(exe, "-c", script)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		if strings.Contains(stderr.String(), "No module named 'torch'") {
			t.Skip("DEPICKLE_PYTHON has no torch")
		}
		t.Fatalf("python: %v\n%s", err, stderr.String())
	}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatal(err)
	}
}

func split(name string) Global {
	m := parent(name)
	return Global{m, name[len(m)+1:]}
}

// What torch's weights-only loader allows is the tensor tier, but for the
// names of other releases, which are listed apart.
func TestTensorTierIsTorchs(t *testing.T) {
	var allowed []string
	python(t, `import json, torch._weights_only_unpickler as w
print(json.dumps(sorted(w._get_allowed_globals())))`, &allowed)
	want := map[Global]bool{}
	for _, name := range allowed {
		want[split(name)] = true
	}
	old := map[Global]Decision{}
	for _, r := range oldSpellings {
		add(old, r, Tensor)
	}
	for g := range want {
		if d := Decide(g); d.Tier != Tensor {
			t.Errorf("torch allows %s, and it is %s here", g, d.Tier)
		}
	}
	for g, d := range exact() {
		if _, ok := old[g]; d.Tier == Tensor && !want[g] && !ok {
			t.Errorf("torch does not allow %s", g)
		}
		if want[g] && old[g].Tier == Tensor {
			t.Errorf("%s is no old spelling: torch allows it today", g)
		}
	}
}

// What torch adds when its own modules are imported is in the tier too.
func TestTensorTierHasLazyGlobals(t *testing.T) {
	var allowed []string
	python(t, `import json, torch, torch.distributed.tensor, torch.nested._internal.nested_tensor
import torch._weights_only_unpickler as w
print(json.dumps(sorted(w._get_user_allowed_globals())))`, &allowed)
	if len(allowed) == 0 {
		t.Error("torch adds nothing")
	}
	for _, name := range allowed {
		if d := Decide(split(name)); d.Tier != Tensor {
			t.Errorf("torch allows %s, and it is %s here", name, d.Tier)
		}
	}
}

// Every class of the data tier that torch still has under that name is one.
func TestTorchClassesExist(t *testing.T) {
	var names []string
	for _, r := range torchClasses {
		table := map[Global]Decision{}
		add(table, r, Data)
		for g := range table {
			names = append(names, g.String())
		}
	}
	in, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	var wrong []string
	python(t, `import importlib, json
bad = []
for name in json.loads('''`+string(in)+`'''):
    module, _, name = name.rpartition('.')
    try:
        it = getattr(importlib.import_module(module), name, None)
    except ImportError:
        continue
    if it is not None and not isinstance(it, type):
        bad.append(module + '.' + name)
print(json.dumps(bad))`, &wrong)
	for _, name := range wrong {
		t.Errorf("%s is no class", name)
	}
}

func TestRenamingIsPythons(t *testing.T) {
	var got struct {
		Modules map[string]string
		Names   [][4]string
	}
	python(t, `import json, _compat_pickle as c
print(json.dumps({"Modules": c.IMPORT_MAPPING, "Names": [[*a, *b] for a, b in c.NAME_MAPPING.items()]}))`, &got)
	for m, to := range got.Modules {
		if c := Canonical(Global{m, "anything at all"}); c.Module != to {
			t.Errorf("%s is %s in Python 3, not %s", m, to, c.Module)
		}
	}
	for m := range renamedModules {
		if got.Modules[m] == "" {
			t.Errorf("Python does not rename %s", m)
		}
	}
	names := map[Global]bool{}
	for _, n := range got.Names {
		g, want := Global{n[0], n[1]}, Global{n[2], n[3]}
		names[g] = true
		if c := Canonical(g); c != want {
			t.Errorf("%s is %s in Python 3, not %s", g, want, c)
		}
	}
	for g := range renamedGlobals {
		if !names[g] {
			t.Errorf("Python does not rename %s", g)
		}
	}
}

func TestStdlibIsPythons(t *testing.T) {
	var names []string
	python(t, `import json, sys
print(json.dumps(sorted(sys.stdlib_module_names)))`, &names)
	for _, m := range names {
		if !stdlib.has(m) {
			t.Errorf("%s is of the standard library", m)
		}
	}
}
