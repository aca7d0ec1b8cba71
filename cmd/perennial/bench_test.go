package main_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// memoryUnits have with their associated resources about a million instances.
var memoryUnits = flag.Int("memory-units", 860_000, "units of the estate of BenchmarkMemory")

const (
	memoryPeople = 100
	atOnce       = 8 // requests under way
)

// BenchmarkMemory measures S9: the most memory that the real program held resident
// with a million instances, a task running, and 100 people
// who open pages.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		w := testkit.NewWorld(b, testkit.SQLite, testkit.At(time.Now()))
		w.AddEstate(*memoryUnits)
		w.Deposit(100_000_000_00)
		w.Must(w.App.SetPassword(b.Context(), w.Owner, w.Buyer.Email, password))
		// A million instances take their time.
		s := place{b, b.TempDir(), 12 * longest}.serving("--database=" + w.Location)
		go s.drain()
		people := make([]*http.Client, memoryPeople)
		for n := range people {
			people[n] = signIn(b, s, w.Buyer)
		}
		id := startTask(b, w)
		var wait sync.WaitGroup
		working, stop := context.WithCancel(b.Context())
		for n := range atOnce {
			wait.Go(func() { browse(working, s, people, n, id) })
		}
		for w.Task(id).State == renewal.Running {
			answer, err := people[0].Get("http://" + s.address + "/healthz")
			if err != nil {
				b.Fatal(err)
			}
			// Read to its end, the connection is used again.
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		}
		stop()
		wait.Wait()
		b.ReportMetric(peak(b, s.cmd.Process.Pid), "peak-MiB")
		s.mustStop()
	}
}

// drain reads what the server logs, so that it never waits for a reader.
func (s *server) drain() {
	for range s.lines {
	}
}

// startTask prepares and confirms a task of one service's units.
func startTask(b *testing.B, w *testkit.World) string {
	b.Helper()
	// Just below what one task takes, in an estate of a million.
	day := func(days int) string { return w.Clock.Now().AddDate(0, 0, days).Format(time.DateOnly) }
	filter := renewal.Filter{Tab: renewal.Manual, Expires: renewal.ExpiryRange, From: day(1), To: day(12), Services: []string{"hws.service.type.rds"}}
	scope, err := w.App.Scope(b.Context(), w.Account.ID, filter)
	w.Must(err)
	id, err := w.App.Start(b.Context(), w.Buyer, app.StartInput{Filter: filter, Count: scope.Count, Key: w.App.NewKey()})
	w.Must(err)
	for w.Task(id).State == renewal.Generating {
		if b.Context().Err() != nil {
			b.Fatal("the task is not prepared")
		}
	}
	task := w.Task(id)
	w.Must(w.App.Confirm(b.Context(), w.Buyer, app.ConfirmInput{TaskID: id, Seen: testkit.Seen(task), Key: w.App.NewKey()}))
	b.ReportMetric(float64(task.Renewable), "units")
	return id
}

// browse opens one page after the other until ctx ends, each as the next person.
func browse(ctx context.Context, s *server, people []*http.Client, n int, taskID string) {
	paths := []string{"/renewals", "/renewals?q=kafka", "/tasks/" + taskID, "/wallet", "/renewals?region=cn-north-4&size=100"}
	for ; ctx.Err() == nil; n += atOnce {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+paths[n%len(paths)], nil)
		if err != nil {
			return
		}
		answer, err := people[n%len(people)].Do(r)
		if err != nil {
			return // the task has ended
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
	}
}

func signIn(b *testing.B, s *server, who app.Actor) *http.Client {
	b.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	c := &http.Client{Jar: jar, Transport: &http.Transport{}}
	form := url.Values{"email": {who.Email}, "password": {password}}
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "http://"+s.address+"/sign-in", strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := c.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || strings.HasSuffix(answer.Request.URL.Path, "/sign-in") {
		b.Fatalf("sign-in: %s at %s", answer.Status, answer.Request.URL)
	}
	return c
}

// peak reads the most memory that a process held resident, in MiB.
func peak(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		b.Fatal("the kernel does not tell the peak")
	}
	kib, err := strconv.Atoi(string(m[1]))
	if err != nil {
		b.Fatal(err)
	}
	return float64(kib) / 1024
}
