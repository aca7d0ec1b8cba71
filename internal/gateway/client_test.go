package gateway_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"perennial/internal/clock"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	noon  = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	price = money.Of(74_130, "USD")
	visa  = gateway.Charge{Card: sandbox.Visa, Amount: price, Description: "Top-up"}
)

type rig struct {
	*gateway.Client
	box *sandbox.Server
	log string
	url string
}

// start serves a sandbox on loopback and returns a client of it.
func start(t *testing.T) rig {
	t.Helper()
	r := rig{log: filepath.Join(t.TempDir(), "gateway.log")}
	var err error
	if r.box, err = sandbox.Open(r.log, clock.NewManual(noon), sandbox.WithAPIKey("s3cret")); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(r.box)
	r.url = srv.URL
	t.Cleanup(func() {
		if err := r.box.Close(); err != nil {
			t.Error(err)
		}
		srv.Close()
	})
	r.Client = dial(t, srv.URL, "s3cret", srv.Client())
	return r
}

func dial(t *testing.T, url, key string, hc *http.Client) *gateway.Client {
	t.Helper()
	c, err := gateway.NewClient(url, key, hc)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (r rig) prepare(t *testing.T, key string) string {
	t.Helper()
	id, err := r.Prepare(t.Context(), key, visa)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// captures reads the ground truth from the file, not from the server.
func (r rig) captures(t *testing.T) int {
	t.Helper()
	c, err := sandbox.ReadLog(r.log)
	if err != nil {
		t.Fatal(err)
	}
	return len(c)
}

// interrupted makes a call, waits until the sandbox holds it, and gives up.
func (r rig) interrupted(t *testing.T, call func(context.Context) error) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- call(ctx) }()
	if err := r.box.AwaitHeld(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	return <-done
}

func only(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	if errors.Is(err, gateway.ErrUnknown) == errors.Is(err, gateway.ErrRefused) {
		t.Fatalf("%v is not exactly one of unknown and refused", err)
	}
}

// Promise 9: whatever happens to a capture, asking for its id tells what became
// of it, and capturing it again captures it once.
func TestCaptureInEveryMoodHealsByAsking(t *testing.T) {
	for mood, want := range map[sandbox.Mood]struct {
		err   error
		moved bool
	}{
		sandbox.Approve:       {nil, true},
		sandbox.TimeoutBefore: {gateway.ErrUnknown, false},
		sandbox.TimeoutAfter:  {gateway.ErrUnknown, true},
		sandbox.ErrorBefore:   {gateway.ErrUnknown, false},
		sandbox.ErrorAfter:    {gateway.ErrUnknown, true},
		sandbox.ResetBefore:   {gateway.ErrUnknown, false},
		sandbox.ResetAfter:    {gateway.ErrUnknown, true},
		sandbox.Busy:          {gateway.ErrBusy, false},
		sandbox.Garbage:       {gateway.ErrUnknown, true},
		sandbox.WrongID:       {gateway.ErrUnknown, true},
	} {
		t.Run(string(mood), func(t *testing.T) {
			r := start(t)
			id := r.prepare(t, "top-up 1")
			r.box.Queue(sandbox.CallCapture, mood)
			call := func(ctx context.Context) error { _, err := r.Capture(ctx, id); return err }
			var err error
			if strings.HasPrefix(string(mood), "timeout") {
				if err = r.interrupted(t, call); !errors.Is(err, context.Canceled) {
					t.Errorf("%v does not say that it was given up", err)
				}
			} else {
				err = call(t.Context())
			}
			if want.err != nil {
				only(t, err, want.err)
			} else if err != nil {
				t.Fatal(err)
			}
			state, moved := gateway.Prepared, 0
			if want.moved {
				state, moved = gateway.Captured, 1
			}
			if got := r.captures(t); got != moved {
				t.Fatalf("%d captures in the log, want %d", got, moved)
			}
			got, err := r.Get(t.Context(), id)
			if err != nil || got.State != state {
				t.Fatalf("Get says %+v, %v; want %s", got, err, state)
			}
			got, err = r.Capture(t.Context(), id)
			full := gateway.Result{ID: id, Key: "top-up 1", Card: sandbox.Visa, Amount: price, State: gateway.Captured, CapturedAt: noon,
				RefundedAmount: money.Of(0, "USD")}
			if err != nil || got != full {
				t.Fatalf("captured again: %+v, %v", got, err)
			}
			if got := r.captures(t); got != 1 {
				t.Fatalf("%d captures in the log after two calls", got)
			}
		})
	}
}

func TestDeclineIsAFinalResultWithAReason(t *testing.T) {
	for _, reason := range []gateway.DeclineReason{
		gateway.InsufficientFunds, gateway.LimitExceeded, gateway.CardExpired, gateway.CardBlocked, gateway.InvalidCard,
		gateway.CurrencyNotSupported, gateway.AuthenticationRequired, gateway.DoNotHonor, "a_code_of_next_year",
	} {
		t.Run(string(reason), func(t *testing.T) {
			r := start(t)
			id := r.prepare(t, "k")
			r.box.Queue(sandbox.CallCapture, sandbox.Decline(string(reason)))
			for range 2 { // the second capture meets the mood Approve and is declined all the same
				got, err := r.Capture(t.Context(), id)
				if err != nil || got.State != gateway.Declined || got.DeclineReason != reason || !got.CapturedAt.IsZero() {
					t.Fatalf("got %+v, %v", got, err)
				}
			}
			if r.captures(t) != 0 {
				t.Fatal("a declined card was charged")
			}
			if s := reason.Sentence(); len(s) < 10 || !strings.HasSuffix(s, ".") {
				t.Errorf("%q is no sentence", s)
			}
		})
	}
}

// A capture whose caller gave up may still land. Prepared is no verdict.
func TestSlowCaptureLandsAfterTheCallerHasLeft(t *testing.T) {
	r := start(t)
	id := r.prepare(t, "k")
	r.box.Queue(sandbox.CallCapture, sandbox.Slow)
	only(t, r.interrupted(t, func(ctx context.Context) error { _, err := r.Capture(ctx, id); return err }), gateway.ErrUnknown)
	if got, err := r.Get(t.Context(), id); err != nil || got.State != gateway.Prepared {
		t.Fatalf("before: %+v, %v", got, err)
	}
	r.box.Release()
	got, err := r.Capture(t.Context(), id)
	if err != nil || got.State != gateway.Captured || r.captures(t) != 1 {
		t.Fatalf("after: %+v, %v, %d captures", got, err, r.captures(t))
	}
}

func TestSlowCaptureAnswersWhenReleased(t *testing.T) {
	r := start(t)
	id := r.prepare(t, "k")
	r.box.Queue(sandbox.CallCapture, sandbox.Slow)
	done := make(chan error, 1)
	go func() { _, err := r.Capture(t.Context(), id); done <- err }()
	if err := r.box.AwaitHeld(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if r.captures(t) != 0 {
		t.Fatal("captured while it was held")
	}
	r.box.Release()
	if err := <-done; err != nil || r.captures(t) != 1 {
		t.Fatalf("%v, %d captures", err, r.captures(t))
	}
}

func TestPrepareAndGetInEveryMood(t *testing.T) {
	r := start(t)
	id := r.prepare(t, "known")
	for _, mood := range []sandbox.Mood{sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.ResetBefore, sandbox.ResetAfter,
		sandbox.Garbage, sandbox.WrongID, sandbox.WrongAmount, sandbox.TimeoutBefore, sandbox.TimeoutAfter, sandbox.Busy} {
		want := gateway.ErrUnknown
		if mood == sandbox.Busy {
			want = gateway.ErrBusy
		}
		r.box.SetMood(mood, sandbox.CallPrepare, sandbox.CallGet)
		prepare := func(ctx context.Context) error { _, err := r.Prepare(ctx, string(mood), visa); return err }
		get := func(ctx context.Context) error { _, err := r.Get(ctx, id); return err }
		switch {
		case strings.HasPrefix(string(mood), "timeout"):
			only(t, r.interrupted(t, prepare), want)
			only(t, r.interrupted(t, get), want)
		default:
			only(t, prepare(t.Context()), want)
			if mood == sandbox.WrongAmount {
				// Get carries no amount: only who knows what was committed can see this one.
				got, err := r.Get(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				only(t, got.Verify(id, "known", visa), want)
				break
			}
			only(t, get(t.Context()), want)
		}
		r.box.SetMood(sandbox.Approve, sandbox.CallPrepare, sandbox.CallGet)
		again := r.prepare(t, string(mood))
		if got, err := r.Get(t.Context(), again); err != nil || got.State != gateway.Prepared || got.Verify(again, string(mood), visa) != nil {
			t.Fatalf("%s: prepared again: %+v, %v", mood, got, err)
		}
	}
	if r.captures(t) != 0 {
		t.Fatal("Prepare or Get moved money")
	}
}

func TestPrepareIsIdempotentByKey(t *testing.T) {
	r := start(t)
	id := r.prepare(t, "k")
	if _, err := r.Capture(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if again, err := r.Prepare(t.Context(), "k", visa); err != nil || again != id {
		t.Fatalf("same key and charge: %s, %v; want %s", again, err, id)
	}
	if other := r.prepare(t, "l"); other == id {
		t.Fatal("two keys share an id")
	}
	for _, other := range []gateway.Charge{
		{Card: sandbox.Visa, Amount: money.Of(price.Minor+1, "USD"), Description: visa.Description},
		{Card: sandbox.Visa, Amount: money.Of(price.Minor, "EUR"), Description: visa.Description},
		{Card: sandbox.Mastercard, Amount: price, Description: visa.Description},
		{Card: "tok_nobody", Amount: price, Description: visa.Description},
		{Card: sandbox.Visa, Amount: price, Description: "other words"},
	} {
		_, err := r.Prepare(t.Context(), "k", other)
		only(t, err, gateway.ErrKeyReused)
	}
}

func TestRefusals(t *testing.T) {
	r := start(t)
	_, err := r.Get(t.Context(), "pay_nobody")
	only(t, err, gateway.ErrNotFound)
	_, err = r.Capture(t.Context(), "pay_nobody")
	only(t, err, gateway.ErrNotFound)
	_, err = r.Refund(t.Context(), "pay_nobody", "k", price)
	only(t, err, gateway.ErrNotFound)
	_, _, err = r.Answered(t.Context(), "cs_nobody", "acme")
	only(t, err, gateway.ErrNotFound)
	_, err = r.Prepare(t.Context(), "k", gateway.Charge{Card: "tok_nobody", Amount: price})
	only(t, err, gateway.ErrNoCard)

	for _, key := range []string{"", "wrong", "s3cret2"} {
		c := dial(t, r.url, key, nil)
		_, err = c.Prepare(t.Context(), "k", visa)
		only(t, err, gateway.ErrUnauthorized)
		_, err = c.Capture(t.Context(), "pay_nobody")
		only(t, err, gateway.ErrUnauthorized)
		_, err = c.Get(t.Context(), "pay_nobody")
		only(t, err, gateway.ErrUnauthorized)
		_, err = c.Refund(t.Context(), "pay_nobody", "k", price)
		only(t, err, gateway.ErrUnauthorized)
		_, err = c.AskCard(t.Context(), "k", "acme", console)
		only(t, err, gateway.ErrUnauthorized)
		_, _, err = c.Answered(t.Context(), "cs_nobody", "acme")
		only(t, err, gateway.ErrUnauthorized)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestUnusableRequestsAreNotSent(t *testing.T) {
	c := dial(t, "https://gateway.example", "", &http.Client{Transport: wire(func(*http.Request) (*http.Response, error) {
		t.Error("a request went out")
		return nil, errors.New("no")
	})})
	long := strings.Repeat("x", 501)
	for _, in := range []struct {
		key    string
		amount money.Amount
	}{{"", price}, {long, price}, {"\xff", price}, {"k", money.Of(0, "USD")}, {"k", money.Of(-1, "USD")}, {"k", money.Of(1, "XXX")}} {
		_, err := c.Prepare(t.Context(), in.key, gateway.Charge{Card: "tok_1", Amount: in.amount})
		only(t, err, gateway.ErrInvalid)
		_, err = c.Refund(t.Context(), "pay_1", in.key, in.amount)
		only(t, err, gateway.ErrInvalid)
	}
	for _, text := range []string{long, "\xff"} {
		_, err := c.Prepare(t.Context(), "k", gateway.Charge{Card: "tok_1", Amount: price, Description: text})
		only(t, err, gateway.ErrInvalid)
	}
	for _, id := range []string{"", "..", "a/b", "a?b", "a b", "ä", long} {
		_, err := c.Capture(t.Context(), id)
		only(t, err, gateway.ErrInvalid)
		_, err = c.Get(t.Context(), id)
		only(t, err, gateway.ErrInvalid)
		_, err = c.Refund(t.Context(), id, "k", price)
		only(t, err, gateway.ErrInvalid)
		_, _, err = c.Answered(t.Context(), id, "acme")
		only(t, err, gateway.ErrInvalid)
	}
	for _, in := range [][3]string{{"", "acme", console}, {"k", "", console}, {"k", "\xff", console}, {long, "acme", console}, {"k", "acme", "\xff"},
		{"k", "acme", strings.Repeat("x", 2049)}} {
		_, err := c.AskCard(t.Context(), in[0], in[1], in[2])
		only(t, err, gateway.ErrInvalid)
	}
	// A token is an id with a letter in it: the number of a card goes nowhere, not even into an error.
	for _, token := range []string{"", "..", "a/b", "a?b", "a b", "ä", long, "4242424242424242", "4242-4242-4242-4242", "4242 4242 4242 4242"} {
		_, prepare := c.Prepare(t.Context(), "k", gateway.Charge{Card: token, Amount: price})
		only(t, prepare, gateway.ErrInvalid)
		if strings.Contains(prepare.Error(), "4242") {
			t.Errorf("%v repeats the number of a card", prepare)
		}
	}
}

func TestNewClientRefusesUnsafeAddresses(t *testing.T) {
	for _, u := range []string{"", "gateway.example", "http://gateway.example", "ftp://127.0.0.1", "https://me:pw@gateway.example",
		"https://gateway.example?x=1", "https://gateway.example#x", "https://", "http://127.0.0.1.example", "://"} {
		if _, err := gateway.NewClient(u, "k", nil); err == nil || strings.Contains(err.Error(), "pw") {
			t.Errorf("%q: %v", u, err)
		}
	}
	if _, err := gateway.NewClient("https://gateway.example", "a\r\nb", nil); err == nil {
		t.Error("a key with a line end was accepted")
	}
	for _, u := range []string{"https://gateway.example/base/", "http://localhost:1", "http://[::1]:1", "http://127.0.0.1:1"} {
		dial(t, u, "k", nil)
	}
}
