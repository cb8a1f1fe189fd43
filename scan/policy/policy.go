// Package policy decides what a pickle may name.
//
// Every global falls into a tier by its exact (module, name), after Python's
// own renaming of modules; there are no wildcards among what is allowed. The
// tables are data: what torch's weights-only loader allows, inert
// constructors, and known gadgets with what they would do. What is in no table
// is unknown, never harmless.
//
// Sources: torch/_weights_only_unpickler.py, torch/nn/modules, numpy/_core,
// Lib/_compat_pickle.py; public advisories for the gadgets.
package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

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
	None            Rule = iota
	Latin1Encode         // only to latin1
	RebuildTensorV1      // (storage, offset, size, stride)
	RebuildTensorV2      // …, requires_grad, hooks[, metadata]
	RebuildTensorV3      // …, dtype[, metadata]
	Parameter            // around a tensor
	RebuildFromType      // only around a tensor-rebuild function
	LoadFromBytes        // only called directly, with bytes that are judged
	Allocator            // takes a size: only the forms that picklers write
	Reconstructor        // only with a class
	Getattr              // only literal attributes of torch's own classes
)

// Decision is what the policy says of a global.
type Decision struct {
	Tier Tier
	Rule Rule
	// Reason is what a dangerous global would do, in plain words, and
	// Advisory the public advisory on it where there is one.
	Reason   string
	Advisory string
}

// Decide finds a global's tier.
func Decide(g Global) Decision {
	c := Canonical(g)
	if strings.Contains(c.Name, ".") {
		return dotted(c)
	}
	if d, ok := tensorTier(c); ok {
		return d
	}
	if d, ok := dataTier(c); ok {
		return d
	}
	if d, ok := dangerous(c); ok {
		return d
	}
	return Decision{Tier: Unknown}
}

// dotted judges a name with dots: STACK_GLOBAL walks the attributes, so
// "pathlib" and "os.system" reach os.system. No checkpoint needs it.
func dotted(g Global) Decision {
	top, _, _ := strings.Cut(g.Module, ".")
	hidden := stdlib[top] || top == "torch" || top == "numpy"
	for _, part := range strings.Split(g.Name, ".") {
		_, module := dangerousModules[part]
		_, name := dangerousBuiltins[part]
		hidden = hidden || module || name || strings.HasPrefix(part, "__")
	}
	if hidden {
		return Decision{Tier: Dangerous, Reason: "reaches through a module to one of its members", Advisory: "GHSA-5j3x-jp52-966f"}
	}
	return Decision{Tier: Unknown}
}

// dangerous looks among the gadgets: whole modules with all below them, then
// single names.
func dangerous(g Global) (Decision, bool) {
	if d, ok := gadgets[g]; ok {
		return d, true
	}
	if g.Module == "builtins" {
		if reason, ok := dangerousBuiltins[g.Name]; ok {
			return Decision{Tier: Dangerous, Reason: reason}, true
		}
		return Decision{}, false
	}
	for m := g.Module; m != ""; {
		if d, ok := dangerousModules[m]; ok {
			d.Tier = Dangerous
			return d, true
		}
		i := strings.LastIndexByte(m, '.')
		if i < 0 {
			break
		}
		m = m[:i]
	}
	return Decision{}, false
}

// Digest is the SHA-256, in hex, of everything that decides.
func Digest() string {
	h := sha256.New()
	fmt.Fprintln(h, "depickle.policy.v1")
	for _, line := range dump() {
		fmt.Fprintln(h, line)
	}
	return hex.EncodeToString(h.Sum(nil))
}
