package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/app"
	"perennial/internal/mail"
	"perennial/internal/testkit"
	"perennial/web"
)

// told is a console whose account was told of a task that is ready.
func told(t *testing.T, change ...func(*web.Deps)) *console {
	t.Helper()
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite), change...)
	c.Prices(100)
	c.AddMany(3, time.Hour)
	c.Prepare(testkit.Everything)
	c.Clock.Advance(time.Minute)
	return c
}

// bury has a mail server refuse the mail for good, and returns the mail's id.
func (c *console) bury(t *testing.T) (id string) {
	t.Helper()
	server := testkit.NewMailServer(t, testkit.RefuseRecipient)
	sender, err := mail.NewSMTP(fmt.Sprintf("smtp://%s:%d", server.Host, server.Port), "bills@perennial.example")
	c.Must(err)
	courier := mail.Courier{Store: c.Store, Clock: c.Clock, Log: c.deps.Log, Sender: sender, PublicURL: c.deps.PublicURL}
	_, err = courier.Deliver(t.Context())
	c.Must(err)
	all, _, err := c.App.Outbox(c.Context(), c.Account.ID, app.Place{})
	c.Must(err)
	return all[0].ID
}

func TestNotifications(t *testing.T) {
	c := told(t)
	b := c.signedIn(t, c.Viewer)
	doc := shown(t, b.get("/notifications"), http.StatusOK)
	says(t, doc, "1 unread", "RT-0001: 3 renewals ready to confirm for $30.00", "New")
	if got := doc.Find("article .callout-action a"); got.Text() != "Confirm Renewal" || !strings.HasPrefix(got.AttrOr("href", ""), "/tasks/") {
		t.Errorf("the message leads to %q", got.AttrOr("href", ""))
	}
	form := url.Values{"up_to": {doc.Find(`input[name="up_to"]`).AttrOr("value", "")}}
	for range 2 {
		if a := b.post("/notifications/read", form); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/notifications" {
			t.Fatalf("%d to %q", a.Code, a.Header().Get("Location"))
		}
	}
	doc = shown(t, b.get("/notifications"), http.StatusOK)
	says(t, doc, "All read")
	if doc.Find("[data-unread], main form").Length() != 0 || doc.Find(".bar-count").Length() != 0 {
		t.Error("a message that was read is marked as new")
	}
	if n := shown(t, c.signedIn(t, c.Buyer).get("/notifications"), http.StatusOK).Find("[data-unread]").Length(); n != 1 {
		t.Errorf("%d messages are new to another person", n)
	}
	if a := b.post("/notifications/read", url.Values{"up_to": {"soon"}}); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("a forged form: %d", a.Code)
	}
}

func TestNoNotifications(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	says(t, shown(t, c.signedIn(t, c.Viewer).get("/notifications"), http.StatusOK), "No messages yet")
	says(t, shown(t, c.signedIn(t, c.Owner).get("/admin/outbox"), http.StatusOK), "No mails yet")
}

func TestTheOutboxIsTheOwners(t *testing.T) {
	c := told(t)
	id := shown(t, c.signedIn(t, c.Owner).get("/admin/outbox"), http.StatusOK).Find("tr[data-id]").AttrOr("data-id", "")
	b := c.signedIn(t, c.Buyer)
	for _, path := range []string{"/admin/outbox", "/admin/outbox/" + id, "/admin/outbox/" + id + "/html"} {
		says(t, shown(t, b.get(path), http.StatusForbidden), "Owners may do this.")
	}
	if a := b.post("/admin/outbox/"+id+"/retry", nil); a.Code != http.StatusForbidden {
		t.Errorf("retry: %d", a.Code)
	}
	owner := c.signedIn(t, c.Owner)
	for _, path := range []string{"/admin/outbox/none", "/admin/outbox/none/html"} {
		if a := owner.get(path); a.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
	if a := owner.post("/admin/outbox/none/retry", nil); a.Code != http.StatusNotFound {
		t.Errorf("retry of none: %d", a.Code)
	}
}

func TestWithoutAMailServerTheOutboxIsTheMailbox(t *testing.T) {
	c := told(t)
	b := c.signedIn(t, c.Owner)
	doc := shown(t, b.get("/admin/outbox"), http.StatusOK)
	says(t, doc, "No mail server is configured", "Not sent", "finance@acme.example")
	doc = shown(t, b.get(doc.Find("tbody a").AttrOr("href", "")), http.StatusOK)
	says(t, doc, "This is what would have been sent.")
	text := doc.Find("pre").Text()
	if !strings.Contains(text, "https://renewals.example.com/tasks/") || !strings.Contains(text, "Confirm Renewal") {
		t.Errorf("the preview reads %q", text)
	}
}

// The preview as HTML may look as a mail looks and do nothing else.
func TestThePreviewIsSandboxed(t *testing.T) {
	c := told(t)
	b := c.signedIn(t, c.Owner)
	id := shown(t, b.get("/admin/outbox"), http.StatusOK).Find("tr[data-id]").AttrOr("data-id", "")
	a := b.get("/admin/outbox/"+id+"/html", header("Host", "evil.example"))
	doc := shown(t, a, http.StatusOK)
	policy := a.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "sandbox", "form-action 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q lacks %s", policy, want)
		}
	}
	if strings.Contains(policy, "script-src") || len(a.Header().Values("Content-Security-Policy")) != 1 {
		t.Errorf("the policy is %q", policy)
	}
	doc.Find("a").Each(func(_ int, s *goquery.Selection) {
		if !strings.HasPrefix(s.AttrOr("href", ""), "https://renewals.example.com/tasks/") {
			t.Errorf("the mail leads to %s", s.AttrOr("href", ""))
		}
	})
}

func TestRetryOfADeadMail(t *testing.T) {
	c := told(t, func(d *web.Deps) { d.SendsMails = true })
	id := c.bury(t)
	b := c.signedIn(t, c.Owner)
	doc := shown(t, b.get("/admin/outbox"), http.StatusOK)
	says(t, doc, "Dead", "This mail could not be delivered.")
	retry := doc.Find("tbody form").AttrOr("action", "")
	if retry != "/admin/outbox/"+id+"/retry" {
		t.Fatalf("retry is at %q", retry)
	}
	says(t, shown(t, b.get("/admin/outbox/"+id), http.StatusOK), "Not delivered", "This mail could not be delivered.")
	// An owner is a customer: the mail server and its answers are the operator's.
	for _, path := range []string{"/admin/outbox", "/admin/outbox/" + id} {
		if body := b.get(path).Body.String(); strings.Contains(body, "550") || strings.Contains(body, "No such mailbox") || strings.Contains(body, "127.0.0.1") {
			t.Errorf("%s shows the answer of the mail server", path)
		}
	}
	if log := c.Log.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, "No such mailbox") {
		t.Errorf("the log does not say why:\n%s", log)
	}
	for _, want := range []string{"The mail is queued again.", "This mail is not dead, so nothing was changed."} {
		if a := b.post(retry, nil); a.Code != http.StatusSeeOther {
			t.Fatalf("retry: %d", a.Code)
		}
		doc = shown(t, b.get("/admin/outbox"), http.StatusOK)
		if got := doc.Find("#flash").Text(); !strings.Contains(got, want) {
			t.Errorf("the flash says %q, want %q", got, want)
		}
	}
	if doc.Find("tbody form").Length() != 0 || doc.Find("tr[data-id]").AttrOr("data-state", "") != "queued" {
		t.Error("the mail is not queued")
	}
}
