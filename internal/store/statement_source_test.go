package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// statement is the text of a statement, and the function that begins it.
type statement struct{ name, text string }

// storeSource is the source of a package whose statements are put together.
type storeSource struct {
	info   types.Info
	funcs  map[types.Object]*ast.FuncDecl
	values map[types.Object][]ast.Expr // what a constant or variable is given, and what is added to it
	params map[types.Object]int
	calls  map[types.Object][]call
	sinks  []call // of database/sql
}

// call is a call and the function that it stands in.
type call struct {
	expr *ast.CallExpr
	in   *ast.FuncDecl
}

// frame is a function that was called from another frame.
type frame struct {
	of     *ast.FuncDecl
	by     *ast.CallExpr // nil where it is called from another package
	caller *frame
}

// readStatements reads what files of a package hand to database/sql: one statement
// for each way in which it is called within the package.
func readStatements(t *testing.T, files map[string]string) []statement {
	t.Helper()
	s := storeSource{
		info:  types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}},
		funcs: map[types.Object]*ast.FuncDecl{}, values: map[types.Object][]ast.Expr{}, params: map[types.Object]int{}, calls: map[types.Object][]call{},
	}
	set := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file, err := parser.ParseFile(set, name, files[name], parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	// Other packages are taken for empty: only names of this one have to be told apart.
	check := types.Config{Error: func(error) {}, Importer: emptyPackages{}}
	_, _ = check.Check("store", set, parsed, &s.info)
	for _, file := range parsed {
		for _, d := range file.Decls {
			f, _ := d.(*ast.FuncDecl)
			if f != nil {
				s.declare(f)
			}
			ast.Inspect(d, func(n ast.Node) bool { s.visit(n, f); return true })
		}
	}
	found := map[statement]bool{}
	for _, c := range s.sinks {
		for _, f := range s.frames(c.in, nil) {
			name := c.in.Name.Name
			text := s.text(c.expr.Args[1], f, &name, nil)
			if begins.MatchString(text) {
				found[statement{name, text}] = true
			}
		}
	}
	return slices.Collect(maps.Keys(found))
}

var begins = regexp.MustCompile(`^\s*(SELECT|UPDATE|DELETE|WITH)\b`)

// emptyPackages imports every package as one without names.
type emptyPackages struct{}

func (emptyPackages) Import(of string) (*types.Package, error) {
	p := types.NewPackage(of, path.Base(of))
	p.MarkComplete()
	return p, nil
}

func (s storeSource) declare(f *ast.FuncDecl) {
	s.funcs[s.info.Defs[f.Name]] = f
	n := 0
	for _, field := range f.Type.Params.List {
		for _, name := range field.Names {
			s.params[s.info.Defs[name]] = n
			n++
		}
	}
}

func (s *storeSource) visit(n ast.Node, in *ast.FuncDecl) {
	switch n := n.(type) {
	case *ast.ValueSpec:
		for i, value := range n.Values {
			s.give(n.Names[i], value)
		}
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if name, ok := to.(*ast.Ident); ok {
				s.give(name, n.Rhs[min(i, len(n.Rhs)-1)])
			}
		}
	case *ast.CallExpr:
		f, on := s.callee(n)
		if f != nil && f.Name() == "add" && on != nil { // of a where
			s.give(on, n.Args[0])
		}
		s.calls[f] = append(s.calls[f], call{n, in})
		if name, ok := n.Fun.(*ast.SelectorExpr); ok && in != nil && isQuery(n) && asksDatabase.MatchString(name.Sel.Name) {
			s.sinks = append(s.sinks, call{n, in})
		}
	}
}

// isQuery reports whether the second argument of a call is a text, and not the
// parameters of a statement that was prepared.
func isQuery(c *ast.CallExpr) bool {
	return len(c.Args) > 2 || len(c.Args) == 2 && !c.Ellipsis.IsValid()
}

var asksDatabase = regexp.MustCompile(`^(Prepare|Exec|Query|QueryRow)Context$`)

func (s storeSource) give(name *ast.Ident, value ast.Expr) {
	if of := s.object(name); of != nil {
		s.values[of] = append(s.values[of], value)
	}
}

func (s storeSource) object(name *ast.Ident) types.Object {
	if of := s.info.Defs[name]; of != nil {
		return of
	}
	return s.info.Uses[name]
}

// callee is the function of the package that is called, and the variable whose
// method it is.
func (s storeSource) callee(c *ast.CallExpr) (of types.Object, on *ast.Ident) {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return s.info.Uses[f], nil
	case *ast.SelectorExpr:
		on, _ = f.X.(*ast.Ident)
		return s.info.Uses[f.Sel], on
	}
	return nil, nil
}

// frames are the ways in which a function is called.
func (s storeSource) frames(f *ast.FuncDecl, under []*ast.FuncDecl) []*frame {
	under = append(slices.Clone(under), f)
	var all []*frame
	for _, c := range s.calls[s.info.Defs[f.Name]] {
		if c.in == nil || slices.Contains(under, c.in) {
			continue
		}
		for _, caller := range s.frames(c.in, under) {
			all = append(all, &frame{f, c.expr, caller})
		}
	}
	if len(all) == 0 || f.Name.IsExported() {
		all = append(all, &frame{of: f})
	}
	return all
}

// text is what an expression is in a frame. Parts that are not known are left out.
// name becomes the outermost function that a part comes from.
func (s storeSource) text(e ast.Expr, f *frame, name *string, seen []types.Object) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, _ := strconv.Unquote(e.Value)
		return text
	case *ast.ParenExpr:
		return s.text(e.X, f, name, seen)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return s.text(e.X, f, name, seen) + s.text(e.Y, f, name, seen)
		}
	case *ast.Ident:
		return s.named(s.object(e), f, name, seen)
	case *ast.CallExpr:
		return s.called(e, f, name, seen)
	}
	return ""
}

func (s storeSource) named(of types.Object, f *frame, name *string, seen []types.Object) string {
	if of == nil || slices.Contains(seen, of) {
		return ""
	}
	seen = append(slices.Clone(seen), of)
	var parts []string
	if n, ok := s.params[of]; ok && f.by != nil && n < len(f.by.Args) && s.isOf(of, f.of) {
		*name = f.caller.of.Name.Name
		parts = append(parts, s.text(f.by.Args[n], f.caller, name, seen))
	}
	for _, value := range s.values[of] {
		parts = append(parts, s.text(value, f, name, seen))
	}
	return strings.Join(parts, " ")
}

// isOf reports whether a parameter is one of the function.
func (s storeSource) isOf(param types.Object, f *ast.FuncDecl) bool {
	return f.Pos() <= param.Pos() && param.Pos() < f.End()
}

func (s storeSource) called(e *ast.CallExpr, f *frame, name *string, seen []types.Object) string {
	if method, ok := e.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "String" {
		return s.text(method.X, f, name, seen)
	}
	of, _ := s.callee(e)
	var parts []string
	if method, ok := e.Fun.(*ast.SelectorExpr); ok && of == nil && method.Sel.Name == "Sprintf" {
		for _, arg := range e.Args {
			parts = append(parts, s.text(arg, f, name, seen))
		}
	}
	decl := s.funcs[of]
	if decl == nil || decl.Body == nil || slices.Contains(seen, of) {
		return strings.Join(parts, " ")
	}
	here := *name
	inner := &frame{decl, e, f}
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			for _, result := range r.Results {
				parts = append(parts, s.text(result, inner, &here, append(slices.Clone(seen), of)))
			}
		}
		_, isFunc := n.(*ast.FuncLit)
		return !isFunc
	})
	return strings.Join(parts, " ")
}
