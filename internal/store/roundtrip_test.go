package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// fill gives every field of a struct a value of its own, so that a column that is
// forgotten or swapped with another shows.
func fill(v reflect.Value, seed *int64) {
	for n := range v.NumField() {
		*seed++
		f := v.Field(n)
		switch f.Interface().(type) {
		case time.Time:
			f.Set(reflect.ValueOf(testkit.Start.Add(time.Duration(*seed) * time.Hour)))
		case money.Amount:
			f.Set(reflect.ValueOf(money.Of(*seed, "USD")))
		default:
			switch f.Kind() {
			case reflect.String:
				f.SetString(fmt.Sprint("text-", *seed))
			case reflect.Int, reflect.Int64:
				f.SetInt(*seed)
			case reflect.Bool:
				f.SetBool(true)
			}
		}
	}
}

func filled[T any](change func(*T)) T {
	var one T
	var seed int64
	fill(reflect.ValueOf(&one).Elem(), &seed)
	change(&one)
	return one
}

func equal[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read back\n%+v\nwant\n%+v", got, want)
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		acc := w.Account.ID
		task := filled(func(t *renewal.Task) {
			t.AccountID, t.State, t.ExpiresAt = acc, renewal.Ready, testkit.Start.Add(time.Hour)
			t.Units, t.Renewable, t.Blocked, t.Renewed, t.NotRenewed, t.SpentMinor, t.LeftMinor = 2, 2, 0, 0, 0, 0, 0
			t.ReadyAt = t.ExpiresAt.Add(-renewal.ConfirmWithin)
			t.Pause = renewal.PauseUnknown
		})
		user := filled(func(u *account.User) { u.AccountID, u.Role = acc, account.Buyer })
		pay := filled(func(p *billing.Payment) {
			p.AccountID, p.Purpose, p.State = acc, billing.ForTopUp, billing.PaymentUnknown
		})
		item := filled(func(i *renewal.Item) {
			i.TaskID, i.Number, i.Period, i.State = task.ID, 1, renewal.Year, renewal.ItemWaiting
			line := filled(func(l *renewal.Line) {
				l.List, l.Discount, l.Fee = money.Of(9, "USD"), money.Of(2, "USD"), money.Of(7, "USD")
			})
			own := line
			own.ServiceCode, own.RegionCode = i.ServiceCode, i.RegionCode
			i.Lines, i.Associated = []renewal.Line{own, line}, 1
		})
		unit := testkit.Unit("whole", renewal.Day)
		unit.Project, unit.Package, unit.Hold, unit.Policy, unit.Anchor = "a project", true, renewal.Locked, 4, 17
		unit.RenewedAt, unit.RenewedOrder = testkit.Start, "RN-1"
		unit.Associated = append(unit.Associated, testkit.Disk(unit, "whole-disk"))

		w.Write(func(tx *store.Tx) (err error) {
			if task.Number, err = tx.InsertTask(task); err != nil {
				return err
			}
			if err := tx.InsertItems(acc, []renewal.Item{item}); err != nil {
				return err
			}
			if err := tx.InsertMember(user); err != nil {
				return err
			}
			if err := tx.InsertPayment(pay, testkit.Start); err != nil {
				return err
			}
			var all []store.Imported
			for _, i := range unit.All() {
				all = append(all, store.Imported{Instance: i, Source: "row of " + i.ID, ListFee: 5})
			}
			return tx.InsertInstances(acc, all)
		})
		w.Read(func(tx *store.Tx) error {
			a, err := tx.Account(acc)
			w.Must(err)
			equal(t, a, w.Account)
			got, err := tx.Task(acc, task.ID)
			w.Must(err)
			equal(t, got, task)
			u, err := tx.MemberByEmail(user.Email)
			w.Must(err)
			user.NoticesReadAt = u.NoticesReadAt // a new user has read nothing or everything, as the store says
			equal(t, u, user)
			p, err := tx.Payment(acc, pay.ID)
			w.Must(err)
			equal(t, p, pay)
			items, err := tx.Waiting(acc, task.ID, 10, "USD")
			w.Must(err)
			equal(t, items, []renewal.Item{item})
			whole, err := tx.Unit(acc, "whole")
			w.Must(err)
			equal(t, whole, unit)
			sources, err := tx.Sources(acc, []string{"whole", "whole-disk", "nobody"})
			w.Must(err)
			equal(t, sources, map[string]string{"whole": "row of whole", "whole-disk": "row of whole-disk"})
			return nil
		})
		// Nobody paid for any of this, and the World would say so.
		raw(t, w, "DELETE FROM item")
		raw(t, w, "DELETE FROM task")
		raw(t, w, "DELETE FROM payment")
		raw(t, w, "DELETE FROM instance")
	})
}

func TestAnItemIsFinishedOnce(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(2, renewal.Day)
		task := w.Prepare(testkit.Everything)
		for _, want := range []bool{true, false} {
			w.Write(func(tx *store.Tx) error {
				ok, err := tx.FinishItem(w.Account.ID, task.ID, 1, renewal.ItemFailed, renewal.NoPrice, testkit.UnitPrice, "", w.Clock.Now())
				if ok != want {
					t.Errorf("finished: %t, want %t", ok, want)
				}
				return err
			})
		}
		// A new quote leaves what is finished alone.
		w.Write(func(tx *store.Tx) error {
			return tx.RequoteItem(w.Account.ID, task.ID, 1, renewal.Quote{Fee: money.Of(1, "USD")})
		})
		raw(t, w, "UPDATE item SET state = 'waiting' WHERE number = 1")
		var left []store.PayableItem
		w.Read(func(tx *store.Tx) (err error) { left, err = tx.PayableItems(w.Account.ID, task.ID, "USD"); return err })
		if len(left) != 2 || left[0].Fee != money.Of(testkit.UnitPrice, "USD") {
			t.Errorf("left %+v", left)
		}
		raw(t, w, "UPDATE item SET state = 'waiting', reason = '' WHERE number = 1")
	})
}

// The test's own server may order by bytes anyhow; another one would not.
func TestTextColumnsOnPostgresSayTheirOrder(t *testing.T) {
	w := testkit.NewWorld(t, testkit.Postgres)
	var columns, others int
	w.Must(w.Store.Handle().QueryRowContext(t.Context(), `SELECT COUNT(*), COUNT(*) FILTER (WHERE collation_name IS DISTINCT FROM 'C')
		FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text'`).Scan(&columns, &others))
	if columns < 50 || others > 0 {
		t.Errorf("%d of %d text columns are not ordered by bytes", others, columns)
	}
}

// Both engines order text by its bytes, and fold names in the one way that is
// made here.
func TestTextIsOrderedByBytesAndFoldedByUs(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		names := []string{"Zebra", "apple", "Äpfel", "äpfel", "ÉCOLE", "50%_off!", "straße", "STRASSE", "日本", "_", "a_b", "axb"}
		for n, name := range names {
			u := testkit.Unit(fmt.Sprintf("%s-%02d", []string{"b", "A", "ä"}[n%3], n), renewal.Day)
			u.Name = name
			w.Add(u)
		}
		found := func(f renewal.Filter) (all []string) {
			f.Tab = renewal.Manual
			w.Read(func(tx *store.Tx) error {
				page, err := tx.Page(scopeFor(w, f), renewal.Sort{By: renewal.ByName}, 100, renewal.Cursor{}, renewal.Cursor{})
				for _, l := range page {
					all = append(all, l.Cursor.Text)
				}
				return err
			})
			return all
		}
		if all := found(renewal.Filter{}); !slices.IsSorted(all) || len(all) != len(names) {
			t.Errorf("by name: %q", all)
		}
		for name, want := range map[string]int{"ÄPFEL": 2, "école": 1, "strasse": 2, "50%_OFF!": 1, "%": 1, "_": 3, "!": 1, "a_b": 1, "日": 1} {
			if got := found(renewal.Filter{Name: name}); len(got) != want {
				t.Errorf("names with %q: %q, want %d", name, got, want)
			}
		}
		var ids []string
		w.Read(func(tx *store.Tx) error {
			units, err := tx.Matching(scopeFor(w, renewal.Filter{Tab: renewal.Manual}), 100)
			for _, u := range units {
				ids = append(ids, u.ID)
			}
			return err
		})
		if !slices.IsSorted(ids) {
			t.Errorf("of one expiry, units are paid in the order of the bytes of their ids: %q", ids)
		}
	})
}

// A quote and the payment that takes it read the same unit, one of them locked: its
// lines stand in the same order, whatever the engine finds first.
func TestAUnitHasItsAssociatedResourcesInTheOrderOfTheirIDs(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		u := testkit.Unit("u", renewal.Day)
		last, first := testkit.Disk(u, "u-disk-2"), testkit.Disk(u, "u-disk-1")
		last.Mode = renewal.Auto // its index has it before the other
		u.Associated = []renewal.Instance{last, first}
		w.Add(u)
		w.Write(func(tx *store.Tx) error {
			for _, read := range []func(string, []string) (map[string]renewal.Unit, error){tx.Units, tx.LockUnits} {
				units, err := read(w.Account.ID, []string{"u"})
				if err != nil {
					return err
				}
				if all := units["u"].Associated; len(all) != 2 || all[0].ID != first.ID || all[1].ID != last.ID {
					t.Errorf("read %+v", all)
				}
			}
			return nil
		})
	})
}
