package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"perennial/internal/account"
	"perennial/internal/testkit"
	"perennial/views"
	"perennial/web"
)

func cookie(t *testing.T, b *browser, name string) *http.Cookie {
	t.Helper()
	c := b.cookies[name]
	if c == nil {
		t.Fatalf("there is no cookie %s in %v", name, b.cookies)
	}
	return c
}

func TestSessionCookie(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	got := cookie(t, newConsole(t, w).signedIn(t, w.Buyer), "__Host-perennial")
	if !got.Secure || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode || got.Path != "/" || got.Domain != "" || got.MaxAge != 0 || !got.Expires.IsZero() {
		t.Errorf("%+v", got)
	}
	plain := newConsole(t, w, func(d *web.Deps) { d.PublicURL = &url.URL{Scheme: "http", Host: "127.0.0.1:8080"} })
	got = cookie(t, plain.signedIn(t, w.Buyer), "perennial")
	if got.Secure || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode {
		t.Errorf("%+v", got)
	}
}

func TestSignInChangesTheIDAndSignOutEndsIt(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		c := newConsole(t, w)
		b := c.signedIn(t, w.Buyer)
		first := *cookie(t, b, "__Host-perennial")
		thief := c.browser(t)
		thief.cookies[first.Name] = &first
		if !b.isIn() || !thief.isIn() {
			t.Fatal("not signed in")
		}
		b.post("/sign-in", url.Values{"email": {w.Buyer.Email}, "password": {password}})
		second := *cookie(t, b, "__Host-perennial")
		if second.Value == first.Value || !b.isIn() {
			t.Error("signing in kept the id")
		}
		if thief.isIn() {
			t.Error("the id from before the sign-in still works")
		}
		a := b.post("/sign-out", nil)
		if a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/sign-in" || b.cookies[first.Name] != nil {
			t.Errorf("%d %q, cookies %v", a.Code, a.Header().Get("Location"), b.cookies)
		}
		if got := a.Header().Get("Clear-Site-Data"); got != `"cache", "storage"` || b.cookies["__Host-perennial-device"] == nil {
			t.Errorf("the browser is to forget %s, and keeps the cookies %v", got, b.cookies)
		}
		thief.cookies[second.Name] = &second
		if thief.isIn() {
			t.Error("the id works after signing out")
		}
	})
}

// A message for one person is not shown to the next one at the same browser.
func TestSignOutForgetsTheMessagesThatWait(t *testing.T) {
	b := probed(t, testkit.NewWorld(t, testkit.SQLite))
	b.post("/probe/flash", nil)
	b.post("/sign-out", nil)
	if b.cookies["__Host-perennial-flash"] != nil {
		t.Error("the message is kept for whoever signs in next")
	}
}

func TestAForgedCookieIsNobody(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	c := newConsole(t, w)
	real := cookie(t, c.signedIn(t, w.Buyer), "__Host-perennial")
	for _, value := range []string{"", "x", real.Value[:len(real.Value)-2], real.Value + "A", strings.Repeat("A", 5000)} {
		b := c.browser(t)
		b.cookies[real.Name] = &http.Cookie{Name: real.Name, Value: value}
		if b.isIn() {
			t.Errorf("signed in with %.20q", value)
		}
	}
	// The cookie of one name is not valid under another.
	b := c.signedIn(t, w.Viewer)
	b.cookies["__Host-perennial-flash"] = &http.Cookie{Name: "__Host-perennial-flash", Value: real.Value}
	if a := b.get("/no-such-page"); a.Code != http.StatusNotFound {
		t.Errorf("a foreign flash cookie: %d", a.Code)
	}
}

func TestKeysRotate(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	keys := func(all ...string) *console {
		return newConsole(t, w, func(d *web.Deps) {
			d.SessionKeys = nil
			for _, letter := range all {
				d.SessionKeys = append(d.SessionKeys, secret(letter))
			}
		})
	}
	b := keys("a").signedIn(t, w.Buyer)
	b.console = keys("b", "a")
	if !b.isIn() {
		t.Error("a new key in front of the old one signs people out")
	}
	newer := b.console.signedIn(t, w.Viewer)
	newer.console, b.console = keys("b"), keys("b")
	if !newer.isIn() {
		t.Error("the first key does not sign")
	}
	if b.isIn() {
		t.Error("a key that was taken away is still accepted")
	}
}

func TestIdleAndPolls(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		b := newConsole(t, w).signedIn(t, w.Buyer)
		w.Clock.Advance(20 * time.Minute)
		if a := b.get("/sign-in"); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/renewals" {
			t.Fatalf("who is signed in is asked to sign in: %d", a.Code)
		}
		w.Clock.Advance(20 * time.Minute)
		if !b.isIn() {
			t.Fatal("a use 20 minutes ago does not count")
		}
		for range 9 { // polls and addresses that do not exist are no use
			w.Clock.Advance(time.Minute)
			b.get("/chip")
			b.get("/no-such-page")
		}
		w.Clock.Advance(time.Minute)
		if b.isIn() {
			t.Error("polls kept the session alive")
		}
		if body := b.get("/sign-in").Body.String(); !strings.Contains(body, "Your session has ended") {
			t.Error("the sign-in page does not say that the session ended")
		}
	})
}

// A page at work that asks again without scripts is no use of the session either.
func TestPagesThatAskAgainWithoutScriptsDoNotKeepASessionAlive(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Prices(100)
	w.AddMany(3, time.Hour)
	task := views.TaskPath(w.Prepare(testkit.Everything).ID)
	b := newConsole(t, w).signedIn(t, w.Buyer)
	next := func(path string) (again string) {
		again = regexp.MustCompile(`http-equiv="refresh" content="\d+;url=([^"]+)"`).FindStringSubmatch(b.get(path).Body.String())[1]
		return html.UnescapeString(again)
	}
	at := next(task)
	for range 29 {
		w.Clock.Advance(time.Minute)
		at = next(at)
	}
	page := document(t, b.get(at))
	if got := page.Find(`form[action="/theme"] input[name=next]`).First().AttrOr("value", ""); !strings.HasPrefix(got, task) || strings.Contains(got, "/live") {
		t.Errorf("choosing a theme leads to %q", got)
	}
	w.Clock.Advance(time.Minute)
	a := b.get(at)
	if to := a.Header().Get("Location"); a.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in?next="+url.QueryEscape(task)) || strings.Contains(to, "live") {
		t.Errorf("after 30 minutes without a use: %d to %q", a.Code, to)
	}
}

func TestAbsoluteEnd(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	b := newConsole(t, w).signedIn(t, w.Buyer)
	for range int(account.SessionAbsolute/(20*time.Minute)) - 1 {
		w.Clock.Advance(20 * time.Minute)
		b.get("/sign-in")
	}
	if !b.isIn() {
		t.Fatal("ended early")
	}
	w.Clock.Advance(20 * time.Minute)
	if b.isIn() {
		t.Error("12 hours of use, and still in")
	}
}

func TestSecretsAreNeeded(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	if _, err := web.New(web.Deps{App: w.App, Clock: w.Clock, PublicURL: &url.URL{Scheme: "https", Host: "x"}}); err == nil {
		t.Error("the console runs without a session key")
	}
}
