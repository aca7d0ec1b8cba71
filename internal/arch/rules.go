package arch

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Rules are all of them, by the name under which a test reports them.
var Rules = map[string]Rule{
	"imports":   Imports,
	"product":   Product,
	"standard":  Standard,
	"time":      Time,
	"sizes":     Sizes,
	"comments":  PackageComments,
	"names":     Names,
	"templates": Templates,
	"folders":   Folders,
	"tests":     Tests,
	"floats":    Floats,
}

// clocks are the functions of package time that read or wait for the machine's clock.
var clocks = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// hangGuards are those of them with which a test may bound a wait that would
// otherwise be endless.
var hangGuards = []string{"After", "AfterFunc", "NewTimer"}

// Time lets the machine's clock into cmd, clock and worker only. No test sleeps,
// and outside those rooms a test reads the clock only to measure a benchmark.
func Time(t *Tree) []string {
	var broken []string
	for _, f := range t.Go {
		home := slices.Contains([]string{"cmd", "clock", "worker"}, roomOf(f.Dir))
		if f.Test {
			home = home || roomOf(f.Dir) == "testkit" || strings.HasSuffix(f.Path, "bench_test.go")
		}
		f.uses("time", func(name *ast.Ident) {
			switch {
			case !slices.Contains(clocks, name.Name):
			case f.Test && name.Name == "Sleep":
				broken = append(broken, fmt.Sprintf("%s: a test may not sleep", t.at(name)))
			case !home && !(f.Test && slices.Contains(hangGuards, name.Name)):
				broken = append(broken, fmt.Sprintf("%s: time.%s belongs into cmd, clock and worker", t.at(name), name.Name))
			}
		})
	}
	return broken
}

// The walls of a file, in lines.
const (
	maxGo    = 400
	maxTest  = 600
	maxTempl = 150
)

// Sizes keeps files short enough to read in one sitting. Generated ones are not read.
func Sizes(t *Tree) []string {
	var broken []string
	check := func(f Text, limit int) {
		if f.Lines() > limit {
			broken = append(broken, fmt.Sprintf("%s: %d lines, more than %d", f.Path, f.Lines(), limit))
		}
	}
	for _, f := range t.Go {
		switch {
		case f.Generated:
		case f.Test:
			check(f.Text, maxTest)
		default:
			check(f.Text, maxGo)
		}
	}
	for _, f := range t.Templ {
		check(f, maxTempl)
	}
	return broken
}

// PackageComments wants every package to say what it is for, in Go's own form.
func PackageComments(t *Tree) []string {
	var broken []string
	for _, dir := range t.GoDirs {
		commented, name, written := false, "", false
		for _, f := range t.Go {
			if f.Dir != dir || f.Test {
				continue
			}
			name, written = f.AST.Name.Name, true
			opening := "Package " + name + " "
			if name == "main" {
				opening = "Command " + path.Base(dir) + " "
			}
			commented = commented || f.AST.Doc != nil && strings.HasPrefix(f.AST.Doc.Text(), opening)
		}
		if written && !commented {
			broken = append(broken, fmt.Sprintf("%s: package %s has no package comment", dir, name))
		}
	}
	return broken
}

var (
	emptyNames = []string{"util", "utils", "common", "types", "helper", "helpers", "misc", "base"}
	emptyTypes = regexp.MustCompile(`(Manager|Helper|Util|Utils)$`)
)

// Names refuses the names that say nothing.
func Names(t *Tree) []string {
	var broken []string
	for _, f := range t.Go {
		file := strings.TrimSuffix(strings.TrimSuffix(path.Base(f.Path), ".go"), "_test")
		if slices.Contains(emptyNames, file) || slices.Contains(emptyNames, path.Base(f.Dir)) {
			broken = append(broken, fmt.Sprintf("%s: the name of the file or its folder says nothing", f.Path))
		}
		f.each(func(n ast.Node) {
			if spec, ok := n.(*ast.TypeSpec); ok && emptyTypes.MatchString(spec.Name.Name) {
				broken = append(broken, fmt.Sprintf("%s: the name of type %s says nothing", t.at(spec), spec.Name.Name))
			}
		})
	}
	return broken
}

var unescaped = []struct {
	pattern *regexp.Regexp
	what    string
}{
	{regexp.MustCompile(`templ\.Raw\b`), "templ.Raw writes unescaped text"},
	{regexp.MustCompile(`\{\s*(?:[^{}\s]*[^{}\s.])\.\.\.\s*\}`), "spread attributes cannot be told from safe ones"},
	{regexp.MustCompile(`hx-(?:vals|headers)\s*=\s*\{`), "hx-vals and hx-headers may not be computed"},
	{regexp.MustCompile(`\son[a-z]+=["{]|hx-on\b|\sstyle=\{|<script(?:\s[^>]*)?>[^<]|<style\b`), "the content security policy forbids inline script and style"},
	{regexp.MustCompile(`\sstyle="`), constantStyle},
}

// constantStyle is forbidden in pages only: mail programs keep no other styles
// than those written on each element.
const constantStyle = "the content security policy forbids inline style"

// Templates keeps markup safe by construction.
func Templates(t *Tree) []string {
	var broken []string
	for _, f := range t.Templ {
		for i, line := range strings.Split(f.Body, "\n") {
			if strings.TrimSpace(line) == "{ children... }" {
				continue
			}
			for _, u := range unescaped {
				if u.what == constantStyle && strings.HasPrefix(f.Path, "views/email/") {
					continue
				}
				if u.pattern.MatchString(line) {
					broken = append(broken, fmt.Sprintf("%s:%d: %s", f.Path, i+1, u.what))
				}
			}
		}
	}
	for _, f := range t.Go {
		f.uses("github.com/a-h/templ", func(name *ast.Ident) {
			if name.Name == "Raw" {
				broken = append(broken, fmt.Sprintf("%s: templ.Raw writes unescaped text", t.at(name)))
			}
		})
	}
	return broken
}

// Folders keeps the top of the house as it is.
func Folders(t *Tree) []string {
	var broken []string
	for _, dir := range t.Top {
		if !slices.Contains([]string{"cmd", "web", "views", "internal", "static", ".ci"}, dir) {
			broken = append(broken, fmt.Sprintf("%s: no other folder stands at the top", dir))
		}
	}
	return broken
}

// Tests wants tests from outside the package, and none left out: testkit alone
// decides what a machine cannot run. A file export_test.go may stand inside, to
// show its package's tests what others do not see, but holds no test.
func Tests(t *Tree) []string {
	var broken []string
	for _, f := range t.Go {
		if !f.Test {
			continue
		}
		if !strings.HasSuffix(f.AST.Name.Name, "_test") && (path.Base(f.Path) != "export_test.go" || declaresTest(f.AST)) {
			broken = append(broken, fmt.Sprintf("%s: tests are in package %s_test", f.Path, f.AST.Name.Name))
		}
		if roomOf(f.Dir) == "testkit" {
			continue
		}
		f.each(func(n ast.Node) {
			if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, s.Sel.Name) {
				broken = append(broken, fmt.Sprintf("%s: no test is skipped", t.at(s.Sel)))
			}
		})
	}
	return broken
}

// Floats keeps floating point away from money.
func Floats(t *Tree) []string {
	var broken []string
	for _, f := range t.Go {
		if f.Test || !slices.Contains([]string{"money", "billing"}, roomOf(f.Dir)) {
			continue
		}
		f.each(func(n ast.Node) {
			if name, ok := n.(*ast.Ident); ok && (name.Name == "float64" || name.Name == "float32") {
				broken = append(broken, fmt.Sprintf("%s: money is never %s", t.at(name), name.Name))
			}
		})
	}
	return broken
}

func declaresTest(file *ast.File) bool {
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz") || strings.HasPrefix(f.Name.Name, "Benchmark"))
	})
}
