package web_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// estateUnits is the size of the demonstration.
const estateUnits = 12_480

// estateConsole is a console over the demonstration's estate, with enough money.
func estateConsole(b *testing.B) (*console, *browser) { return consoleOf(b, estateUnits) }

func consoleOf(b *testing.B, units int) (*console, *browser) {
	w := testkit.NewWorld(b, testkit.SQLite, testkit.WithDiscount(1500))
	w.AddEstate(units)
	w.Deposit(1_000_000_000)
	c := newConsole(b, w)
	return c, c.signedIn(b, w.Buyer)
}

// timed asks for a page and tells how long the server took.
func timed(b *testing.B, from *browser, path string) time.Duration {
	b.Helper()
	start := time.Now()
	answer := from.get(path, header("Accept-Encoding", "gzip"))
	took := time.Since(start)
	if answer.Code != http.StatusOK {
		b.Fatalf("%s: %d", path, answer.Code)
	}
	return took
}

func quantile(all []time.Duration, q float64) time.Duration {
	slices.Sort(all)
	return all[min(len(all)-1, int(q*float64(len(all))))]
}

// BenchmarkRenewalsPage measures S4: the server's time for the page with any one
// filter, 50 rows, at the size of the demonstration.
func BenchmarkRenewalsPage(b *testing.B) {
	_, from := estateConsole(b)
	for _, query := range []string{
		"tab=manual", "tab=auto", "expires=7d", "expires=30d&late=1", "expires=range&from=2026-12-01&to=2026-12-20", "status=frozen",
		"status=provisioned", "released=7d", "blocked=order_pending", "renewed=hide", "renewed=only", "order=CS1", "hide_unpaid=1",
		"packages=only", "packages=hide", "region=cn-north-4", "service=hws.service.type.ec2", "project=web-edge",
		"name=kafka", "q=kafka", "q=nothing-has-this-name", "sort=name", "sort=-fee",
		"ids=ecs-0123456789ab",
	} {
		b.Run(query, func(b *testing.B) {
			var all []time.Duration
			for b.Loop() {
				all = append(all, timed(b, from, "/renewals?"+query))
			}
			b.ReportMetric(float64(quantile(all, 0.5).Microseconds())/1000, "median-ms")
		})
	}
}

// BenchmarkPagesWhileRunning measures S5: pages while a task of 10,000 units runs,
// beside the same pages at rest.
func BenchmarkPagesWhileRunning(b *testing.B) {
	var idle, busy []time.Duration
	for b.Loop() {
		c, from := estateConsole(b)
		task := c.Prepare(renewal.Filter{Tab: renewal.Manual, Expires: renewal.ExpiryRange, To: "2027-02-15"})
		if task.Renewable < 5_000 {
			b.Fatalf("only %d units to renew", task.Renewable)
		}
		paths := []string{"/renewals", "/renewals?q=kafka", "/tasks", "/wallet", "/notifications", "/tasks/" + task.ID}
		for range 20 {
			for _, path := range paths {
				idle = append(idle, timed(b, from, path))
			}
		}
		c.Must(c.App.Confirm(c.Context(), c.Buyer, app.ConfirmInput{TaskID: task.ID, Seen: testkit.Seen(task), Key: c.App.NewKey()}))
		done := make(chan struct{})
		go func() {
			defer close(done)
			c.Rest()
		}()
		for running := true; running; {
			for _, path := range paths {
				busy = append(busy, timed(b, from, path))
			}
			select {
			case <-done:
				running = false
			default:
			}
		}
	}
	report := func(name string, all []time.Duration) {
		b.ReportMetric(float64(quantile(all, 0.5).Microseconds())/1000, name+"-median-ms")
		b.ReportMetric(float64(quantile(all, 0.99).Microseconds())/1000, name+"-p99-ms")
	}
	report("idle", idle)
	report("busy", busy)
}

// BenchmarkReview measures S7: the server's time for the review page of 10,000
// units with totals and plan, where the units have several kinds of discount, 20
// coupons compete for them, and some of those do not pay beside some kinds.
func BenchmarkReview(b *testing.B) {
	c, from := consoleOf(b, 18_000)
	var services []string
	c.Read(func(tx *store.Tx) (err error) {
		services, err = tx.PricedServices(c.Account.ID)
		return err
	})
	for n, service := range services {
		if n%3 == 0 {
			_, err := c.App.GrantDiscount(b.Context(), app.Operator(c.Account.ID), app.DiscountInput{ID: fmt.Sprint("D", n),
				Kind: billing.Promotional, Name: "Autumn sale", Rate: 2_500, Services: []string{service}})
			c.Must(err)
		}
	}
	for n := range 20 {
		c.Coupon(fmt.Sprint("C", n), int64(n+1)*10_000_00, func(p *billing.Coupon) {
			p.Until = p.Until.Add(time.Duration(n%5) * renewal.Day)
			if n%4 == 0 {
				p.Excludes = []billing.DiscountKind{billing.DiscountKinds[n/4%len(billing.DiscountKinds)]}
			}
			if n%3 == 0 {
				p.Services = services[n%len(services) : n%len(services)+1]
			}
		})
	}
	task := c.Prepare(renewal.Filter{Tab: renewal.Manual, Expires: renewal.ExpiryRange, To: "2027-02-15"})
	if task.Units < 9_500 {
		b.Fatalf("only %d units", task.Units)
	}
	var all []time.Duration
	for b.Loop() {
		all = append(all, timed(b, from, "/tasks/"+task.ID))
	}
	b.ReportMetric(float64(task.Units), "units")
	b.ReportMetric(float64(quantile(all, 0.5).Microseconds())/1000, "median-ms")
}
