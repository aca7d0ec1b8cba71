package web_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/app"
	"perennial/internal/testkit"
	"perennial/web"
)

func TestSafeNext(t *testing.T) {
	for next, ok := range map[string]bool{
		"/renewals": true, "/tasks/1?x=/y&z=a%20b": true, "/": true, "/a:b": true, "/x#y": true,
		"": false, "renewals": false, "//evil.example": false, "///evil.example": false, "/\\evil.example": false,
		"\\\\evil.example": false, "https://evil.example": false, "https:/evil.example": false, "javascript:alert(1)": false,
		"/\t/evil.example": false, "/\n/evil.example": false, " /renewals": false, "/\x00": false, "/%zz": false,
		"/sign-in": false, "/sign-in?next=/x": false, "/sign-out": false, "//": false, "/a\\b": false,
	} {
		want := "fallback"
		if ok {
			want = next
		}
		if got := web.SafeNext(next, "fallback"); got != want {
			t.Errorf("%q leads to %q", next, got)
		}
	}
}

func FuzzSafeNext(f *testing.F) {
	for _, seed := range []string{"/renewals", "//x", "/\\x", "/%2f/x", "/.//x", "http://x/"} {
		f.Add(seed)
	}
	base := &url.URL{Scheme: "https", Host: "renewals.example.com"}
	f.Fuzz(func(t *testing.T, next string) {
		to, err := base.Parse(web.SafeNext(next, "/"))
		if err != nil || to.Host != base.Host || to.Scheme != base.Scheme {
			t.Errorf("%q leads to %v, %v", next, to, err)
		}
	})
}

func TestSignInLeadsBack(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	c := newConsole(t, w)
	c.Must(c.App.SetPassword(c.Context(), c.Owner, w.Buyer.Email, password))
	b := c.browser(t)
	a := b.get("/chip?task=a&state=b+c")
	if a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/sign-in?next="+url.QueryEscape("/chip?task=a&state=b+c") {
		t.Fatalf("%d %q", a.Code, a.Header().Get("Location"))
	}
	page, err := goquery.NewDocumentFromReader(b.get(a.Header().Get("Location")).Body)
	w.Must(err)
	next, _ := page.Find(`input[name="next"]`).Attr("value")
	a = b.post("/sign-in", url.Values{"email": {w.Buyer.Email}, "password": {password}, "next": {next}})
	if a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/chip?task=a&state=b+c" {
		t.Errorf("%d %q", a.Code, a.Header().Get("Location"))
	}
	a = b.post("/sign-in", url.Values{"email": {w.Buyer.Email}, "password": {password}, "next": {"//evil.example"}})
	if a.Header().Get("Location") != "/renewals" {
		t.Errorf("led to %q", a.Header().Get("Location"))
	}
}

func TestAPartThatNeedsSignInLoadsTheWholePage(t *testing.T) {
	b := newConsole(t, testkit.NewWorld(t, testkit.SQLite)).browser(t)
	for current, want := range map[string]string{
		"https://renewals.example.com/tasks/1?x=y": "/sign-in?next=" + url.QueryEscape("/tasks/1?x=y"),
		"https://evil.example/tasks/1":             "/sign-in",
		"":                                         "/sign-in",
	} {
		a := b.get("/chip", part, header("HX-Current-URL", current))
		if a.Code != http.StatusUnauthorized || a.Header().Get("HX-Redirect") != want {
			t.Errorf("%q: %d %q", current, a.Code, a.Header().Get("HX-Redirect"))
		}
	}
}

func TestAWrongPasswordKeepsTheForm(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	b := newConsole(t, w).browser(t)
	a := b.post("/sign-in", url.Values{"email": {"li.na@elsewhere.example"}, "password": {password}, "next": {"/tasks"}})
	page, err := goquery.NewDocumentFromReader(a.Body)
	w.Must(err)
	email, _ := page.Find(`input[name="email"]`).Attr("value")
	next, _ := page.Find(`input[name="next"]`).Attr("value")
	_, repeated := page.Find(`input[name="password"]`).Attr("value")
	if a.Code != http.StatusUnprocessableEntity || email != "li.na@elsewhere.example" || next != "/tasks" || repeated {
		t.Errorf("%d, email %q, next %q, password shown %t", a.Code, email, next, repeated)
	}
	if got := page.Find(`[role="alert"]`).Text(); !strings.Contains(got, "wrong") {
		t.Errorf("the page says %q", got)
	}
	if len(b.cookies) != 0 {
		t.Errorf("cookies %v", b.cookies)
	}
}

func TestTooManySignInsSayWhen(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	b := newConsole(t, w).browser(t)
	form := url.Values{"email": {w.Buyer.Email}, "password": {password}}
	w.Must(w.App.SetPassword(w.Context(), w.Owner, w.Buyer.Email, "another-orbit-fern"))
	for range app.SignInsPerEmail {
		b.post("/sign-in", form)
	}
	a := b.post("/sign-in", form)
	if a.Code != http.StatusTooManyRequests || a.Header().Get("Retry-After") != "900" || !strings.Contains(a.Body.String(), "Try again in 15 minutes") {
		t.Errorf("%d, Retry-After %q", a.Code, a.Header().Get("Retry-After"))
	}
}

// Whoever claims an address in a header is believed only when it is a named proxy.
func TestAddressesComeFromTrustedProxiesOnly(t *testing.T) {
	proxy := prefixes("192.0.2.0/24", "2001:db8::/32")
	for what, test := range map[string]struct {
		trusted             []netip.Prefix
		peer, forwarded, is string
	}{
		"no proxy":                     {nil, "192.0.2.1:1", "10.0.0.1", "192.0.2.1"},
		"loopback is not trusted":      {nil, "127.0.0.1:1", "10.0.0.1", "127.0.0.1"},
		"loopback beside a proxy":      {proxy, "127.0.0.1:1", "10.0.0.1", "127.0.0.1"},
		"private net is not trusted":   {proxy, "10.9.9.9:1", "203.0.113.7", "10.9.9.9"},
		"proxy":                        {proxy, "192.0.2.1:1", "203.0.113.7", "203.0.113.7"},
		"proxy over IPv6":              {proxy, "[2001:db8::1]:1", "203.0.113.7", "203.0.113.7"},
		"proxy, and a person who lies": {proxy, "192.0.2.1:1", "10.0.0.1, 203.0.113.7", "203.0.113.7"},
		"two proxies":                  {proxy, "192.0.2.1:1", "203.0.113.7, 192.0.2.2", "203.0.113.7"},
		"proxy, and nonsense":          {proxy, "192.0.2.1:1", "somebody", "192.0.2.1"},
	} {
		w := testkit.NewWorld(t, testkit.SQLite)
		b := newConsole(t, w, func(d *web.Deps) { d.TrustedProxies = test.trusted }).browser(t)
		b.get("/sign-in", from(test.peer), header("X-Forwarded-For", test.forwarded), header("X-Real-IP", "10.1.1.1"))
		if !strings.Contains(w.Log.String(), " address="+test.is+"\n") {
			t.Errorf("%s: want %s in\n%s", what, test.is, w.Log)
		}
	}
}

func TestSignInsOfAnAddressAreLimitedWhateverItClaims(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	b := newConsole(t, w).browser(t)
	var last int
	for n := range app.SignInsPerAddress + 1 {
		last = b.post("/sign-in", url.Values{"email": {fmt.Sprintf("u%d@acme.example", n)}, "password": {"x"}},
			header("X-Forwarded-For", fmt.Sprintf("10.0.0.%d", n))).Code
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("%d", last)
	}
}
