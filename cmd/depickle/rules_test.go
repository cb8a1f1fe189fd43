package main

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// rooms says what each package may import of this module, as the design has
// it. Beyond that: fault and limit are leaves that every package may import;
// the value model and the loader hand extents, dtypes and opcodes on, so they
// know those types.
var rooms = map[string][]string{
	"cmd/depickle":                   {"convert", "convert/provenance", "scan", "scan/codec", "scan/container", "scan/policy"},
	"convert":                        {"convert/internal/crew", "convert/internal/fsx", "convert/internal/stats", "convert/internal/tagged", "convert/internal/transfer", "convert/plan", "convert/provenance", "convert/safetensors", "convert/verify", "sandboxload", "sandboxload/value", "scan", "scan/container", "scan/opcode", "scan/policy", "scan/tensor"},
	"convert/internal/crew":          {},
	"convert/internal/fsx":           {},
	"convert/internal/hostile":       {},
	"convert/internal/raced":         {},
	"convert/internal/stats":         {"scan/tensor"},
	"convert/internal/tagged":        {"sandboxload/value", "scan/container", "scan/opcode", "scan/tensor"},
	"convert/internal/transfer":      {"scan/tensor"},
	"convert/plan":                   {"convert/internal/transfer", "convert/safetensors", "sandboxload", "sandboxload/value", "scan/container", "scan/tensor"},
	"convert/provenance":             {},
	"convert/safetensors":            {"scan/tensor"},
	"convert/verify":                 {"convert/internal/crew", "convert/internal/transfer", "convert/plan", "convert/provenance", "convert/safetensors", "scan/container"},
	"sandboxload":                    {"sandboxload/internal/canonical", "sandboxload/value", "scan/container", "scan/machine", "scan/opcode", "scan/policy", "scan/tensor"},
	"sandboxload/internal/canonical": {"sandboxload/value", "scan/container", "scan/machine", "scan/opcode"},
	"sandboxload/value":              {"scan/container", "scan/opcode", "scan/tensor"},
	"scan":                           {"convert/safetensors", "scan/container", "scan/machine", "scan/opcode", "scan/policy", "scan/tensor"},
	"scan/codec":                     {"scan/container"},
	"scan/container":                 {"scan/internal/sevenzip", "scan/internal/spool", "scan/opcode"},
	"scan/fault":                     {},
	"scan/internal/sevenzip":         {},
	"scan/internal/spool":            {},
	"scan/limit":                     {},
	"scan/machine":                   {"scan/container", "scan/opcode"},
	"scan/opcode":                    {},
	"scan/policy":                    {"scan/tensor"},
	"scan/tensor":                    {},
}

// leaves may be imported by every package.
var leaves = []string{"scan/fault", "scan/limit"}

// guests says who may import what of other modules.
var guests = map[string][]string{
	"cmd/depickle":            {"github.com/schollz/progressbar/v3", "github.com/spf13/cobra", "github.com/spf13/pflag", "go.yaml.in/yaml/v4", "golang.org/x/term"},
	"convert/internal/fsx":    {"golang.org/x/sys/unix", "golang.org/x/sys/windows"},
	"convert/internal/tagged": {"github.com/go-json-experiment/json/jsontext"},
	"convert/provenance":      {"github.com/go-json-experiment/json/jsontext"},
	"convert/safetensors":     {"github.com/go-json-experiment/json/jsontext"},
	"scan/codec":              {"github.com/pierrec/lz4/v4", "github.com/therootcompany/xz", "github.com/ulikunitz/xz/lzma"},
	"scan/container":          {"github.com/klauspost/compress/flate", "github.com/klauspost/compress/gzip", "github.com/klauspost/compress/zlib", "github.com/klauspost/compress/zstd"},
	"sandboxload":             {"github.com/nlpodyssey/gopickle/pickle", "github.com/nlpodyssey/gopickle/types"},
}

// banned has what the library never imports itself, with the reason.
var banned = []struct{ path, reason string }{
	{"C", "the binary is static Go"},
	{"log", "a library returns errors"},
	{"math/rand", "the same source gives the same bytes"},
	{"net", "nothing is fetched"},
	{"os", "only cmd, fsx and spool touch files"},
	{"os/exec", "nothing is executed"},
	{"os/signal", "signals belong to the program"},
	{"plugin", "nothing is executed"},
	{"reflect", "hostile values get no types of ours"},
	{"time", "no clock reaches an output"},
	{"unsafe", "memory safety is a promise"},
}

// touchesFiles are the library's packages that may import os.
var touchesFiles = []string{"convert/internal/fsx", "scan/internal/spool"}

// farBanned must not be reached by the library through any chain of imports.
var farBanned = []string{
	"github.com/schollz/progressbar/v3", "github.com/spf13/cobra", "github.com/spf13/pflag",
	"golang.org/x/term", "net", "os/exec", "plugin",
}

// brokenImports lists what is wrong with the direct imports of one package.
func brokenImports(pkg string, imports []string) (wrong []string) {
	allowed, known := rooms[pkg]
	if !known {
		return []string{fmt.Sprintf("%s: not in the table of packages", pkg)}
	}
	for _, imp := range imports {
		chain := pkg + " -> " + imp
		ours, isOurs := strings.CutPrefix(imp, module+"/")
		switch {
		case isOurs && !slices.Contains(allowed, ours) && !slices.Contains(leaves, ours):
			wrong = append(wrong, pkg+" -> "+ours+": not allowed by the design")
		case !isOurs && strings.Contains(imp, ".") && !slices.Contains(guests[pkg], imp):
			wrong = append(wrong, chain+": a module that this package may not use")
		}
		for _, b := range banned {
			inside := imp == b.path || strings.HasPrefix(imp, b.path+"/") && b.path != "os"
			if !inside || pkg == "cmd/depickle" || b.path == "os" && slices.Contains(touchesFiles, pkg) {
				continue
			}
			wrong = append(wrong, chain+": "+b.reason)
		}
	}
	return wrong
}

// chainTo finds the shortest chain of imports from a package to target.
func chainTo(graph map[string][]string, from, target string) []string {
	before := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		if queue[0] == target {
			var chain []string
			for at := target; at != ""; at = before[at] {
				chain = append([]string{at}, chain...)
			}
			return chain
		}
		for _, next := range graph[queue[0]] {
			if _, seen := before[next]; !seen {
				before[next] = queue[0]
				queue = append(queue, next)
			}
		}
	}
	return nil
}

func TestImports(t *testing.T) {
	found := sourcePackages(t)
	for _, p := range found {
		for _, wrong := range brokenImports(p.path, p.imports()) {
			t.Error(wrong)
		}
	}
	for pkg := range rooms {
		if !slices.ContainsFunc(found, func(p sourcePackage) bool { return p.path == pkg }) {
			t.Errorf("%s is in the table, but has no source", pkg)
		}
	}
}

func TestImportsReached(t *testing.T) {
	graph := importGraph(t)
	for pkg := range rooms {
		if strings.HasPrefix(pkg, "cmd/") {
			continue
		}
		if len(graph[module+"/"+pkg]) == 0 && pkg != "scan/fault" && pkg != "convert/internal/raced" {
			t.Errorf("%s imports nothing, so the graph was not read", pkg)
		}
		for _, target := range farBanned {
			if chain := chainTo(graph, module+"/"+pkg, target); chain != nil {
				t.Errorf("reaches %s: %s", target, strings.Join(chain, " -> "))
			}
		}
	}
}

func TestNoPackageState(t *testing.T) {
	for _, p := range sourcePackages(t) {
		for _, wrong := range p.state() {
			t.Errorf("%s: %s", p.path, wrong)
		}
	}
}

// TestTopLevel: the top of the repository stays as the design has it. What
// .gitignore names may lie about.
func TestTopLevel(t *testing.T) {
	allowed := []string{"cmd", "convert", "sandboxload", "scan", "testdata", "go.mod", "go.sum", "README.md", "LICENSE"}
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := os.ReadFile("../../.gitignore")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		stray := slices.ContainsFunc(strings.Fields(string(ignored)), func(pattern string) bool {
			match, err := path.Match(strings.Trim(pattern, "/"), name)
			return match && err == nil
		})
		if !stray && !strings.HasPrefix(name, ".") && !slices.Contains(allowed, name) {
			t.Errorf("%s does not belong at the top level", name)
		}
	}
	for _, name := range allowed {
		if !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == name }) {
			t.Errorf("%s is missing", name)
		}
	}
}

// TestRulesBite: each rule reports what breaks it.
func TestRulesBite(t *testing.T) {
	tests := []struct{ pkg, imp, want string }{
		{"scan", "depickle/sandboxload", "scan -> sandboxload: not allowed by the design"},
		{"sandboxload", "depickle/scan", "sandboxload -> scan: not allowed by the design"},
		{"convert/safetensors", "depickle/scan/policy", "convert/safetensors -> scan/policy: not allowed by the design"},
		{"scan/tensor", "os", "scan/tensor -> os: only cmd, fsx and spool touch files"},
		{"convert/internal/fsx", "os/exec", "convert/internal/fsx -> os/exec: nothing is executed"},
		{"scan", "net/http", "scan -> net/http: nothing is fetched"},
		{"scan", "unsafe", "scan -> unsafe: memory safety is a promise"},
		{"scan", "C", "scan -> C: the binary is static Go"},
		{"scan", "log/slog", "scan -> log/slog: a library returns errors"},
		{"convert", "github.com/spf13/cobra", "convert -> github.com/spf13/cobra: a module that this package may not use"},
		{"scan/new", "fmt", "scan/new: not in the table of packages"},
		{"convert/internal/fsx", "os", ""},
		{"scan/tensor", "depickle/scan/limit", ""},
		{"cmd/depickle", "os/signal", ""},
	}
	for _, tt := range tests {
		got := strings.Join(brokenImports(tt.pkg, []string{tt.imp}), "; ")
		if got != tt.want {
			t.Errorf("%s imports %s: got %q, want %q", tt.pkg, tt.imp, got, tt.want)
		}
	}
	graph := map[string][]string{"a": {"b", "c"}, "b": {"a"}, "c": {"d"}, "d": {"net"}}
	if got := strings.Join(chainTo(graph, "a", "net"), " "); got != "a c d net" {
		t.Errorf("chain %q", got)
	}
	if got := chainTo(graph, "b", "os"); got != nil {
		t.Errorf("chain %v to what is not reached", got)
	}
	p := parsed(t, `package p
import "sync"
var table = []int{1}
var count, total int
var mu sync.Mutex
var err = f()
func init() {}
func f() error { local := table; local = nil; _ = local; return err }
func g() { count++; table[0] = 2; h(&total) }
func h(*int) { count := 1; count++ }
`)
	want := []string{
		"var mu is a sync.Mutex",
		"func init",
		"count is changed at line 9",
		"table is changed at line 9",
		"total is changed at line 9",
	}
	if got := p.state(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
