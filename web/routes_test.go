package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/testkit"
	"perennial/views"
	"perennial/web"
)

// Promise 22: roles are enforced on the server, route by route, from one table.
func TestEveryRouteAsksForItsRole(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	c := newConsole(t, w)
	people := map[account.Role]*browser{"": c.browser(t)}
	for role, who := range map[account.Role]app.Actor{account.Viewer: w.Viewer, account.Buyer: w.Buyer, account.Owner: w.Owner} {
		people[role] = c.signedIn(t, who)
	}
	for _, r := range web.Routes() {
		path := strings.NewReplacer(":id", "x", ":name", "x", "*", "x").Replace(r.Path)
		for role, b := range people {
			// Signing out is allowed to everybody and would end the test.
			if r.Path == "/sign-out" {
				continue
			}
			answer := b.send(r.Method, path, "", header("Sec-Fetch-Site", "same-origin"))
			asked := answer.Code == http.StatusSeeOther && strings.HasPrefix(answer.Header().Get("Location"), "/sign-in")
			switch {
			case r.Who != "" && role == "":
				if !asked {
					t.Errorf("%s %s as nobody: %d", r.Method, r.Path, answer.Code)
				}
				if a := b.send(r.Method, path, "", header("Sec-Fetch-Site", "same-origin"), part); a.Code != http.StatusUnauthorized || !strings.HasPrefix(a.Header().Get("HX-Redirect"), "/sign-in") {
					t.Errorf("%s %s as nobody, as a part: %d %q", r.Method, r.Path, a.Code, a.Header().Get("HX-Redirect"))
				}
			case r.Who != "" && !role.Covers(r.Who):
				if answer.Code != http.StatusForbidden || !strings.Contains(answer.Body.String(), "Your role is "+string(role)) {
					t.Errorf("%s %s as %s: %d", r.Method, r.Path, role, answer.Code)
				}
			case asked || answer.Code == http.StatusForbidden || answer.Code == http.StatusInternalServerError:
				t.Errorf("%s %s as %q: %d, and %q may", r.Method, r.Path, role, answer.Code, r.Who)
			}
		}
	}
}

func TestOnlyReadingAndFewPagesArePublic(t *testing.T) {
	open := map[string]bool{"/": true, "/sign-in": true, "/sign-out": true, "/theme": true,
		"/static/*": true, "/healthz": true, "/readyz": true}
	for _, r := range web.Routes() {
		if (r.Who == "") != open[r.Path] {
			t.Errorf("%s %s is open to %q", r.Method, r.Path, r.Who)
		}
		if r.Bare && r.Who != "" {
			t.Errorf("%s %s asks for a role without a session", r.Method, r.Path)
		}
		if r.Who != "" && !r.Who.Known() {
			t.Errorf("%s %s asks for the role %q", r.Method, r.Path, r.Who)
		}
	}
}

func TestAddressesOfViewsHaveRoutes(t *testing.T) {
	routes := map[string]bool{}
	for _, r := range web.Routes() {
		routes[r.Method+" "+r.Path] = true
	}
	for address, method := range map[string]string{
		views.SignInPath(""): "GET", views.SignOutPath(): "POST", views.ThemePath(): "POST", views.ChipPath("", ""): "GET",
	} {
		if !routes[method+" "+address] {
			t.Errorf("no route answers %s %s", method, address)
		}
	}
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	c := newConsole(t, w)
	for name, b := range map[string]*browser{"nobody": c.browser(t), "owner": c.signedIn(t, w.Owner)} {
		if a := b.get("/no-such-page"); a.Code != http.StatusNotFound || !strings.Contains(a.Body.String(), "Not found") {
			t.Errorf("%s: %d", name, a.Code)
		}
		if a := b.get("/sign-out"); a.Code != http.StatusMethodNotAllowed || !strings.Contains(a.Header().Get("Allow"), "POST") {
			t.Errorf("%s: %d, Allow %q", name, a.Code, a.Header().Get("Allow"))
		}
		if a := b.send(http.MethodHead, "/sign-in", ""); a.Code >= 400 {
			t.Errorf("%s: HEAD is answered with %d", name, a.Code)
		}
	}
	shell := c.signedIn(t, w.Owner).get("/no-such-page").Body.String()
	for _, want := range []string{"Acme Group", "Wei Chen", "Asia/Shanghai (UTC+8)", `data-amount="0"`} {
		if !strings.Contains(shell, want) {
			t.Errorf("the shell lacks %q", want)
		}
	}
}

func TestTheShellNamesAZoneOnce(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	zone := "UTC"
	_, err := c.App.ChangeAccount(t.Context(), app.Operator(c.Account.ID), app.AccountChange{Zone: &zone})
	c.Must(err)
	says := document(t, c.signedIn(t, c.Viewer).get("/renewals")).Find(".nav-zone").First().Text()
	if says != "Times are UTC" {
		t.Errorf("the shell says %q", says)
	}
}

func TestHomeLeadsToRenewals(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	if a := c.browser(t).get("/"); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/renewals" {
		t.Errorf("%d %q", a.Code, a.Header().Get("Location"))
	}
}

func TestTheThemeIsKept(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	b := c.browser(t)
	a := b.post("/theme", url.Values{"theme": {"dark"}, "next": {"/tasks?x=1"}})
	if a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/tasks?x=1" {
		t.Fatalf("%d %q", a.Code, a.Header().Get("Location"))
	}
	if body := b.get("/sign-in").Body.String(); !strings.Contains(body, `data-theme="dark"`) {
		t.Error("the theme was not kept")
	}
	if a := b.post("/theme", url.Values{"theme": {"neon"}}); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("an unknown theme: %d", a.Code)
	}
	b.cookies["__Host-perennial-theme"].Value = "neon"
	if body := b.get("/sign-in").Body.String(); !strings.Contains(body, `data-theme=""`) {
		t.Error("a made-up theme reaches the page")
	}
}
