package main_test

import (
	"math/rand/v2"
	"path/filepath"
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

// killCardUnits make 30 card charges of a hundred units each.
const killCardUnits = 3_000

// killTasks is how many tasks renew the same units, by a month each: nothing is
// renewed for more than five years.
const killTasks = 40

// The real program is killed while a card pays for a task, and the gateway is
// another process with a log of its own. Whenever that happens, the gateway has
// captured each payment once, and what it captured is what was renewed.
func TestPromise09KillNineByCard(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	dice := rand.New(rand.NewPCG(seed, 1))
	p := newPlace(t)
	p.limit += time.Duration(*kills) * time.Minute // the bank outlives every server
	log := filepath.Join(p.dir, "gateway.log")
	bank := p.starting("sandbox-gateway", "--key=k", "--listen=127.0.0.1:0", "--log="+log)
	address := bank.until(gatewayAt)[1]

	const fees, balance = killCardUnits * testkit.UnitPrice, testkit.UnitPrice * 3 / 2
	var w *testkit.World
	killed, tasks, want := 0, 0, int64(0)
	var payments []billing.Payment
	for ; killed < *kills; tasks++ {
		if tasks%killTasks == 0 {
			w = realWorld(t)
			w.AddMany(killCardUnits, time.Since(testkit.Start)+24*time.Hour)
			w.Deposit(balance) // the second unit is paid from both
			w.Write(func(tx *store.Tx) error {
				card := testkit.VisaCard
				card.Preferred = true
				return tx.InsertCard(w.Account.ID, card)
			})
			want -= balance
		}
		id := killTask(t, w, dice, &killed, "--gateway-url="+address, "--gateway-key=k")
		task := w.Task(id)
		if task.State != renewal.Completed || task.Renewed != killCardUnits || task.SpentMinor != fees || w.Balance() != 0 {
			t.Fatalf("seed %d: %s, %d of %d renewed for %d cents, %d cents left", seed, task.State, task.Renewed, killCardUnits, task.SpentMinor, w.Balance())
		}
		want += fees
		w.Read(func(tx *store.Tx) error {
			of, err := tx.CardPayments(w.Account.ID, id)
			payments = append(payments, of...)
			return err
		})
	}
	w.Must(bank.cmd.Process.Kill())
	<-bank.exited
	captures, err := sandbox.ReadLog(log)
	w.Must(err)
	byKey := map[string]int64{}
	for _, one := range payments {
		if one.State != billing.PaymentCaptured {
			t.Errorf("seed %d: payment %s is %s", seed, one.ID, one.State)
		}
		byKey[one.GatewayKey] = one.Charged.Minor
	}
	captured := int64(0)
	for _, c := range captures {
		if byKey[c.Key] != c.Amount.Minor {
			t.Errorf("seed %d: the bank captured %s for %s, which we know as %d", seed, c.Amount, c.Key, byKey[c.Key])
		}
		delete(byKey, c.Key)
		captured += c.Amount.Minor
	}
	if len(byKey) > 0 || captured != want {
		t.Errorf("seed %d: the bank captured %d cents of %d, and knows nothing of %v", seed, captured, want, byKey)
	}
	t.Logf("seed %d: killed %d times in %d tasks, %d charges", seed, killed, tasks, len(captures))
}

// killTask renews every unit by one more month, and kills the program meanwhile.
func killTask(t *testing.T, w *testkit.World, dice *rand.Rand, killed *int, flags ...string) (id string) {
	t.Helper()
	id, err := w.App.Start(t.Context(), w.Buyer, app.StartInput{Filter: testkit.Everything, Count: killCardUnits, Key: w.App.NewKey()})
	w.Must(err)
	w.Rest()
	w.Must(w.App.Confirm(t.Context(), w.Buyer, app.ConfirmInput{TaskID: id, Seen: testkit.Seen(w.Task(id)), Key: w.App.NewKey()}))
	for w.Task(id).State.Open() {
		task := w.Task(id)
		if task.State == renewal.Suspended && task.Pause != renewal.PauseUnknown {
			err := w.App.Continue(t.Context(), w.Buyer, app.ConfirmInput{TaskID: id, Seen: testkit.Seen(task), Key: w.App.NewKey()})
			if err != nil && fault.KindOf(err) != fault.Conflict {
				t.Fatal(err)
			}
		}
		// Two of three times it is killed over a question to the gateway.
		next, inFlight := w.Task(id).Renewed+1+dice.IntN(150), dice.IntN(3) > 0
		killAt(t, w, func() bool {
			task := w.Task(id)
			if task.State == renewal.Suspended {
				return task.Pause != renewal.PauseUnknown // it is healed first
			}
			return !task.State.Open() || task.Renewed >= next && (!inFlight || asking(w, id))
		}, flags...)
		*killed++
	}
	return id
}

// asking tells whether the gateway is being asked for a payment of the task.
func asking(w *testkit.World, taskID string) bool {
	var p billing.Payment
	w.Read(func(tx *store.Tx) (err error) {
		if p, err = tx.OpenPaymentOf(w.Account.ID, taskID); store.IsNone(err) {
			err = nil
		}
		return err
	})
	return p.State == billing.PaymentPrepared || p.State == billing.PaymentUnknown
}
