package web_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"perennial/internal/testkit"
	"perennial/static"
	"perennial/views"
	"perennial/web"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// What pages and probes ask by themselves would bury what people do.
func TestTheLogIsOfPeople(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Viewer)
	for _, path := range []string{"/healthz", views.ChipPath("", ""), "/wallet"} {
		b.get(path)
	}
	log := c.Log.String()
	if !strings.Contains(log, "path=/wallet") || strings.Contains(log, "path=/healthz") || strings.Contains(log, "path=/chip") {
		t.Errorf("the log:\n%s", log)
	}
}

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	faults := &testkit.Faults{}
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithFaults(faults))
	c := newConsole(t, w)
	b, owner := c.browser(t), c.signedIn(t, w.Owner)
	answers := map[string]*httptest.ResponseRecorder{
		"page":           b.get("/sign-in"),
		"redirect":       b.get("/"),
		"not found":      owner.get("/no-such-page"),
		"part":           owner.get("/chip", part),
		"not signed in":  b.get("/chip", part),
		"wrong method":   b.get("/sign-out"),
		"other site":     b.post("/sign-in", nil, header("Sec-Fetch-Site", "cross-site")),
		"too large":      b.post("/sign-in", url.Values{"email": {strings.Repeat("x", 300<<10)}}),
		"static":         b.get(static.URL("app.css")),
		"health":         b.get("/healthz"),
		"strange method": b.send("PROPFIND", "/", "", header("Origin", "https://renewals.example.com")),
	}
	faults.Arm(func(testkit.Op) testkit.Fault { return testkit.Fault{Err: errors.New("accident")} })
	answers["internal error"] = b.post("/sign-in", url.Values{"email": {"a@b.example"}, "password": {"x"}})
	faults.Disarm()
	if got := answers["internal error"].Code; got != http.StatusInternalServerError {
		t.Errorf("the accident was answered with %d", got)
	}
	for what, a := range answers {
		h := a.Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cache-Control": "no-store", "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
		} {
			if what == "static" && name == "Cache-Control" {
				want = "public, max-age=31536000, immutable"
			}
			if got := h.Values(name); len(got) != 1 || got[0] != want {
				t.Errorf("%s (%d): %s is %q", what, a.Code, name, got)
			}
		}
		if !strings.Contains(strings.Join(h.Values("Vary"), ","), "HX-Request-Type") {
			t.Errorf("%s: Vary is %q", what, h.Values("Vary"))
		}
		if h.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", what)
		}
	}
}

func TestNoHSTSWithoutTLS(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite), func(d *web.Deps) { d.PublicURL = &url.URL{Scheme: "http", Host: "localhost:8080"} })
	if got := c.browser(t).get("/sign-in").Header().Get("Strict-Transport-Security"); got != "" {
		t.Errorf("over http: %q", got)
	}
}

func TestChangesComeFromThisSite(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	c := newConsole(t, w)
	c.Must(c.App.SetPassword(c.Context(), c.Owner, w.Buyer.Email, password))
	form := url.Values{"email": {w.Buyer.Email}, "password": {password}}
	for what, test := range map[string]struct {
		site, origin string
		want         int
	}{
		"same origin":            {"same-origin", "https://renewals.example.com", 303},
		"typed by the person":    {"none", "", 303},
		"older browser":          {"", "https://renewals.example.com", 303},
		"another site":           {"cross-site", "https://evil.example", 403},
		"sibling":                {"same-site", "https://other.example.com", 403},
		"another site, older":    {"", "https://evil.example", 403},
		"null origin":            {"", "null", 403},
		"neither":                {"", "", 403},
		"another port, older":    {"", "https://renewals.example.com:8443", 403},
		"another site says none": {"none", "https://evil.example", 303}, // a browser does not lie in Sec-Fetch-Site
	} {
		a := c.browser(t).post("/sign-in", form, header("Sec-Fetch-Site", test.site), header("Origin", test.origin))
		if a.Code != test.want || (test.want == 403 && len(a.Result().Cookies()) > 0) {
			t.Errorf("%s: %d, want %d", what, a.Code, test.want)
		}
	}
	// Behind a proxy that names the host without its port, an older browser still gets in.
	c = newConsole(t, w, func(d *web.Deps) { d.PublicURL.Host = "renewals.example.com:8443" })
	a := c.browser(t).post("/sign-in", form, header("Sec-Fetch-Site", ""), header("Origin", "https://renewals.example.com:8443"),
		func(r *http.Request) { r.Host = "renewals.example.com" })
	if a.Code != http.StatusSeeOther {
		t.Errorf("behind a proxy: %d", a.Code)
	}
}

func TestPagesArePackedAndStillWhole(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	a := c.browser(t).get("/sign-in", header("Accept-Encoding", "gzip"))
	if a.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("not packed: %v", a.Header())
	}
	r, err := gzip.NewReader(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(r); err != nil || !strings.Contains(string(text), "</html>") {
		t.Errorf("%v in %.60q", err, text)
	}
	css := c.browser(t).get(static.URL("app.css"), header("Accept-Encoding", "gzip"))
	if got := css.Header().Values("Content-Encoding"); len(got) != 1 || got[0] != "gzip" {
		t.Errorf("the style sheet is packed %q", got)
	}
}

// The console serves no metrics, neither to this machine nor through a proxy.
func TestMetricsAreNotOnTheConsole(t *testing.T) {
	counts := web.NewMetrics()
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite), func(d *web.Deps) { d.Metrics = counts })
	b := c.browser(t)
	b.get("/sign-in")
	b.get("/tasks/0193-secret")
	if a := b.get("/metrics", from("127.0.0.1:1")); a.Code != http.StatusNotFound {
		t.Errorf("the console answers %d", a.Code)
	}
	a := httptest.NewRecorder()
	counts.ServeHTTP(a, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	body := a.Body.String()
	if !strings.Contains(body, `perennial_http_requests_total{method="GET",route="/sign-in",status="200"} 1`) || strings.Contains(body, "secret") {
		t.Errorf("the counts are:\n%.400s", body)
	}
}

// A stranger's page whose name resolves to this machine reads nothing and changes nothing.
func TestOnlyThePublicNameIsAnswered(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Must(w.App.SetPassword(w.Context(), w.Owner, w.Buyer.Email, password))
	form := url.Values{"email": {w.Buyer.Email}, "password": {password}}
	for public, hosts := range map[string]map[string]bool{
		"https://renewals.example.com": {
			"renewals.example.com": true, "RENEWALS.example.com": true, "renewals.example.com:443": true, "renewals.example.com:8443": true,
			"evil.example": false, "renewals.example.com.evil.example": false, "localhost:8080": false, "127.0.0.1:8080": false, "": false, "x.renewals.example.com": false,
		},
		"http://127.0.0.1:8080": {
			"127.0.0.1:8080": true, "localhost:8080": true, "[::1]:8080": true, "127.0.0.1:9000": true, "LOCALHOST": true,
			"evil.example:8080": false, "localhost.evil.example": false, "127.0.0.1.evil.example:8080": false, "10.0.0.1:8080": false, "": false,
		},
	} {
		at, err := url.Parse(public)
		w.Must(err)
		c := newConsole(t, w, func(d *web.Deps) { d.PublicURL = at })
		for host, ok := range hosts {
			under := func(r *http.Request) { r.Host = host }
			b := c.browser(t)
			page, change, health := b.get("/sign-in", under), b.post("/sign-in", form, under), b.get("/healthz", under)
			if (page.Code == http.StatusOK) != ok || (change.Code == http.StatusSeeOther) != ok || health.Code != http.StatusOK {
				t.Errorf("%s asked as %q: page %d, sign-in %d, health %d", public, host, page.Code, change.Code, health.Code)
			}
			if !ok && (page.Code != http.StatusMisdirectedRequest || len(b.cookies) != 0 || !strings.Contains(page.Body.String(), "This console is at "+public)) {
				t.Errorf("%s asked as %q: %d with cookies %v", public, host, page.Code, b.cookies)
			}
		}
	}
}

func TestHealth(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	b := newConsole(t, w).browser(t)
	if a := b.get("/healthz"); a.Code != http.StatusOK {
		t.Errorf("healthz: %d", a.Code)
	}
	if a := b.get("/readyz"); a.Code != http.StatusOK {
		t.Errorf("readyz: %d", a.Code)
	}
}

// A fault is answered whatever coding the browser takes.
func TestFaultsAreAnsweredToWhoTakesGzip(t *testing.T) {
	c := counter(t, 100)
	b := c.signedIn(t, c.Buyer)
	for path, want := range map[string]int{"/tasks/nothing": http.StatusNotFound, "/nothing": http.StatusNotFound, "/admin/outbox": http.StatusForbidden} {
		if a := b.get(path, header("Accept-Encoding", "gzip")); a.Code != want || a.Body.Len() == 0 {
			t.Errorf("%s: %d with %d bytes", path, a.Code, a.Body.Len())
		}
	}
}
