package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// digest is computed once: every clearance asks for it.
var digest = sum(dump())

// Digest is the SHA-256, in hex, of everything that decides. A record names
// it, so that a verdict can be traced to the tables that gave it.
func Digest() string { return digest }

func sum(lines []string) string {
	h := sha256.New()
	fmt.Fprintln(h, "depickle.policy.v1")
	for _, line := range lines {
		fmt.Fprintln(h, line)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// dump lists the tables as they decide, sorted.
func dump() []string {
	var out []string
	line := func(kind string, key, v any) { out = append(out, fmt.Sprintf("%s %q %v", kind, key, v)) }
	for g, d := range exact {
		line("global", g, d)
	}
	for m, d := range modules {
		line("module", m, d)
	}
	for g, to := range renamedGlobals {
		line("renamed", g, to)
	}
	for m, to := range renamedModules {
		line("renamed", m, to)
	}
	for kind, set := range map[string]map[string]bool{
		"exception": exceptions, "stdlib": stdlib, "giveaway": giveaways, "hidden": hidden, "leaf": leaves,
		"vanished": vanished} {
		for name := range set {
			line(kind, name, "")
		}
	}
	slices.Sort(out)
	return out
}
