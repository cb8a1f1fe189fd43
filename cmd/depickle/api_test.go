package main

import (
	"go/ast"
	"go/format"
	"os"
	"slices"
	"strings"
	"testing"
)

// public are the packages that others build on. What they export is promised.
var public = []string{
	"convert", "convert/plan", "convert/provenance", "convert/safetensors",
	"sandboxload", "sandboxload/value",
	"scan", "scan/container", "scan/fault", "scan/limit",
}

// TestAPI: the library's public face changes on purpose only. Where it does,
// go test ./cmd/depickle -run TestAPI -update writes it down.
func TestAPI(t *testing.T) {
	const golden = "testdata/api.txt"
	var b strings.Builder
	for _, p := range sourcePackages(t) {
		if slices.Contains(public, p.path) {
			b.WriteString("package " + p.path + "\n\n" + strings.Join(p.api(t), "\n") + "\n\n")
		}
	}
	got := b.String()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	for _, lines := range []struct {
		sign     string
		in, from []string
	}{
		{"+", strings.Split(got, "\n"), strings.Split(string(want), "\n")},
		{"-", strings.Split(string(want), "\n"), strings.Split(got, "\n")},
	} {
		for _, line := range lines.in {
			if !slices.Contains(lines.from, line) {
				t.Errorf("%s %s", lines.sign, line)
			}
		}
	}
	if got != string(want) {
		t.Error("what the library exports is not what " + golden + " says; if that is meant, run: go test ./cmd/depickle -run TestAPI -update")
	}
}

// api lists what a package exports, without bodies, sorted. Its files were parsed
// without comments.
func (p *sourcePackage) api(t *testing.T) (decls []string) {
	t.Helper()
	for _, f := range p.files {
		if !ast.FileExports(f) {
			continue
		}
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				f.Body = nil
				if f.Recv != nil && !root(f.Recv.List[0].Type).IsExported() {
					continue
				}
			}
			var b strings.Builder
			if err := format.Node(&b, p.fset, d); err != nil {
				t.Fatal(err)
			}
			// Where a comment stood, an empty line is left.
			decls = append(decls, strings.ReplaceAll(b.String(), "\n\n", "\n"))
		}
	}
	slices.Sort(decls)
	return decls
}
