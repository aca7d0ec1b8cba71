package app_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// What the review says of each unit and of each source is what is charged, where
// nothing changed in between.
func TestPromise14TheReviewIsWhatIsCharged(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		w.AddMany(12, 24*time.Hour)
		w.Add(testkit.Unit("late", -2*24*time.Hour))
		w.Deposit(3_450)
		byCard(w)
		w.Coupon("small", 700)
		w.Coupon("single", 1_000, func(c *billing.Coupon) { c.SingleUse = true })
		w.Coupon("large", 5_000, func(c *billing.Coupon) { c.SingleUse = true })
		w.Coupon("elsewhere", 500, func(c *billing.Coupon) { c.Services = []string{"hws.service.type.rds"} })
		w.Write(func(tx *store.Tx) error { _, err := tx.SetCreditLimit(w.Account.ID, usd(1_234)); return err })
		task := w.Prepare(testkit.Everything)
		seen := reviewed(w, task.ID, renewal.Look{})
		if len(seen.Plan.Coupons) != 2 || len(seen.Plan.Idle) != 2 || seen.Plan.Shortfall.Minor != 0 || seen.Plan.CardCharges != 1 {
			t.Errorf("plan %+v", seen.Plan)
		}
		var want []string
		for n := 1; n <= task.Units; n++ {
			for _, l := range seen.Splits[n].Legs {
				want = append(want, fmt.Sprintf("%d %s %s %d", n, l.Kind, l.Source, l.Amount.Minor))
			}
		}
		in := seenNow(w, task.ID)
		in.Seen.Due = seen.Plan.Due.Minor
		w.Must(w.App.Confirm(t.Context(), w.Buyer, in))
		w.Rest()
		task = w.Task(task.ID)
		if task.State != renewal.Completed || task.SpentMinor != seen.Plan.Total.Minor {
			t.Fatalf("%+v", task)
		}
		got := lines(w, `SELECT o.item || ' ' || g.kind || ' ' || g.source || ' ' || g.amount FROM purchase_order o
			JOIN leg g ON g.account_id = o.account_id AND g.order_id = o.id AND g.payment_id = o.payment_id WHERE o.task_id = $1
			ORDER BY o.item, CASE g.kind WHEN 'coupon' THEN 0 WHEN 'balance' THEN 1 WHEN 'credit' THEN 2 ELSE 3 END`, task.ID)
		same(t, "legs", got, want)
		if len(b.Captures()) != seen.Plan.CardCharges {
			t.Errorf("%d charges, planned %d", len(b.Captures()), seen.Plan.CardCharges)
		}
		after := reviewed(w, task.ID, renewal.Look{})
		sums := map[billing.LegKind]int64{}
		for _, l := range after.Receipt.Legs {
			sums[l.Kind] += l.Amount.Minor
		}
		if !slices.IsSortedFunc(after.Receipt.Legs, func(a, b billing.Leg) int {
			return slices.Index(billing.LegKinds, a.Kind) - slices.Index(billing.LegKinds, b.Kind)
		}) {
			t.Errorf("the receipt lists %v in another order than they are drawn on", after.Receipt.Legs)
		}
		planned := map[billing.LegKind]int64{}
		for k, a := range seen.Plan.Legs {
			planned[k] = a.Minor
		}
		if !maps.Equal(sums, planned) || !after.Receipt.AddsUp() {
			t.Errorf("paid %v, planned %v", sums, planned)
		}
	})
}

// A coupon that is gone before the charge stops the task: more would be taken from
// the balance than was agreed to.
func TestPromise11ALostCouponNeedsNewConsent(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(3, 24*time.Hour)
		w.Deposit(10_000)
		w.Coupon("c", 1_500)
		task := w.Prepare(testkit.Everything)
		task = confirmOnly(w, task.ID)
		if task.DueMinor != 1_500 {
			t.Fatalf("due %d", task.DueMinor)
		}
		w.Write(func(tx *store.Tx) error { _, err := tx.FreezeCoupon(w.Account.ID, "c", true); return err })
		w.Rest()
		task = w.Task(task.ID)
		if task.State != renewal.Suspended || task.Pause != renewal.PauseConsent || !task.Reconfirm || task.Renewed != 1 || w.Balance() != 9_000 {
			t.Fatalf("%+v, balance %d", task, w.Balance())
		}
		if task = w.Confirm(task.ID); task.State != renewal.Completed || w.Balance() != 7_000 {
			t.Errorf("%+v, balance %d", task, w.Balance())
		}
	})
}

// What is taken off is said by kind, also where the lines of one unit have
// discounts of different kinds.
func TestTheReviewSaysWhatIsTakenOffByKind(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		_, err := w.App.GrantDiscount(t.Context(), operator(w), autumn()) // 20 percent on servers, beside 10 on everything
		w.Must(err)
		server := testkit.Unit("with-disk", 24*time.Hour)
		server.Associated = append(server.Associated, testkit.Disk(server, "disk"))
		blocked := testkit.Unit("blocked", 24*time.Hour)
		blocked.Hold = renewal.Locked
		w.Add(testkit.Unit("alone", 24*time.Hour), server, blocked)
		task := w.Prepare(testkit.Everything)
		off := func() (off []string) {
			for _, d := range reviewed(w, task.ID, renewal.Look{}).Discounts {
				off = append(off, fmt.Sprint(d.Kind, " ", d.Amount.Minor))
			}
			return off
		}
		same(t, "discounts", off(), []string{"contract 25", "promotional 400"})
		w.Prices(200)
		if err := w.App.Confirm(t.Context(), w.Buyer, seenNow(w, task.ID)); fault.KindOf(err) != fault.Conflict {
			t.Fatalf("prices rose, and confirming said %v", err)
		}
		same(t, "discounts after prices rose", off(), []string{"contract 50", "promotional 800"})
	}, testkit.WithDiscount(1_000))
}
