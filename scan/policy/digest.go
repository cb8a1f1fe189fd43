package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Digest is the SHA-256, in hex, of everything that decides. A record names
// it, so that a verdict can be traced to the tables that gave it.
func Digest() string { return digest() }

// digest is computed once: every clearance asks for it.
var digest = sync.OnceValue(func() string { return sum(dump()) })

func sum(lines []string) string {
	h := sha256.New()
	io.WriteString(h, "depickle.policy.v2\n")
	for _, line := range lines {
		io.WriteString(h, line+"\n")
	}
	return hex.EncodeToString(h.Sum(nil))
}

// dump is the tables as they are written down, in a fixed order.
func dump() []string {
	var out []string
	line := func(fields ...string) { out = append(out, strings.Join(fields, "\t")) }
	for kind, list := range [][]ruled{tensorGlobals, oldSpellings, dataGlobals, torchClasses} {
		for _, r := range list {
			line("allowed", strconv.Itoa(kind), r.module, strconv.Itoa(int(r.rule)), r.names)
		}
	}
	for kind, list := range [][]danger{gadgets, dangerousModules} {
		for _, d := range list {
			line("dangerous", strconv.Itoa(kind), d.reason, d.advisory, d.names)
		}
	}
	for i, s := range []*set{exceptions, stdlib, giveaways, hidden, leaves, vanished} {
		line("words", strconv.Itoa(i), s.list)
	}
	var unsorted []string
	for g, rule := range restricted {
		unsorted = append(unsorted, "restricted\t"+g.String()+"\t"+strconv.Itoa(int(rule)))
	}
	for g, to := range renamedGlobals {
		unsorted = append(unsorted, "renamed\t"+g.String()+"\t"+to.String())
	}
	for m, to := range renamedModules {
		unsorted = append(unsorted, "renamed\t"+m+"\t"+to)
	}
	slices.Sort(unsorted)
	return append(out, unsorted...)
}
