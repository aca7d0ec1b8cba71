package arch_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"perennial/internal/arch"
)

func load(t *testing.T, files map[string]string) *arch.Tree {
	t.Helper()
	root := fstest.MapFS{}
	for name, body := range files {
		root[name] = &fstest.MapFile{Data: []byte(body)}
	}
	tree, err := arch.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestTheHouse holds the program to every rule.
func TestTheHouse(t *testing.T) {
	tree, err := arch.Load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.Go) < 10 {
		t.Fatalf("only %d Go files were found: is this the module's root?", len(tree.Go))
	}
	for name, rule := range arch.Rules {
		for _, sentence := range rule(tree) {
			t.Errorf("%s: %s", name, sentence)
		}
	}
}

func TestEveryRuleCatchesAViolation(t *testing.T) {
	tested := map[string]bool{}
	for _, c := range violations {
		tested[c.rule] = true
		got := arch.Rules[c.rule](load(t, map[string]string{c.path: c.body}))
		if len(got) == 0 || !strings.HasPrefix(got[0], strings.TrimSuffix(c.names, ":")) {
			t.Errorf("%s let %s through: %q\n%s", c.rule, c.path, got, c.body)
		}
	}
	for name := range arch.Rules {
		if !tested[name] {
			t.Errorf("no violation of rule %s is tried", name)
		}
	}
}

func TestNoRuleCatchesWhatIsAllowed(t *testing.T) {
	for path, body := range allowed {
		tree := load(t, map[string]string{path: body})
		for name, rule := range arch.Rules {
			if got := rule(tree); len(got) > 0 {
				t.Errorf("%s refuses %s: %q\n%s", name, path, got, body)
			}
		}
	}
}

func TestLoadTellsWhichFileCannotBeParsed(t *testing.T) {
	_, err := arch.Load(fstest.MapFS{"web/a.go": {Data: []byte("package")}})
	if err == nil || !strings.Contains(err.Error(), "web/a.go") {
		t.Fatalf("got %v", err)
	}
}
