package gateway_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
)

func (r rig) paid(t *testing.T, key string) string {
	t.Helper()
	id := r.prepare(t, key)
	if got, err := r.Capture(t.Context(), id); err != nil || got.State != gateway.Captured {
		t.Fatalf("%+v, %v", got, err)
	}
	return id
}

// refunds reads the ground truth from the file, not from the server.
func (r rig) refunds(t *testing.T) int {
	t.Helper()
	list, err := sandbox.ReadRefunds(r.log)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// Whatever happens to a refund, asking again with its key gives the money back once.
func TestRefundInEveryMoodHealsByAskingAgain(t *testing.T) {
	for mood, want := range map[sandbox.Mood]struct {
		err   error
		moved int
	}{
		sandbox.Approve:                 {nil, 1},
		sandbox.TimeoutBefore:           {gateway.ErrUnknown, 0},
		sandbox.TimeoutAfter:            {gateway.ErrUnknown, 1},
		sandbox.ErrorBefore:             {gateway.ErrUnknown, 0},
		sandbox.ErrorAfter:              {gateway.ErrUnknown, 1},
		sandbox.ResetBefore:             {gateway.ErrUnknown, 0},
		sandbox.ResetAfter:              {gateway.ErrUnknown, 1},
		sandbox.Busy:                    {gateway.ErrBusy, 0},
		sandbox.Garbage:                 {gateway.ErrUnknown, 1},
		sandbox.WrongID:                 {gateway.ErrUnknown, 1},
		sandbox.WrongAmount:             {gateway.ErrUnknown, 1},
		sandbox.Decline("do_not_honor"): {nil, 1}, // captures are declined, refunds are not
	} {
		t.Run(string(mood), func(t *testing.T) {
			r := start(t)
			id := r.paid(t, "k")
			r.box.Queue(sandbox.CallRefund, mood)
			call := func(ctx context.Context) error { _, err := r.Refund(ctx, id, "r", back); return err }
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
			if got := r.refunds(t); got != want.moved {
				t.Fatalf("%d refunds in the log, want %d", got, want.moved)
			}
			told, err := r.Get(t.Context(), id)
			if err != nil || told.RefundedAmount != money.Of(int64(want.moved)*back.Minor, "USD") || told.State != gateway.Captured || !told.CapturedAt.Equal(noon) {
				t.Fatalf("Get says %+v, %v", told, err)
			}
			for range 2 {
				got, err := r.Refund(t.Context(), id, "r", back)
				if full := (gateway.Refund{ID: got.ID, Payment: id, Key: "r", Amount: back, RefundedAt: noon}); err != nil || got != full {
					t.Fatalf("refunded again: %+v, %v", got, err)
				}
			}
			if got := r.refunds(t); got != 1 {
				t.Fatalf("%d refunds in the log after three calls", got)
			}
		})
	}
}

// A refund whose caller gave up may still land, and then stands in the way of no
// second call with its key.
func TestSlowRefundLandsAfterTheCallerHasLeft(t *testing.T) {
	r := start(t)
	id := r.paid(t, "k")
	r.box.Queue(sandbox.CallRefund, sandbox.Slow)
	only(t, r.interrupted(t, func(ctx context.Context) error { _, err := r.Refund(ctx, id, "r", price); return err }), gateway.ErrUnknown)
	if r.refunds(t) != 0 {
		t.Fatal("refunded while it was held")
	}
	r.box.Release()
	if _, err := r.Refund(t.Context(), id, "r", price); err != nil || r.refunds(t) != 1 {
		t.Fatalf("%v, %d refunds", err, r.refunds(t))
	}
}

func TestRefundRefusals(t *testing.T) {
	r := start(t)
	id, other, open := r.paid(t, "k"), r.paid(t, "l"), r.prepare(t, "open")
	declined := r.prepare(t, "declined")
	r.box.Queue(sandbox.CallCapture, sandbox.Decline("card_expired"))
	if _, err := r.Capture(t.Context(), declined); err != nil {
		t.Fatal(err)
	}
	refuse := func(want error, id, key string, amount money.Amount) {
		t.Helper()
		before := r.refunds(t)
		got, err := r.Refund(t.Context(), id, key, amount)
		only(t, err, want)
		if got != (gateway.Refund{}) || r.refunds(t) != before {
			t.Errorf("a refused refund gave %+v", got)
		}
	}
	refuse(gateway.ErrNotCaptured, open, "r", back)
	refuse(gateway.ErrNotCaptured, declined, "r", back)
	refuse(gateway.ErrNotFound, "pay_nobody", "r", back)
	refuse(gateway.ErrTooMuch, id, "r", money.Of(price.Minor+1, "USD"))
	refuse(gateway.ErrTooMuch, id, "r", money.Of(1<<63-1, "USD"))
	refuse(gateway.ErrInvalid, id, "r", money.Of(1, "EUR"))

	// None of them has used up the key.
	first, err := r.Refund(t.Context(), id, "r", back)
	if err != nil {
		t.Fatal(err)
	}
	refuse(gateway.ErrKeyReused, other, "r", back)
	refuse(gateway.ErrKeyReused, id, "r", money.Of(back.Minor+1, "USD"))
	refuse(gateway.ErrKeyReused, id, "r", money.Of(back.Minor, "EUR"))
	refuse(gateway.ErrTooMuch, id, "s", money.Of(price.Minor-back.Minor+1, "USD"))
	refuse(gateway.ErrTooMuch, id, "s", money.Of(1<<63-1, "USD"))
	if _, err := r.Refund(t.Context(), id, "s", money.Of(price.Minor-back.Minor, "USD")); err != nil {
		t.Fatal(err)
	}
	refuse(gateway.ErrTooMuch, id, "t", money.Of(1, "USD"))

	// The keys of payments are others, and everything is told again when nothing is left.
	if again, err := r.Refund(t.Context(), id, "r", back); err != nil || again != first {
		t.Fatalf("%+v, %v; want %+v", again, err, first)
	}
	if got, err := r.Capture(t.Context(), id); err != nil || got.State != gateway.Captured || got.RefundedAmount != price {
		t.Fatalf("captured again: %+v, %v", got, err)
	}
	if _, err := r.Refund(t.Context(), other, "l", price); err != nil {
		t.Fatal(err)
	}
	if again := r.prepare(t, "k"); again != id || r.captures(t) != 2 {
		t.Fatalf("%s, %d captures", again, r.captures(t))
	}
}

const console = "http://127.0.0.1:8080/wallet/cards?state=a"

func TestCardsAreToldByTheirSessions(t *testing.T) {
	r := start(t)
	ask := func(key string) string {
		id, err := r.AskCard(t.Context(), key, "acme", console)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	for _, want := range sandbox.Cards() {
		id := ask(want.Token)
		if again := ask(want.Token); again != id {
			t.Errorf("the same key made the sessions %s and %s", id, again)
		}
		if got, entered, err := r.Answered(t.Context(), id, "acme"); err != nil || entered || got != (gateway.Card{}) {
			t.Errorf("before it was entered: %+v, %t, %v", got, entered, err)
		}
		if ok, err := r.box.Pick(id, want.Token); err != nil || !ok {
			t.Fatal(ok, err)
		}
		if ok, err := r.box.Pick(id, sandbox.Visa); err != nil || ok {
			t.Errorf("entered twice: %t, %v", ok, err)
		}
		for _, mood := range []sandbox.Mood{sandbox.Approve, sandbox.WrongAmount} {
			r.box.Queue(sandbox.CallCard, mood)
			if got, entered, err := r.Answered(t.Context(), id, "acme"); err != nil || !entered || got != gateway.Card(want) {
				t.Errorf("%s: %+v, %v", mood, got, err)
			}
		}
		_, _, err := r.Answered(t.Context(), id, "globex")
		only(t, err, gateway.ErrUnknown)
	}
	_, err := r.AskCard(t.Context(), sandbox.Visa, "globex", console)
	only(t, err, gateway.ErrKeyReused)
	_, err = r.AskCard(t.Context(), "k", "acme", "https://evil.example/")
	only(t, err, gateway.ErrInvalid)
	id := ask(sandbox.Visa)
	for _, mood := range []sandbox.Mood{sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.ResetBefore, sandbox.ResetAfter, sandbox.Garbage,
		sandbox.WrongID, sandbox.TimeoutBefore, sandbox.TimeoutAfter, sandbox.Busy} {
		want := gateway.ErrUnknown
		if mood == sandbox.Busy {
			want = gateway.ErrBusy
		}
		r.box.SetMood(mood, sandbox.CallCard) // net/http asks again by itself when a GET is reset
		for _, call := range []func(context.Context) error{
			func(ctx context.Context) error { _, _, err := r.Answered(ctx, id, "acme"); return err },
			func(ctx context.Context) error { _, err := r.AskCard(ctx, "new", "acme", console); return err },
		} {
			if strings.HasPrefix(string(mood), "timeout") {
				only(t, r.interrupted(t, call), want)
			} else {
				only(t, call(t.Context()), want)
			}
		}
	}
}

// A token charges a card, so no error repeats one.
func TestNoErrorHoldsAToken(t *testing.T) {
	const token = "tok_secret_token_1234"
	for _, body := range []string{
		`{"error":{"code":"no_card","message":"There is no card tok_secret_token_1234.","subject":"tok_secret_token_1234"}}`,
		`{"error":{"code":"no_card","message":"No.","subject":"tok_secret_token_12345"}}`,
		`{"error":{"code":"invalid","message":"tok_secret_token_1234 has expired"}}`,
	} {
		for _, status := range []int{400, 404} {
			_, err := answering(t, status, []byte(body), nil).Prepare(t.Context(), "k", gateway.Charge{Card: token, Amount: price})
			if err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("%d %s: %v", status, body, err)
			}
		}
	}
	r := gateway.Result{ID: "pay_1", Key: "k", Card: token, Amount: price}
	if err := r.Verify("pay_1", "k", gateway.Charge{Card: "tok_secret_other", Amount: price}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}

func TestCardPageNamesTheSessionAlone(t *testing.T) {
	c := dial(t, "https://gateway.example/base/", "s3cret", nil)
	if got := c.CardPage("cs_1"); got != "https://gateway.example/base/cards/new?session=cs_1" {
		t.Errorf("got %s", got)
	}
}
