package web_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// overTCP asks for a page as a browser does, over a connection.
func (b *browser) overTCP(door, path string) (status int) {
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, door+path, nil)
	if err != nil {
		b.t.Error(err)
		return 0
	}
	r.Host = b.console.deps.PublicURL.Host
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	answer, err := http.DefaultClient.Do(r)
	if err == nil {
		_, err = io.Copy(io.Discard, answer.Body)
		err = errors.Join(err, answer.Body.Close())
	}
	if err != nil {
		b.t.Errorf("%s: %v", path, err)
		return 0
	}
	return answer.StatusCode
}

// besideUnits is how many instances the account has that keeps the console busy.
const besideUnits = 30_000

// BenchmarkBesideABusyAccount measures what another account notices while one viewer
// of a large one asks for costly pages as fast as the console answers: the median
// must stay below three times what it is when all is calm.
func BenchmarkBesideABusyAccount(b *testing.B) {
	for _, engine := range []string{testkit.SQLite, testkit.Postgres} {
		w := testkit.NewWorld(b, engine)
		w.AddEstate(besideUnits)
		c := newConsole(b, w)
		busy := c.signedIn(b, w.Viewer)
		small := *w
		var err error
		small.Account, err = w.App.CreateAccount(w.Context(), app.AccountInput{ID: "small", Name: "Small", Currency: "USD", Zone: "UTC",
			Email: "x@small.example", GraceDays: app.GraceDays, RetentionDays: app.RetentionDays})
		w.Must(err)
		small.Buyer = app.Actor{UserID: "kim", AccountID: "small", Name: "Kim", Email: "kim@small.example", Role: account.Buyer}
		w.Write(func(tx *store.Tx) error {
			return tx.InsertMember(account.User{ID: "kim", AccountID: "small", Email: small.Buyer.Email, Name: "Kim", Role: account.Buyer})
		})
		small.AddMany(60, time.Hour)
		door := httptest.NewServer(c.handler)
		b.Cleanup(door.Close)
		owner := c.Owner
		c.Owner = app.Operator("small")
		from := c.signedIn(b, small.Buyer)
		c.Owner = owner
		for name, path := range map[string]string{"search": "/renewals?q=x%d", "horizon": "/renewals/horizon?q=x%d", "overview": "/overview?x=%d"} {
			b.Run(engine+"/"+name, func(b *testing.B) {
				measure := func() (all []time.Duration) {
					for range 60 {
						for _, page := range []string{"/wallet", "/notifications"} {
							start := time.Now()
							if status := from.overTCP(door.URL, page); status != http.StatusOK {
								b.Errorf("%s: %d", page, status)
							}
							all = append(all, time.Since(start))
						}
					}
					return all
				}
				for b.Loop() {
					calm := measure()
					stop := make(chan struct{})
					var clicks sync.WaitGroup
					for n := range 24 {
						clicks.Go(func() {
							for i := 0; ; i++ {
								select {
								case <-stop:
									return
								default:
									busy.overTCP(door.URL, fmt.Sprintf(path, n*1_000_000+i))
								}
							}
						})
					}
					beside := measure()
					close(stop)
					clicks.Wait()
					b.ReportMetric(float64(quantile(calm, 0.5).Microseconds())/1000, "calm-ms")
					b.ReportMetric(float64(quantile(beside, 0.5).Microseconds())/1000, "median-ms")
					b.ReportMetric(float64(quantile(beside, 0.95).Microseconds())/1000, "p95-ms")
					b.ReportMetric(float64(quantile(beside, 0.5))/float64(quantile(calm, 0.5)), "times-calm")
				}
			})
		}
	}
}
