package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

func TestValuesComeFromOnePlaceAndByName(t *testing.T) {
	b := probed(t, testkit.NewWorld(t, testkit.SQLite))
	if got := b.get("/probe/values?a=1&a=2&c=3").Body.String(); got != "a=1&a=2" {
		t.Errorf("GET: %q", got)
	}
	if got := b.post("/probe/values?a=query&b=query", url.Values{"a": {"body"}, "c": {"3"}}).Body.String(); got != "a=body" {
		t.Errorf("POST: %q", got)
	}
	if got := b.send(http.MethodGet, "/probe/values?a=query", "a=body", header("Content-Type", "application/x-www-form-urlencoded")).Body.String(); got != "a=query" {
		t.Errorf("GET with a body: %q", got)
	}
}

func TestValuesThatNoDatabaseTakes(t *testing.T) {
	b := probed(t, testkit.NewWorld(t, testkit.SQLite))
	for _, bad := range []string{"\x00", "x\xffy"} {
		if a := b.post("/probe/values", url.Values{"a": {bad}}); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("POST %q: %d", bad, a.Code)
		}
		a := b.get("/probe/values?a=" + url.QueryEscape(bad))
		if got, _ := url.ParseQuery(a.Body.String()); a.Code != http.StatusOK || !strings.Contains(got.Get("a"), "\uFFFD") {
			t.Errorf("GET %q: %d %q", bad, a.Code, a.Body)
		}
		if a := b.get("/probe/param/" + url.PathEscape(bad)); a.Code != http.StatusNotFound {
			t.Errorf("path %q: %d", bad, a.Code)
		}
	}
	if got := b.get("/probe/param/a%2Fb%20c").Body.String(); got != "a/b c" {
		t.Errorf("path: %q", got)
	}
	if a := b.get("/probe/values?a=%zz&b=1"); a.Code != http.StatusOK || a.Body.String() != "b=1" {
		t.Errorf("a query with a broken escape: %d %q", a.Code, a.Body)
	}
}

// An id comes out of an address as it went in, whether a browser escapes what it must
// or every byte.
func TestParamsAreUnescapedOnce(t *testing.T) {
	b := probed(t, testkit.NewWorld(t, testkit.SQLite))
	for _, id := range []string{
		"ecs-1", "odd-a%41b", "odd-aAb", "x-100%", "%", "%%", "%25", "%2541", "%zz", "a%2Fb", "a/b", "/", "a//b", "a+b", "a b", "a%20b",
		"a?b", "a#b", "a;b", "a:b", "a=b&c", "a~b", "a@b", "a,b", "$a!", "(a)*'", "[a]", "{a}", `a\b`, `"a"`, "<a>", "a|b^c`d", "é", "実例-1", "e\u0301", "%C3%A9", "...", ":id", "*",
	} {
		escaped := ""
		for _, c := range []byte(id) {
			escaped += fmt.Sprintf("%%%02X", c)
		}
		for _, sent := range []string{url.PathEscape(id), escaped} {
			if a := b.get("/probe/param/" + sent); a.Code != http.StatusOK || a.Body.String() != id {
				t.Errorf("%q as %s: %d %q", id, sent, a.Code, a.Body)
			}
		}
	}
}

// Promise 8: the order of a page is for the instance that the page was asked for.
func TestTheLinkOfAnInstanceOrdersThatInstance(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Prices(100)
	w.Add(testkit.Unit("odd-a%41b", renewal.Day), testkit.Unit("odd-aAb", renewal.Day), testkit.Unit("x-100%", renewal.Day))
	b := newConsole(t, w).signedIn(t, w.Buyer)
	for _, id := range []string{"odd-a%41b", "odd-aAb", "x-100%"} {
		at := b.order(id)
		order, err := w.App.Order(t.Context(), w.Account.ID, path.Base(at))
		w.Must(err)
		if got := order.Lines[0].InstanceID; got != id {
			t.Errorf("the form of %s ordered %s", id, got)
		}
	}
}

func TestBodiesAreForms(t *testing.T) {
	b := probed(t, testkit.NewWorld(t, testkit.SQLite))
	for what, test := range map[string]struct {
		kind, body string
		want       int
	}{
		"form":          {"application/x-www-form-urlencoded; charset=utf-8", "a=1", 200},
		"json":          {"application/json", `{"a":1}`, 422},
		"plain":         {"text/plain", "a=1", 422},
		"nothing said":  {"", "a=1", 422},
		"broken":        {"application/x-www-form-urlencoded", "a=%zz", 422},
		"just fits":     {"application/x-www-form-urlencoded", "a=" + strings.Repeat("x", 1<<10-2), 200},
		"one byte more": {"application/x-www-form-urlencoded", "a=" + strings.Repeat("x", 1<<10-1), 413},
		"much more":     {"application/x-www-form-urlencoded", strings.Repeat("x", 1<<20), 413},
		"names only":    {"application/x-www-form-urlencoded", strings.Repeat("a&", 500), 200},
	} {
		a := b.send(http.MethodPost, "/probe/values", test.body, header("Content-Type", test.kind), header("Sec-Fetch-Site", "same-origin"))
		if a.Code != test.want {
			t.Errorf("%s: %d, want %d", what, a.Code, test.want)
		}
		// The length need not be told beforehand.
		a = b.send(http.MethodPost, "/probe/values", test.body, header("Content-Type", test.kind), header("Sec-Fetch-Site", "same-origin"),
			func(r *http.Request) { r.ContentLength = -1 })
		if a.Code != test.want {
			t.Errorf("%s, in chunks: %d, want %d", what, a.Code, test.want)
		}
	}
}
