package app_test

import (
	"maps"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// restoresInSuite is how many histories with a restored backup run with every test.
const restoresInSuite = 10

// remembered is a history as it was when a backup was taken: the file, and what the
// model knew.
type remembered struct {
	path            string
	paidIn, granted int64
	units           map[string]time.Time
}

func (h *history) remember(t *testing.T) remembered {
	path := filepath.Join(t.TempDir(), "backup.db")
	h.Must(h.Store.Backup(h.Context(), path))
	return remembered{path, h.paidIn, h.granted, maps.Clone(h.units)}
}

// restore goes on with a backup. Nobody tells the servers that it is one, and what
// people have seen since is forgotten, but not what the gateway has charged.
func (h *history) restore(r remembered) {
	h.Helper()
	db, err := store.Open(h.Context(), r.path, store.Exclusive())
	h.Must(err)
	h.World = h.World.On(db)
	h.Cleanup(func() { h.CloseStore(db) })
	h.paidIn, h.granted, h.units = r.paidIn, r.granted, maps.Clone(r.units)
	h.stopped, h.removed = map[string]int64{}, map[string]int64{}
	h.apps = []*app.App{h.Another(h.owner()), h.Another(h.owner())}
}

// decide has an owner settle what waits, in one way or the other.
func (h *history) decide(t *rapid.T) {
	all, err := h.App.Discrepancies(h.Context(), h.Account.ID)
	h.Must(err)
	for _, d := range all {
		if d.Kind != billing.Missing || d.State != billing.DiscrepancyOpen {
			continue
		}
		if rapid.Bool().Draw(t, "enter") {
			err = h.apps[0].EnterPayment(h.Context(), h.Owner, d.GatewayID, rapid.Bool().Draw(t, "parts"))
		} else {
			err = h.apps[0].ReturnPayment(h.Context(), h.Owner, d.GatewayID)
		}
		may(t, "decide", err)
	}
}

// unaccounted returns captures of the gateway that the books neither have nor had
// refunded as a whole.
func (h *history) unaccounted(t *rapid.T) (keys []string) {
	ours := h.amounts("SELECT gateway_key || ' ' || charged FROM payment WHERE account_id = $1 AND state = 'captured' AND charged > 0", t)
	back := map[string]int64{}
	for _, f := range h.bank.Refunds() {
		back[f.Payment] += f.Amount.Minor
	}
	for _, c := range h.bank.Captures() {
		if _, entered := ours[c.Key]; !entered && back[c.ID] != c.Amount.Minor {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

// Promise 30. Back up, go on with anything, restore, go on with anything else: at rest
// each capture of the gateway is entered once or refunded, and no unit is paid twice.
func TestPromise30RandomHistoriesWithARestoredBackup(t *testing.T) {
	total := restoresInSuite
	if *histories > 0 {
		total = *histories
	}
	checks(t, total)
	entered, decided, lost := int64(0), 0, 0
	rapid.Check(t, func(r *rapid.T) {
		b := newBank(t)
		h := newHistory(t, testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(b.Gateway)), b, 1)
		h.Must(h.App.PreferCard(h.Context(), h.Owner, lines(h.World, "SELECT id FROM card WHERE account_id = $1", h.Account.ID)[0], h.App.NewKey()))
		r.Repeat(h.actions())
		was := h.remember(t)
		captured := len(b.Captures())
		r.Repeat(h.actions())
		lost += len(b.Captures()) - captured
		h.restore(was)
		actions := h.actions()
		actions["decide"] = h.decide
		actions[""] = func(*rapid.T) { h.CheckAccount() }
		r.Repeat(actions)
		h.calm()
		for range 20 {
			h.payments(r, h.apps[0])
			_, err := h.apps[0].WorkReconcile(h.Context())
			may(r, "reconcile", err)
			if len(open(h.World)) == 0 {
				break
			}
			h.decide(r)
			decided++
			h.Clock.Advance(time.Minute)
		}
		h.end(r)
		if left := h.unaccounted(r); len(left) > 0 {
			r.Fatalf("the gateway captured %v, which is neither entered nor refunded", left)
		}
		entered += h.count("SELECT COUNT(*) FROM discrepancy WHERE account_id = $1 AND state = 'entered'")
		if t.Failed() {
			r.FailNow()
		}
	})
	t.Logf("%d histories: %d captures were lost with the backups, %d of them entered, decided %d times", total, lost, entered, decided)
	if lost == 0 || entered == 0 {
		t.Error("the histories lost nothing, so they prove nothing")
	}
}
