package app_test

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// behind is how many renewals the larger of two accounts has behind it.
var behind = flag.Int("history", 20_000, "renewals behind the account of BenchmarkHistory")

// medianOf is the median time of several runs, the first of which is not counted.
func medianOf(b *testing.B, runs int, f func() error) time.Duration {
	b.Helper()
	took := make([]time.Duration, runs+1)
	for n := range took {
		start := time.Now()
		if err := f(); err != nil {
			b.Fatal(err)
		}
		took[n] = time.Since(start)
	}
	took = took[1:]
	slices.Sort(took)
	return took[len(took)/2]
}

// BenchmarkHistory measures pages of money in an account that has renewed much beside
// the same in an account that has renewed little: a page and a receipt take as long,
// and a file takes as long for each of its rows.
func BenchmarkHistory(b *testing.B) {
	const little = 1_000
	for b.Loop() {
		w := testkit.NewWorld(b, testkit.SQLite)
		w.Prices(100)
		w.AddMany(little, renewal.Day)
		w.Deposit(int64(*behind+little) * testkit.UnitPrice)
		renewed := 0
		measure := func() (page, receipt, row time.Duration) {
			var task renewal.Task
			for range max(1, *behind/little) {
				if task = w.Confirm(w.Prepare(testkit.Everything).ID); task.State != renewal.Completed {
					b.Fatalf("the task is %s", task.State)
				}
				if renewed += task.Renewed; renewed == little {
					break
				}
			}
			page = medianOf(b, 5, func() error {
				_, err := w.App.Wallet(b.Context(), w.Account.ID, app.Place{})
				return err
			})
			receipt = medianOf(b, 5, func() error {
				return w.Store.Read(b.Context(), func(tx *store.Tx) error {
					_, err := tx.Receipt(w.Account.ID, task.ID, "USD")
					return err
				})
			})
			row = medianOf(b, 5, func() error { return w.App.ExportLedger(b.Context(), w.Account, io.Discard) })
			return page, receipt, row / time.Duration(renewed/100+1)
		}
		page, receipt, row := measure()
		morePage, moreReceipt, moreRow := measure()
		for name, pair := range map[string][2]time.Duration{"wallet": {page, morePage}, "receipt": {receipt, moreReceipt}, "ledger-row": {row, moreRow}} {
			b.ReportMetric(float64(pair[1].Microseconds())/1000, name+"-ms")
			b.ReportMetric(float64(pair[1])/float64(pair[0]), name+"-ratio")
		}
	}
}

// BenchmarkDeepPage measures a page near the end of the list beside the first one, and
// a page whose count is kept beside one that counts.
func BenchmarkDeepPage(b *testing.B) {
	const units = 100_000
	w := testkit.NewWorld(b, testkit.SQLite)
	w.Prices(100)
	w.AddMany(units, renewal.Day)
	page := func(after renewal.Cursor) time.Duration {
		l := renewal.Listing{Filter: testkit.Everything, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 50, After: after}
		return medianOf(b, 9, func() error {
			p, err := w.App.List(b.Context(), w.Account.ID, l)
			if err == nil && len(p.Rows) != l.Size {
				err = fmt.Errorf("the page has %d rows", len(p.Rows))
			}
			return err
		})
	}
	for b.Loop() {
		first := page(renewal.Cursor{})
		const place = units - 200
		deep := page(renewal.Cursor{Number: testkit.Start.Add(renewal.Day + place*time.Hour).UnixMilli(), ID: fmt.Sprintf("ecs-%05d", place)})
		counted := medianOf(b, 9, func() error {
			w.Clock.Advance(2 * time.Second)
			_, err := w.App.List(b.Context(), w.Account.ID, renewal.Listing{Filter: testkit.Everything, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 50})
			return err
		})
		b.ReportMetric(float64(first.Microseconds())/1000, "first-ms")
		b.ReportMetric(float64(deep)/float64(first), "deep-ratio")
		b.ReportMetric(float64(counted)/float64(first), "counting-ratio")
	}
}

// BenchmarkOneClickDialog measures the dialog of more than one task takes beside the
// count of the same units.
func BenchmarkOneClickDialog(b *testing.B) {
	w := testkit.NewWorld(b, testkit.SQLite)
	w.AddEstate(100_000)
	for b.Loop() {
		dialog := medianOf(b, 5, func() error {
			_, err := w.App.Scope(b.Context(), w.Account.ID, testkit.Everything)
			return err
		})
		count := medianOf(b, 5, func() error {
			w.Clock.Advance(2 * time.Second)
			_, _, err := w.App.TabCounts(b.Context(), w.Account.ID)
			return err
		})
		b.ReportMetric(float64(dialog.Microseconds())/1000, "dialog-ms")
		b.ReportMetric(float64(dialog)/float64(count), "counts-ratio")
	}
}
