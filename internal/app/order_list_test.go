package app_test

import (
	"strings"
	"testing"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// What was paid for an instance is answered for whoever asks later, also when the
// instance is gone: by a task and by an order, from the wallet and by card.
func TestHistoryAnswersWhatWasPaid(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		u := testkit.Unit("u0", renewal.Day)
		u.Associated = []renewal.Instance{testkit.Disk(u, "u0-disk")}
		w.Add(u)
		w.Coupon("c", 250)
		w.Deposit(400)
		byCard(w)
		task := w.Confirm(w.Prepare(testkit.Everything).ID) // 12.50: coupon 2.50, balance 4.00, card 6.00
		if task.State != renewal.Completed {
			t.Fatalf("%+v", task)
		}
		w.Deposit(2000)
		w.Clock.Advance(renewal.Day)
		id := place(w, "u0")
		_, err := w.App.PayOrders(t.Context(), w.Owner, payForm(w, id))
		w.Must(err)
		w.Clock.Advance(200 * renewal.Day) // released long ago

		h, err := w.App.Orders(t.Context(), w.Account.ID, billing.OrderFilter{Renewed: true, Query: "U0"}, app.Place{})
		w.Must(err)
		if len(h.Rows) != 2 || h.Matching != 2 || h.Paid != usd(2500) {
			t.Fatalf("%+v", h)
		}
		later, first := h.Rows[0], h.Rows[1]
		if later.ID != id || later.PreparedBy != w.Buyer.Name || later.ConfirmedBy != w.Owner.Name || later.TaskNumber != 0 || later.Payment.GatewayID != "" {
			t.Errorf("%+v", later)
		}
		if first.TaskNumber != task.Number || first.ConfirmedBy != w.Buyer.Name || first.Payment.GatewayID == "" || len(first.Legs) != 3 || len(first.Lines) != 2 {
			t.Errorf("%+v", first)
		}
		if !first.Lines[0].OldExpiry.Equal(u.ExpiresAt) || !later.Lines[0].OldExpiry.Equal(first.Lines[0].NewExpiry) {
			t.Error("the expiries do not follow each other")
		}
		var file strings.Builder
		w.Must(w.App.ExportOrders(t.Context(), w.Account.ID, billing.OrderFilter{Renewed: true}, &file))
		rows := strings.Split(strings.TrimSpace(strings.TrimPrefix(file.String(), "\ufeff")), "\r\n")
		if len(rows) != 5 || !strings.HasPrefix(rows[0], "order_id,status,") {
			t.Fatalf("%d rows: %s", len(rows), file.String())
		}
		for _, has := range []string{first.ID + ",completed,", ",RT-0001,", "," + first.Payment.GatewayID + ",12.50,2.50,4.00,0.00,6.00,Coupon c,Visa •••• 4242"} {
			if !strings.Contains(rows[3], has) {
				t.Errorf("%q is not in %s", has, rows[3])
			}
		}
	})
}

func TestAnOrderTellsWhatHappenedToIt(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		ids := unpaid(w, 2)
		byCard(w)
		b.SetMood(sandbox.Decline("insufficient_funds"), sandbox.CallCapture)
		_, err := pay(w, ids...)
		w.Must(err)
		o, err := w.App.Order(t.Context(), w.Account.ID, ids[0])
		w.Must(err)
		if o.Status != billing.PendingPayment || len(o.Attempts) != 1 || o.Attempts[0].State != billing.PaymentDeclined || o.Declined == "" || o.Problem != "" || len(o.Legs) != 0 {
			t.Errorf("%+v", o)
		}
		w.Must(w.App.CancelOrder(t.Context(), w.Owner, ids[0], "cancel"))
		o, err = w.App.Order(t.Context(), w.Account.ID, ids[0])
		w.Must(err)
		if o.Status != billing.OrderCancelled || o.EndedBy != w.Owner.Name {
			t.Errorf("%+v", o)
		}
		l, err := w.App.Orders(t.Context(), w.Account.ID, billing.OrderFilter{Status: billing.PendingPayment}, app.Place{})
		w.Must(err)
		if l.Waiting != 1 || len(l.Rows) != 1 || l.Rows[0].ID != ids[1] {
			t.Errorf("%+v", l)
		}
		w.Clock.Advance(billing.PayWithin)
		o, err = w.App.Order(t.Context(), w.Account.ID, ids[1])
		w.Must(err)
		if !strings.Contains(o.Problem, "was not paid within seven days") {
			t.Errorf("%+v", o)
		}
	})
}
