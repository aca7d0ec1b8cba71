package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

func revision(w *testkit.World) int64 {
	return number(w, "SELECT price_revision FROM account WHERE id = $1", w.Account.ID)
}

func TestPricesReplaceTheBook(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		imports(w, app.ImportsInstances, csvOf(server("ecs-1"), testkit.Unit("ecs-2", time.Hour)))
		if fees := feesOf(w); fees["ecs-1"] != store.NoListFee || fees["ecs-2"] != store.NoListFee {
			t.Fatalf("without prices list fees are %v", fees)
		}
		book := map[string]int64{"s6.small.1": 1000, "SAS.40": 250, "old": 1}
		was := revision(w)
		dry, err := w.App.Import(t.Context(), w.Owner, input(app.ImportsPrices, priceCSV(book), false))
		w.Must(err)
		if wantCounts(t, "dry run", dry, 3, 0, 0, 0); dry.Fees != 2 || revision(w) != was || number(w, "SELECT COUNT(*) FROM price") != 0 {
			t.Fatalf("the dry run wrote something: %+v", dry)
		}
		wantCounts(t, "first", imports(w, app.ImportsPrices, priceCSV(book)), 3, 0, 0, 0)
		if fees := feesOf(w); revision(w) != was+1 || fees["ecs-1"] != 1250 || fees["ecs-2"] != 1000 {
			t.Errorf("revision %d, list fees %v", revision(w), fees)
		}
		same := imports(w, app.ImportsPrices, priceCSV(book))
		if wantCounts(t, "the same book", same, 0, 0, 3, 0); same.Writes() || revision(w) != was+1 {
			t.Errorf("the same book is not the same: %+v, revision %d", same, revision(w))
		}
		delete(book, "old")
		book["SAS.40"], book["new"] = 300, 5
		r := imports(w, app.ImportsPrices, priceCSV(book))
		if wantCounts(t, "another book", r, 1, 1, 1, 0); r.Removed != 1 || r.Fees != 1 {
			t.Errorf("the report is %+v", r)
		}
		if fees := feesOf(w); revision(w) != was+2 || fees["ecs-1"] != 1300 || fees["ecs-2"] != 1000 || number(w, "SELECT COUNT(*) FROM price") != 3 {
			t.Errorf("revision %d, list fees %v", revision(w), fees)
		}
		if n := number(w, "SELECT COUNT(*) FROM audit WHERE action = 'import.prices'"); n != 2 {
			t.Errorf("%d audit rows, want 2", n)
		}
	})
}

func TestAPriceInAnotherCurrencyIsRefused(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		text := priceCSV(map[string]int64{"s6.small.1": 1000})
		r, err := w.App.Import(t.Context(), w.Owner, input(app.ImportsPrices, text+strings.Replace(strings.Split(text, "\n")[1], "s6.small.1", "x", 1), false))
		w.Must(err)
		if !r.Clean() {
			t.Fatalf("refused: %v", r.Refusals)
		}
		r, err = w.App.Import(t.Context(), w.Owner, input(app.ImportsPrices, strings.ReplaceAll(text, "USD", "EUR"), true))
		w.Must(err)
		if r.Clean() || r.Refusals[0].Line != 2 || r.Refusals[0].Column != "currency" || r.Refusals[0].Reason != "This account is billed in USD." {
			t.Errorf("the report is %+v", r)
		}
		if n := number(w, "SELECT COUNT(*) FROM price"); n != 0 {
			t.Errorf("%d prices were imported", n)
		}
	})
}

// Prices that were replaced while their list fees were not all written are healed
// by the same import.
func TestInterruptedPricesHeal(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		var units []renewal.Unit
		for n := range 1_500 {
			units = append(units, testkit.Unit(fmt.Sprintf("ecs-%04d", n), time.Hour))
		}
		imports(w, app.ImportsInstances, csvOf(units...))
		text := priceCSV(map[string]int64{"s6.small.1": 1000})
		ctx, cancel := context.WithCancel(t.Context())
		in := input(app.ImportsPrices, text, true)
		in.Progress = func(p app.ImportProgress) {
			if p.Applying && p.Of == 0 { // the prices are there, and the first list fees are
				cancel()
			}
		}
		if _, err := w.App.Import(ctx, w.Owner, in); err == nil {
			t.Fatal("the import was not interrupted")
		}
		stale := func() (n int) {
			for _, fee := range feesOf(w) {
				if fee != 1000 {
					n++
				}
			}
			return n
		}
		after := revision(w)
		if n := stale(); n != 500 {
			t.Fatalf("%d list fees are old, want 500", n)
		}
		r := imports(w, app.ImportsPrices, text)
		if wantCounts(t, "again", r, 0, 0, 1, 0); r.Fees != 500 || stale() != 0 || revision(w) != after {
			t.Errorf("after the second run %d list fees are old; report %+v", stale(), r)
		}
	})
}
