package main_test

import (
	"strings"
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// What the records lack is named, decided and forgotten at the command line, beside the
// running server.
func TestReconcileAtTheCommandLine(t *testing.T) {
	g := testkit.NewGateway(t)
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(g.Client))
	var installation string
	w.Write(func(tx *store.Tx) (err error) { installation, err = tx.KeepInstallation(); return err })
	missing := func(key, unit string) string {
		d := billing.PaymentData{Installation: installation, AccountID: w.Account.ID, Purpose: billing.ForRenewal, PaymentID: key, CreatedAt: testkit.Start,
			CreatedBy: "Li Na", Units: []billing.PaidUnit{{OrderID: "RO-00001", InstanceID: unit, OldExpiry: testkit.Start.Add(time.Hour),
				NewExpiry: testkit.Start.Add(31 * 24 * time.Hour), Fee: money.Of(1000, "USD"),
				Legs: []billing.Leg{{Kind: billing.FromCard, Amount: money.Of(1000, "USD")}}}}}
		return g.Captured(t, key, money.Of(1000, "USD"), d)
	}
	w.Prices(100)
	here := testkit.Unit("here", time.Hour)
	here.ExpiresAt = testkit.Start.Add(time.Hour)
	w.Add(here)
	fits, first, second := missing("order-1-1", "here"), missing("order-2-1", "gone"), missing("order-3-1", "gone too")

	place := newPlace(t)
	database, gateway := "--database="+w.Location, "--gateway-url="+g.URL
	says := func(out string, all ...string) {
		t.Helper()
		for _, want := range all {
			if !strings.Contains(out, want) {
				t.Errorf("it does not say %q:\n%s", want, out)
			}
		}
	}
	place.mistake("", 1, "Name the card gateway", "reconcile", database)
	says(place.must("", "reconcile", database, gateway), "Would enter payment (instances: 1) "+fits, "Waits for a decision: payment (instances: 1) "+first,
		"listed: 3, of other installations: 0. Entered: 1. To decide: 2.")
	says(place.must("", "reconcile", "list", database), "Nothing waits for a decision.")
	says(place.must("", "reconcile", database, gateway, "--apply"), "Entered payment (instances: 1) "+fits, "To decide: 2.")
	says(place.must("", "reconcile", "list", database), first, second, "gone, or its expiration time", "Enter it, return it, or dismiss it.")

	says(place.must("", "reconcile", "return", first, database), "asks the gateway to refund payment "+first)
	says(place.must("", "reconcile", "list", database), "is being asked to refund it")
	_, err := w.App.WorkReconcile(t.Context()) // as the server does
	w.Must(err)
	if back := g.Refunds(); len(back) != 1 || back[0].Payment != first {
		t.Errorf("given back: %+v", back)
	}
	place.mistake("", 2, "reference", "reconcile", "dismiss", second, database)
	says(place.must("", "reconcile", "dismiss", second, "--reference=statement 12", database), "settled: statement 12")
	place.mistake("", 1, "No payment "+second+" waits", "reconcile", "dismiss", second, "--reference=statement 12", database)
	says(place.must("", "reconcile", "list", database), "Nothing waits for a decision.")
	g.SetMood(sandbox.ErrorBefore, sandbox.CallList)
	place.mistake("", 1, "The card gateway does not answer", "reconcile", database, gateway)
}
