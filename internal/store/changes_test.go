package store_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// Who keeps counts learns of every transaction that may have changed instances, also
// of one that failed at its end, and when Write returns it has learned of it.
func TestWatchersAreToldWhoseInstancesChanged(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.AddMany(1, renewal.Day)
		var told []string
		w.Store.OnChange(func(account string) { told = append(told, account) })
		id, broken := w.Account.ID, errors.New("broken")
		for name, c := range map[string]struct {
			change func(*store.Tx) error
			want   []string
		}{
			"reads alone": {func(tx *store.Tx) error { _, err := tx.Balance(id); return err }, nil},
			"renews what has been renewed": {func(tx *store.Tx) error {
				_, err := tx.Extend(id, "ecs-00000", testkit.Start, testkit.Start.Add(renewal.Day), testkit.Start, "CS1")
				return err
			}, []string{id}},
			"means to renew, twice": {func(tx *store.Tx) error {
				if err := tx.EndIntent(id, "ecs-00000", "CS1"); err != nil {
					return err
				}
				return tx.EndIntent(id, "ecs-00000", "CS2")
			}, []string{id}},
			"fails": {func(tx *store.Tx) error {
				if err := tx.EndIntent(id, "ecs-00000", "CS1"); err != nil {
					return err
				}
				return broken
			}, []string{id}},
		} {
			told = nil
			if err := w.Store.Write(t.Context(), c.change); err != nil && !errors.Is(err, broken) {
				t.Fatal(err)
			}
			if !slices.Equal(told, c.want) {
				t.Errorf("%s: told of %v, want %v", name, told, c.want)
			}
		}
	})
}

// A statement that changes instances in a function that does not say so would leave
// counts behind that people take for fresh.
func TestEveryChangeOfInstancesIsTold(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	writes := regexp.MustCompile(`(?i)\b(update|insert into|delete from)\s+instance\b|^"instance"$`)
	found := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			changes, told := false, false
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.BasicLit:
					changes = changes || n.Kind == token.STRING && writes.MatchString(n.Value)
				case *ast.SelectorExpr:
					told = told || n.Sel.Name == "changes"
				}
				return true
			})
			if changes {
				found++
			}
			if changes && !told {
				t.Errorf("%s changes instances and does not call tx.changes", f.Name.Name)
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d functions that change instances were found", found)
	}
}
