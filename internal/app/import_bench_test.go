package app_test

import (
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/demo"
	"perennial/internal/testkit"
)

// importedUnits make a file of about 200,000 rows.
const importedUnits = 156_000

// BenchmarkImport is S8: a file of 200,000 rows into an empty account, and the
// same file again. peak-MiB is the most heap in use while it ran.
func BenchmarkImport(b *testing.B) {
	for b.Loop() {
		w := testkit.NewWorld(b, testkit.SQLite)
		e := demo.NewEstate(demo.DefaultSeed, importedUnits, testkit.Start, w.Account.Zone)
		run := func(kind app.ImportKind, name string, write func(io.Writer) error) {
			f, err := os.CreateTemp(b.TempDir(), "*.csv")
			w.Must(err)
			defer f.Close()
			w.Must(write(f))
			size, err := f.Seek(0, io.SeekCurrent)
			w.Must(err)
			var peak uint64
			began := time.Now()
			r, err := w.App.Import(b.Context(), w.Owner, app.ImportInput{Kind: kind, Name: "x.csv", File: f, Size: size, Apply: true,
				Progress: func(app.ImportProgress) {
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					peak = max(peak, m.HeapAlloc)
				}})
			w.Must(err)
			if !r.Clean() {
				b.Fatalf("refused: %s", r.Refusals[0])
			}
			if name != "" {
				b.ReportMetric(float64(r.Rows)/time.Since(began).Seconds(), name+"-rows/s")
				b.ReportMetric(float64(peak>>20), name+"-peak-MiB")
			}
		}
		run(app.ImportsPrices, "", e.WritePrices)
		run(app.ImportsInstances, "empty", e.WriteInstances)
		run(app.ImportsInstances, "same", e.WriteInstances)
	}
	b.ReportMetric(0, "ns/op")
}
