package web_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
	"perennial/views"
)

// charged has the gateway capture a payment of 10.00 for each instance, of which the
// records know nothing, and compares.
func (c *console) charged(bank *testkit.Gateway, key string, instances ...string) (gatewayID string) {
	c.Helper()
	d := billing.PaymentData{AccountID: c.Account.ID, Purpose: billing.ForRenewal, PaymentID: "lost-" + key, CreatedBy: "Li Na", CreatedAt: testkit.Start}
	c.Write(func(tx *store.Tx) (err error) { d.Installation, err = tx.KeepInstallation(); return err })
	total := money.Of(0, "USD")
	for n, id := range instances {
		old := testkit.Start.Add(renewal.Day)
		fee := money.Of(testkit.UnitPrice, "USD")
		total.Minor += fee.Minor
		d.Units = append(d.Units, billing.PaidUnit{Item: n + 1, InstanceID: id, OldExpiry: old, NewExpiry: old.AddDate(0, 1, 0), Fee: fee,
			Legs: []billing.Leg{{Kind: billing.FromCard, Amount: fee}}})
	}
	id := bank.Captured(c.TB, key, total, d)
	_, err := c.App.Reconcile(c.Context())
	c.Must(err)
	return id
}

// Promises 30 and 31. An owner sees what blocks the account, enters what fits and has
// the rest refunded; nobody else can.
func TestReconcilePage_SettlesWhatTheRecordsLack(t *testing.T) {
	c, bank := till(t)
	c.Prices(100)
	c.Add(testkit.Unit("fits", renewal.Day))
	id := c.charged(bank, "mixed", "fits", "gone")
	whole := c.charged(bank, "whole", "gone-too")
	buyer, owner := c.signedIn(t, c.Buyer), c.signedIn(t, c.Owner)
	if a := buyer.get(views.ReconcilePath()); a.Code != http.StatusForbidden {
		t.Errorf("a buyer gets %d", a.Code)
	}
	a := buyer.post("/wallet/top-up", map[string][]string{"amount": {"25.00"}, "card": {testkit.VisaCard.ID}, "key": {"k"}, "return": {"/wallet"}})
	if a.Code != http.StatusServiceUnavailable {
		t.Errorf("a top-up beside a missing payment: %d", a.Code)
	}
	doc := shown(t, owner.get("/wallet"), http.StatusOK)
	if doc.Find(`nav a[href="`+views.ReconcilePath()+`"]`).Length() == 0 {
		t.Error("no page leads to what is to settle")
	}
	doc = shown(t, owner.get(views.ReconcilePath()), http.StatusOK)
	says(t, doc, "Blocks payments", "At least one instance is gone", "$20.00", "fits", "gone")
	send := func(id, do string) *http.Response {
		a := owner.post(views.ReconcilePaymentPath(id), map[string][]string{"do": {do}, "key": {"k"}})
		return a.Result()
	}
	if a := send(id, "sing"); a.StatusCode != http.StatusBadRequest && a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a deed that does not exist: %d", a.StatusCode)
	}
	send(id, "enter")
	says(t, shown(t, owner.get(views.ReconcilePath()), http.StatusOK), "Nothing was changed.", "Blocks payments")
	for range 2 { // a double click
		send(id, "parts")
	}
	send(whole, "return")
	says(t, shown(t, owner.get(views.ReconcilePath()), http.StatusOK), "Nothing to settle")
	c.Rest()
	c.Clock.Advance(time.Minute)
	_, err := c.App.WorkPayments(t.Context())
	c.Must(err)
	back := map[string]int64{}
	for _, r := range bank.Refunds() {
		back[r.Payment] += r.Amount.Minor
	}
	if got := fmt.Sprint(back[id], back[whole]); got != fmt.Sprint(testkit.UnitPrice, testkit.UnitPrice) {
		t.Errorf("refunded %s", got)
	}
	says(t, shown(t, owner.get("/instances/fits"), http.StatusOK), "2026-12-23")
	if a := buyer.post("/wallet/top-up", map[string][]string{"amount": {"25.00"}, "card": {testkit.VisaCard.ID}, "key": {"k2"}, "return": {"/wallet"}}); a.Code != http.StatusSeeOther {
		t.Errorf("a top-up afterwards: %d", a.Code)
	}
}
