// Package arch holds the house to its rules: who may import whom, where time and
// chance may come from, how long a file may be. Each rule is a function from the
// parsed source to the places that break it. The source is read through fs.FS
// inside the test, never by the go command, so that Go's test cache knows which
// files the verdict rests on.
package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// module is what go.mod calls this program.
const module = "perennial"

// Tree is the parsed source.
type Tree struct {
	Fset   *token.FileSet
	Go     []*File
	Templ  []Text
	Top    []string // the folders at the top
	GoDirs []string // the folders that hold Go files, sorted
}

// Text is a file that is not parsed.
type Text struct {
	Path string
	Body string
}

// File is a parsed Go file. Paths are relative to the root, with slashes.
type File struct {
	Text
	Dir       string
	AST       *ast.File
	Test      bool
	Generated bool
}

// Rule finds what breaks it: one sentence for each place, beginning with the path.
type Rule func(*Tree) []string

// Load reads the program's source below root.
func Load(root fs.FS) (*Tree, error) {
	t := &Tree{Fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == ".git" || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir():
			if name != "." && !strings.Contains(name, "/") {
				t.Top = append(t.Top, name)
			}
			return nil
		}
		return t.add(root, name)
	})
	slices.Sort(t.GoDirs)
	t.GoDirs = slices.Compact(t.GoDirs)
	return t, err
}

func (t *Tree) add(root fs.FS, name string) error {
	ext := path.Ext(name)
	if ext != ".go" && ext != ".templ" {
		return nil
	}
	body, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	text := Text{Path: name, Body: string(body)}
	if ext == ".templ" {
		t.Templ = append(t.Templ, text)
		return nil
	}
	parsed, err := parser.ParseFile(t.Fset, name, body, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse the source: %w", err)
	}
	t.Go = append(t.Go, &File{Text: text, Dir: path.Dir(name), AST: parsed,
		Test: strings.HasSuffix(name, "_test.go"), Generated: ast.IsGenerated(parsed)})
	t.GoDirs = append(t.GoDirs, path.Dir(name))
	return nil
}

// Lines is the number of lines of the file.
func (f Text) Lines() int { return strings.Count(f.Body, "\n") }

// Imports are the paths that the file imports.
func (f *File) Imports() []string {
	var all []string
	for _, spec := range f.AST.Imports {
		all = append(all, strings.Trim(spec.Path.Value, `"`))
	}
	return all
}

// each calls visit for every node of the file.
func (f *File) each(visit func(ast.Node)) {
	ast.Inspect(f.AST, func(n ast.Node) bool {
		visit(n)
		return true
	})
}

// uses calls visit for every name that the file takes from the package at
// importPath, whatever the file calls that package.
func (f *File) uses(importPath string, visit func(name *ast.Ident)) {
	local := ""
	for _, spec := range f.AST.Imports {
		if strings.Trim(spec.Path.Value, `"`) != importPath {
			continue
		}
		if local = path.Base(importPath); spec.Name != nil {
			local = spec.Name.Name
		}
	}
	if local == "" {
		return
	}
	f.each(func(n ast.Node) {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return
		}
		if pkg, ok := selector.X.(*ast.Ident); ok && pkg.Name == local {
			visit(selector.Sel)
		}
	})
}

// at says where in the source a node is, as path:line.
func (t *Tree) at(n ast.Node) string {
	p := t.Fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}
