package app_test

import (
	"testing"
	"time"

	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// What happens to a unit between the review and the charge.
func TestPromise15OnlyTheQuotedExpiryIsExtended(t *testing.T) {
	meanwhile := map[string]func(*testing.T, *testkit.World){
		"extended elsewhere": func(t *testing.T, w *testkit.World) {
			w.Write(func(tx *store.Tx) error {
				u, err := tx.Unit(w.Account.ID, "ecs-00001")
				if err != nil {
					return err
				}
				_, err = tx.Extend(w.Account.ID, u.ID, u.ExpiresAt, u.ExpiresAt.AddDate(0, 1, 0), w.Clock.Now(), "")
				return err
			})
		},
		"imported with a later expiry": func(t *testing.T, w *testkit.World) {
			change(w, "ecs-00001", func(i *renewal.Instance) { i.ExpiresAt = i.ExpiresAt.Add(time.Millisecond) })
		},
		"imported with another order": func(t *testing.T, w *testkit.World) {
			change(w, "ecs-00001", func(i *renewal.Instance) { i.OrderID = "CS-another" })
		},
		"imported with another quantity": func(t *testing.T, w *testkit.World) {
			change(w, "ecs-00001", func(i *renewal.Instance) { i.Quantity++ })
		},
		"imported with another anchor day": func(t *testing.T, w *testkit.World) {
			change(w, "ecs-00001", func(i *renewal.Instance) { i.Anchor-- })
		},
		"set to auto-renewal": func(t *testing.T, w *testkit.World) {
			change(w, "ecs-00001", func(i *renewal.Instance) { i.Mode = renewal.Auto })
		},
		"given a disk": func(t *testing.T, w *testkit.World) {
			w.Write(func(tx *store.Tx) error {
				u, err := tx.Unit(w.Account.ID, "ecs-00001")
				if err != nil {
					return err
				}
				return tx.InsertInstances(w.Account.ID, []store.Imported{{Instance: testkit.Disk(u, "a-disk"), ListFee: -1}})
			})
		},
	}
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for name, happens := range meanwhile {
			t.Run(name, func(t *testing.T) {
				w := tenant(t, w, name)
				w.Prices(100)
				w.AddMany(3, 24*time.Hour)
				w.Deposit(3 * testkit.UnitPrice)
				task := confirmOnly(w, w.Prepare(testkit.Everything).ID)
				happens(t, w)
				var before renewal.Unit
				w.Read(func(tx *store.Tx) (err error) { before, err = tx.Unit(w.Account.ID, "ecs-00001"); return err })
				w.Rest()
				var after renewal.Unit
				w.Read(func(tx *store.Tx) (err error) { after, err = tx.Unit(w.Account.ID, "ecs-00001"); return err })
				if !after.ExpiresAt.Equal(before.ExpiresAt) || w.Balance() != testkit.UnitPrice {
					t.Errorf("its expiry went from %s to %s, balance %d", before.ExpiresAt, after.ExpiresAt, w.Balance())
				}
				same(t, "items", items(w, task.ID), []string{"ecs-00000 renewed ", "ecs-00001 failed changed_since_review", "ecs-00002 renewed "})
			})
		}
	})
}

func TestPromise15CompareAndSetOnTheExpiry(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.AddMany(1, 24*time.Hour)
		old := testkit.Start.Add(24 * time.Hour)
		extend := func(from, to time.Time) (ok bool) {
			w.Write(func(tx *store.Tx) (err error) {
				ok, err = tx.Extend(w.Account.ID, "ecs-00000", from, to, w.Clock.Now(), "")
				return err
			})
			return ok
		}
		if extend(old.Add(time.Millisecond), old.AddDate(0, 1, 0)) || extend(old.Add(-time.Millisecond), old.AddDate(0, 1, 0)) {
			t.Error("extended from an expiry that it does not have")
		}
		if !extend(old, old.AddDate(0, 1, 0)) || extend(old, old.AddDate(0, 1, 0)) {
			t.Error("one expiry is extended once")
		}
	})
}

// The billing zone is eight hours ahead, so 31 January there begins on the 30th.
func TestPromise15TheCalendarOfTheBillingZone(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		zone := w.Account.Zone
		at := func(year int, month time.Month, day int) time.Time {
			return time.Date(year, month, day, 7, 30, 0, 0, zone)
		}
		monthly, yearly := testkit.Unit("monthly", 0), testkit.Unit("yearly", 0)
		monthly.EffectiveAt, monthly.ExpiresAt = at(2026, time.December, 31), at(2027, time.January, 31)
		yearly.EffectiveAt, yearly.ExpiresAt, yearly.Period = at(2024, time.February, 29), at(2027, time.February, 28), renewal.Year
		w.Prices(100)
		w.Add(monthly, yearly)
		w.Deposit(100 * testkit.UnitPrice)
		for _, want := range []struct{ monthly, yearly time.Time }{
			{at(2027, time.February, 28), at(2028, time.February, 29)},
			{at(2027, time.March, 31), at(2029, time.February, 28)},
			{at(2027, time.April, 30), at(2030, time.February, 28)},
		} {
			w.Confirm(w.Prepare(testkit.Everything).ID)
			var units map[string]renewal.Unit
			w.Read(func(tx *store.Tx) (err error) {
				units, err = tx.Units(w.Account.ID, []string{"monthly", "yearly"})
				return err
			})
			if m, y := units["monthly"].ExpiresAt, units["yearly"].ExpiresAt; !m.Equal(want.monthly) || !y.Equal(want.yearly) {
				t.Errorf("renewed until %s and %s, want %s and %s", m.In(zone), y.In(zone), want.monthly, want.yearly)
			}
		}
	})
}
