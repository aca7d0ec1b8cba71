package app_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// pricesOf is the price book that counts, by specification.
func pricesOf(w *testkit.World) map[string]int64 {
	w.Helper()
	var book renewal.PriceBook
	w.Read(func(tx *store.Tx) (err error) { book, err = tx.PriceBook(w.Account.ID); return err })
	all := map[string]int64{}
	for k, p := range book {
		all[k.SpecCode] = p.Minor
	}
	return all
}

func stored(w *testkit.World) int { return int(number(w, "SELECT COUNT(*) FROM price")) }

// Whoever looks while an import writes sees the old book or the new one, and each
// as a whole.
func TestPricesAreReplacedAsAWhole(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		old, fresh := priceList(2_500, "old", 1000), priceList(5_000, "new", 2000)
		imports(w, app.ImportsPrices, priceCSV(old))
		was, looks := revision(w), 0
		in := input(app.ImportsPrices, priceCSV(fresh), true)
		in.Progress = func(p app.ImportProgress) {
			want := old
			if p.Applying && p.Of == 0 {
				want = fresh
			}
			if got := pricesOf(w); !maps.Equal(got, want) {
				t.Fatalf("at %+v there are %d prices", p, len(got))
			}
			if got := revision(w) - was; p.Of > 0 && got != 0 {
				t.Errorf("at %+v the revision has moved by %d", p, got)
			}
			looks++
		}
		r, err := w.App.Import(t.Context(), w.Owner, in)
		w.Must(err)
		if wantCounts(t, "another book", r, 5_000, 0, 0, 0); r.Removed != 2_500 || looks < 5 || revision(w) != was+1 || stored(w) != 5_000 {
			t.Errorf("%d looks, revision %d, %d prices stored: %+v", looks, revision(w)-was, stored(w), r)
		}
	})
}

// Whichever commit of an import fails, the old book counts or the new one, and the
// same import completes it and leaves nothing behind.
func TestAnInterruptedPriceBookIsCompleted(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		var faults testkit.Faults
		w := testkit.NewWorld(t, engine, testkit.WithFaults(&faults))
		w.Add(testkit.Unit("ecs-1", renewal.Day))
		old, fresh := priceList(2_500, "old", 1000), priceList(4_500, "new", 2000)
		old["s6.small.1"], fresh["s6.small.1"] = 1000, 1100
		texts := [2]string{priceCSV(fresh), priceCSV(old)}
		imports(w, app.ImportsPrices, texts[1])
		failed, every := 0, 1
		if engine == testkit.Postgres {
			every = 3 // there it takes longer; odd, so that the two lists take turns
		}
		for n := 1; ; n += every {
			before, after := old, fresh
			if n%2 == 0 {
				before, after = fresh, old
			}
			text, commits, struck, was := texts[(n+1)%2], 0, false, revision(w)
			faults.Arm(func(op testkit.Op) testkit.Fault {
				if op.Kind == testkit.OpCommit {
					if commits++; commits == n {
						struck = true
						return testkit.Fault{Err: errors.New("the disk is gone")}
					}
				}
				return testkit.Fault{}
			})
			_, err := w.App.Import(t.Context(), w.Owner, input(app.ImportsPrices, text, true))
			faults.Disarm()
			if !struck {
				w.Must(err)
				break
			}
			failed++
			switch now := pricesOf(w); {
			case err == nil:
				t.Fatalf("commit %d failed and nobody said so", n)
			case !maps.Equal(now, before) && !maps.Equal(now, after):
				t.Fatalf("after commit %d there are %d prices", n, len(now))
			case maps.Equal(now, before) != (revision(w) == was):
				t.Errorf("after commit %d the revision moved by %d", n, revision(w)-was)
			}
			imports(w, app.ImportsPrices, text)
			for more := true; more; {
				more, err = w.App.SweepPrices(t.Context())
				w.Must(err)
			}
			if got := pricesOf(w); !maps.Equal(got, after) || stored(w) != len(after) || revision(w) != was+1 || feesOf(w)["ecs-1"] != after["s6.small.1"] {
				t.Fatalf("after commit %d and again there are %d prices of %d stored, revision %d", n, len(got), stored(w), revision(w)-was)
			}
		}
		if failed < 5 {
			t.Errorf("only %d commits failed", failed)
		}
	})
}

// Of two imports that overlap, the later counts, and the earlier says so.
func TestOverlappingPriceImports(t *testing.T) {
	for name, at := range map[string]func(app.ImportProgress) bool{
		"after it was compared":   func(p app.ImportProgress) bool { return !p.Applying },
		"while it is written":     func(p app.ImportProgress) bool { return p.Applying && p.Done == 2_000 },
		"when all is written":     func(p app.ImportProgress) bool { return p.Applying && p.Done == p.Of },
		"while it writes, at two": func(p app.ImportProgress) bool { return p.Applying && p.Done == 4_000 },
	} {
		t.Run(name, func(t *testing.T) {
			testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
				old, mine, theirs := priceList(100, "old", 1), priceList(5_000, "mine", 2), priceList(2_500, "theirs", 3)
				imports(w, app.ImportsPrices, priceCSV(old))
				was, once := revision(w), false
				in := input(app.ImportsPrices, priceCSV(mine), true)
				in.Progress = func(p app.ImportProgress) {
					if at(p) && !once {
						once = true
						imports(w, app.ImportsPrices, priceCSV(theirs))
					}
				}
				_, err := w.App.Import(t.Context(), w.Owner, in)
				wantKind(t, err, fault.Conflict, "Another import of prices", "Import the same file again")
				if got := pricesOf(w); !maps.Equal(got, theirs) || revision(w) != was+1 {
					t.Errorf("there are %d prices, revision %d", len(got), revision(w)-was)
				}
				imports(w, app.ImportsPrices, priceCSV(mine))
				if got := pricesOf(w); !maps.Equal(got, mine) || stored(w) != len(mine) {
					t.Errorf("there are %d prices, %d stored", len(got), stored(w))
				}
			})
		})
	}
}

func TestAPriceBookHasABound(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	list := priceList(importedPrices+1, "x", 1)
	text := priceCSV(list)
	r, err := w.App.Import(t.Context(), w.Owner, input(app.ImportsPrices, text, true))
	w.Must(err)
	if r.Clean() || r.Refused != 1 || r.Refusals[0].Reason != "A price book has at most 200,000 prices." || stored(w) != 0 {
		t.Errorf("the report is %+v", r)
	}
	last := strings.LastIndex(strings.TrimSuffix(text, "\n"), "\n")
	if r, err = w.App.Import(t.Context(), w.Owner, input(app.ImportsPrices, text[:last+1], false)); err != nil || !r.Clean() {
		t.Errorf("as many as a book has: %v, %v", r.Refusals, err)
	}
}
