package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"perennial/internal/testkit"
	"perennial/web"
)

// probed is a viewer's browser on a console whose pages misbehave.
func probed(t *testing.T, w *testkit.World) *browser {
	t.Helper()
	c := newConsole(t, w)
	var err error
	c.handler, err = web.NewWithProbes(c.deps)
	w.Must(err)
	return c.signedIn(t, w.Viewer)
}

func TestFaultsHaveTheirStatus(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	b := probed(t, w)
	for name, status := range map[string]int{
		"invalid": 422, "forbidden": 403, "notfound": 404, "conflict": 409, "toomany": 429, "toolarge": 413, "unavailable": 503, "internal": 500,
	} {
		page, fragment := b.get("/probe/fault/"+name), b.get("/probe/fault/"+name, part)
		for what, a := range map[string]*httptest.ResponseRecorder{"page": page, "part": fragment} {
			body := a.Body.String()
			if a.Code != status || !strings.Contains(body, "Sentence.") || strings.Contains(body, "do the thing") {
				t.Errorf("%s as a %s: %d\n%s", name, what, a.Code, body)
			}
			if strings.Contains(body, "<html") != (what == "page") {
				t.Errorf("%s as a %s: is it a page?\n%.80s", name, what, body)
			}
			if (a.Header().Get("Retry-After") == "30") != (name == "toomany") {
				t.Errorf("%s: Retry-After %q", name, a.Header().Get("Retry-After"))
			}
			if strings.Contains(body, `href="/renewals"`) != (what == "page" && status < 500 || name == "notfound") {
				t.Errorf("%s as a %s: remedy or shell\n%s", name, what, body)
			}
		}
	}
}

func TestAnAccidentIsLoggedAndNotShown(t *testing.T) {
	faults := &testkit.Faults{}
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithFaults(faults))
	b := probed(t, w)
	faults.Arm(func(testkit.Op) testkit.Fault { return testkit.Fault{Err: errors.New("secret of the database")} })
	defer faults.Disarm()
	for secret, a := range map[string]*httptest.ResponseRecorder{
		"secret of the database": b.post("/sign-in", url.Values{"email": {"a@b.example"}, "password": {"x"}}),
		"secret of the program":  b.get("/probe/panic"),
		"cannot be drawn":        b.get("/probe/render"),
	} {
		body, reference := a.Body.String(), a.Header().Get("X-Request-Id")
		if a.Code != http.StatusInternalServerError || strings.Contains(body, secret) || strings.Contains(body, "half a page") || !strings.Contains(body, reference) {
			t.Errorf("%s: %d\n%s", secret, a.Code, body)
		}
		if log := w.Log.String(); !strings.Contains(log, secret) || !strings.Contains(log, "request="+reference) {
			t.Errorf("%s is not in the log with %s:\n%s", secret, reference, log)
		}
	}
}

func TestHalfAnAnswerBreaksTheConnection(t *testing.T) {
	b := probed(t, testkit.NewWorld(t, testkit.SQLite))
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("half an answer ended as if it were whole: %v", p)
		}
	}()
	b.get("/probe/half")
}

func TestPartOrPage(t *testing.T) {
	b := probed(t, testkit.NewWorld(t, testkit.SQLite))
	for what, test := range map[string]struct {
		change []func(*http.Request)
		part   bool
	}{
		"browser": {nil, false},
		"part":    {[]func(*http.Request){header("HX-Request", "true"), part}, true},
		"boosted": {[]func(*http.Request){header("HX-Request", "true"), header("HX-Boosted", "true")}, false},
		"full":    {[]func(*http.Request){header("HX-Request", "true"), header("HX-Request-Type", "full")}, false},
	} {
		body := b.get("/probe/page", test.change...).Body.String()
		if (body == "the part") != test.part || strings.Contains(body, "the whole body") == test.part || strings.Contains(body, "<html") == test.part {
			t.Errorf("%s: %.200s", what, body)
		}
	}
}

func TestMessagesAreShownOnceAndNotToPolls(t *testing.T) {
	b := probed(t, testkit.NewWorld(t, testkit.SQLite))
	shown := func(body string) bool {
		return strings.Contains(body, "It is &lt;done&gt;.") && strings.Contains(body, "And more.")
	}
	if a := b.post("/probe/flash", nil); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/probe/page" {
		t.Fatalf("%d", a.Code)
	}
	kept := cookie(t, b, "__Host-perennial-flash")
	if !kept.HttpOnly || !kept.Secure || strings.Contains(kept.Value, "done") {
		t.Errorf("%+v", kept)
	}
	if shown(b.get("/probe/poll", part).Body.String()) {
		t.Error("a poll took the message away from the page that is coming")
	}
	if !shown(b.get("/probe/page").Body.String()) {
		t.Error("the next page does not show the message")
	}
	if shown(b.get("/probe/page").Body.String()) {
		t.Error("the message is shown again")
	}
	b.post("/probe/flash", nil)
	if body := b.get("/probe/page", part).Body.String(); !shown(body) || !strings.HasPrefix(body, "the part") {
		t.Errorf("a part brings no message: %s", body)
	}
	b.post("/probe/flash", nil)
	b.cookies["__Host-perennial-flash"].Value = "forged"
	if a := b.get("/probe/page"); a.Code != http.StatusOK || shown(a.Body.String()) {
		t.Errorf("a forged message: %d", a.Code)
	}
}
