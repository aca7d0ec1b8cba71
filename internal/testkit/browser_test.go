package testkit_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"perennial/internal/testkit"
)

// site serves one page under a strict policy, and /script.js beside it.
func site(t *testing.T, body, script string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:")
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<!doctype html><html lang=en><title>T</title><link rel=icon href="data:,">%s<script src="/script.js"></script>`, body)
		case "/script.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, script)
		case "/cookie":
			http.SetCookie(w, &http.Cookie{Name: "who", Value: "li"})
		default:
			w.Header().Set("Content-Type", "text/css")
			w.WriteHeader(http.StatusConflict)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

const marked = `document.querySelector("p").textContent = "scripted"`

func TestBrowserRunsScriptsOrNot(t *testing.T) {
	url := site(t, `<p>plain</p>`, marked)
	for name, c := range map[string]struct {
		options []testkit.TabOption
		want    string
	}{
		"scripted": {nil, "scripted"},
		"plain":    {[]testkit.TabOption{testkit.WithoutJavaScript}, "plain"},
	} {
		tab := testkit.Browser(t, c.options...)
		tab.Do(chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS("p")))
		if got := testkit.Get(tab, chromedp.Text(chromedp.CSS("p"))); got != c.want {
			t.Errorf("%s: the page reads %q", name, got)
		}
	}
}

func TestBrowserIsAsLargeAndAsDarkAsAsked(t *testing.T) {
	url := site(t, `<p>x</p>`, "")
	measure := `[innerWidth, matchMedia("(prefers-color-scheme: dark)").matches, matchMedia("(prefers-reduced-motion)").matches].join()`
	wide := testkit.Browser(t)
	wide.Do(chromedp.Navigate(url))
	if got := testkit.Get(wide, chromedp.Evaluate[string](measure)); got != "1440,false,true" {
		t.Errorf("by default: %s", got)
	}
	small := testkit.Browser(t, testkit.Sized(320, 600), testkit.Dark)
	small.Do(chromedp.Navigate(url))
	if got := testkit.Get(small, chromedp.Evaluate[string](measure)); got != "320,true,true" {
		t.Errorf("small and dark: %s", got)
	}
}

func TestBrowserKeepsPeopleApartAndTabsTogether(t *testing.T) {
	url := site(t, `<p>x</p>`, "")
	li := testkit.Browser(t)
	li.Do(chromedp.Navigate(url+"/cookie"), chromedp.Navigate(url))
	same, other := li.Sibling(), testkit.Browser(t)
	for tab, want := range map[*testkit.Tab]string{same: "who=li", other: ""} {
		tab.Do(chromedp.Navigate(url))
		if got := testkit.Get(tab, chromedp.Evaluate[string]("document.cookie")); got != want {
			t.Errorf("cookies are %q, want %q", got, want)
		}
	}
}

// complaints of every kind must fail a test that did not announce them.
var bad = map[string]struct{ body, script, heard string }{
	"exception": {`<p>x</p>`, `missing()`, "missing is not defined"},
	"rejection": {`<p>x</p>`, `Promise.reject(new Error("nobody listens"))`, "nobody listens"},
	"console":   {`<p>x</p>`, `console.error("ledger", 7)`, "console: ledger 7"},
	"policy":    {`<p style="color:red">x</p>`, ``, "Content Security Policy"},
	"answer":    {`<link rel=stylesheet href=/elsewhere>`, ``, "409"},
}

func TestBrowserFailsATestWhosePageComplains(t *testing.T) {
	for name, c := range bad {
		url := site(t, c.body, c.script)
		visit := func(announced string) *recorder {
			return record(t, func(tb testing.TB) {
				tab := testkit.Browser(tb)
				if announced != "" {
					tab.Expect(announced)
				}
				tab.Do(chromedp.Navigate(url))
			})
		}
		r := visit("")
		if r.skipped {
			t.Log(r.text())
			return
		}
		if !r.failed || !strings.Contains(r.text(), c.heard) {
			t.Errorf("%s: want a failure with %q, got %q", name, c.heard, r.text())
		}
		if r := visit(c.heard); r.failed {
			t.Errorf("%s, announced: %s", name, r.text())
		}
	}
}

func TestBrowserFailsWhenAStepCannotBeDone(t *testing.T) {
	shots := t.TempDir()
	t.Setenv("PERENNIAL_TEST_SHOTS", shots)
	url := site(t, `<p>x</p>`, "")
	r := record(t, func(tb testing.TB) {
		tab := testkit.Browser(tb)
		tab.Do(chromedp.Navigate(url))
		testkit.Get(tab, chromedp.Evaluate[int]("no.such.thing"))
	})
	if r.skipped {
		t.Log(r.text())
		return
	}
	if !r.failed || !strings.Contains(r.text(), url) {
		t.Errorf("want a failure that names the page, got %q", r.text())
	}
	if png, err := os.ReadFile(filepath.Join(shots, "failed-"+t.Name()+".png")); err != nil || !strings.HasPrefix(string(png), "\x89PNG") {
		t.Errorf("no picture of the failure: %v", err)
	}
}

// A checker that finds nothing would pass every page, so it is shown some to refuse.
func TestBarriersAreFound(t *testing.T) {
	const sound = `<main><h1>Renewals</h1><p>Nothing is charged.</p></main>`
	for name, c := range map[string]struct{ body, part, rule string }{
		"sound":      {sound, "html", ""},
		"nameless":   {`<main><h1>Renewals</h1><button></button></main>`, "html", "button-name"},
		"no heading": {`<main><p>Renewals</p></main>`, "html", "page-has-heading-one"},
		"component":  {`<main><p>Renewals</p></main>`, "main", ""},
		"small":      {`<main><h1>Renewals</h1><button>a</button><button>b</button></main>`, "html", "target-size"},
	} {
		tab := testkit.Browser(t)
		tab.Do(chromedp.Navigate(site(t, c.body, "")))
		found := tab.Barriers(c.part)
		if c.rule == "" && len(found) > 0 || c.rule != "" && (len(found) != 1 || !strings.HasPrefix(found[0], c.rule+": ")) {
			t.Errorf("%s: %q", name, found)
		}
	}
}
