package main_test

import (
	"strings"
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// Money that the gateway refuses to give back breaks no promise, and nobody but the
// operator can see to it.
func TestDoctorNamesWhatTheGatewayRefusedToGiveBack(t *testing.T) {
	g := testkit.NewGateway(t)
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(g.Client))
	w.Prices(100)
	w.AddMany(1, 24*time.Hour)
	w.Must(w.App.PreferCard(w.Context(), w.Owner, testkit.VisaCard.ID, w.App.NewKey()))
	g.SetMood("error_after", "capture")
	task := w.Confirm(w.Prepare(testkit.Everything).ID)
	g.SetMood("approve", "capture")
	var p billing.Payment
	w.Write(func(tx *store.Tx) (err error) {
		if p, err = tx.OpenPaymentOf(w.Account.ID, task.ID); err != nil {
			return err
		}
		u, err := tx.Unit(w.Account.ID, "ecs-00000")
		if err != nil {
			return err
		}
		u.ExpiresAt = u.ExpiresAt.Add(time.Hour) // it is not what was quoted any more
		return tx.UpdateInstance(w.Account.ID, store.Imported{Instance: u.Instance})
	})
	work := func() {
		w.Clock.Advance(time.Minute)
		if _, err := w.App.WorkPayments(w.Context()); err != nil {
			t.Log(err)
		}
	}
	work() // books the payment
	_, err := g.Client.Refund(t.Context(), p.GatewayID, "somebody", money.Of(1_00, "USD"))
	w.Must(err)
	work() // asks for the refund, of which too little is left
	held, err := w.App.HeldRefunds(t.Context())
	if w.Must(err); len(held) != 1 {
		t.Fatalf("%+v", held)
	}

	place := newPlace(t)
	doctor := func() string { return place.must("", "doctor", "--database="+w.Location) }
	record := "refund " + p.ID + " --account=" + w.Account.ID + " --order=" + held[0].OrderID + " --by-hand="
	out := doctor()
	for _, want := range []string{"keeps all of", "$10.00 of payment " + p.ID, "The gateway refused to give the money back: it is more than is left", record} {
		if !strings.Contains(out, want) {
			t.Errorf("doctor does not say %q:\n%s", want, out)
		}
	}
	place.mistake("", 1, "A reference", "refund", p.ID, "--transfer", "--database="+w.Location)
	place.mistake("", 2, "--by-hand", "refund", p.ID, "--order="+held[0].OrderID, "--database="+w.Location)
	if out := place.must("", append(strings.Fields(record+"re_1"), "--database="+w.Location)...); !strings.Contains(out, "$10.00 of order "+held[0].OrderID+" went back") {
		t.Error(out)
	}
	if out := doctor(); strings.Contains(out, p.ID) {
		t.Errorf("doctor still names it:\n%s", out)
	}
}
