package app_test

import (
	"fmt"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// importedPrices is the largest price book that a file may hold.
const importedPrices = 200_000

// BenchmarkImportPrices replaces a price book of the largest size by another one,
// while somebody else makes one small change after the other. wait-ms is the
// longest that a change of theirs took.
func BenchmarkImportPrices(b *testing.B) {
	for b.Loop() {
		w := testkit.NewWorld(b, testkit.SQLite)
		imports(w, app.ImportsPrices, priceCSV(priceList(importedPrices, "old", 1000)))
		text := priceCSV(priceList(importedPrices, "new", 2000))
		done, longest := make(chan struct{}), make(chan time.Duration)
		go func() {
			var most time.Duration
			for n := 0; ; n++ {
				select {
				case <-done:
					longest <- most
					return
				default:
				}
				began := time.Now()
				w.Must(w.Store.Write(b.Context(), func(tx *store.Tx) error {
					_, err := tx.CountSignIn(fmt.Sprint("bucket ", n), 1, w.Clock.Now(), w.Clock.Now())
					return err
				}))
				most = max(most, time.Since(began))
			}
		}()
		began := time.Now()
		imports(w, app.ImportsPrices, text)
		b.ReportMetric(time.Since(began).Seconds(), "import-s")
		close(done)
		b.ReportMetric(float64((<-longest).Milliseconds()), "wait-ms")
	}
	b.ReportMetric(0, "ns/op")
}

// priceList makes n prices of specifications that begin with a word.
func priceList(n int, word string, minor int64) map[string]int64 {
	all := make(map[string]int64, n)
	for i := range n {
		all[fmt.Sprintf("%s.%06d", word, i)] = minor
	}
	return all
}
