package web_test

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
	"perennial/views"
)

// submit sends a form of a page as it stands, with what a person adds.
func (b *browser) submit(doc *goquery.Document, action string, more url.Values, change ...func(*http.Request)) *httptest.ResponseRecorder {
	b.t.Helper()
	form := doc.Find(`form[method="post"][action="` + action + `"]`)
	if form.Length() != 1 {
		b.t.Fatalf("%d forms lead to %s", form.Length(), action)
	}
	values := url.Values{}
	form.Find("input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
		values.Add(s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	for name, v := range more {
		values[name] = v
	}
	return b.post(action, values, change...)
}

// counter is a console with ten units and money for so many of them.
func counter(t *testing.T, covered int64) *console {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	c.Prices(100)
	held := testkit.Unit("held", 30*time.Hour)
	held.Hold = renewal.OrderPending
	c.Add(held)
	c.AddMany(10, 48*time.Hour)
	if covered > 0 {
		c.Deposit(covered * testkit.UnitPrice)
	}
	return c
}

// state is what the page says of the task.
func state(doc *goquery.Document) string { return doc.Find("#task").AttrOr("data-state", "") }

func amount(t *testing.T, s *goquery.Selection) int64 {
	t.Helper()
	minor, err := strconv.ParseInt(s.Find("[data-amount]").First().AttrOr("data-amount", ""), 10, 64)
	if err != nil {
		t.Errorf("no amount in %q", s.Text())
	}
	return minor
}

// The whole journey of a task by plain forms and links, as without JavaScript.
func TestTheJourneyOfATaskThroughPlainForms(t *testing.T) {
	c := counter(t, 6)
	b := c.signedIn(t, c.Buyer)
	doc := shown(t, b.get("/renewals/one-click/new"), http.StatusOK)
	answer := b.submit(doc, "/renewals/one-click", nil)
	task := answer.Header().Get("Location")
	if answer.Code != http.StatusSeeOther || !strings.HasPrefix(task, "/tasks/") {
		t.Fatalf("start: %d %q", answer.Code, task)
	}
	doc = shown(t, b.get(task), http.StatusOK)
	if says(t, doc, "You can leave this page. We email finance@acme.example when the task is ready", "Prepared by Li Na"); state(doc) != "generating" {
		t.Errorf("state %q", state(doc))
	}
	if doc.Find(`noscript:contains("refresh")`).Length()+strings.Count(b.get(task).Body.String(), `http-equiv="refresh"`) == 0 {
		t.Error("nothing loads the page again without scripts")
	}
	c.Rest()

	doc = shown(t, b.get(task), http.StatusOK)
	says(t, doc, "Review 10 renewals", "Confirm before 2026-11-25 14:00 (UTC+8)", "1 instance cannot be renewed in this task",
		"The task pauses after 6 of 10, at expiry 2026-11-24.", "You are never charged more than this.", "Not covered 4")
	if href := doc.Find(".rail .btn-primary").AttrOr("href", ""); href != "/wallet/top-up?amount=40.00&return="+url.QueryEscape(task) {
		t.Errorf("the primary button leads to %s", href)
	}
	if n := doc.Find("tr.rule").Length(); n != 1 || doc.Find("tr.rule").Next().AttrOr("data-id", "") != "ecs-00006" {
		t.Errorf("%d rules, the row after is %s", n, doc.Find("tr.rule").Next().AttrOr("data-id", ""))
	}

	doc = shown(t, b.get(task+"/confirm"), http.StatusOK)
	says(t, doc, "Renew 10 instances for $100.00?", "Excluded: 1 instance that cannot be renewed.", "The task pauses after 6 of 10")
	if doc.Find("#again").Length() != 0 {
		t.Error("a tick is asked for though nothing was renewed before")
	}
	if answer = b.submit(doc, task+"/confirm", nil); answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != task {
		t.Fatalf("OK: %d %s", answer.Code, answer.Body)
	}
	if doc = shown(t, b.get(task), http.StatusOK); state(doc) != "running" {
		t.Errorf("after OK: %q", state(doc))
	}
	says(t, doc, "0 of 10 instances done", "Confirmed by Li Na", "Stop after the current instances")
	c.Rest()

	doc = shown(t, b.get(task), http.StatusOK)
	says(t, doc, "Paused: balance is $40.00 short.", "6 renewed, 4 left. Renewed instances keep their new expiry dates.",
		"The balance does not cover the next instance, which costs $10.00.")
	if _, disabled := doc.Find(`form[action="` + task + `/continue"] button`).Attr("disabled"); !disabled {
		t.Error("Continue can be pressed though it would change nothing")
	}
	c.Deposit(40_00)
	doc = shown(t, b.get(task), http.StatusOK)
	says(t, doc, "Paused: the wallet now covers what is left.", "The wallet covers all 4 left.")
	if answer = b.submit(doc, task+"/continue", nil); answer.Code != http.StatusSeeOther {
		t.Fatalf("Continue: %d %s", answer.Code, answer.Body)
	}
	c.Rest()

	doc = shown(t, b.get(task), http.StatusOK)
	says(t, doc, "10 instances renewed", "2 payments add up to this", "Receipt RT-0001")
	if got := amount(t, doc.Find(".rail .leader-total")); got != 100_00 || state(doc) != "completed" {
		t.Errorf("%s, paid %d", state(doc), got)
	}
	if doc.Find("[hx-trigger]").Not("#chip").Length() != 0 {
		t.Error("a task that has ended still polls")
	}
	lines, err := csv.NewReader(b.get(task + "/items.csv?list=renewed").Body).ReadAll()
	if err != nil || len(lines) != 11 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

func TestEveryStateOfATaskHasItsPage(t *testing.T) {
	c := counter(t, 100)
	b := c.signedIn(t, c.Buyer)
	page := func(id string) *goquery.Document { return shown(t, b.get(views.TaskPath(id)), http.StatusOK) }
	form := func(id string, doc *goquery.Document) *httptest.ResponseRecorder {
		return b.submit(doc, views.TaskCancelPath(id), nil)
	}
	start := func() string {
		id, err := c.App.Start(c.Context(), c.Buyer, app.StartInput{Filter: testkit.Everything, Count: 11, Key: c.App.NewKey()})
		c.Must(err)
		return id
	}
	// Cancelled while it is prepared.
	id := start()
	if a := form(id, page(id)); a.Code != http.StatusSeeOther {
		t.Fatalf("cancel: %d %s", a.Code, a.Body)
	}
	doc := page(id)
	if says(t, doc, "Nothing was charged and nothing was renewed.", "Cancelled by Li Na"); state(doc) != "cancelled" {
		t.Errorf("state %q", state(doc))
	}
	// Expired, and prepared again.
	id = start()
	c.Rest()
	c.Clock.Advance(renewal.ConfirmWithin)
	c.Rest()
	b = c.signedIn(t, c.Buyer)
	doc = page(id)
	if says(t, doc, "Expired, not confirmed in time", "Nothing was charged", "Prepare the 10 left"); state(doc) != "expired" {
		t.Errorf("state %q", state(doc))
	}
	answer := b.submit(doc, views.TaskAgainPath(id), nil)
	next := answer.Header().Get("Location")
	if answer.Code != http.StatusSeeOther || next == views.TaskPath(id) {
		t.Fatalf("prepare the left: %d %s", answer.Code, next)
	}
	if again := b.submit(doc, views.TaskAgainPath(id), nil); again.Header().Get("Location") != next {
		t.Errorf("the same key led to %s, then to %s", next, again.Header().Get("Location"))
	}
	c.Rest()
	says(t, shown(t, b.get(next), http.StatusOK), "Review 10 renewals", "left by RT-0002")
	// Stopped while it runs.
	nextID := strings.TrimPrefix(next, "/tasks/")
	task := c.Task(nextID)
	c.Must(c.App.Confirm(c.Context(), c.Owner, app.ConfirmInput{TaskID: nextID, Seen: testkit.Seen(task), Key: "ok"}))
	if a := form(nextID, page(nextID)); a.Code != http.StatusSeeOther {
		t.Fatalf("stop: %d %s", a.Code, a.Body)
	}
	if doc = page(nextID); state(doc) != "cancelling" {
		t.Errorf("state %q", state(doc))
	}
	c.Rest()
	says(t, page(nextID), "Confirmed by Wei Chen", "Ended by Li Na", "Prepare the 10 left")
}

func TestNothingRenewableOffersOnlyToCancel(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	c.AddMany(3, 48*time.Hour) // no prices
	task := c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Buyer)
	doc := shown(t, b.get(views.TaskPath(task.ID)), http.StatusOK)
	says(t, doc, "None of 3 instances can be renewed", "There is no current price for this specification.", "Contact support")
	if n := doc.Find(`#task form`).Length(); n != 1 || doc.Find(`a[href$="/confirm"]`).Length() != 0 {
		t.Errorf("%d forms, and a way to confirm", n)
	}
	shown(t, b.get(views.TaskConfirmPath(task.ID)), http.StatusConflict)
}

func TestFailedTaskSaysWhy(t *testing.T) {
	c := counter(t, 0)
	filter := renewal.Filter{Tab: renewal.Manual, Query: "held"}
	id, err := c.App.Start(c.Context(), c.Buyer, app.StartInput{Filter: filter, Count: 1, Key: "k"})
	c.Must(err)
	c.Clock.Advance(100 * renewal.Day) // released before it was read
	c.Rest()
	doc := shown(t, c.signedIn(t, c.Buyer).get(views.TaskPath(id)), http.StatusOK)
	if says(t, doc, "This task could not be prepared", "Nothing matches the filters any more.", "Nothing was charged"); state(doc) != "failed" {
		t.Errorf("state %q", state(doc))
	}
}

func TestListsOfATask(t *testing.T) {
	c := counter(t, 6)
	task := c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Viewer)
	for query, want := range map[string]int{
		"": 10, "?list=uncovered": 4, "?list=blocked": 1, "?list=blocked&reason=order_pending": 1, "?list=blocked&reason=locked": 0,
		"?list=renew&service=hws.service.type.ec2": 10, "?list=renew&service=none": 0, "?size=10&after=0.5": 6, "?list=left": 10,
	} {
		doc := shown(t, b.get("/tasks/"+task.ID+"/items"+query), http.StatusOK)
		if got := doc.Find("#results tr[data-id]").Length(); got != want {
			t.Errorf("%s: %d rows, want %d", query, got, want)
		}
	}
	doc := shown(t, b.get("/tasks/"+task.ID+"/items?list=blocked"), http.StatusOK)
	says(t, doc, "An order for this instance is waiting for payment.", "Pay or cancel the order")
	if href := doc.Find(`tr[data-reason="order_pending"] a[href^="/renewals"]`).AttrOr("href", ""); href != "/renewals?blocked=order_pending&tab=manual" {
		t.Errorf("the remedy leads to %q", href)
	}
	says(t, shown(t, b.get("/tasks/"+task.ID+"/items?list=nonsense&size=7"), http.StatusOK), "The filter “list” was ignored", "The filter “page size” was ignored")
	doc = shown(t, b.get("/tasks/"+task.ID+"/items?list=services"), http.StatusOK)
	if got := amount(t, doc.Find("tfoot .card-end")); got != 100_00 {
		t.Errorf("all services cost %d", got)
	}
	says(t, doc, "Your role is Viewer. Buyers and owners can confirm, continue and end a task.")
	if n := doc.Find("#task form").Length() + doc.Find(`a[href$="/confirm"]`).Length(); n != 0 {
		t.Errorf("a viewer is offered %d actions", n)
	}
}

// Promise 21: a foreign id is not found, whatever is asked of it.
func TestTasksOfOthersAreNotFound(t *testing.T) {
	c := counter(t, 1)
	c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Owner)
	for _, path := range []string{"", "/items", "/live", "/items.csv", "/confirm"} {
		shown(t, b.get("/tasks/0000"+path), http.StatusNotFound)
	}
	form := url.Values{"version": {"2"}, "total": {"100"}, "due": {"100"}, "key": {"k"}}
	for _, path := range []string{"/confirm", "/continue", "/cancel", "/again"} {
		shown(t, b.post("/tasks/0000"+path, form), http.StatusNotFound)
	}
}

func TestTasksPage(t *testing.T) {
	c := counter(t, 100)
	b := c.signedIn(t, c.Viewer)
	says(t, shown(t, b.get("/tasks"), http.StatusOK), "No renewal tasks yet")
	task := c.Confirm(c.Prepare(renewal.Filter{Tab: renewal.Manual, Query: "ecs"}).ID)
	doc := shown(t, b.get("/tasks"), http.StatusOK)
	says(t, doc, "RT-0001", "Completed", "Search: ecs", "Li Na", "2026-11-22 14:00 (UTC+8)")
	row := doc.Find(`tr[data-id="` + task.ID + `"]`)
	if amount(t, row.Find(".card-end")) != 100_00 || row.Find("a").AttrOr("href", "") != views.TaskPath(task.ID) {
		t.Errorf("row %q", row.Text())
	}
}
