package app_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// place orders the renewal of a unit at the price that it has.
func place(w *testkit.World, instanceID string) string {
	w.Helper()
	i, err := w.App.Instance(w.Context(), w.Account.ID, instanceID)
	w.Must(err)
	id, err := w.App.PlaceOrder(w.Context(), w.Buyer, app.PlaceInput{InstanceID: instanceID, Fee: i.Quote.Fee.Minor, Key: w.App.NewKey()})
	w.Must(err)
	return id
}

// unpaid adds units that expire a day apart, prices them at 10.00 and orders the
// renewal of each.
func unpaid(w *testkit.World, n int) []string {
	w.Helper()
	w.Prices(100)
	var orders []string
	for i := range n {
		u := testkit.Unit(fmt.Sprintf("u%d", i), time.Duration(i+1)*renewal.Day)
		w.Add(u)
		orders = append(orders, place(w, u.ID))
	}
	return orders
}

// payForm is what a person sends who has the page of these orders as it stands.
func payForm(w *testkit.World, ids ...string) app.PayInput {
	w.Helper()
	p, err := w.App.Paying(w.Context(), w.Account.ID, ids)
	w.Must(err)
	return app.PayInput{OrderIDs: ids, Total: p.Plan.Total.Minor, Due: p.Plan.Due.Minor, Key: w.App.NewKey()}
}

func pay(w *testkit.World, ids ...string) (billing.Payment, error) {
	w.Helper()
	return w.App.PayOrders(w.Context(), w.Buyer, payForm(w, ids...))
}

// orders reads how the orders stand, with their instances.
func orders(w *testkit.World) []string {
	w.Helper()
	return lines(w, `SELECT o.id || ' ' || o.status || ' ' || o.why || ' ' || n.intent || ' ' || CASE WHEN n.expires_at = l.new_expiry THEN 'renewed' ELSE '' END
		FROM purchase_order o JOIN order_line l ON l.account_id = o.account_id AND l.order_id = o.id
		JOIN instance n ON n.account_id = l.account_id AND n.id = l.instance_id WHERE o.account_id = $1 ORDER BY o.id, n.id`, w.Account.ID)
}

// orderAudit reads the audit of an order.
func orderAudit(w *testkit.World, id string) []string {
	w.Helper()
	return lines(w, "SELECT actor || ' ' || action || ' ' || was || ' ' || became FROM audit WHERE subject = $1 ORDER BY id", "order "+id)
}

// tamper changes an instance past everything that keeps an order's instances as
// they are.
func tamper(w *testkit.World, id string, change func(*renewal.Instance)) {
	w.Helper()
	w.Write(func(tx *store.Tx) error {
		u, err := tx.Unit(w.Account.ID, id)
		if err != nil {
			return err
		}
		change(&u.Instance)
		return tx.UpdateInstance(w.Account.ID, store.Imported{Instance: u.Instance})
	})
}

func TestAnOrderIsPaidFromTheWallet(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		ids := unpaid(w, 3)
		same(t, "placed", orders(w), []string{"RO-00001 6  order_pending ", "RO-00002 6  order_pending ", "RO-00003 6  order_pending "})
		w.CheckInvariants()
		w.Coupon("c", 400)
		w.Deposit(1000)
		w.Write(func(tx *store.Tx) error { _, err := tx.SetCreditLimit(w.Account.ID, usd(600)); return err })
		p, err := pay(w, ids[1], ids[0])
		w.Must(err)
		if p.State != billing.PaymentCaptured || p.Amount != usd(2000) || p.CreatedBy != w.Buyer.Name {
			t.Errorf("%+v", p)
		}
		same(t, "paid", orders(w), []string{"RO-00001 5   renewed", "RO-00002 5   renewed", "RO-00003 6  order_pending "})
		// What expires first is paid first, whatever was ticked first.
		same(t, "legs", lines(w, "SELECT order_id || ' ' || kind || ' ' || amount FROM leg ORDER BY order_id, kind"), []string{
			"RO-00001 balance 600", "RO-00001 coupon 400", "RO-00002 balance 400", "RO-00002 credit 600"})
		same(t, "audit", orderAudit(w, ids[0]), []string{"Li Na place  pending_payment", "Li Na pay pending_payment completed"})
		if _, err := w.App.PayOrders(t.Context(), w.Buyer, app.PayInput{OrderIDs: ids[:1], Total: 1000, Due: 1000, Key: "late"}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a paid order was paid again: %v", err)
		}
		i, err := w.App.Instance(t.Context(), w.Account.ID, "u0")
		w.Must(err)
		if i.Blocked != "" || len(i.Renewals) != 1 || i.Renewals[0].OrderID != ids[0] {
			t.Errorf("blocked %q, renewals %+v", i.Blocked, i.Renewals)
		}
	})
}

// All or nothing, to the cent.
func TestOrdersThatTheMoneyDoesNotCoverAreNotPaid(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		ids := unpaid(w, 2)
		w.Deposit(1999)
		_, err := pay(w, ids...)
		wantKind(t, err, fault.Conflict, "$0.01 short", "Nothing was charged")
		if w.Balance() != 1999 || number(w, "SELECT COUNT(*) FROM payment WHERE purpose = 'renewal'") != 0 {
			t.Error("something was charged")
		}
		w.Deposit(1)
		_, err = pay(w, ids...)
		w.Must(err)
		if w.Balance() != 0 {
			t.Errorf("balance %d", w.Balance())
		}
	})
}

func TestPromise11AnOrderCostsWhatItsPageSaid(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.Add(testkit.Unit("u0", renewal.Day))
		w.Deposit(5000)
		w.Prices(110)
		_, err := w.App.PlaceOrder(t.Context(), w.Buyer, app.PlaceInput{InstanceID: "u0", Fee: 1000, Key: "risen"})
		wantKind(t, err, fault.Conflict, "No order was placed", "$11.00")
		w.Prices(100)
		id := place(w, "u0")
		w.Prices(120) // the order keeps its price
		w.Coupon("c", 300)
		form := payForm(w, id)
		if form.Total != 1000 || form.Due != 700 {
			t.Fatalf("%+v", form)
		}
		w.Write(func(tx *store.Tx) error {
			_, err := tx.UseCoupon(w.Account.ID, "c", usd(300), w.Clock.Now())
			return err
		})
		w.Write(func(tx *store.Tx) error { // where that money went does not matter here
			e := entry("elsewhere")
			return tx.Post(w.Account.ID, e, posting(billing.BookOfCoupon("c"), -300), posting(billing.BookRenewals, 300))
		})
		_, err = w.App.PayOrders(t.Context(), w.Buyer, form)
		wantKind(t, err, fault.Conflict, "$10.00 instead of $7.00", "Nothing was charged")
		_, err = pay(w, id)
		w.Must(err)
		if w.Balance() != 4000 {
			t.Errorf("balance %d", w.Balance())
		}
	})
}

func TestPromise09AnOrdersCardPayment(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		ids := unpaid(w, 3)
		w.Deposit(1500)
		byCard(w)
		b.SetMood(sandbox.Decline("insufficient_funds"), sandbox.CallCapture)
		p, err := pay(w, ids...)
		w.Must(err)
		if p.State != billing.PaymentDeclined || p.Charged != usd(1500) || w.Balance() != 1500 {
			t.Fatalf("%+v, balance %d", p, w.Balance())
		}
		same(t, "declined", orders(w), []string{"RO-00001 6  order_pending ", "RO-00002 6  order_pending ", "RO-00003 6  order_pending "})
		w.CheckInvariants()
		b.SetMood(sandbox.Approve, sandbox.CallCapture)
		p, err = pay(w, ids...)
		w.Must(err)
		if p.State != billing.PaymentCaptured || w.Balance() != 0 || len(b.Captures()) != 1 || b.Captures()[0].Amount != usd(1500) {
			t.Fatalf("%+v, balance %d, captures %v", p, w.Balance(), b.Captures())
		}
		same(t, "captured", orders(w), []string{"RO-00001 5   renewed", "RO-00002 5   renewed", "RO-00003 5   renewed"})
		same(t, "audit", orderAudit(w, ids[2]), []string{"Li Na place  pending_payment", "Li Na ask for pending_payment processing",
			"Perennial wait processing pending_payment", "Li Na ask for pending_payment processing", "Perennial pay processing completed"})
	})
}

// While nobody knows whether the card was charged, nothing else pays, cancels or
// renews, and no deadline ends it.
func TestPromise09AnOrderWaitsForTheCardsOutcome(t *testing.T) {
	for _, mood := range []sandbox.Mood{sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.ResetAfter, sandbox.WrongAmount} {
		t.Run(string(mood), func(t *testing.T) {
			eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
				ids := unpaid(w, 2)
				byCard(w)
				b.SetMood(mood, sandbox.CallCapture, sandbox.CallGet)
				form := payForm(w, ids...)
				p, err := w.App.PayOrders(t.Context(), w.Buyer, form)
				w.Must(err)
				if p.State.Settled() {
					t.Fatalf("%+v", p)
				}
				same(t, "asked for", orders(w), []string{"RO-00001 3  renewal_in_progress ", "RO-00002 3  renewal_in_progress "})
				again, err := w.App.PayOrders(t.Context(), w.Buyer, form)
				w.Must(err)
				if again.ID != p.ID {
					t.Errorf("the same form made another payment")
				}
				form.Key = "another"
				_, err = w.App.PayOrders(t.Context(), w.Buyer, form)
				wantKind(t, err, fault.Conflict, "outcome is not known yet")
				wantKind(t, w.App.CancelOrder(t.Context(), w.Buyer, ids[0], "cancel"), fault.Conflict, "outcome is not known yet", "Nothing was cancelled")
				_, err = w.App.PlaceOrder(t.Context(), w.Buyer, app.PlaceInput{InstanceID: "u0", Fee: 1000, Key: "place"})
				wantKind(t, err, fault.Conflict, "being renewed elsewhere")
				if task := w.Prepare(testkit.Everything); task.Renewable != 0 || task.Blocked != 2 {
					t.Errorf("a task would renew %d of them", task.Renewable)
				}
				w.Clock.Advance(billing.PayWithin + renewal.Day)
				w.Rest()
				w.CheckInvariants()
				if now := payment(w, p.ID); now.State.Settled() {
					t.Fatalf("%+v", now)
				}
				b.SetMood(sandbox.Approve, sandbox.CallCapture, sandbox.CallGet)
				heal(w, w.App)
				same(t, "known", orders(w), []string{"RO-00001 5   renewed", "RO-00002 5   renewed"})
				if len(b.Captures()) != 1 {
					t.Errorf("captures %v", b.Captures())
				}
			})
		})
	}
}

// What the gateway declines after the order's time is over does not wait again.
func TestADeclinedOrderWhoseTimeIsOverIsCancelled(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		ids := unpaid(w, 1)
		w.Deposit(600)
		byCard(w)
		b.SetMood(sandbox.ErrorBefore, sandbox.CallCapture)
		_, err := pay(w, ids...)
		w.Must(err)
		w.Clock.Advance(billing.PayWithin)
		w.Rest()
		same(t, "processing", orders(w), []string{"RO-00001 3  renewal_in_progress "})
		b.SetMood(sandbox.Decline("do_not_honor"), sandbox.CallCapture)
		heal(w, w.App)
		same(t, "declined", orders(w), []string{"RO-00001 4 unpaid  "})
		if w.Balance() != 600 {
			t.Errorf("balance %d", w.Balance())
		}
	})
}

// An instance that was lost while the card was asked: what can be renewed is, the
// money for the other goes back.
func TestPromise08AnOrderWhoseInstanceWasLostIsRefunded(t *testing.T) {
	for _, outcome := range []string{"captured", "declined"} {
		t.Run(outcome, func(t *testing.T) {
			eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
				ids := unpaid(w, 2)
				w.Deposit(600)
				byCard(w)
				b.SetMood(sandbox.ErrorBefore, sandbox.CallCapture)
				p, err := pay(w, ids...)
				w.Must(err)
				// Nothing here does that; the books must bear it all the same.
				tamper(w, "u1", func(i *renewal.Instance) {
					i.ExpiresAt, i.Intent, i.IntentOrder = i.ExpiresAt.Add(time.Millisecond), "", ""
				})
				if outcome == "declined" {
					b.SetMood(sandbox.Decline("do_not_honor"), sandbox.CallCapture)
					heal(w, w.App)
					same(t, "orders", orders(w), []string{"RO-00001 6  order_pending ", "RO-00002 4 declined  "})
					return
				}
				b.SetMood(sandbox.Approve, sandbox.CallCapture)
				heal(w, w.App)
				heal(w, w.App)
				same(t, "orders", orders(w), []string{"RO-00001 5   renewed", "RO-00002 4 refunded  "})
				if f := refundOf(w, p.ID); f.State != billing.RefundDone || f.OrderID != ids[1] || f.Charged != usd(1000) {
					t.Errorf("%+v", f)
				}
				same(t, "audit", orderAudit(w, ids[1])[2:], []string{"Perennial cancel processing cancelled"})
			})
		})
	}
}

func TestPromise16AnUnpaidOrderEndsAtSevenDays(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.Add(testkit.Unit("u0", 30*renewal.Day), testkit.Unit("u1", 30*renewal.Day))
		w.Deposit(5000)
		ids := []string{place(w, "u0"), place(w, "u1")}
		form := payForm(w, ids[1])
		w.Clock.Advance(billing.PayWithin - time.Millisecond)
		w.Rest()
		_, err := pay(w, ids[0])
		w.Must(err)
		w.Clock.Advance(time.Millisecond)
		// Nobody has cancelled it yet; it cannot be paid all the same.
		_, err = w.App.PayOrders(t.Context(), w.Buyer, form)
		wantKind(t, err, fault.Conflict, "was not paid within seven days")
		w.Write(func(tx *store.Tx) error {
			ok, err := tx.TakeOrder(billing.Order{AccountID: w.Account.ID, ID: ids[1], Status: billing.Processing}, w.Clock.Now())
			if ok {
				t.Error("the statement takes an order whose time is over")
			}
			return err
		})
		w.Rest()
		same(t, "orders", orders(w), []string{"RO-00001 5   renewed", "RO-00002 4 unpaid  "})
		same(t, "audit", orderAudit(w, ids[1])[1:], []string{"Perennial cancel pending_payment cancelled"})
		w.Clock.Advance(-time.Hour)
		w.Rest()
		if id := place(w, "u1"); id != "RO-00003" {
			t.Errorf("the next order is %s", id)
		}
	})
}

// A look at the deadlines cancels as many as it can bear, and says that there are more.
func TestUnpaidOrdersAreCancelledInSteps(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(101, 20*renewal.Day)
		for n := range 101 {
			place(w, fmt.Sprintf("ecs-%05d", n))
		}
		w.Clock.Advance(billing.PayWithin)
		for _, want := range []bool{true, false} {
			if more, err := w.App.WatchDeadlines(t.Context()); err != nil || more != want {
				t.Errorf("more is %v, %v", more, err)
			}
		}
		if n := number(w, "SELECT COUNT(*) FROM purchase_order WHERE status = 4 AND why = 'unpaid'"); n != 101 {
			t.Errorf("%d are cancelled", n)
		}
	})
}

func TestACancelledOrderMakesRoom(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		u := testkit.Unit("u0", renewal.Day)
		u.Associated = []renewal.Instance{testkit.Disk(u, "u0-disk")}
		w.Add(u)
		id := place(w, "u0")
		_, err := w.App.PlaceOrder(t.Context(), w.Buyer, app.PlaceInput{InstanceID: "u0", Fee: 1250, Key: "second"})
		wantKind(t, err, fault.Conflict, "No order was placed", "waiting for payment")
		_, err = w.App.PlaceOrder(t.Context(), w.Buyer, app.PlaceInput{InstanceID: "u0-disk", Fee: 1250, Key: "disk"})
		wantKind(t, err, fault.NotFound)
		w.Must(w.App.CancelOrder(t.Context(), w.Buyer, id, "cancel"))
		w.Must(w.App.CancelOrder(t.Context(), w.Buyer, id, "cancel"))
		wantKind(t, w.App.CancelOrder(t.Context(), w.Buyer, id, "again"), fault.Conflict, "was cancelled")
		same(t, "audit", orderAudit(w, id), []string{"Li Na place  pending_payment", "Li Na cancel pending_payment cancelled"})
		w.CheckInvariants()
		w.Deposit(1250)
		_, err = pay(w, place(w, "u0"))
		w.Must(err)
		same(t, "orders", orders(w), []string{"RO-00001 4 by_person  renewed", "RO-00001 4 by_person  renewed", "RO-00002 5   renewed", "RO-00002 5   renewed"})
	})
}

// What is true at the payment counts, not what was when the order was placed.
func TestAnOrderIsCheckedAgainWhenItIsPaid(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*testkit.World)
		left   time.Duration
		says   string
	}{
		"released": {func(w *testkit.World) { w.Clock.Advance(6 * renewal.Day) }, -25 * renewal.Day, "was released"},
		"frozen": {func(w *testkit.World) {
			acc := w.Account
			acc.Frozen = true
			w.Write(func(tx *store.Tx) error { return tx.UpdateAccount(acc) })
		}, renewal.Day, "account is frozen"},
		"held": {func(w *testkit.World) {
			tamper(w, "u0", func(i *renewal.Instance) { i.Hold = renewal.Locked })
		}, renewal.Day, "locked"},
		"another expiry": {func(w *testkit.World) {
			tamper(w, "u0", func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Millisecond) })
		}, renewal.Day, "changed after it was placed"},
		"another disk": {func(w *testkit.World) {
			u := testkit.Unit("u0", renewal.Day)
			w.Add(renewal.Unit{Instance: testkit.Disk(u, "u0-disk")})
		}, renewal.Day, "changed after it was placed"},
		"another anchor": {func(w *testkit.World) {
			tamper(w, "u0", func(i *renewal.Instance) { i.Anchor++ })
		}, renewal.Day, "another expiry"},
	} {
		t.Run(name, func(t *testing.T) {
			testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
				w.Prices(100)
				w.Add(testkit.Unit("u0", c.left))
				w.Deposit(5000)
				id := place(w, "u0")
				c.change(w)
				p, err := w.App.Paying(t.Context(), w.Account.ID, []string{id})
				w.Must(err)
				if len(p.Payable()) != 0 || !p.Plan.Total.IsZero() {
					t.Errorf("%v can be paid", p.Payable())
				}
				_, err = w.App.PayOrders(t.Context(), w.Buyer, app.PayInput{OrderIDs: []string{id}, Total: 1000, Due: 1000, Key: "pay"})
				wantKind(t, err, fault.Conflict, c.says, "Nothing was charged")
				if w.Balance() != 5000 {
					t.Errorf("balance %d", w.Balance())
				}
				w.Must(w.App.CancelOrder(t.Context(), w.Buyer, id, "cancel"))
			})
		})
	}
}

func TestPromise06OrdersAtOnce(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		const n = 20
		w.Prices(100)
		w.AddMany(n, renewal.Day)
		w.Deposit(n * 1000)
		heard1 := heard(together(n, func(i int) error {
			_, err := w.App.PlaceOrder(w.Context(), w.Buyer, app.PlaceInput{InstanceID: fmt.Sprintf("ecs-%05d", i), Fee: 1000, Key: w.App.NewKey()})
			return err
		}))
		if want := map[string]int{"done": n}; !maps.Equal(heard1, want) {
			t.Fatalf("%d orders at once heard %v", n, heard1)
		}
		ids := lines(w, "SELECT id FROM purchase_order ORDER BY id")
		if len(ids) != n || ids[n-1] != "RO-00020" {
			t.Errorf("%v", ids)
		}
		form := payForm(w, ids[:3]...)
		if got := heard(together(n, func(int) error { _, err := w.App.PayOrders(w.Context(), w.Buyer, form); return err })); got["done"] != n {
			t.Errorf("the same form sent %d times heard %v", n, got)
		}
		got := heard(together(n, func(int) error {
			f := form
			f.OrderIDs, f.Key = ids[2:5], w.App.NewKey()
			_, err := w.App.PayOrders(w.Context(), w.Buyer, f)
			return err
		}))
		if got["done"] != 0 {
			t.Errorf("orders of which one is paid heard %v", got)
		}
		got = heard(together(n, func(i int) error {
			if i%2 == 0 {
				return w.App.CancelOrder(w.Context(), w.Buyer, ids[6], w.App.NewKey())
			}
			f := form
			f.OrderIDs, f.Key = ids[6:7], w.App.NewKey()
			_, err := w.App.PayOrders(w.Context(), w.Buyer, f)
			return err
		}))
		if got["done"] != 1 {
			t.Errorf("paying and cancelling at once heard %v", got)
		}
		if paid := number(w, "SELECT COUNT(*) FROM purchase_order WHERE status = 5"); w.Balance() != (n-paid)*1000 || paid < 3 {
			t.Errorf("%d are paid, balance %d", paid, w.Balance())
		}
	})
}

func TestHowManyOrdersArePaidTogether(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	_, err := w.App.PayOrders(t.Context(), w.Buyer, app.PayInput{Key: "none"})
	wantKind(t, err, fault.Invalid, "No order is selected")
	ids := unpaid(w, 31)
	_, err = w.App.PayOrders(t.Context(), w.Buyer, app.PayInput{OrderIDs: ids, Total: 31000, Due: 31000, Key: "many"})
	wantKind(t, err, fault.Invalid, "31 orders", "At most 30")
	w.Deposit(30000)
	_, err = pay(w, append(ids[:30:30], ids[0])...)
	w.Must(err)
	if w.Balance() != 0 {
		t.Errorf("balance %d", w.Balance())
	}
}
