package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
	"perennial/views"
)

// asked is the confirmation of a task, open in a browser.
func asked(t *testing.T, b *browser, id string) *goquery.Document {
	t.Helper()
	return shown(t, b.get(views.TaskConfirmPath(id)), http.StatusOK)
}

// Promise 6: one effect per key, however often it is sent.
func TestConfirmingTwiceIsConfirmingOnce(t *testing.T) {
	c := counter(t, 100)
	task := c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Buyer)
	doc := asked(t, b, task.ID)
	for range 3 {
		if a := b.submit(doc, views.TaskConfirmPath(task.ID), nil); a.Code != http.StatusSeeOther || a.Header().Get("Location") != views.TaskPath(task.ID) {
			t.Errorf("%d %s", a.Code, a.Body)
		}
	}
	if got := c.Task(task.ID); got.Version != task.Version+1 {
		t.Errorf("%d changes", got.Version-task.Version)
	}
	// The same key with other values is another request.
	shown(t, b.submit(doc, views.TaskConfirmPath(task.ID), url.Values{"total": {"1"}}), http.StatusConflict)
}

func TestWhoComesSecondHearsWhoWasFirst(t *testing.T) {
	c := counter(t, 100)
	task := c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Owner)
	doc := asked(t, b, task.ID)
	c.Clock.Advance(20 * time.Minute)
	c.Confirm(task.ID)
	const first = "Li Na confirmed this task at 2026-11-22 14:20 (UTC+8). Your session charged nothing."
	now := shown(t, b.submit(doc, views.TaskConfirmPath(task.ID), nil, part), http.StatusConflict)
	if says(t, now, first); state(now) != "completed" {
		t.Errorf("the answer shows a task that is %q", state(now))
	}
	// The open page hears it by itself, and keeps its list.
	live := shown(t, b.get("/tasks/"+task.ID+"/live?list=renew&seen=ready", part), http.StatusOK)
	says(t, live, first)
	if n := live.Find("tr[data-id]").Length(); n != 10 {
		t.Errorf("the list keeps %d of 10 rows", n)
	}
	own := shown(t, c.signedIn(t, c.Buyer).get("/tasks/"+task.ID+"/live?list=renew&seen=ready", part), http.StatusOK)
	says(t, own, "You confirmed this task at 2026-11-22 14:20 (UTC+8) in another window. This page charged nothing.")
	if again := shown(t, b.get("/tasks/"+task.ID+"/live?seen=completed", part), http.StatusOK); strings.Contains(again.Text(), "Your session") {
		t.Error("who saw the end is told of the beginning")
	}
	// Cancelling by a page that is old says the same.
	shown(t, b.post(views.TaskCancelPath(task.ID), url.Values{"version": {"2"}, "key": {"c"}}), http.StatusConflict)
}

func TestCancelledElsewhereIsSaid(t *testing.T) {
	c := counter(t, 100)
	task := c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Buyer)
	c.Must(c.App.Cancel(c.Context(), c.Owner, app.CancelInput{TaskID: task.ID, Version: task.Version, Key: "c"}))
	live := shown(t, b.get("/tasks/"+task.ID+"/live?list=renew&seen=ready", part), http.StatusOK)
	says(t, live, "Wei Chen cancelled this task at 2026-11-22 14:00 (UTC+8). Your session charged nothing.")
}

// Promise 11: a rise needs new consent, and the page shows the difference.
func TestARiseOfPricesIsShownBeforeItIsConfirmed(t *testing.T) {
	c := counter(t, 100)
	task := c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Buyer)
	doc := asked(t, b, task.ID)
	c.Prices(110)
	now := shown(t, b.submit(doc, views.TaskConfirmPath(task.ID), nil), http.StatusConflict)
	says(t, now, "Prices rose since this page was shown.", "The fee was $100.00 and is now $110.00")
	if state(now) != "ready" || amount(t, now.Find(".rail .leader-total")) != 110_00 || c.Balance() != 1_000_00 {
		t.Errorf("%s at %d, balance %d", state(now), amount(t, now.Find(".rail .leader-total")), c.Balance())
	}
	// What changed can be listed, with the fee before.
	list := shown(t, b.get("/tasks/"+task.ID+"/items?list=changed"), http.StatusOK)
	if rows := list.Find("#results tbody tr"); rows.Length() != task.Renewable || amount(t, rows.First().Find("[data-label='Fee before']")) != 10_00 {
		t.Errorf("%d prices changed", rows.Length())
	}
	says(t, list, "+$1.00")
	// What was seen before the rise is refused; what is seen now is not.
	shown(t, b.submit(doc, views.TaskConfirmPath(task.ID), url.Values{"key": {"other"}}), http.StatusConflict)
	if a := b.submit(asked(t, b, task.ID), views.TaskConfirmPath(task.ID), nil); a.Code != http.StatusSeeOther {
		t.Errorf("the new fee: %d %s", a.Code, a.Body)
	}
}

// The new sum is accepted at one click, from the answer that showed it.
func TestARiseIsAcceptedAtOneClick(t *testing.T) {
	c := counter(t, 100)
	task := c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Buyer)
	doc := asked(t, b, task.ID)
	c.Prices(110)
	now := shown(t, b.submit(doc, views.TaskConfirmPath(task.ID), nil), http.StatusConflict)
	if a := b.submit(now, views.TaskConfirmPath(task.ID), nil); a.Code != http.StatusSeeOther || c.Task(task.ID).State != renewal.Running {
		t.Errorf("%d, the task is %s", a.Code, c.Task(task.ID).State)
	}
}

// A coupon that is frozen between the review and OK raises what is due: nothing is
// confirmed, and the answer says both sums.
func TestMoreDueThanSeenIsShownBeforeItIsConfirmed(t *testing.T) {
	c := counter(t, 100)
	c.Coupon("c1", 300)
	task := c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Buyer)
	doc := asked(t, b, task.ID)
	says(t, doc, "Coupon c1", "$97.00")
	c.Write(func(tx *store.Tx) error { _, err := tx.FreezeCoupon(c.Account.ID, "c1", true); return err })
	now := shown(t, b.submit(doc, views.TaskConfirmPath(task.ID), nil), http.StatusConflict)
	says(t, now, "Due after coupons was $97.00 and is now $100.00", "This coupon is frozen.")
	if state(now) != "ready" || c.Balance() != 1_000_00 {
		t.Errorf("%s, balance %d", state(now), c.Balance())
	}
	if a := b.submit(now, views.TaskConfirmPath(task.ID), nil); a.Code != http.StatusSeeOther {
		t.Errorf("the new sum: %d %s", a.Code, a.Body)
	}
}

func TestRenewingAgainNeedsATick(t *testing.T) {
	c := counter(t, 100)
	c.Confirm(c.Prepare(renewal.Filter{Tab: renewal.Manual, Query: "ecs-00001"}).ID)
	task := c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Buyer)
	says(t, shown(t, b.get(views.TaskPath(task.ID)), http.StatusOK), "Look twice: renewed here within the last 30 days",
		"Renewed 2026-11-22 by Li Na, $10.00 RT-0001")
	doc := asked(t, b, task.ID)
	says(t, doc, "Renew 1 instance again that was renewed here within the last 30 days")
	answer := b.submit(doc, views.TaskConfirmPath(task.ID), nil, part)
	again := shown(t, answer, http.StatusUnprocessableEntity)
	if h := answer.Header(); h.Get("HX-Retarget") != "#dialog" || h.Get("HX-Reswap") != "innerHTML" {
		t.Errorf("the refusal goes to %q", h.Get("HX-Retarget"))
	}
	says(t, again, "Not confirmed, and nothing was charged", "Tick the box to renew them again.")
	if c.Task(task.ID).State != renewal.Ready {
		t.Error("confirmed without the tick")
	}
	if a := b.submit(again, views.TaskConfirmPath(task.ID), url.Values{"again": {"1"}}); a.Code != http.StatusSeeOther {
		t.Errorf("with the tick: %d %s", a.Code, a.Body)
	}
}

func TestThreeDaysLaterConsentIsAskedAgain(t *testing.T) {
	c := counter(t, 6)
	task := c.Confirm(c.Prepare(testkit.Everything).ID)
	c.Deposit(100_00)
	c.Clock.Advance(renewal.ConfirmWithin)
	b := c.signedIn(t, c.Buyer)
	doc := shown(t, b.get(views.TaskPath(task.ID)), http.StatusOK)
	says(t, doc, "Paused: the wallet now covers what is left.", "must be confirmed again", "Renew Now")
	if doc.Find(`form[action$="/continue"]`).Length() != 0 {
		t.Error("Continue is offered without consent")
	}
	form := url.Values{"version": {"4"}, "total": {"4000"}, "due": {"4000"}, "key": {"k"}}
	shown(t, b.post(views.TaskContinuePath(task.ID), form), http.StatusConflict)
	doc = asked(t, b, task.ID)
	says(t, doc, "Renew 4 instances for $40.00?")
	if a := b.submit(doc, views.TaskConfirmPath(task.ID), nil); a.Code != http.StatusSeeOther {
		t.Errorf("OK: %d %s", a.Code, a.Body)
	}
}

func TestFormsOfATaskThatAreNotForms(t *testing.T) {
	c := counter(t, 100)
	task := c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Buyer)
	good := url.Values{"version": {"2"}, "total": {"10000"}, "due": {"10000"}, "key": {"k"}}
	for path, names := range map[string][]string{"/confirm": {"version", "total", "due", "key"}, "/continue": {"version", "total"}, "/cancel": {"version", "key"}} {
		for _, name := range names {
			bad := url.Values{}
			for k, v := range good {
				if k != name {
					bad[k] = v
				}
			}
			shown(t, b.post("/tasks/"+task.ID+path, bad), http.StatusUnprocessableEntity)
		}
	}
	shown(t, b.post(views.TaskContinuePath(task.ID), good), http.StatusConflict)
	// What is left of an open task is that task.
	if a := b.post(views.TaskAgainPath(task.ID), url.Values{"key": {"k"}}); a.Code != http.StatusSeeOther || a.Header().Get("Location") != views.TaskPath(task.ID) {
		t.Errorf("again: %d %q", a.Code, a.Header().Get("Location"))
	}
	if got := c.Task(task.ID); got.Version != task.Version {
		t.Errorf("version %d, was %d", got.Version, task.Version)
	}
}

func TestThePageOfATaskStaysSmall(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite, testkit.WithDiscount(1500)))
	c.Prices(100)
	c.AddMany(200, 48*time.Hour)
	c.Deposit(30 * testkit.UnitPrice)
	task := c.Prepare(testkit.Everything)
	b := c.signedIn(t, c.Buyer)
	packed := b.get(views.TaskPath(task.ID), header("Accept-Encoding", "gzip"))
	if n := packed.Body.Len(); n > 14<<10 || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("50 rows are %d bytes of gzip", n)
	}
	if n := shown(t, b.get(views.TaskPath(task.ID)), http.StatusOK).Find("*").Length(); n > 2_500 {
		t.Errorf("50 rows are %d nodes", n)
	}
}
