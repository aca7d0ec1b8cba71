package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/clock"
	"perennial/internal/fault"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// bank is a gateway behind real HTTP on loopback. Before a call reaches it, ask
// may look at what the caller has committed.
type bank struct {
	*sandbox.Server
	gateway.Gateway
	http.RoundTripper
	ask atomic.Pointer[func(*http.Request)]

	mu      sync.Mutex
	serving int
	served  *sync.Cond
}

// serve counts the calls that the bank has not let go of.
func (b *bank) serve(by int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.serving += by
	b.served.Broadcast()
}

func newBank(t *testing.T) *bank {
	t.Helper()
	s, err := sandbox.Open(filepath.Join(t.TempDir(), "bank.log"), clock.NewManual(testkit.Start))
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	b := &bank{Server: s, RoundTripper: transport}
	b.served = sync.NewCond(&b.mu)
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.serve(+1)
		defer b.serve(-1)
		if ask := b.ask.Load(); ask != nil {
			(*ask)(r)
		}
		s.ServeHTTP(w, r)
	}))
	b.Gateway, err = gateway.NewClient(door.URL, "", &http.Client{Transport: b})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		door.Close()
		transport.CloseIdleConnections()
	})
	return b
}

// RoundTrip is a client's call whose patience ends at the instant at which the
// bank holds it without an answer. No clock is waited for, so that a slow machine
// changes nothing.
func (b *bank) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, give := context.WithCancel(r.Context())
	go func() {
		if b.AwaitHeld(ctx, 1) == nil {
			give()
		}
	}()
	answer, err := b.RoundTripper.RoundTrip(r.WithContext(ctx))
	if err != nil {
		give()
		b.mu.Lock()
		defer b.mu.Unlock()
		for b.serving > 0 { // the next call must not be taken for this one
			b.served.Wait()
		}
		return nil, err
	}
	answer.Body = ending{answer.Body, give}
	return answer, nil
}

// ending is a body whose end is heard of.
type ending struct {
	io.ReadCloser
	heard func()
}

func (e ending) Close() error { defer e.heard(); return e.ReadCloser.Close() }

// eachBank runs a test in a new World with a bank of its own on each engine.
func eachBank(t *testing.T, test func(t *testing.T, w *testkit.World, b *bank), options ...testkit.WorldOption) {
	t.Helper()
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		b := newBank(t)
		test(t, testkit.NewWorld(t, engine, append(options, testkit.WithGateway(b.Gateway))...), b)
	})
}

func topUp(w *testkit.World, key string) (billing.Payment, error) {
	return w.App.TopUp(w.Context(), w.Buyer, app.TopUpInput{Amount: "25.00", ReturnTo: "/wallet", Key: key})
}

// payment reads a payment as it is stored.
func payment(w *testkit.World, id string) (p billing.Payment) {
	w.Helper()
	w.Read(func(tx *store.Tx) (err error) { p, err = tx.Payment(w.Account.ID, id); return err })
	return p
}

// heal lets the worker ask the gateway, after the pause that it leaves it.
func heal(w *testkit.World, a *app.App) {
	w.Helper()
	w.Clock.Advance(time.Minute)
	if _, err := a.WorkPayments(w.Context()); err != nil && !errors.Is(err, gateway.ErrUnknown) && !errors.Is(err, gateway.ErrRefused) {
		w.Error(err)
	}
}

func TestPromise09EveryMoodOfTheGateway(t *testing.T) {
	moods := []sandbox.Mood{sandbox.TimeoutBefore, sandbox.TimeoutAfter, sandbox.ErrorBefore, sandbox.ErrorAfter,
		sandbox.ResetBefore, sandbox.ResetAfter, sandbox.Busy, sandbox.Garbage, sandbox.WrongID, sandbox.WrongAmount}
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		// A process that has just started asks about everything at once; this one has
		// been there for a while.
		_, err := w.App.WorkPayments(t.Context())
		w.Must(err)
		for _, call := range []sandbox.Call{sandbox.CallPrepare, sandbox.CallCapture} {
			for _, mood := range moods {
				t.Run(string(call)+"/"+string(mood), func(t *testing.T) {
					w := tenant(t, w, string(call)+"-"+string(mood))
					captured := len(b.Captures())
					b.SetMood(mood, call)
					p, err := topUp(w, "key")
					w.Must(err)
					want := billing.PaymentUnknown
					if call == sandbox.CallPrepare {
						want = billing.PaymentCreated // nothing can have moved
					}
					if p.State != want || w.Balance() != 0 {
						t.Errorf("after one call the payment is %s, want %s, and the balance %d", p.State, want, w.Balance())
					}
					// It is left alone for a while, and asked about again while the gateway
					// still misbehaves; the answer to a question may go astray, too.
					b.SetMood(mood, sandbox.CallGet)
					if _, err := w.App.WorkPayments(t.Context()); err != nil || payment(w, p.ID) != p {
						t.Errorf("asked again at once: %v", err)
					}
					heal(w, w.App)
					if got := payment(w, p.ID); got.State.Settled() || w.Balance() != 0 {
						t.Errorf("without an answer the payment is %s, balance %d", got.State, w.Balance())
					}
					for _, c := range []sandbox.Call{sandbox.CallPrepare, sandbox.CallCapture, sandbox.CallGet} {
						b.SetMood(sandbox.Approve, c)
					}
					heal(w, w.App)
					heal(w, w.App)
					if got := payment(w, p.ID); got.State != billing.PaymentCaptured || got.GatewayKey != p.GatewayKey || w.Balance() != 2500 {
						t.Errorf("at last the payment is %s, the balance %d", got.State, w.Balance())
					}
					if n := len(b.Captures()) - captured; n != 1 {
						t.Errorf("the gateway captured %d times", n)
					}
				})
			}
		}
	})
}

func TestPromise09ADeclineLeavesTheBalance(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		w.Deposit(100)
		b.SetMood(sandbox.Decline("insufficient_funds"))
		p, err := topUp(w, "key")
		w.Must(err)
		if p.State != billing.PaymentDeclined || p.Reason != "insufficient_funds" || w.Balance() != 100 || len(b.Captures()) != 0 {
			t.Errorf("%+v, balance %d", p, w.Balance())
		}
		b.SetMood(sandbox.Approve)
		heal(w, w.App)
		if again, err := topUp(w, "key"); err != nil || again != p || w.Balance() != 100 {
			t.Errorf("the declined form once more: %v, %+v", err, again)
		}
		if second, err := topUp(w, "another key"); err != nil || second.State != billing.PaymentCaptured || w.Balance() != 2600 {
			t.Errorf("a new attempt: %v, %+v, balance %d", err, second, w.Balance())
		}
	})
}

func TestPromise09OneTopUpPerKey(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		if got := heard(together(senders, func(int) error { _, err := topUp(w, "key"); return err })); got["done"] != senders {
			t.Errorf("%d senders heard %v", senders, got)
		}
		heal(w, w.App)
		if n := len(b.Captures()); n != 1 || w.Balance() != 2500 || number(w, "SELECT COUNT(*) FROM payment") != 1 {
			t.Errorf("%d captures, balance %d", n, w.Balance())
		}
		_, err := w.App.TopUp(t.Context(), w.Buyer, app.TopUpInput{Amount: "26.00", ReturnTo: "/wallet", Key: "key"})
		wantKind(t, err, fault.Conflict, "other values")
		for _, amount := range []string{"", "x", "0", "-1", "1.001", "10000001", "99999999999999999999"} {
			_, err := w.App.TopUp(t.Context(), w.Buyer, app.TopUpInput{Amount: amount, Key: "bad " + amount})
			wantKind(t, err, fault.Invalid)
		}
		if number(w, "SELECT COUNT(*) FROM payment") != 1 {
			t.Error("a refused amount left a payment")
		}
	})
}

// Two servers ask about the same payments at the same time.
func TestPromise09HealedOnce(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		second, _ := beside(w, "worker-2")
		b.SetMood(sandbox.ErrorAfter)
		for n := range 5 {
			if p, err := topUp(w, fmt.Sprint("key-", n)); err != nil || p.State != billing.PaymentUnknown {
				t.Fatalf("%v, %s", err, p.State)
			}
		}
		b.SetMood(sandbox.Approve)
		w.Clock.Advance(time.Minute)
		for _, err := range together(8, func(i int) error {
			_, err := []*app.App{w.App, second}[i%2].WorkPayments(w.Context())
			return err
		}) {
			if err != nil && !errors.Is(err, app.ErrOvertaken) {
				t.Error(err)
			}
		}
		heal(w, second)
		if n := number(w, "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'top_up'"); n != 5 || w.Balance() != 5*2500 || len(b.Captures()) != 5 {
			t.Errorf("%d bookings and %d captures, balance %d", n, len(b.Captures()), w.Balance())
		}
	})
}

// At every call the gateway hears, what heals a crash right now is committed.
func TestPromise09CommittedBeforeTheCall(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		var mu sync.Mutex
		var calls []string
		ask := func(r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			var sent struct{ Key string }
			_ = json.Unmarshal(body, &sent) // a capture has no body
			id, _ := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/v1/payments/"), "/capture")
			kept := lines(w, "SELECT state FROM payment WHERE gateway_key = $1 OR gateway_id = $2", sent.Key, id)
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, r.Method+" "+strings.Join(kept, ","))
		}
		b.ask.Store(&ask)
		b.SetMood(sandbox.ErrorAfter)
		_, err := topUp(w, "key")
		w.Must(err)
		heal(w, w.App)
		mu.Lock()
		defer mu.Unlock()
		same(t, "calls, and the payment as it was committed", calls, []string{"POST created", "POST unknown", "GET unknown"})
	})
}

// The process dies at each operation of the database, before it, after it and in
// the middle; afterwards the form is sent again and the worker asks the gateway.
func TestPromise09ACrashAnywhereHeals(t *testing.T) {
	f := &testkit.Faults{}
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		operations, struck := 0, 0
		for when, name := range map[testkit.When]string{testkit.Before: "before", testkit.After: "after"} {
			for n := 1; ; n++ {
				w := tenant(t, w, fmt.Sprint(name, "-", n))
				captured := len(b.Captures())
				f.ArmNth(n, testkit.Fault{Err: errCrash, When: when}, carriedOut...)
				first, err := topUp(w, "key")
				if err == nil && first.State != billing.PaymentCaptured {
					heal(w, w.App)
				}
				f.Disarm()
				p, err := topUp(w, "key")
				w.Must(err)
				heal(w, w.Another("worker-2"))
				heal(w, w.Another("worker-3"))
				if p = payment(w, p.ID); p.State != billing.PaymentCaptured || w.Balance() != 2500 {
					t.Errorf("crash %s operation %d: the payment is %s, balance %d", name, n, p.State, w.Balance())
				}
				keys := number(w, "SELECT COUNT(*) FROM payment WHERE account_id = $1", w.Account.ID)
				if got := len(b.Captures()) - captured; got != 1 || keys != 1 {
					t.Errorf("crash %s operation %d: %d keys, %d captures", name, n, keys, got)
				}
				operations = max(operations, n)
				if f.Struck() == 0 {
					break
				}
				struck++
			}
		}
		if misuses := f.Misuses(); len(misuses) > 0 {
			t.Errorf("statements after an error: %q", misuses)
		}
		t.Logf("%d operations reached, %d faults injected", operations-1, struck)
	}, testkit.WithStore(store.Wrap(f.Wrap)))
}

// Whoever closes the browser in the middle does not leave the outcome unknown.
func TestPromise09ABrowserThatClosesChangesNothing(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		ctx, cancel := context.WithCancel(t.Context())
		ask := func(*http.Request) { cancel() }
		b.ask.Store(&ask)
		p, err := w.App.TopUp(ctx, w.Buyer, app.TopUpInput{Amount: "25.00", ReturnTo: "/wallet", Key: "key"})
		if err != nil || p.State != billing.PaymentCaptured || w.Balance() != 2500 || ctx.Err() == nil {
			t.Errorf("%v, %s, balance %d", err, p.State, w.Balance())
		}
	})
}

// Another process closes the payment while this one waits for the gateway: what is
// settled is not captured.
func TestPromise09WhatIsSettledIsNotCaptured(t *testing.T) {
	eachBank(t, func(t *testing.T, w *testkit.World, b *bank) {
		ask := func(*http.Request) {
			err := w.Store.Write(w.Context(), func(tx *store.Tx) error {
				open, err := tx.OpenPayments(w.Clock.Now(), w.Clock.Now(), 1)
				if err != nil || len(open) == 0 {
					return err
				}
				closed := open[0]
				closed.State, closed.Reason, closed.SettledAt = billing.PaymentDeclined, "refused", w.Clock.Now()
				_, err = tx.MovePayment(closed, open[0].State, w.Clock.Now())
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		b.ask.Store(&ask)
		p, err := topUp(w, "key")
		heal(w, w.App)
		if err != nil || p.State != billing.PaymentDeclined || len(b.Captures()) != 0 || w.Balance() != 0 {
			t.Errorf("%v: the payment is %s, %d captures, balance %d", err, p.State, len(b.Captures()), w.Balance())
		}
	})
}

// errCrash is what the caller hears of an operation in which the process "died".
var errCrash = errors.New("the power failed")

func TestPromise09WithoutAGateway(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		_, err := topUp(w, "key")
		wantKind(t, err, fault.Unavailable, "bank transfer")
		if more, err := w.App.WorkPayments(t.Context()); more || err != nil {
			t.Errorf("%t, %v", more, err)
		}
	})
}
