package sandbox_test

import (
	"bytes"
	"encoding/json"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"perennial/internal/clock"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
)

const console = "http://127.0.0.1:8080/wallet/cards/added?state=x%26y&token=forged&cancelled=1"

// open serves a sandbox without a network.
func open(t testing.TB, options ...sandbox.Option) *sandbox.Server {
	t.Helper()
	box, err := sandbox.Open(t.TempDir()+"/gateway.log", clock.NewManual(noon), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	return box
}

// visit opens a session that leads back to an address, and returns its id, or
// nothing where the sandbox refuses to lead there.
func visit(t testing.TB, box *sandbox.Server, returnTo string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"key": "k " + returnTo, "account": "acme", "return_to": returnTo})
	if err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	box.ServeHTTP(rec, httptest.NewRequest("POST", "/v1/card-sessions", bytes.NewReader(body)))
	var out struct{ ID string }
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil || (rec.Code == http.StatusOK) != (out.ID != "") {
		t.Fatalf("%d %s: %v", rec.Code, rec.Body, err)
	}
	return out.ID
}

func getPage(box *sandbox.Server, session string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	box.ServeHTTP(rec, httptest.NewRequest("GET", "/cards/new?session="+url.QueryEscape(session), nil))
	return rec
}

func postPage(box *sandbox.Server, form url.Values, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest("POST", "/cards/new", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	box.ServeHTTP(rec, req)
	return rec
}

// A person picks a card and comes back with the id of the session alone: nobody
// showed an API key on the way, and a restart in between loses nothing.
func TestTheCardPageLeadsBackWithTheSession(t *testing.T) {
	log := newLog(t)
	for _, card := range sandbox.Cards() {
		box, _, at, stop := run(t, log, sandbox.WithAPIKey("s3cret"))
		c, err := gateway.NewClient(at, "s3cret", &http.Client{Transport: &http.Transport{DisableKeepAlives: true}})
		if err != nil {
			t.Fatal(err)
		}
		id, err := c.AskCard(t.Context(), card.Token, "acme", console)
		if err != nil {
			t.Fatal(err)
		}
		address, err := url.Parse(c.CardPage(id))
		if err != nil {
			t.Fatal(err)
		}
		shown := httptest.NewRecorder()
		box.ServeHTTP(shown, httptest.NewRequest("GET", address.RequestURI(), nil))
		if shown.Code != http.StatusOK {
			t.Fatalf("%d %s", shown.Code, shown.Body)
		}
		offered := regexp.MustCompile(`type="radio" name="card" value="([^"]+)"`).FindAllStringSubmatch(shown.Body.String(), -1)
		hidden := regexp.MustCompile(`name="session" value="([^"]+)"`).FindStringSubmatch(shown.Body.String())
		if len(offered) != len(sandbox.Cards()) || hidden[1] != id {
			t.Fatalf("the page offers %v in %v", offered, hidden)
		}
		want := "http://127.0.0.1:8080/wallet/cards/added?cancelled=1&session=" + id + "&state=x%26y&token=forged"
		cancel := regexp.MustCompile(`<a href="([^"]+)">Cancel`).FindStringSubmatch(shown.Body.String())
		if got := html.UnescapeString(cancel[1]); got != want {
			t.Errorf("cancelling leads to %s, want %s", got, want)
		}
		for range 2 { // a double click
			rec := postPage(box, url.Values{"session": {id}, "card": {card.Token}}, "Sec-Fetch-Site", "same-origin")
			if back := rec.Header().Get("Location"); rec.Code != http.StatusSeeOther || back != want {
				t.Errorf("%d, led back to %s, want %s", rec.Code, back, want)
			}
		}
		other := sandbox.Cards()[0].Token
		if other == card.Token {
			other = sandbox.Cards()[1].Token
		}
		if rec := postPage(box, url.Values{"session": {id}, "card": {other}}); rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), "was entered before") {
			t.Errorf("another card in the same session: %d", rec.Code)
		}
		stop()
		_, c, _, stop = run(t, log)
		told, entered, err := c.Answered(t.Context(), id, "acme")
		if err != nil || !entered || told != gateway.Card(card) {
			t.Errorf("after a restart: %+v, %t, %v", told, entered, err)
		}
		stop()
	}
}

func TestTheCardPageKeepsToItself(t *testing.T) {
	box := open(t, sandbox.WithReturnTo("https://Console.example/"))
	for returnTo, action := range map[string]string{
		console:                           "'self' http://127.0.0.1:8080",
		"https://console.example/wallet":  "'self' https://console.example",
		"http://[::1]:8080/":              "'self' http:",
		"https://evil.example/":           "'self'",
		"http://127.0.0.1;x:8080/":        "'self'",
		"http://127.0.0.1:80;script-src/": "'self'",
	} {
		for _, rec := range []*httptest.ResponseRecorder{
			getPage(box, visit(t, box, returnTo)), postPage(box, url.Values{"session": {visit(t, box, returnTo)}}), postPage(box, url.Values{"session": {visit(t, box, returnTo)}, "card": {sandbox.Visa}}),
		} {
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action " + action,
				"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
			} {
				if got := rec.Header().Values(name); len(got) != 1 || got[0] != want {
					t.Errorf("%s: %s is %q, want %q", returnTo, name, got, want)
				}
			}
		}
	}
	page := getPage(box, visit(t, box, console)).Body.String()
	for _, forbidden := range []string{"<script", "<style", "style=", "http-equiv", `type="text"`, `autocomplete="cc-`} {
		if strings.Contains(page, forbidden) {
			t.Errorf("the page holds %s", forbidden)
		}
	}
	sheet := regexp.MustCompile(`<link rel="stylesheet" href="([^"]+)">`).FindStringSubmatch(page)
	rec := httptest.NewRecorder()
	box.ServeHTTP(rec, httptest.NewRequest("GET", sheet[1], nil))
	if rec.Code != http.StatusOK || rec.Header().Get("Content-Type") != "text/css; charset=utf-8" || rec.Header().Get("X-Content-Type-Options") != "nosniff" || strings.Contains(rec.Body.String(), "url(") {
		t.Errorf("the style sheet: %d %v", rec.Code, rec.Header())
	}
}

func TestTheCardPageLeadsNowhereElse(t *testing.T) {
	box := open(t, sandbox.WithReturnTo("https://console.example"))
	for _, returnTo := range []string{
		"", "/wallet", "wallet", "//evil.example", "https://evil.example/", "http://console.example/", "https://console.example:444/",
		"https://console.example.evil.example/", "https://console.example@evil.example/", "https://me@console.example/", "http://me:pw@127.0.0.1/",
		"javascript:alert(1)", "data:text/html,x", "ftp://127.0.0.1/", "http:127.0.0.1", "http:///127.0.0.1", "http://127.0.0.1.evil.example/",
		"http://127.0.0.1\\@evil.example/", "http://evil.example\\@127.0.0.1/", "http://localhost.evil.example/", "http://evil.example#@localhost/",
		"http://localhost/#x", "http://0x7f.1/", "http://127.1/", "http://0.0.0.0/", "http://[::]/", "http://127.0.0.1:x/", "http://127.0.0.1/\r\nX: y",
		"http://127.0.0.1/?a=%zz", "http://127.0.0.1/?a;b", "http://127.0.0.1/" + strings.Repeat("a", 2048), "\xff", "http://[::1%25eth0]/",
	} {
		id := visit(t, box, returnTo)
		for _, rec := range []*httptest.ResponseRecorder{getPage(box, id), postPage(box, url.Values{"session": {id}, "card": {sandbox.Visa}})} {
			body := rec.Body.String()
			if rec.Code != http.StatusBadRequest || rec.Header().Get("Location") != "" || strings.Contains(body, "<form") || strings.Contains(body, "<a ") ||
				!strings.Contains(body, `role="alert"`) {
				t.Errorf("%q: %d to %q", returnTo, rec.Code, rec.Header().Get("Location"))
			}
		}
	}
	for _, address := range []string{"", "console.example", "ftp://console.example", "https://me@console.example", "https://console.example/wallet", "https://console.example/?x=1"} {
		if _, err := sandbox.Open(newLog(t), clock.NewManual(noon), sandbox.WithReturnTo(address)); err == nil {
			t.Errorf("%q was taken for an address", address)
		}
	}
}

func TestTheCardPageSaysWhatIsMissing(t *testing.T) {
	box := open(t)
	for _, form := range []url.Values{{}, {"card": {""}}, {"card": {"tok_nobody"}}, {"card": {"4242424242424242"}}} {
		form.Set("session", visit(t, box, console))
		rec := postPage(box, form)
		if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), "Choose one of the cards.") || !strings.Contains(rec.Body.String(), "<form") ||
			rec.Header().Get("Location") != "" {
			t.Errorf("%v: %d %s", form, rec.Code, rec.Body)
		}
	}
	if rec := postPage(box, url.Values{"x": {strings.Repeat("x", 65<<10)}}); rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), "The form cannot be read.") {
		t.Errorf("an endless form: %d", rec.Code)
	}
	for _, h := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		if rec := postPage(box, url.Values{"session": {visit(t, box, console)}, "card": {sandbox.Visa}}, h...); rec.Code != http.StatusForbidden {
			t.Errorf("%v: %d", h, rec.Code)
		}
	}
}

// FuzzReturnTo: whatever the address is, the page leads to this machine with the
// session, or nowhere.
func FuzzReturnTo(f *testing.F) {
	for _, seed := range []string{console, "https://localhost/?a=b", "http://[::1]:1", "http://127.0.0.1\\@evil.example/", "//evil.example", "http://a@127.0.0.1"} {
		f.Add(seed)
	}
	box := open(f)
	f.Fuzz(func(t *testing.T, returnTo string) {
		if !utf8.ValidString(returnTo) {
			return // JSON cannot say it
		}
		id := visit(t, box, returnTo)
		rec := postPage(box, url.Values{"session": {id}, "card": {sandbox.Visa}})
		location := rec.Header().Get("Location")
		if rec.Code == http.StatusBadRequest && location == "" {
			return
		}
		// Browsers read a backslash as a slash and pass over tabs and line ends.
		u, err := url.Parse(location)
		if rec.Code != http.StatusSeeOther || err != nil || strings.ContainsAny(location, "\\\t\r\n ") || u.User != nil ||
			u.Scheme != "http" && u.Scheme != "https" || u.Hostname() != "localhost" && !net.ParseIP(u.Hostname()).IsLoopback() || u.Query().Get("session") != id {
			t.Fatalf("%q leads to %q with %d", returnTo, location, rec.Code)
		}
		if csp := rec.Header().Get("Content-Security-Policy"); strings.Count(csp, ";") != 4 {
			t.Fatalf("%q makes the policy %q", returnTo, csp)
		}
	})
}
