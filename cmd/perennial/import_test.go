package main_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"perennial/internal/account"
	"perennial/internal/demo"
	"perennial/internal/testkit"
)

// estateFiles writes a small estate into the place.
func (p place) estateFiles(units int) (instances, prices string) {
	p.t.Helper()
	zone, err := account.Zone(demo.Zone)
	if err != nil {
		p.t.Fatal(err)
	}
	e := demo.NewEstate(demo.DefaultSeed, units, testkit.Start, zone)
	var rows, list bytes.Buffer
	if err := e.WriteInstances(&rows); err != nil {
		p.t.Fatal(err)
	}
	if err := e.WritePrices(&list); err != nil {
		p.t.Fatal(err)
	}
	p.write("prices.csv", list.String())
	p.write("instances.csv", rows.String())
	return rows.String(), list.String()
}

func (p place) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func TestImportBesideAServer(t *testing.T) {
	p := newPlace(t)
	s := p.serving()
	p.must("", "account", "create", "--name=Acme Group", "--email=billing@acme.example", "--zone="+demo.Zone)
	instances, _ := p.estateFiles(300)
	wants := func(out string, words ...string) {
		t.Helper()
		for _, w := range words {
			if !strings.Contains(out, w) {
				t.Errorf("the report lacks %q:\n%s", w, out)
			}
		}
	}
	wants(p.must("", "import", "prices", "prices.csv", "--apply"), "prices of prices.csv for Acme Group", "Imported.")
	wants(p.must("", "import", "instances", "instances.csv"), "Nothing is written yet. Add --apply")
	wants(p.must(instances, "import", "instances", "-", "--apply"), "instances of standard input", "Imported.")
	wants(p.must("", "import", "instances", "instances.csv", "--apply"), "Everything in it is here already.")
	header, _, _ := strings.Cut(instances, "\n")
	wants(p.must(header+"\n", "import", "instances", "/dev/stdin", "--apply"), "The file has no rows.")
	wants(p.must("", "doctor"), "keeps all of")
	s.mustStop()
}

func TestImportRefusesByLine(t *testing.T) {
	p := newPlace(t)
	p.must("", "account", "create", "--name=Acme Group", "--email=billing@acme.example")
	instances, _ := p.estateFiles(3)
	lines := strings.SplitAfter(instances, "\n")
	p.write("twice.csv", instances+lines[1])
	out, errOut, code := p.run("", "import", "instances", "twice.csv", "--apply")
	if code != 1 || !strings.Contains(out, "This ID stands twice: here and on line 2.") || !strings.Contains(errOut, "twice.csv was refused, and nothing of it is imported.") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	if out := p.must("", "import", "instances", "instances.csv"); !strings.Contains(out, "unchanged  0") {
		t.Errorf("something of the refused file is here:\n%s", out)
	}
	if _, errOut, code := p.run("", "import", "prices", "none.csv"); code != 1 || !strings.Contains(errOut, "There is no file none.csv.") {
		t.Errorf("exit %d\n%s", code, errOut)
	}
}
