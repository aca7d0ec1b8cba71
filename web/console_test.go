package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"perennial/internal/app"
	"perennial/internal/testkit"
	"perennial/web"
)

func TestMain(m *testing.M) { testkit.Main(m) }

const password = "tangle-orbit-fern"

// secret makes a session key of one repeated letter.
func secret(letter string) []byte { return []byte(strings.Repeat(letter, app.SessionKeyBytes)) }

// console is the console over a world, as a server would serve it.
type console struct {
	*testkit.World
	deps    web.Deps
	handler http.Handler
}

func newConsole(t testing.TB, w *testkit.World, change ...func(*web.Deps)) *console {
	t.Helper()
	c := &console{World: w, deps: web.Deps{
		App: w.App, Clock: w.Clock, Log: slog.New(slog.NewTextHandler(w.Log, nil)), SessionKeys: [][]byte{secret("a")},
		PublicURL: &url.URL{Scheme: "https", Host: "renewals.example.com"},
	}}
	for _, f := range change {
		f(&c.deps)
	}
	var err error
	c.handler, err = web.New(c.deps)
	w.Must(err)
	return c
}

// browser is a person's browser: it keeps cookies and says where it comes from.
type browser struct {
	t       testing.TB
	console *console
	cookies map[string]*http.Cookie
	address string
}

func (c *console) browser(t testing.TB) *browser {
	return &browser{t: t, console: c, cookies: map[string]*http.Cookie{}, address: "192.0.2.1:4711"}
}

// signedIn is a browser of somebody with a password.
func (c *console) signedIn(t testing.TB, who app.Actor) *browser {
	t.Helper()
	c.Must(c.App.SetPassword(c.Context(), c.Owner, who.Email, password))
	b := c.browser(t)
	if a := b.post("/sign-in", url.Values{"email": {who.Email}, "password": {password}}); a.Code != http.StatusSeeOther {
		t.Fatalf("sign-in: %d %s", a.Code, a.Body)
	}
	return b
}

func (b *browser) get(path string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	return b.send(http.MethodGet, path, "", change...)
}

func (b *browser) post(path string, form url.Values, change ...func(*http.Request)) *httptest.ResponseRecorder {
	return b.send(http.MethodPost, path, form.Encode(), append([]func(*http.Request){func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}}, change...)...)
}

func (b *browser) send(method, path, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(body))
	r.Host, r.RemoteAddr = b.console.deps.PublicURL.Host, b.address
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	for _, f := range change {
		f(r)
	}
	answer := httptest.NewRecorder()
	b.console.handler.ServeHTTP(answer, r)
	for _, c := range answer.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c
	}
	return answer
}

// isIn tells whether the browser is signed in, without that being a use.
func (b *browser) isIn() bool {
	b.t.Helper()
	return b.get("/chip").Code == http.StatusOK
}

func part(r *http.Request) { r.Header.Set("HX-Request-Type", "partial") }

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		if value == "" {
			r.Header.Del(name)
			return
		}
		r.Header.Set(name, value)
	}
}

func from(address string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = address }
}

func prefixes(all ...string) (parsed []netip.Prefix) {
	for _, p := range all {
		parsed = append(parsed, netip.MustParsePrefix(p))
	}
	return parsed
}
