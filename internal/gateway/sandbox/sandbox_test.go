package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"perennial/internal/clock"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
	"perennial/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }

var (
	noon  = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	price = money.Of(74_130, "USD")
	visa  = gateway.Charge{Card: sandbox.Visa, Amount: price}
)

func newLog(t *testing.T) string { return filepath.Join(t.TempDir(), "gateway.log") }

// run opens a sandbox and serves it until stop is called.
func run(t *testing.T, log string, options ...sandbox.Option) (box *sandbox.Server, c *gateway.Client, url string, stop func()) {
	t.Helper()
	box, err := sandbox.Open(log, clock.NewManual(noon), options...)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(box)
	stop = sync.OnceFunc(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		srv.Close()
	})
	t.Cleanup(stop)
	if c, err = gateway.NewClient(srv.URL, "", srv.Client()); err != nil {
		t.Fatal(err)
	}
	return box, c, srv.URL, stop
}

func prepare(t *testing.T, c *gateway.Client, key string) string {
	t.Helper()
	id, err := c.Prepare(t.Context(), key, gateway.Charge{Card: sandbox.Visa, Amount: price, Description: "Top-up of " + key})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func state(t *testing.T, c *gateway.Client, id string) gateway.State {
	t.Helper()
	r, err := c.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r.State
}

func readLog(t *testing.T, path string) []sandbox.Capture {
	t.Helper()
	c, err := sandbox.ReadLog(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func readRefunds(t *testing.T, path string) []sandbox.Refund {
	t.Helper()
	r, err := sandbox.ReadRefunds(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// paid makes a payment that is captured.
func paid(t *testing.T, c *gateway.Client, key string) string {
	t.Helper()
	id := prepare(t, c, key)
	if r, err := c.Capture(t.Context(), id); err != nil || r.State != gateway.Captured {
		t.Fatalf("%+v, %v", r, err)
	}
	return id
}

func TestConcurrentCapturesOfOnePaymentCaptureOnce(t *testing.T) {
	log := newLog(t)
	box, c, _, _ := run(t, log)
	id := prepare(t, c, "k")
	box.SetMood(sandbox.Slow)
	const n = 40
	results := make(chan gateway.Result, n)
	for range n {
		go func() {
			r, err := c.Capture(t.Context(), id)
			if err != nil {
				t.Error(err)
			}
			results <- r
		}()
	}
	if err := box.AwaitHeld(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	box.Release()
	for range n {
		if r := <-results; r.State != gateway.Captured {
			t.Errorf("got %+v", r)
		}
	}
	want := sandbox.Capture{ID: id, Key: "k", Card: sandbox.Visa, Amount: price, Description: "Top-up of k", At: noon}
	if got := readLog(t, log); len(got) != 1 || got[0] != want {
		t.Fatalf("the log holds %+v", got)
	}
	if got := box.Captures(); len(got) != 1 || got[0] != want {
		t.Fatalf("the server says %+v", got)
	}
}

func TestConcurrentPreparesOfOneKeyMakeOnePayment(t *testing.T) {
	log := newLog(t)
	_, c, _, _ := run(t, log)
	ids := make(chan string, 20)
	for range cap(ids) {
		go func() {
			id, err := c.Prepare(t.Context(), "k", visa)
			if err != nil {
				t.Error(err)
			}
			ids <- id
		}()
	}
	first := <-ids
	for range cap(ids) - 1 {
		if id := <-ids; id != first {
			t.Errorf("%s and %s", id, first)
		}
	}
	if raw, err := os.ReadFile(log); err != nil || strings.Count(string(raw), "\n") != 1 {
		t.Fatalf("%v: %s", err, raw)
	}
}

func TestRestartGoesOnFromTheLog(t *testing.T) {
	log := newLog(t)
	box, c, _, stop := run(t, log)
	paid, refused, open := prepare(t, c, "paid"), prepare(t, c, "refused"), prepare(t, c, "open")
	box.Queue(sandbox.CallCapture, sandbox.Approve, sandbox.Decline("card_expired"))
	for _, id := range []string{paid, refused} {
		if _, err := c.Capture(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	before, _ := c.Get(t.Context(), paid)
	stop()

	box, c, _, _ = run(t, log)
	if got := box.Captures(); len(got) != 1 || got[0].ID != paid {
		t.Fatalf("after the restart: %+v", got)
	}
	if prepare(t, c, "paid") != paid || prepare(t, c, "open") != open {
		t.Fatal("a key got another id")
	}
	if after, err := c.Capture(t.Context(), paid); err != nil || after != before {
		t.Fatalf("captured again: %+v, %v; want %+v", after, err, before)
	}
	r, err := c.Capture(t.Context(), refused)
	if err != nil || r.State != gateway.Declined || r.DeclineReason != gateway.CardExpired {
		t.Fatalf("declined: %+v, %v", r, err)
	}
	if state(t, c, open) != gateway.Prepared {
		t.Fatal("open was decided")
	}
	if _, err := c.Prepare(t.Context(), "open", gateway.Charge{Card: sandbox.Visa, Amount: money.Of(1, "USD")}); !errors.Is(err, gateway.ErrKeyReused) {
		t.Fatal(err)
	}
	if got := readLog(t, log); len(got) != 1 {
		t.Fatalf("the log holds %+v", got)
	}
}

// Cut at every byte, the log opens, keeps every whole line, and is written on.
func TestLogCutOffAnywhere(t *testing.T) {
	log := newLog(t)
	_, c, _, stop := run(t, log)
	for _, key := range []string{"a", "b"} {
		id := prepare(t, c, key)
		if _, err := c.Capture(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Refund(t.Context(), id, key, price); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	whole, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) + 1 {
		cut := newLog(t)
		if err := os.WriteFile(cut, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		lines := strings.Count(string(whole[:n]), "\n") // prepared, captured, refunded, and again
		if got := readLog(t, cut); len(got) != (lines+1)/3 {
			t.Fatalf("cut at %d: %d captures, want %d", n, len(got), (lines+1)/3)
		}
		if got := readRefunds(t, cut); len(got) != lines/3 {
			t.Fatalf("cut at %d: %d refunds, want %d", n, len(got), lines/3)
		}
		if raw, _ := os.ReadFile(cut); len(raw) != n {
			t.Fatalf("reading changed the log")
		}
		box, err := sandbox.Open(cut, clock.NewManual(noon))
		if err != nil {
			t.Fatalf("cut at %d: %v", n, err)
		}
		rec := httptest.NewRecorder()
		box.ServeHTTP(rec, httptest.NewRequest("POST", "/v1/payments", strings.NewReader(`{"key":"c","card":"tok_visa_4242","amount":1,"currency":"USD"}`)))
		if err := box.Close(); err != nil || rec.Code != 200 {
			t.Fatalf("cut at %d: %v, status %d", n, err, rec.Code)
		}
		raw, _ := os.ReadFile(cut)
		if got := strings.Count(string(raw), "\n"); got != lines+1 || raw[len(raw)-1] != '\n' {
			t.Fatalf("cut at %d: %d lines, want %d", n, got, lines+1)
		}
		readLog(t, cut)
	}
}

func TestDamagedLogIsRefused(t *testing.T) {
	line := func(event, id, rest string) string {
		return `{"event":"` + event + `","id":"` + id + `","key":"k","amount":5,"currency":"USD"` + rest + `,"at":"2026-11-23T12:00:00Z"}` + "\n"
	}
	p, c := line("prepared", "1", ""), line("captured", "1", "")
	back := func(key string, amount int, rest string) string {
		return fmt.Sprintf(`{"event":"refunded","id":"re_%s","payment":"1","key":%q,"amount":%d,"currency":"USD"%s,"at":"2026-11-23T12:00:00Z"}`+"\n", key, key, amount, rest)
	}
	for name, text := range map[string]string{
		"garbage in the middle":       p + "garbage\n" + c,
		"a last line that ends":       p + "garbage\n",
		"captured twice":              p + c + c,
		"captured after declined":     p + line("declined", "1", `,"reason":"card_expired"`) + c,
		"prepared twice":              p + p,
		"captured, never prepared":    c,
		"captured with other amount":  p + strings.Replace(c, `"amount":5`, `"amount":6`, 1),
		"captured with other key":     p + strings.Replace(c, `"key":"k"`, `"key":"l"`, 1),
		"declined without a reason":   p + line("declined", "1", ""),
		"captured with a reason":      p + line("captured", "1", `,"reason":"x"`),
		"captured on another card":    p + line("captured", "1", `,"card":"tok_visa_4242"`),
		"captured, of a payment":      p + line("captured", "1", `,"payment":"2"`),
		"refunded, of no payment":     p + c + line("refunded", "1", ""),
		"refunded, never prepared":    back("r", 1, ""),
		"refunded before captured":    p + back("r", 1, "") + c,
		"refunded after declined":     p + line("declined", "1", `,"reason":"card_expired"`) + back("r", 1, ""),
		"refunded twice":              p + c + back("r", 1, "") + back("r", 1, ""),
		"refunded too much":           p + c + back("r", 6, ""),
		"refunded too much in all":    p + c + back("r", 3, "") + back("s", 3, ""),
		"refunded beyond counting":    p + c + back("r", 1, "") + back("s", math.MaxInt64, ""),
		"refunded nothing":            p + c + back("r", 0, ""),
		"refunded in other money":     p + c + strings.Replace(back("r", 1, ""), "USD", "EUR", 1),
		"refunded to another card":    p + c + back("r", 1, `,"card":"tok_visa_4242"`),
		"refunded with a reason":      p + c + back("r", 1, `,"reason":"x"`),
		"an event of another version": p + line("voided", "1", ""),
		"a field of another version":  line("prepared", "1", `,"fee":1`),
		"an empty line":               p + "\n",
		"not an amount":               strings.Replace(p, `"amount":5`, `"amount":-5`, 1),
	} {
		log := newLog(t)
		if err := os.WriteFile(log, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sandbox.ReadLog(log); err == nil || !strings.Contains(err.Error(), "line ") {
			t.Errorf("%s: ReadLog: %v", name, err)
		}
		if r, err := sandbox.ReadRefunds(log); err == nil || r != nil {
			t.Errorf("%s: ReadRefunds: %v, %v", name, r, err)
		}
		if _, err := sandbox.Open(log, clock.NewManual(noon)); err == nil || !strings.Contains(err.Error(), log) {
			t.Errorf("%s: Open: %v", name, err)
		}
		if raw, _ := os.ReadFile(log); string(raw) != text {
			t.Errorf("%s: the log was changed", name)
		}
	}
	if _, err := sandbox.ReadLog(newLog(t)); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := sandbox.Open(t.TempDir(), clock.NewManual(noon)); err == nil {
		t.Error("a folder was opened as a log")
	}
}

func TestClosedSandboxLeavesEverythingUnknown(t *testing.T) {
	log := newLog(t)
	box, c, _, _ := run(t, log)
	id := prepare(t, c, "k")
	if err := box.Close(); err != nil {
		t.Fatal(err)
	}
	allUnknown(t, c, id)
	if len(readLog(t, log)) != 0 {
		t.Error("captured into a closed log")
	}
}

// allUnknown makes every call, about a payment that exists and others, and
// expects nothing that could be taken for certain.
func allUnknown(t *testing.T, c *gateway.Client, id string) {
	t.Helper()
	for name, call := range map[string]func() error{
		"prepare":  func() error { _, err := c.Prepare(t.Context(), "of another key", visa); return err },
		"capture":  func() error { _, err := c.Capture(t.Context(), id); return err },
		"get":      func() error { _, err := c.Get(t.Context(), id); return err },
		"nobody":   func() error { _, err := c.Get(t.Context(), "pay_nobody"); return err },
		"refund":   func() error { _, err := c.Refund(t.Context(), id, "of another key", price); return err },
		"too much": func() error { _, err := c.Refund(t.Context(), id, "k", money.Of(price.Minor+1, "USD")); return err },
		"session":  func() error { _, err := c.AskCard(t.Context(), "k", "acme", console); return err },
		"no card":  func() error { _, _, err := c.Answered(t.Context(), "cs_nobody", "acme"); return err },
	} {
		if err := call(); !errors.Is(err, gateway.ErrUnknown) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCloseLetsHeldCallsGo(t *testing.T) {
	for _, mood := range []sandbox.Mood{sandbox.Slow, sandbox.TimeoutBefore} {
		log := newLog(t)
		box, c, _, stop := run(t, log)
		id := prepare(t, c, "k")
		box.SetMood(mood)
		done := make(chan error, 1)
		go func() { _, err := c.Capture(t.Context(), id); done <- err }()
		if err := box.AwaitHeld(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		stop()
		if err := <-done; !errors.Is(err, gateway.ErrUnknown) || len(readLog(t, log)) != 0 {
			t.Errorf("%s: %v", mood, err)
		}
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAwaitHeldGivesUpWithItsContext(t *testing.T) {
	box, _, _, _ := run(t, newLog(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := box.AwaitHeld(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestUnknownMoodsPanicInGo(t *testing.T) {
	box, _, _, _ := run(t, newLog(t))
	for name, set := range map[string]func(){
		"mood":   func() { box.SetMood("approv") },
		"reason": func() { box.SetMood(sandbox.Decline("Not A Code")) },
		"call":   func() { box.SetMood(sandbox.Approve, "void") },
		"queue":  func() { box.Queue(sandbox.CallGet, sandbox.Approve, "") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			set()
		}()
	}
}

var _ http.Handler = (*sandbox.Server)(nil)
