package arch

import (
	"fmt"
	"slices"
	"strings"
)

// room is one package's line of the table "Who may import whom". Folders below
// it live under the same line, and may import each other.
type room struct {
	ours  []string // "perennial/internal/" is left out before a name that stands in internal
	third []string // with everything below
}

// vocabulary knows nothing of the world.
var vocabulary = []string{"fault", "money", "bidi", "renewal", "billing", "account", "notice"}

// rooms is the table of the design. A package that is not here may not exist.
var rooms = map[string]room{
	"fault":     {},
	"money":     {},
	"bidi":      {},
	"clock":     {},
	"config":    {third: []string{"github.com/alecthomas/kong"}},
	"renewal":   {ours: []string{"money", "fault", "bidi"}},
	"billing":   {ours: []string{"money", "fault", "renewal"}},
	"account":   {ours: []string{"fault"}, third: []string{"github.com/alexedwards/argon2id"}},
	"notice":    {ours: []string{"renewal", "billing", "money"}},
	"gateway":   {ours: []string{"renewal", "billing", "money", "fault", "clock"}},
	"inventory": {ours: []string{"renewal", "billing", "money", "fault", "clock"}},
	"store": {ours: vocabulary, third: []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5",
		"github.com/pressly/goose/v3", "golang.org/x/text"}},
	"invariant": {ours: []string{"store", "money"}},
	"app":       {ours: with(vocabulary, "store", "gateway", "inventory", "clock")},
	"worker":    {ours: []string{"clock"}},
	"views":     {ours: with(vocabulary, "static"), third: []string{"github.com/a-h/templ"}},
	"mail": {ours: with(vocabulary, "store", "views/email", "clock"),
		third: []string{"github.com/a-h/templ", "github.com/wneessen/go-mail"}},
	"web": {ours: with(vocabulary, "app", "mail", "views", "static", "clock"),
		third: []string{"github.com/labstack/echo/v4", "github.com/klauspost/compress/gzhttp", "github.com/gorilla", "github.com/a-h/templ",
			"github.com/prometheus/client_golang"}},
	"demo":   {ours: with(vocabulary, "app", "inventory", "clock")},
	"static": {},
	"arch":   {},
}

// everywhere is free of the table: main wires everybody, testkit serves everybody's tests.
var everywhere = []string{"cmd", "testkit"}

// forTests are what any test may import on top of its package's line: what it
// stands on, what makes and keeps its data, and what drives it.
var forTests = []string{"testkit", "store", "inventory", "demo", "github.com/PuerkitoBio/goquery", "github.com/chromedp",
	"pgregory.net/rapid", "go.uber.org/goleak"}

func with(some []string, more ...string) []string { return append(slices.Clone(some), more...) }

// roomOf names the line of the table for a folder or for an import of ours:
// "internal/store/migrations" is store, "views/ui" is views.
func roomOf(dir string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(dir, "internal/"), "/")
	return name
}

// Imports holds every file to the table.
func Imports(t *Tree) []string {
	var broken []string
	for _, f := range t.Go {
		name := roomOf(f.Dir)
		if slices.Contains(everywhere, name) {
			continue
		}
		line, known := rooms[name]
		if !known {
			broken = append(broken, fmt.Sprintf("%s: package %s has no line in the table of who may import whom", f.Path, name))
			continue
		}
		for _, imported := range f.Imports() {
			if !line.admits(name, imported) && !(f.Test && admitted(forTests, imported)) {
				broken = append(broken, fmt.Sprintf("%s: %s may not import %s", f.Path, name, imported))
			}
		}
	}
	return broken
}

func (r room) admits(name, imported string) bool {
	if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
		return roomOf(ours) == name || admitted(r.ours, imported)
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library has rules of its own
	}
	return admitted(r.third, imported)
}

// admitted tells whether an import is one of the allowed ones or below it.
func admitted(allowed []string, imported string) bool {
	imported = strings.TrimPrefix(strings.TrimPrefix(imported, module+"/"), "internal/")
	return slices.ContainsFunc(allowed, func(a string) bool {
		return imported == a || strings.HasPrefix(imported, a+"/")
	})
}

// Product keeps the test harness and these rules out of the program.
func Product(t *Tree) []string {
	var broken []string
	for _, f := range t.Go {
		if f.Test || roomOf(f.Dir) == "testkit" {
			continue
		}
		for _, imported := range f.Imports() {
			if admitted([]string{"testkit", "arch"}, imported) || imported == "testing" {
				broken = append(broken, fmt.Sprintf("%s: the program may not import %s", f.Path, imported))
			}
		}
	}
	return broken
}

// limited are packages of the standard library that only some rooms may import.
var limited = []struct {
	imported []string
	allowed  func(f *File) bool
	why      string
}{
	{[]string{"database/sql"}, func(f *File) bool {
		return slices.Contains([]string{"store", "invariant"}, roomOf(f.Dir)) || f.Test && roomOf(f.Dir) == "testkit"
	}, "all SQL is in store and invariant"},
	{[]string{"database/sql/driver"}, func(f *File) bool {
		return slices.Contains([]string{"store", "testkit"}, roomOf(f.Dir))
	}, "only the store opens an engine, and only testkit stands before it"},
	{[]string{"math/rand", "math/rand/v2", "crypto/rand"}, func(f *File) bool {
		return !slices.Contains(vocabulary, roomOf(f.Dir)) || f.Test
	}, "in the vocabulary, chance comes in as an argument"},
	{[]string{"os", "os/exec", "os/signal", "os/user", "io/ioutil", "net", "net/http", "syscall", "log", "log/slog", "flag"}, func(f *File) bool {
		return !slices.Contains(with(vocabulary, "views"), roomOf(f.Dir)) || f.Test
	}, "the vocabulary and the views know nothing of the world"},
}

// Standard limits the packages of the standard library that carry SQL, chance or the world.
func Standard(t *Tree) []string {
	var broken []string
	for _, f := range t.Go {
		for _, imported := range f.Imports() {
			for _, limit := range limited {
				if slices.Contains(limit.imported, imported) && !limit.allowed(f) {
					broken = append(broken, fmt.Sprintf("%s: imports %s: %s", f.Path, imported, limit.why))
				}
			}
		}
	}
	return broken
}
