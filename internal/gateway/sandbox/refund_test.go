package sandbox_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"perennial/internal/clock"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
)

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

// race makes n refunds of one payment at the same instant and counts how they end.
func race(t *testing.T, box *sandbox.Server, c *gateway.Client, id string, n int, key func(i int) string, amount money.Amount) (refunds []gateway.Refund, tooMuch int) {
	t.Helper()
	box.SetMood(sandbox.Slow, sandbox.CallRefund)
	type end struct {
		gateway.Refund
		err error
	}
	ends := make(chan end, n)
	for i := range n {
		go func() {
			r, err := c.Refund(t.Context(), id, key(i), amount)
			ends <- end{r, err}
		}()
	}
	if err := box.AwaitHeld(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	box.Release()
	for range n {
		switch e := <-ends; {
		case e.err == nil:
			refunds = append(refunds, e.Refund)
		case errors.Is(e.err, gateway.ErrTooMuch):
			tooMuch++
		default:
			t.Error(e.err)
		}
	}
	return refunds, tooMuch
}

func TestConcurrentRefundsOfOneKeyGiveBackOnce(t *testing.T) {
	log := newLog(t)
	box, c, _, _ := run(t, log)
	id := paid(t, c, "k")
	refunds, tooMuch := race(t, box, c, id, 200, func(int) string { return "r" }, price)
	if len(refunds) != 200 || tooMuch != 0 {
		t.Fatalf("%d refunds, %d refused", len(refunds), tooMuch)
	}
	for _, r := range refunds {
		if r != refunds[0] {
			t.Fatalf("%+v and %+v", r, refunds[0])
		}
	}
	want := sandbox.Refund{ID: refunds[0].ID, Payment: id, Key: "r", Card: sandbox.Visa, Amount: price, At: noon}
	if got := readRefunds(t, log); len(got) != 1 || got[0] != want {
		t.Fatalf("the log holds %+v", got)
	}
	if got := box.Refunds(); len(got) != 1 || got[0] != want {
		t.Fatalf("the server says %+v", got)
	}
}

func TestConcurrentRefundsOfManyKeysGiveBackWhatWasCapturedAtMost(t *testing.T) {
	log := newLog(t)
	box, c, _, _ := run(t, log)
	id := paid(t, c, "k")
	each := usd(price.Minor / 7) // which leaves no second remainder of this size
	refunds, tooMuch := race(t, box, c, id, 200, func(i int) string { return fmt.Sprint("r", i) }, each)
	if len(refunds) != 7 || tooMuch != 193 {
		t.Fatalf("%d refunds, %d refused", len(refunds), tooMuch)
	}
	if got := readRefunds(t, log); len(got) != 7 {
		t.Fatalf("the log holds %+v", got)
	}
	if r, err := c.Get(t.Context(), id); err != nil || r.RefundedAmount != usd(7*each.Minor) || r.State != gateway.Captured {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestRefundsSurviveARestart(t *testing.T) {
	log := newLog(t)
	_, c, _, stop := run(t, log)
	id, other := paid(t, c, "k"), paid(t, c, "l")
	first, err := c.Refund(t.Context(), id, "r", usd(30_000))
	if err != nil {
		t.Fatal(err)
	}
	before, err := c.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	stop()

	box, c, _, _ := run(t, log)
	if after, err := c.Get(t.Context(), id); err != nil || after != before || after.RefundedAmount != usd(30_000) {
		t.Fatalf("%+v, %v; want %+v", after, err, before)
	}
	if again, err := c.Refund(t.Context(), id, "r", usd(30_000)); err != nil || again != first {
		t.Fatalf("%+v, %v; want %+v", again, err, first)
	}
	for _, tc := range []struct {
		id, key string
		amount  money.Amount
		want    error
	}{
		{id, "r", usd(30_001), gateway.ErrKeyReused},
		{id, "r", money.Of(30_000, "EUR"), gateway.ErrKeyReused},
		{other, "r", usd(30_000), gateway.ErrKeyReused},
		{id, "s", usd(price.Minor - 30_000 + 1), gateway.ErrTooMuch},
	} {
		if _, err := c.Refund(t.Context(), tc.id, tc.key, tc.amount); !errors.Is(err, tc.want) {
			t.Errorf("%s %s %v: %v", tc.id, tc.key, tc.amount, err)
		}
	}
	if _, err := c.Refund(t.Context(), id, "s", usd(price.Minor-30_000)); err != nil {
		t.Error(err)
	}
	if got := readRefunds(t, log); len(got) != 2 || len(box.Refunds()) != 2 || len(readLog(t, log)) != 2 {
		t.Fatalf("the log holds %+v", got)
	}
}

// A log of before payments named their card is read, asked and written on.
func TestALogWithoutCardsGoesOn(t *testing.T) {
	log := newLog(t)
	old := ""
	for _, event := range []string{"prepared", "captured"} {
		old += `{"event":"` + event + `","id":"pay_8254c329a92850f6d539dd37","key":"k","amount":74130,"currency":"USD","at":"2026-11-01T08:00:00Z"}` + "\n"
	}
	open := `{"event":"prepared","id":"pay_open","key":"open","amount":5,"currency":"USD","description":"Top-up","at":"2026-11-01T08:00:00Z"}` + "\n"
	if err := os.WriteFile(log, []byte(old+open), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := readLog(t, log); len(got) != 1 || got[0].Card != "" || got[0].Amount != price {
		t.Fatalf("%+v", got)
	}
	_, c, _, stop := run(t, log)
	id := readLog(t, log)[0].ID
	r, err := c.Get(t.Context(), id)
	if err != nil || r.Verify(id, "k", gateway.Charge{Amount: price}) != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := r.Verify(id, "k", visa); !errors.Is(err, gateway.ErrUnknown) {
		t.Errorf("no card passes for any card: %v", err)
	}
	if r, err := c.Capture(t.Context(), "pay_open"); err != nil || r.State != gateway.Captured || r.Card != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := c.Refund(t.Context(), id, "r", price); err != nil {
		t.Fatal(err)
	}
	// The old key with a card is another payment than the one it belongs to.
	if _, err := c.Prepare(t.Context(), "k", visa); !errors.Is(err, gateway.ErrKeyReused) {
		t.Error(err)
	}
	stop()
	raw, err := os.ReadFile(log)
	if err != nil || !strings.HasPrefix(string(raw), old+open) || strings.Count(string(raw), "\n") != 5 {
		t.Fatalf("%v: %s", err, raw)
	}
	box, err := sandbox.Open(log, clock.NewManual(noon))
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Close(); err != nil {
		t.Fatal(err)
	}
	if len(readLog(t, log)) != 2 || len(readRefunds(t, log)) != 1 {
		t.Fatal("the log is not what was done")
	}
}

// What a card does and what the mood wants come together: the outcome is the
// card's unless the mood declines, and the mood says what the caller hears of it.
func TestCardsAndMoodsCombine(t *testing.T) {
	for token, does := range map[string]gateway.DeclineReason{
		sandbox.Visa: "", sandbox.Mastercard: "", sandbox.NoFunds: gateway.InsufficientFunds,
		sandbox.Authenticate: gateway.AuthenticationRequired, sandbox.Expired: gateway.CardExpired,
	} {
		for mood, heard := range map[sandbox.Mood]error{
			sandbox.Approve: nil, sandbox.ErrorAfter: gateway.ErrUnknown, sandbox.ResetAfter: gateway.ErrUnknown, sandbox.Garbage: gateway.ErrUnknown,
			sandbox.Busy: gateway.ErrBusy, sandbox.ErrorBefore: gateway.ErrUnknown, sandbox.Decline("card_blocked"): nil,
		} {
			log := newLog(t)
			box, c, _, stop := run(t, log)
			id, err := c.Prepare(t.Context(), "k", gateway.Charge{Card: token, Amount: price})
			if err != nil {
				t.Fatal(err)
			}
			box.Queue(sandbox.CallCapture, mood)
			if _, err := c.Capture(t.Context(), id); !errors.Is(err, heard) {
				t.Errorf("%s, %s: %v", token, mood, err)
			}
			reason := does
			if strings.HasPrefix(string(mood), "decline:") {
				reason = gateway.CardBlocked
			}
			state, moved := gateway.Captured, 1
			if reason != "" {
				state, moved = gateway.Declined, 0
			}
			r, err := c.Capture(t.Context(), id)
			if err != nil || r.State != state || r.DeclineReason != reason || r.Card != token || len(readLog(t, log)) != moved {
				t.Errorf("%s, %s: %+v, %v", token, mood, r, err)
			}
			_, err = c.Refund(t.Context(), id, "r", price)
			if back := len(readRefunds(t, log)); back != moved || moved == 0 && !errors.Is(err, gateway.ErrNotCaptured) {
				t.Errorf("%s, %s: %d refunds, %v", token, mood, back, err)
			}
			stop()
		}
	}
}
