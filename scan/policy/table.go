package policy

import (
	"strings"
	"sync"
)

// danger is what some globals do, or whole modules with all below them.
type danger struct {
	reason   string
	advisory string
	names    string // separated by spaces
}

// ruled are globals of one module that share a rule.
type ruled struct {
	module string
	rule   Rule
	names  string // separated by spaces
}

// The tables are made when they are first asked for: most of the time that a
// command takes to start would be theirs.

// exact has every global that is in a table by its own name.
var exact = sync.OnceValue(buildExact)

// modules has the modules of which every member is dangerous that exact does
// not name, with what lies below them.
var modules = sync.OnceValue(buildModules)

func buildExact() map[Global]Decision {
	table := map[Global]Decision{}
	for _, list := range [][]ruled{tensorGlobals, oldSpellings} {
		for _, r := range list {
			add(table, r, Tensor)
		}
	}
	for _, list := range [][]ruled{dataGlobals, torchClasses} {
		for _, r := range list {
			add(table, r, Data)
		}
	}
	for _, d := range gadgets {
		for _, word := range strings.Fields(d.names) {
			i := strings.LastIndexByte(word, '.')
			table[Global{word[:i], word[i+1:]}] = Decision{Tier: Dangerous, Reason: d.reason, Advisory: d.advisory}
		}
	}
	for g, rule := range restricted {
		d := table[g]
		d.Rule = rule
		table[g] = d
	}
	return table
}

func add(table map[Global]Decision, r ruled, tier Tier) {
	for _, name := range strings.Fields(r.names) {
		table[Global{r.module, name}] = Decision{Tier: tier, Rule: r.rule}
	}
}

func buildModules() map[string]Decision {
	table := map[string]Decision{}
	for _, d := range dangerousModules {
		for _, m := range strings.Fields(d.names) {
			table[m] = Decision{Tier: Dangerous, Reason: d.reason, Advisory: d.advisory}
		}
	}
	return table
}

// set is a set of words.
type set struct {
	list string // separated by spaces
	once sync.Once
	in   map[string]bool
}

func words(list string) *set { return &set{list: list} }

func (s *set) has(word string) bool {
	s.once.Do(func() {
		s.in = map[string]bool{}
		for _, w := range strings.Fields(s.list) {
			s.in[w] = true
		}
	})
	return s.in[word]
}
