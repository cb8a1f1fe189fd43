// Package policy decides what a pickle may name.
//
// Every global falls into a tier by its exact (module, name), after Python's
// own renaming of modules; there are no wildcards among what is allowed. The
// tables are data: what torch's weights-only loader allows, inert
// constructors, and known gadgets with what they would do. What is in no table
// is unknown, never harmless.
//
// It knows names only. Many allowed globals are harmless in the form that
// picklers write and in no other; a [Rule] says what the judge must check.
//
// Sources: torch/_weights_only_unpickler.py, torch/nn/modules, numpy/_core,
// Lib/_compat_pickle.py; public advisories for the gadgets.
package policy

import "strings"

// Global is a module member by name, as a pickle names it.
type Global struct{ Module, Name string }

// String is "module.name".
func (g Global) String() string { return g.Module + "." + g.Name }

// Tier is what a global is to a checkpoint.
type Tier uint8

// The tiers.
const (
	Unknown   Tier = iota // nothing is known of it
	Tensor                // torch's weights-only loader allows it
	Data                  // an inert constructor
	Dangerous             // runs code, reaches the system, or serves to evade
)

// String is the tier as reports show it.
func (t Tier) String() string {
	switch t {
	case Tensor:
		return "tensor"
	case Data:
		return "data"
	case Dangerous:
		return "dangerous"
	}
	return "unknown"
}

// Rule is what the judge must check of a call's arguments.
type Rule uint8

// The rules.
const (
	None             Rule = iota
	Latin1Encode          // only to latin1
	RebuildTensorV1       // (storage, offset, size, stride)
	RebuildTensorV2       // …, requires_grad, hooks[, metadata]
	RebuildTensorV3       // …, dtype[, metadata]
	RebuildQTensor        // …, quantizer, requires_grad, hooks
	RebuildElsewhere      // a tensor whose elements are in other objects
	RebuildMeta           // (dtype, size, stride, requires_grad)
	RebuildDevice         // (tensor, dtype, device, requires_grad)
	Parameter             // around a tensor
	TensorClass           // an empty tensor, which BUILD fills
	RebuildFromType       // only around a tensor-rebuild function
	LoadFromBytes         // only called directly, with bytes that are judged
	Allocator             // makes bytes: only of bytes, never of a number
	Reconstructor         // only with a class, a builtin base and its state
	Reconstruct           // numpy's: a class and an empty shape
	NDArray               // only made without a shape
	FromBuffer            // numpy's (buffer, dtype, shape, order)
	NumpyDType            // numpy.dtype
	NumpyScalar           // (dtype, bytes)
	RandomCtor            // calls what it is given: only numpy's own classes
	Identity              // returns its first argument: only of plain data
	Iterates              // walks its argument: never a range
	WithoutArgs           // a class: only reconstructed, never constructed
	Named                 // a class or constant: only named, never called
	ArrayClass            // a class: only as that of an array, for what calls it elsewhere
	Getattr               // only a literal attribute, and not to call it
	TypeByName            // only a literal name, and not to call the type
	Subscript             // only of a name of module typing: Optional[int]
	EvalData              // only of the text data, in a dict that has it
	Partial               // what its function is
	PlainValue            // only of numbers and texts, never of an object
)

// Decision is what the policy says of a global.
type Decision struct {
	Tier Tier
	Rule Rule
	// Reason is what a dangerous global would do, in plain words that follow
	// "which", and Advisory the public advisory on it where there is one.
	Reason   string
	Advisory string
}

// Decide finds a global's tier. A name is judged as Python 3 maps it, whatever
// the pickle's protocol says: a reader may map where the writer did not. Where
// the name as it stands is the worse one, that counts.
func Decide(g Global) Decision {
	c := Canonical(g)
	d := decide(c)
	if c == g || d.Tier == Dangerous {
		return d
	}
	if raw := decide(g); raw.Tier == Dangerous {
		return raw
	}
	if !vanished.has(g.Module) {
		return Decision{} // in Python 3 the old module may be anyone's
	}
	return d
}

// vanished are modules of Python 2 that nobody else has in Python 3. Only
// their members are allowed by what they are renamed to.
var vanished = words("__builtin__ copy_reg exceptions")

func decide(g Global) Decision {
	if strings.IndexByte(g.Name, '.') >= 0 {
		return dotted(g)
	}
	if d, ok := exact()[g]; ok {
		return d
	}
	if d, ok := dangerousModule(g.Module); ok {
		return d
	}
	if _, ok := modules()[g.String()]; ok || alias(g.Name) {
		return Decision{Tier: Dangerous, Reason: "reaches one module through another, or the inside of one"}
	}
	return Decision{}
}

// dangerousModule finds a module, or the one that it lies in, among the
// dangerous ones.
func dangerousModule(name string) (Decision, bool) {
	for m := name; m != ""; m = parent(m) {
		if d, ok := modules()[m]; ok && (m == name || !leaves.has(m)) {
			return d, true
		}
	}
	return Decision{}, false
}

// leaves are dangerous modules of the standard library that have none below
// them, and whose names people give to packages of their own: code.model.
var leaves = words("cmd code commands platform profile resource select signal site trace")

// parent is the module that m lies in, "" when it is a top-level one.
func parent(m string) string { return m[:max(0, strings.LastIndexByte(m, '.'))] }

// dotted judges a name with dots: STACK_GLOBAL walks the attributes, so
// "pathlib" and "os.system" reach os.system. No checkpoint needs it.
func dotted(g Global) Decision {
	first, _, _ := strings.Cut(g.Name, ".")
	if d := exact()[Global{g.Module, first}]; d.Tier == Dangerous {
		return Decision{Tier: Dangerous, Reason: d.Reason, Advisory: d.Advisory}
	}
	if d, ok := dangerousModule(g.Module); ok {
		return d
	}
	hidden := Elsewhere(g.Module)
	for _, part := range strings.Split(g.Name, ".") {
		_, module := modules()[part]
		d := exact()[Global{"builtins", part}]
		hidden = hidden || module || d.Tier == Dangerous || giveaways.has(part) || alias(part)
	}
	if hidden {
		return Decision{Tier: Dangerous, Reason: "reaches through a module to one of its members", Advisory: "GHSA-5j3x-jp52-966f"}
	}
	return Decision{}
}

// Elsewhere reports whether a module is one of Python's standard library, of
// torch or of numpy: who brings one of that name replaces it.
func Elsewhere(module string) bool {
	top, _, _ := strings.Cut(module, ".")
	return stdlib.has(top) || top == "torch" || top == "numpy"
}

// Attribute reports whether g's attribute of that name may be named without
// reaching anything: getattr finds what a dotted name would.
func Attribute(g Global, name string) bool {
	return PlainAttribute(name) && Decide(g).Tier != Dangerous &&
		decide(Global{g.Module, name}).Tier != Dangerous && decide(Global{g.String(), name}).Tier != Dangerous
}

// PlainAttribute reports whether the name alone gives no reason to fear what
// an object has under it: a method or a nested class, not the way into a module.
func PlainAttribute(name string) bool {
	if name == "" || strings.IndexByte(name, '.') >= 0 || giveaways.has(name) || alias(name) {
		return false
	}
	_, module := modules()[name]
	return !module && exact()[Global{"builtins", name}].Tier != Dangerous
}

// giveaways are members of dangerous modules that nothing else is named like.
var giveaways = words("system popen Popen check_output check_call fork_exec spawnv execv urlopen urlretrieve " +
	"import_module load_module exec_module load_source find_loader")

// hidden are modules that many others import, so that they are in reach as a
// member: random._os is os.
var hidden = words("os sys subprocess posix nt pty shutil importlib ctypes builtins pickle marshal socket runpy cPickle")

// alias reports whether a member by that name is a module, or the inside of
// one: __dict__, __builtins__, __loader__.
func alias(name string) bool {
	if len(name) > 4 && strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__") {
		return name != "__newobj__" && name != "__newobj_ex__" // copyreg's
	}
	return hidden.has(strings.TrimLeft(name, "_"))
}
