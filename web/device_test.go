package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"perennial/internal/app"
	"perennial/internal/testkit"
	"perennial/web"
)

// stranger fails to sign in as the buyer until that is limited.
func (c *console) stranger(t *testing.T) {
	t.Helper()
	b, last := c.browser(t), 0
	for n := range app.SignInsPerEmail + 1 {
		last = b.post("/sign-in", url.Values{"email": {c.Buyer.Email}, "password": {"wrong"}}, from(fmt.Sprintf("198.51.100.%d:1", n))).Code
	}
	if last != http.StatusTooManyRequests {
		t.Fatalf("a stranger may go on: %d", last)
	}
}

func TestAKnownBrowserGetsInWhateverStrangersDo(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	c := newConsole(t, w)
	b := c.signedIn(t, w.Buyer)
	b.post("/sign-out", nil)
	c.stranger(t)
	form := url.Values{"email": {w.Buyer.Email}, "password": {password}}
	if a := c.browser(t).post("/sign-in", form); a.Code != http.StatusTooManyRequests {
		t.Errorf("an unknown browser: %d", a.Code)
	}
	if a := b.post("/sign-in", form); a.Code != http.StatusSeeOther || !b.isIn() {
		t.Fatalf("the known browser: %d", a.Code)
	}
	// Ten guesses, one that was not looked at, and the unknown browser.
	const told = "12 sign-ins with your e-mail address were refused since you last signed in."
	if got := document(t, b.get("/wallet")).Find("#flash").Text(); !strings.Contains(got, told) {
		t.Errorf("the next page says %q", got)
	}
}

func TestTheDeviceCookie(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	c := newConsole(t, w)
	b := c.signedIn(t, w.Buyer)
	got := cookie(t, b, "__Host-perennial-device")
	if !got.Secure || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode || got.Path != "/" || got.Domain != "" || got.MaxAge != 90*24*3600 || strings.Contains(got.Value, w.Buyer.UserID) {
		t.Errorf("%+v", got)
	}
	plain := newConsole(t, w, func(d *web.Deps) { d.PublicURL = &url.URL{Scheme: "http", Host: "127.0.0.1:8080"} })
	if got := cookie(t, plain.signedIn(t, w.Buyer), "perennial-device"); got.Secure {
		t.Errorf("over http: %+v", got)
	}
	// It signs nobody in, and one that the console did not make is none.
	b.post("/sign-out", nil)
	c.stranger(t)
	got.Value = got.Value[:len(got.Value)-2]
	if a := b.post("/sign-in", url.Values{"email": {w.Buyer.Email}, "password": {password}}); b.isIn() || a.Code != http.StatusTooManyRequests {
		t.Errorf("with a forged device: %d", a.Code)
	}
}
