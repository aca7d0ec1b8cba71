package app_test

import (
	"fmt"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// A coupon and a credit line give what they have and no more, however many draw on
// them at once.
func TestPromise13ConcurrentCouponAndCredit(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Coupon("c", 1000)
		w.Write(func(tx *store.Tx) error { _, err := tx.SetCreditLimit(w.Account.ID, usd(500)); return err })
		for _, source := range []struct {
			book billing.Book
			draw func(tx *store.Tx) (bool, error)
			want int
		}{
			{billing.BookOfCoupon("c"), func(tx *store.Tx) (bool, error) { return tx.UseCoupon(w.Account.ID, "c", usd(7), w.Clock.Now()) }, 1000 / 7},
			{billing.BookCredit, func(tx *store.Tx) (bool, error) { return tx.UseCredit(w.Account.ID, usd(7)) }, 500 / 7},
		} {
			done := 0
			for n, err := range together(200, func(n int) error {
				return w.Store.Write(w.Context(), func(tx *store.Tx) error {
					ok, err := source.draw(tx)
					if err == nil && !ok {
						err = errPoor
					}
					if err != nil {
						return err
					}
					return tx.Post(w.Account.ID, entry(fmt.Sprint(source.book, n)), posting(source.book, -7), posting(billing.BookRenewals, 7))
				})
			}) {
				switch {
				case err == nil:
					done++
				case err != errPoor:
					t.Errorf("%s, draw %d: %v", source.book, n, err)
				}
			}
			if done != source.want {
				t.Errorf("%s: %d of 200 succeeded, want %d", source.book, done, source.want)
			}
		}
	})
}

// placed orders the renewal of units.
func placed(w *testkit.World, ids ...string) []string {
	w.Helper()
	var orders []string
	for _, id := range ids {
		order, err := w.App.PlaceOrder(w.Context(), w.Buyer, app.PlaceInput{InstanceID: id, Fee: testkit.UnitPrice, Key: w.App.NewKey()})
		w.Must(err)
		orders = append(orders, order)
	}
	return orders
}

func payNow(w *testkit.World, a *app.App, due int64, ids ...string) (billing.Payment, error) {
	return a.PayOrders(w.Context(), w.Buyer, app.PayInput{OrderIDs: ids, Total: int64(len(ids)) * testkit.UnitPrice, Due: due, Key: w.App.NewKey()})
}

// Twenty orders and money for seven: seven are paid, whoever is first, over two servers.
func TestPromise13OrdersCompeteForTheBalance(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(20, 24*time.Hour)
		w.Deposit(7*testkit.UnitPrice + 999)
		servers := []*app.App{w.App, w.Another("worker-2")}
		var ids []string
		for n := range 20 {
			ids = append(ids, fmt.Sprintf("ecs-%05d", n))
		}
		orders := placed(w, ids...)
		done := 0
		for _, err := range together(20, func(n int) error {
			_, err := payNow(w, servers[n%2], testkit.UnitPrice, orders[n])
			return err
		}) {
			if err == nil {
				done++
			} else {
				wantKind(t, err, fault.Conflict, "short")
			}
		}
		if done != 7 || w.Balance() != 999 {
			t.Errorf("%d orders were paid, %d is left", done, w.Balance())
		}
	})
}

// One order, fifty people: it is paid once. By card the bank is asked once.
func TestPromise17AnOrderIsPaidOnce(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		w.AddMany(2, 24*time.Hour)
		w.Deposit(10 * testkit.UnitPrice)
		orders := placed(w, "ecs-00000", "ecs-00001")
		count := func(order string) (done int) {
			for _, err := range together(50, func(int) error { _, err := payNow(w, w.App, testkit.UnitPrice, order); return err }) {
				if err == nil {
					done++
				} else {
					wantKind(t, err, fault.Conflict)
				}
			}
			return done
		}
		if n := count(orders[0]); n != 1 || w.Balance() != 9*testkit.UnitPrice {
			t.Errorf("paid %d times, balance %d", n, w.Balance())
		}
		w.Must(w.App.Deposit(t.Context(), app.Operator(w.Account.ID), w.Account.ID, usd(1), "2026-11-20", "a cent"))
		for w.Balance() > testkit.UnitPrice/2 { // leave too little for the second
			w.Must(spend(w, w.App.NewKey(), testkit.UnitPrice/2+1))
		}
		byCard(w)
		if n := count(orders[1]); n != 1 || len(b.Captures()) != 1 {
			t.Errorf("paid %d times, %d captures", n, len(b.Captures()))
		}
	})
}

func TestPromise10ADeclinedOrderWaitsAgain(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Prices(100)
		w.AddMany(2, 24*time.Hour)
		w.Deposit(300)
		byCard(w)
		orders := placed(w, "ecs-00000", "ecs-00001")
		b.SetMood(sandbox.Decline("do_not_honor"), sandbox.CallCapture)
		p, err := payNow(w, w.App, 2*testkit.UnitPrice, orders...)
		w.Must(err)
		if p.State != billing.PaymentDeclined || w.Balance() != 300 {
			t.Fatalf("%+v, balance %d", p, w.Balance())
		}
		same(t, "orders", lines(w, "SELECT id || ' ' || status FROM purchase_order ORDER BY id"), []string{"RO-00001 6", "RO-00002 6"})
		w.CheckInvariants()
		b.SetMood(sandbox.ErrorAfter, sandbox.CallCapture)
		p, err = payNow(w, w.App, 2*testkit.UnitPrice, orders...)
		w.Must(err)
		if p.State != billing.PaymentUnknown {
			t.Fatalf("%+v", p)
		}
		// While the outcome is not known, nothing else pays or cancels them.
		_, err = payNow(w, w.App, testkit.UnitPrice, orders[0])
		wantKind(t, err, fault.Conflict, "not known")
		wantKind(t, w.App.CancelOrder(t.Context(), w.Buyer, orders[0], w.App.NewKey()), fault.Conflict, "not known")
		heal(w, w.App)
		same(t, "orders", lines(w, "SELECT id || ' ' || status FROM purchase_order ORDER BY id"), []string{"RO-00001 5", "RO-00002 5"})
		if len(b.Captures()) != 1 || b.Captures()[0].Amount != usd(1700) || w.Balance() != 0 {
			t.Errorf("captures %+v, balance %d", b.Captures(), w.Balance())
		}
	})
}

func TestPromise17AnOrderKeepsOthersAwayForSevenDays(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(2, 24*time.Hour)
		w.Deposit(10 * testkit.UnitPrice)
		order := placed(w, "ecs-00000")[0]
		_, err := w.App.PlaceOrder(t.Context(), w.Buyer, app.PlaceInput{InstanceID: "ecs-00000", Fee: testkit.UnitPrice, Key: w.App.NewKey()})
		wantKind(t, err, fault.Conflict, "waiting for payment")
		task := w.Confirm(w.Prepare(testkit.Everything).ID)
		same(t, "units", items(w, task.ID), []string{"ecs-00000 blocked order_pending", "ecs-00001 renewed "})
		w.Clock.Advance(billing.PayWithin - time.Millisecond)
		w.Rest()
		same(t, "in time", lines(w, "SELECT id || ' ' || status || ' ' || why FROM purchase_order WHERE task_id = ''"), []string{order + " 6 "})
		w.Clock.Advance(time.Millisecond)
		_, err = payNow(w, w.App, testkit.UnitPrice, order)
		wantKind(t, err, fault.Conflict, "seven days")
		w.Rest()
		same(t, "too late", lines(w, "SELECT id || ' ' || status || ' ' || why FROM purchase_order WHERE task_id = ''"), []string{order + " 4 unpaid"})
		placed(w, "ecs-00000")
	})
}

func TestAPriceRiseBeforeOrderingIsSaid(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(1, 24*time.Hour)
		w.Prices(110)
		_, err := w.App.PlaceOrder(t.Context(), w.Buyer, app.PlaceInput{InstanceID: "ecs-00000", Fee: testkit.UnitPrice, Key: "k"})
		wantKind(t, err, fault.Conflict, "$11.00")
		_, err = w.App.PlaceOrder(t.Context(), w.Buyer, app.PlaceInput{InstanceID: "nothing", Fee: 1, Key: "l"})
		wantKind(t, err, fault.NotFound)
	})
}
