package web_test

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
	"perennial/views"
)

// cardTask is a ready task of so many units. The balance pays half of the first, the
// card pays the rest.
func cardTask(t *testing.T, units int) (c *console, g *testkit.Gateway, b *browser, path string) {
	t.Helper()
	c, g = till(t)
	c.Prices(100)
	c.AddMany(units, 24*time.Hour)
	c.Deposit(5_00)
	c.Must(c.App.PreferCard(c.Context(), c.Owner, testkit.VisaCard.ID, c.App.NewKey()))
	task := c.Prepare(testkit.Everything)
	return c, g, c.signedIn(t, c.Buyer), views.TaskPath(task.ID)
}

// renewNow opens the question and answers it with OK; then the worker works.
func (c *console) renewNow(t *testing.T, b *browser, path string) {
	t.Helper()
	doc := shown(t, b.get(path+"/confirm"), http.StatusOK)
	if answer := b.submit(doc, path+"/confirm", nil); answer.Code != http.StatusSeeOther {
		t.Fatalf("OK: %d %s", answer.Code, answer.Body)
	}
	c.Rest()
}

func TestADeclinedCardOffersAnotherAndATopUp(t *testing.T) {
	c, g, b, path := cardTask(t, 3)
	says(t, shown(t, b.get(path), http.StatusOK), "Visa •••• 4242, 1 charge", "You are never charged more than this.")
	says(t, shown(t, b.get(path+"/confirm"), http.StatusOK), "From Visa •••• 4242, 1 charge")
	g.SetMood("decline:insufficient_funds")
	c.renewNow(t, b, path)
	doc := shown(t, b.get(path), http.StatusOK)
	says(t, doc, "Paused: the payment by Visa •••• 4242 did not go through.", "The card does not have enough funds.", "Continue asks Visa •••• 4242 again.", "0 renewed, 3 left.")
	if chip := doc.Find("#chip").Text(); !strings.Contains(chip, "the card payment did not go through") {
		t.Errorf("the chip says %q", chip)
	}
	if doc.Find(`.rail a[href^="/wallet/cards?return="]`).Length() != 1 || doc.Find(`.rail a[href^="/wallet/top-up?amount=25.00"]`).Length() != 1 {
		t.Errorf("the rail offers %q", doc.Find(".rail .deeds").Text())
	}
	g.SetMood("approve")
	if answer := b.submit(doc, path+"/continue", nil); answer.Code != http.StatusSeeOther {
		t.Fatalf("Continue: %d %s", answer.Code, answer.Body)
	}
	c.Rest()
	doc = shown(t, b.get(path), http.StatusOK)
	says(t, doc, "3 instances renewed", "Card payments", "From Visa •••• 4242", "3 orders and 1 payment add up to this")
	says(t, doc, g.Captures()[0].ID) // the gateway's own number
	rows, err := csv.NewReader(b.get(path + "/items.csv").Body).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d lines, %v", len(rows), err)
	}
	column := func(row int, name string) string { return rows[row][slices.Index(rows[0], name)] }
	if column(1, "balance") != "5.00" || column(1, "card") != "5.00" || column(1, "card_name") != "Visa •••• 4242" || column(1, "coupon_name") != "" || column(3, "card") != "10.00" {
		t.Errorf("%q", rows)
	}
}

// While the outcome of a payment is not known, the page offers to ask and nothing
// else. A task whose last payment went through can always be completed.
func TestACardPaymentWithoutAnOutcomeIsAskedAboutAgain(t *testing.T) {
	c, g, b, path := cardTask(t, 2)
	g.SetMood("error_after")
	c.renewNow(t, b, path)
	doc := shown(t, b.get(path), http.StatusOK)
	says(t, doc, "Paused: the outcome of a card payment of $15.00 for 2 instances is not known yet.", "this task can be neither continued nor ended")
	if doc.Find(`form[action="`+path+`/cancel"]`).Length() != 0 || doc.Find(`a[href="`+path+`/confirm"]`).Length() != 0 {
		t.Error("the task can be ended or confirmed")
	}
	if chip := doc.Find("#chip").Text(); !strings.Contains(chip, "the card payment is not decided") {
		t.Errorf("the chip says %q", chip)
	}
	// An address from the history of the browser asks nothing that cannot be answered.
	asked := shown(t, b.get(path+"/confirm"), http.StatusConflict)
	says(t, asked, "The outcome of a card payment is not known yet")
	if asked.Find("#confirm, .dialog, button:contains(OK)").Length() != 0 {
		t.Error("the dialog asks for an OK that would be refused")
	}
	g.SetMood("error_before", "get")
	if answer := b.submit(doc, path+"/continue", nil); answer.Code != http.StatusConflict {
		t.Fatalf("asked in vain: %d", answer.Code)
	}
	g.SetMood("approve", "get")
	answer := b.submit(doc, path+"/continue", nil)
	doc = shown(t, answer, http.StatusConflict) // what was seen is no longer so
	says(t, doc, "Paused with everything renewed", "Paused: the card payment went through.", "2 instances renewed, none left.")
	if _, disabled := doc.Find(`form[action="` + path + `/continue"] button`).Attr("disabled"); disabled {
		t.Error("Continue cannot be pressed")
	}

	c.Clock.Advance(renewal.ConfirmWithin) // nothing is left to consent to
	b = c.signedIn(t, c.Buyer)
	if answer = b.submit(shown(t, b.get(path), http.StatusOK), path+"/continue", nil); answer.Code != http.StatusSeeOther {
		t.Fatalf("Continue: %d %s", answer.Code, answer.Body)
	}
	c.Rest()
	if doc = shown(t, b.get(path), http.StatusOK); state(doc) != "completed" || len(g.Captures()) != 1 {
		t.Errorf("%s, %d charges", state(doc), len(g.Captures()))
	}
	var told []string
	messages := shown(t, b.get("/notifications"), http.StatusOK)
	for _, words := range []string{"the outcome of a card payment of $15.00 for 2 instances is not known yet", "the card payment went through"} {
		if strings.Contains(messages.Text(), words) {
			told = append(told, words)
		}
	}
	if len(told) != 2 {
		t.Errorf("told %q", told)
	}
}

// The receipt says line by line why less was paid than was agreed to.
func TestTheReceiptExplainsTheDifferenceFromTheEstimate(t *testing.T) {
	c, _, b, path := cardTask(t, 3)
	id := strings.TrimPrefix(path, "/tasks/")
	c.Must(c.App.Confirm(c.Context(), c.Buyer, app.ConfirmInput{TaskID: id, Seen: testkit.Seen(c.Task(id)), Key: "ok"}))
	c.change("ecs-00001", func(i *renewal.Instance) { i.Mode = renewal.Auto })
	c.Prices(90)
	c.Rest()
	doc := shown(t, b.get(path), http.StatusOK)
	says(t, doc, "2 instances renewed", "From estimate to receipt", "Fee as confirmed$30.00", "1 instance passed over, changed since review−$10.00",
		"Prices that fell, passed on−$2.00", "Paid$18.00", "add up to this")
	if doc.Find(".callout-bad").Length() != 0 {
		t.Errorf("%s", doc.Find(".callout-bad").Text())
	}
}

// What a card paid for an instance that was lost meanwhile stands on the receipt as
// an entry of its own, and goes back.
func TestTheReceiptShowsWhatWentBack(t *testing.T) {
	c, g, b, path := cardTask(t, 2)
	g.SetMood("error_before")
	c.renewNow(t, b, path)
	// Nothing here does that; the books must bear it all the same.
	c.change("ecs-00001", func(i *renewal.Instance) {
		i.ExpiresAt, i.Intent, i.IntentOrder = i.ExpiresAt.Add(time.Millisecond), "", ""
	})
	g.SetMood("approve")
	for range 2 { // the payment, then the refund
		c.Clock.Advance(time.Minute)
		_, err := c.App.WorkPayments(c.Context())
		c.Must(err)
	}
	if answer := b.submit(shown(t, b.get(path), http.StatusOK), path+"/continue", nil); answer.Code != http.StatusSeeOther {
		t.Fatalf("Continue: %d %s", answer.Code, answer.Body)
	}
	c.Rest()
	doc := shown(t, b.get(path), http.StatusOK)
	says(t, doc, "1 instance renewed", "Visa •••• 4242 "+g.Captures()[0].ID, "Given back, order RN-0001-00002−$10.00", "1 order and 1 payment less $10.00 of refunds add up to this")
	if got := amount(t, doc.Find(".rail .leader-total")); got != 10_00 {
		t.Errorf("paid %d", got)
	}
}

// change changes an instance behind the back of the task that it stands in.
func (c *console) change(id string, f func(*renewal.Instance)) {
	c.Helper()
	c.Write(func(tx *store.Tx) error {
		u, err := tx.Unit(c.Account.ID, id)
		if err != nil {
			return err
		}
		f(&u.Instance)
		return tx.UpdateInstance(c.Account.ID, store.Imported{Instance: u.Instance, ListFee: testkit.UnitPrice})
	})
}
