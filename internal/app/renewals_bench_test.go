package app_test

import (
	"slices"
	"testing"
	"time"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// BenchmarkList measures S4 on the server's side without the page: the count and
// the first 50 rows of 12,480 instances, with one filter, sorted by expiry.
func BenchmarkList(b *testing.B) {
	w := testkit.NewWorld(b, testkit.SQLite)
	w.Prices(100)
	w.AddMany(12_480, -20*renewal.Day)
	for name, f := range map[string]renewal.Filter{
		"none": {}, "search": {Query: "e-of-ecs-1"}, "status": {Status: []renewal.Status{renewal.Expired, renewal.Frozen}},
		"expires": {Expires: renewal.Within30}, "region": {Regions: []string{"cn-north-4"}}, "unpaid": {HideUnpaid: true},
		"project": {Projects: []string{"web-edge"}}, "renewed": {Renewed: renewal.Hide},
	} {
		f.Tab = renewal.Manual
		for _, by := range []renewal.SortKey{renewal.ByExpiry, renewal.ByFee} {
			b.Run(name+"/"+string(by), func(b *testing.B) {
				l := renewal.Listing{Filter: f, Sort: renewal.Sort{By: by}, Size: renewal.DefaultSize}
				var took []time.Duration
				for b.Loop() {
					start := time.Now()
					if _, err := w.App.List(w.Context(), w.Account.ID, l); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(start))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
			})
		}
	}
}
