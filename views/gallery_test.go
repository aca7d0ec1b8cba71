package views_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"perennial/views"
)

var update = flag.Bool("update", false, "write the golden files of the gallery")

// fingerprint is the part of an asset's address that changes with its bytes; a
// golden page must not change with the style sheet.
var fingerprint = regexp.MustCompile(`(/static/[a-z]+)\.[0-9a-f]{12}\.`)

func render(t *testing.T, s views.Specimen) []byte {
	t.Helper()
	var page bytes.Buffer
	if err := s.Component().Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}

func TestGoldens(t *testing.T) {
	for _, s := range views.Gallery() {
		t.Run(s.Name, func(t *testing.T) {
			got := fingerprint.ReplaceAll(render(t, s), []byte("$1."))
			got = append(bytes.ReplaceAll(got, []byte("><"), []byte(">\n<")), '\n')
			file := filepath.Join("testdata", s.Name+".html")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v; go test ./views -update writes it", err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s has changed; look at it, then go test ./views -update\n%s", file, firstDifference(got, want))
			}
		})
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got:  " + g[i] + "\nwant: " + w[i]
		}
	}
	return "one goes on where the other ends"
}

func TestGoldenFilesBelongToSpecimens(t *testing.T) {
	known := map[string]bool{}
	for _, s := range views.Gallery() {
		if known[s.Name] {
			t.Errorf("two specimens are called %s", s.Name)
		}
		known[s.Name] = true
	}
	files, err := filepath.Glob("testdata/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".html"); !known[name] {
			t.Errorf("%s belongs to no specimen", file)
		}
	}
}

// Every specimen keeps what a reader, a keyboard and the content security policy need.
func TestMarkup(t *testing.T) {
	for _, s := range views.Gallery() {
		t.Run(s.Name, func(t *testing.T) {
			doc, err := goquery.NewDocumentFromReader(bytes.NewReader(render(t, s)))
			if err != nil {
				t.Fatal(err)
			}
			checkIDs(t, doc)
			checkPolicy(t, doc)
			checkNames(t, doc)
			checkTables(t, doc)
			if s.Page {
				checkPage(t, doc)
			}
		})
	}
}

func checkIDs(t *testing.T, doc *goquery.Document) {
	seen := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, e *goquery.Selection) {
		id := e.AttrOr("id", "")
		if seen[id] || id == "" {
			t.Errorf("id %q is empty or stands twice", id)
		}
		seen[id] = true
	})
	for _, attr := range []string{"for", "aria-describedby", "popovertarget"} {
		doc.Find("[" + attr + "]").Each(func(_ int, e *goquery.Selection) {
			for id := range strings.FieldsSeq(e.AttrOr(attr, "")) {
				if !seen[id] {
					t.Errorf("%s=%q points at nothing", attr, id)
				}
			}
		})
	}
}

func checkPolicy(t *testing.T, doc *goquery.Document) {
	if n := doc.Find("[style], style, script:not([src])").Length(); n > 0 {
		t.Errorf("%d elements carry a style or a script of their own", n)
	}
	doc.Find("*").Each(func(_ int, e *goquery.Selection) {
		for _, a := range e.Nodes[0].Attr {
			// templ writes an "else if" among attributes out as it stands.
			if a.Key == "else" || a.Key == "if" {
				t.Errorf("<%s> has an attribute that is a statement", goquery.NodeName(e))
			}
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || strings.HasPrefix(a.Val, "js:") {
				t.Errorf("<%s %s> would run a script", goquery.NodeName(e), a.Key)
			}
		}
	})
	// Without scripts the same address works: every hx-get has its link or GET
	// form, every hx-post its POST form.
	doc.Find("[hx-get]").Each(func(_ int, e *goquery.Selection) {
		_, link := e.Attr("href")
		if get := goquery.NodeName(e) == "form" && !strings.EqualFold(e.AttrOr("method", "get"), "post"); !link && !get {
			t.Errorf("hx-get=%q is on a <%s> without an address", e.AttrOr("hx-get", ""), goquery.NodeName(e))
		}
	})
	doc.Find("[hx-post]").Each(func(_ int, e *goquery.Selection) {
		if goquery.NodeName(e) != "form" || e.AttrOr("action", "") != e.AttrOr("hx-post", "") {
			t.Errorf("hx-post=%q has no form with the same address", e.AttrOr("hx-post", ""))
		}
	})
}

func checkNames(t *testing.T, doc *goquery.Document) {
	doc.Find("a, button, summary, th, label, option").Each(func(_ int, e *goquery.Selection) {
		if strings.TrimSpace(e.Text()) == "" && e.AttrOr("aria-label", "") == "" {
			html, _ := goquery.OuterHtml(e)
			t.Errorf("%s has no name", html)
		}
	})
	doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, e *goquery.Selection) {
		if e.AttrOr("aria-label", "") == "" && doc.Find(`label[for="`+e.AttrOr("id", "")+`"]`).Length() != 1 {
			t.Errorf("field %q has no label of its own", e.AttrOr("name", ""))
		}
	})
}

func checkTables(t *testing.T, doc *goquery.Document) {
	doc.Find("table").Each(func(_ int, e *goquery.Selection) {
		if port := e.Closest("[role=region]"); port.AttrOr("tabindex", "") != "0" || port.AttrOr("aria-label", "") == "" {
			t.Error("a table stands outside a named scrollport that the keyboard reaches")
		}
	})
}

func checkPage(t *testing.T, doc *goquery.Document) {
	for selector, want := range map[string]int{
		"html[lang]": 1, "head title": 1, "main#main": 1, "#flash": 1, "main h1": 1,
		`meta[name="viewport"]`: 1, `meta[name="htmx-config"]`: 1,
	} {
		if n := doc.Find(selector).Length(); n != want {
			t.Errorf("%s stands %d times", selector, n)
		}
	}
	if strings.TrimSpace(doc.Find("head title").Text()) == "– Perennial" {
		t.Error("the page has no title")
	}
}
