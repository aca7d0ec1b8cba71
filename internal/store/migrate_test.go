package store_test

import (
	"database/sql"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// olderServer is a database with the rows that a server left whose newest migration
// was that number, brought up to date.
func olderServer(t *testing.T, engine string, version int64) *store.DB {
	t.Helper()
	db, location := empty(t, engine)
	if err := db.MigrateTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	rows, err := os.ReadFile(fmt.Sprintf("testdata/schema-%d.sql", version))
	if err != nil {
		t.Fatal(err)
	}
	past, err := sql.Open(map[string]string{testkit.SQLite: "sqlite", testkit.Postgres: "pgx"}[engine], location)
	if err != nil {
		t.Fatal(err)
	}
	_, err = past.Exec(string(rows))
	if closed := past.Close(); err != nil || closed != nil {
		t.Fatal(err, closed)
	}
	if steps, err := db.Migrate(t.Context()); err != nil || steps == 0 {
		t.Fatalf("%d steps: %v", steps, err)
	}
	if err := db.CheckSchema(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// What an older server left is sound after the migrations, and the tasks that were
// open go on: those that wait are confirmed or continued, and the one whose payment
// is in flight asks for that one.
func TestAnOlderServersRowsMigrate(t *testing.T) {
	for version, open := range map[int64][]string{1: {"acme"}, 5: {"in-flight", "acme", "declined", "ready"}, 7: {"acme"}} {
		t.Run(fmt.Sprint("schema ", version), func(t *testing.T) {
			testkit.EachEngine(t, func(t *testing.T, engine string) {
				db, bank := olderServer(t, engine, version), testkit.NewGateway(t)
				if version == 5 { // that server did not live to keep the id of the payment in flight
					const id = "01a201d7-0b00-7062-9424-975fc45278b1"
					bank.Prepared(t, "renewal-"+id, money.Of(2425, "USD"), "Renewal "+id)
				}
				for _, id := range open {
					w := testkit.WorldOf(t, db, id, testkit.WithGateway(bank.Client), testkit.At(testkit.Start.Add(time.Hour)))
					w.CheckInvariants()
					var task renewal.Task
					w.Read(func(tx *store.Tx) (err error) { task, err = tx.OpenTask(id); return err })
					w.Rest()
					switch state := w.Task(task.ID).State; state {
					case renewal.Ready, renewal.Suspended:
						w.Deposit(4000)
						if state == renewal.Ready {
							task = w.Confirm(task.ID)
						} else {
							task = w.Continue(task.ID)
						}
					default:
						task = w.Task(task.ID)
					}
					if task.State != renewal.Completed {
						t.Errorf("%s: %+v", id, task)
					}
					w.CheckInvariants()
				}
				// The card pays what was in flight, and for the one that was declined the
				// balance does by now.
				if captures := bank.Captures(); version == 5 && len(captures) != 1 || version != 5 && len(captures) != 0 {
					t.Errorf("captured %v", captures)
				}
			})
		})
	}
}

// Mails that an older server left name the person whose address follows the
// account's, if that person is a member still.
func TestMailsOfAnOlderServerNameTheirPeople(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		db := olderServer(t, engine, 5)
		got := map[string]string{}
		for _, id := range []string{"in-flight", "acme", "declined", "ready"} {
			if err := db.Read(t.Context(), func(tx *store.Tx) error {
				all, err := tx.Entries(id, renewal.Cursor{}, renewal.Cursor{}, 100)
				for _, e := range all {
					got[strings.Join(e.Recipients, " ")] += fmt.Sprint(e.Members)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		want := map[string]string{"finance@acme.example": "[][][]", "finance@acme.example li.na@acme.example": "[li]",
			"finance@tenant.example": "[][][]", "finance@tenant.example li.na@acme.example": "[]"}
		if !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		var book renewal.PriceBook
		if err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
			book, err = tx.PriceBook("acme")
			return err
		}); err != nil || len(book) == 0 {
			t.Errorf("%d prices: %v", len(book), err)
		}
		var task renewal.Task
		if err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
			task, err = tx.OpenTask("acme")
			return err
		}); err != nil || task.ConfirmedMember != "li" {
			t.Errorf("%q confirmed: %v", task.ConfirmedMember, err)
		}
	})
}

// What discounts take off a task that was ready before they were kept by kind is
// added up from its lines, and nothing is taken off what cannot be renewed.
func TestDiscountsOfAnOlderServersReadyTaskAreAddedUp(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		db := olderServer(t, engine, 7)
		w := testkit.WorldOf(t, db, "acme", testkit.At(testkit.Start.Add(time.Hour)))
		var got []billing.KindSum
		w.Read(func(tx *store.Tx) error {
			task, err := tx.OpenTask("acme")
			if err == nil {
				got, err = tx.TaskDiscounts("acme", task.ID, "USD")
			}
			return err
		})
		want := []billing.KindSum{{Kind: billing.Contract, Amount: money.Of(200, "USD")}, {Kind: billing.Promotional, Amount: money.Of(62, "USD")}}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}
