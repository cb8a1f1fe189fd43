package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "depickle"

// sourcePackage is the source of a package for every system, tests left out.
type sourcePackage struct {
	path  string // below the module
	fset  *token.FileSet
	files []*ast.File
}

// sourcePackages parses every Go file of the module, whatever system it is
// for: a rule must hold on all of them.
func sourcePackages(t *testing.T) []sourcePackage {
	t.Helper()
	byPath := map[string]*sourcePackage{}
	top := filepath.Join("..", "..")
	err := filepath.WalkDir(top, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || strings.HasPrefix(name, ".") && file != top) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		dir, err := filepath.Rel(top, filepath.Dir(file))
		if err != nil {
			return err
		}
		p := byPath[dir]
		if p == nil {
			p = &sourcePackage{path: filepath.ToSlash(dir), fset: token.NewFileSet()}
			byPath[dir] = p
		}
		f, err := parser.ParseFile(p.fset, file, nil, parser.SkipObjectResolution)
		p.files = append(p.files, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(byPath) < 10 {
		t.Fatalf("only %d packages found", len(byPath))
	}
	var all []sourcePackage
	for _, p := range byPath {
		all = append(all, *p)
	}
	slices.SortFunc(all, func(a, b sourcePackage) int { return strings.Compare(a.path, b.path) })
	return all
}

func parsed(t *testing.T, source string) sourcePackage {
	t.Helper()
	p := sourcePackage{path: "p", fset: token.NewFileSet()}
	f, err := parser.ParseFile(p.fset, "p.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	p.files = append(p.files, f)
	return p
}

// imports are the paths that the package imports on any system, sorted.
func (p *sourcePackage) imports() []string {
	var all []string
	for _, f := range p.files {
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			all = append(all, path)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// state lists init functions, package variables of package sync, and package
// variables that some function changes or gives away by address.
func (p *sourcePackage) state() (found []string) {
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	// Imports are left empty, since only the names of this package matter;
	// what cannot be typed for that is no error here.
	c := types.Config{Importer: noImports{}, Error: func(error) {}, FakeImportC: true}
	c.Check(p.path, p.fset, p.files, info)
	changed := func(e ast.Expr) {
		id := root(e)
		v, ok := info.Uses[id].(*types.Var)
		if ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
			found = append(found, fmt.Sprintf("%s is changed at line %d", id.Name, p.fset.Position(id.Pos()).Line))
		}
	}
	for _, f := range p.files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					found = append(found, "func init")
				}
			case *ast.GenDecl:
				found = append(found, syncVars(d)...)
			}
		}
	}
	for _, f := range p.files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, e := range n.Lhs {
					changed(e)
				}
			case *ast.IncDecStmt:
				changed(n.X)
			case *ast.RangeStmt:
				changed(n.Key)
				changed(n.Value)
			case *ast.UnaryExpr:
				// &table[i] is how a row is read without copying it.
				if _, whole := n.X.(*ast.Ident); whole && n.Op == token.AND {
					changed(n.X)
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "delete" || f.Name == "clear") && len(n.Args) > 0 {
					changed(n.Args[0])
				}
			}
			return true
		})
	}
	return found
}

// syncVars are the variables of a declaration whose type is of package sync.
func syncVars(d *ast.GenDecl) (found []string) {
	for _, spec := range d.Specs {
		v, ok := spec.(*ast.ValueSpec)
		if !ok || d.Tok != token.VAR {
			continue
		}
		if t := types.ExprString(v.Type); v.Type != nil && (strings.HasPrefix(t, "sync.") || strings.HasPrefix(t, "atomic.")) {
			for _, name := range v.Names {
				found = append(found, fmt.Sprintf("var %s is a %s", name.Name, t))
			}
		}
	}
	return found
}

// root is the variable that an expression is a part of, nil if it is of none.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// noImports stands in for the packages that a package imports.
type noImports struct{}

func (noImports) Import(path string) (*types.Package, error) {
	name := path[strings.LastIndexByte(path, '/')+1:]
	p := types.NewPackage(path, name)
	p.MarkComplete()
	return p, nil
}

// importGraph is what every package that the module needs imports, as the go
// command sees it for this system.
func importGraph(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports", "./...")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		var e *exec.ExitError
		if errors.As(err, &e) {
			t.Fatalf("go list: %v\n%s", err, e.Stderr)
		}
		t.Fatal(err)
	}
	graph := map[string][]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); err == io.EOF {
			return graph
		} else if err != nil {
			t.Fatal(err)
		}
		graph[p.ImportPath] = p.Imports
	}
}
