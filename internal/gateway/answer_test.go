package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"perennial/internal/gateway"
	"perennial/internal/money"
)

// wire is a network that answers what a test wants.
type wire func(*http.Request) (*http.Response, error)

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) { return w(r) }

func answering(t *testing.T, status int, body []byte, header http.Header) *gateway.Client {
	return dial(t, "https://gateway.example", "k", &http.Client{Transport: wire(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host != "gateway.example" {
			t.Errorf("the client went to %s", r.URL)
		}
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
	})})
}

const (
	good = `{"id":"pay_1","key":"k","card":"tok_1","amount":74130,"currency":"USD","state":"captured","captured_at":"2026-11-23T12:00:00Z",` +
		`"refunded_amount":0}`
	goodRefund = `{"id":"re_1","payment":"pay_1","key":"r","amount":30000,"currency":"USD","refunded_at":"2026-11-23T12:00:00Z"}`
	goodCard   = `{"id":"cs_1","key":"k","account":"acme","state":"completed","card":{"token":"tok_1","brand":"Visa","last4":"4242","exp_month":12,"exp_year":2039,"number":"4242424242424242"}}`
)

var (
	charge = gateway.Charge{Card: "tok_1", Amount: price}
	back   = money.Of(30_000, "USD")
)

// goodFor is what a gateway answers that does what was asked.
func goodFor(path string) string {
	switch {
	case strings.HasSuffix(path, "/refunds"):
		return goodRefund
	case strings.HasPrefix(path, "/v1/card-sessions"):
		return goodCard
	}
	return good
}

// calls makes every call of the API as the good answers expect it.
func calls(ctx context.Context, c *gateway.Client) map[string]error {
	_, prepare := c.Prepare(ctx, "k", charge)
	_, capture := c.Capture(ctx, "pay_1")
	_, get := c.Get(ctx, "pay_1")
	_, refund := c.Refund(ctx, "pay_1", "r", back)
	_, asked := c.AskCard(ctx, "k", "acme", "https://console.example/")
	_, _, answered := c.Answered(ctx, "cs_1", "acme")
	return map[string]error{"Prepare": prepare, "Capture": capture, "Get": get, "Refund": refund, "AskCard": asked, "Answered": answered}
}

func TestGoodAnswersAreAccepted(t *testing.T) {
	c := dial(t, "https://gateway.example", "", &http.Client{Transport: wire(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(goodFor(r.URL.Path))), Request: r}, nil
	})})
	for call, err := range calls(t.Context(), c) {
		if err != nil {
			t.Errorf("%s: %v", call, err)
		}
	}
	some := []byte(swapped(t, good, `"refunded_amount":0`, `"refunded_amount":30000`))
	r, err := answering(t, 200, some, nil).Get(t.Context(), "pay_1")
	if want := (gateway.Result{ID: "pay_1", Key: "k", Card: "tok_1", Amount: price, State: gateway.Captured, CapturedAt: noon, RefundedAmount: back}); err != nil || r != want {
		t.Errorf("%+v, %v", r, err)
	}
	given, err := c.Refund(t.Context(), "pay_1", "r", back)
	if want := (gateway.Refund{ID: "re_1", Payment: "pay_1", Key: "r", Amount: back, RefundedAt: noon}); err != nil || given != want {
		t.Errorf("%+v, %v", given, err)
	}
	card, entered, err := c.Answered(t.Context(), "cs_1", "acme")
	if want := (gateway.Card{Token: "tok_1", Brand: "Visa", Last4: "4242", ExpMonth: 12, ExpYear: 2039}); err != nil || card != want || !entered {
		t.Errorf("%+v, %v", card, err)
	}
}

// swapped replaces a part of an answer that must be in it.
func swapped(t *testing.T, answer, old, new string) string {
	t.Helper()
	if !strings.Contains(answer, old) {
		t.Fatalf("%q is not in the good answer", old)
	}
	return strings.Replace(answer, old, new, 1)
}

// unreadable are bodies that are no answer to anything.
func unreadable(good string) []string {
	return []string{good + good, good[:len(good)-1], "", "null", "{}", "[]", "<html>",
		good + strings.Repeat(" ", 64<<10)} // oversized, and readable otherwise
}

func TestForgedAndMismatchingAnswersAreUnknown(t *testing.T) {
	swap := func(old, new string) string { return swapped(t, good, old, new) }
	all := []string{"Prepare", "Capture", "Get"}
	type forgery struct {
		body  string
		calls []string
	}
	forgeries := []forgery{
		{swap("pay_1", "pay_2"), all[1:]}, // Prepare learns the id from this answer
		{swap("pay_1", ""), all},
		{swap("pay_1", "../x"), all},
		{swap(`"key":"k"`, `"key":"l"`), all[:1]}, // the others know the id alone: see Verify
		{swap(`"key":"k"`, `"key":""`), all},
		{swap("74130", "74131"), all[:1]},
		{swap("USD", "EUR"), all[:1]},
		{swap("USD", "XXX"), all},
		{swap("74130", "0"), all},
		{swap("74130", "-74130"), all},
		{swap("74130", "741.30"), all},
		{swap("74130", `"74130"`), all},
		{swap("74130", "9223372036854775808"), all},
		{swap("tok_1", "tok_2"), all[:1]},
		{swap("tok_1", ""), all[:1]}, // the others may be about a payment of before
		{swap("tok_1", "4242424242424242"), all},
		{swap("tok_1", "<b>"), all},
		{swap(`,"refunded_amount":0`, ""), all},
		{swap(`"refunded_amount":0`, `"refunded_amount":null`), all},
		{swap(`"refunded_amount":0`, `"refunded_amount":-1`), all},
		{swap(`"refunded_amount":0`, `"refunded_amount":74131`), all},
		{swap(`"refunded_amount":0`, `"refunded_amount":9223372036854775807`), all},
		{swap(`"refunded_amount":0`, `"refunded_amount":9223372036854775808`), all},
		{swap(`"refunded_amount":0`, `"refunded_amount":1.5`), all},
		{swap(`"state":"captured","captured_at":"2026-11-23T12:00:00Z","refunded_amount":0`, `"state":"prepared","refunded_amount":1`), all},
		{swap(`"state":"captured","captured_at":"2026-11-23T12:00:00Z","refunded_amount":0`,
			`"state":"declined","decline_reason":"do_not_honor","refunded_amount":1`), all},
		{swap("captured", "refunded"), all},
		{swap("captured", "prepared"), all}, // with a time of capture
		{swap("captured", "declined"), all},
		{swap(`"state":"captured","captured_at":"2026-11-23T12:00:00Z"`, `"state":"prepared"`), all[1:2]},
		{swap(`,"captured_at":"2026-11-23T12:00:00Z"`, ""), all},
		{swap("2026-11-23T12:00:00Z", "0001-01-01T00:00:00Z"), all},
		{swap("2026-11-23T12:00:00Z", "noon"), all},
		{swap(`"state":"captured"`, `"state":"captured","decline_reason":"do_not_honor"`), all},
		{swap(`"state":"captured","captured_at":"2026-11-23T12:00:00Z"`, `"state":"declined"`), all},
		{swap(`"state":"captured","captured_at":"2026-11-23T12:00:00Z"`, `"state":"declined","decline_reason":"<b>"`), all},
	}
	for _, body := range unreadable(good) {
		forgeries = append(forgeries, forgery{body, all})
	}
	for _, tc := range forgeries {
		got := calls(t.Context(), answering(t, 200, []byte(tc.body), nil))
		for _, call := range tc.calls {
			if err := got[call]; !errors.Is(err, gateway.ErrUnknown) || errors.Is(err, gateway.ErrRefused) {
				t.Errorf("%s took %.200s: %v", call, tc.body, err)
			}
		}
	}
}

func TestForgedRefundsAndCardsAreUnknown(t *testing.T) {
	for call, swaps := range map[string]map[string][]string{
		"Refund": {
			`"pay_1"`:                               {`"pay_2"`, `""`},
			`"re_1"`:                                {`""`, `"../x"`, `"<b>"`, `"` + strings.Repeat("x", 129) + `"`},
			`"r"`:                                   {`"s"`, `""`},
			"30000":                                 {"29999", "30001", "-30000", "0", "300.00", `"30000"`, "9223372036854775808"},
			"USD":                                   {"EUR", "usd", ""},
			"2026-11-23T12:00:00Z":                  {"noon", "0001-01-01T00:00:00Z", ""},
			`,"refunded_at":"2026-11-23T12:00:00Z"`: {""},
		},
		"Answered": {
			"cs_1":      {"cs_2", "", "<b>"},
			"acme":      {"globex", ""},
			"completed": {"open", "closed", ""},
			"tok_1":     {"", "4242424242424242", "a/b"},
			"Visa":      {"", " Visa", "4242", "Visa 424242", "<b>", "Vi\\nsa", "Vi\\u202esa", strings.Repeat("V", 41)},
			`"4242"`:    {`""`, `"424"`, `"42424"`, `"424x"`, `"٤٢"`, "4242", `"4242424242424242"`},
			"12":        {"0", "13", "-1", "1.5", "null"},
			"2039":      {"0", "39", "-2039", "10000", "null"},
		},
	} {
		whole := map[string]string{"Refund": goodRefund, "Answered": goodCard}[call]
		bodies := unreadable(whole)
		for old, forged := range swaps {
			for _, new := range forged {
				bodies = append(bodies, swapped(t, whole, old, new))
			}
		}
		for _, body := range bodies {
			err := calls(t.Context(), answering(t, 200, []byte(body), nil))[call]
			if !errors.Is(err, gateway.ErrUnknown) || errors.Is(err, gateway.ErrRefused) {
				t.Errorf("%s took %.200s: %v", call, body, err)
			}
		}
	}
}

func TestVerifyComparesEverything(t *testing.T) {
	r, err := answering(t, 200, []byte(good), nil).Get(t.Context(), "pay_1")
	if err != nil {
		t.Fatal(err)
	}
	worded := charge
	worded.Description = "other words"
	for _, c := range []gateway.Charge{charge, worded} {
		if err := r.Verify("pay_1", "k", c); err != nil {
			t.Fatal(err)
		}
	}
	other, euro, card, none := charge, charge, charge, charge
	other.Amount.Minor--
	euro.Amount.Currency = "EUR"
	card.Card = "tok_2"
	none.Card = ""
	only(t, r.Verify("pay_2", "k", charge), gateway.ErrUnknown)
	only(t, r.Verify("pay_1", "l", charge), gateway.ErrUnknown)
	for _, c := range []gateway.Charge{other, euro, card, none} {
		only(t, r.Verify("pay_1", "k", c), gateway.ErrUnknown)
	}
}

// Only a refusal in the gateway's own words, for this subject and possible for
// this call, is definite. A proxy's bare 404 knows nothing of captures.
func TestOnlyWholeRefusalsAreDefinite(t *testing.T) {
	say := func(code, subject string) string {
		return fmt.Sprintf(`{"error":{"code":%q,"message":"No.","subject":%q}}`, code, subject)
	}
	anyCall := []string{"Prepare", "Capture", "Get", "Refund", "AskCard", "Answered"}
	for _, tc := range []struct {
		status int
		body   string
		want   error
		calls  []string // for which the refusal is definite; for the others it is unknown
	}{
		{400, say("invalid", ""), gateway.ErrInvalid, anyCall},
		{401, say("unauthorized", ""), gateway.ErrUnauthorized, anyCall},
		{429, say("busy", ""), gateway.ErrBusy, anyCall},
		{404, say("not_found", "pay_1"), gateway.ErrNotFound, []string{"Capture", "Get", "Refund"}},
		{404, say("not_found", "pay_2"), nil, nil},
		{404, say("not_found", "k"), nil, nil}, // Prepare cannot miss what it makes
		{404, say("not_found", "tok_1"), nil, nil},
		{404, say("no_card", "tok_1"), gateway.ErrNoCard, []string{"Prepare"}},
		{404, say("no_card", "tok_2"), nil, nil},
		{404, say("no_card", "k"), nil, nil},
		{409, say("key_reused", "k"), gateway.ErrKeyReused, []string{"Prepare", "AskCard"}},
		{404, say("not_found", "cs_1"), gateway.ErrNotFound, []string{"Answered"}},
		{404, say("not_found", "cs_2"), nil, nil},
		{409, say("key_reused", "r"), gateway.ErrKeyReused, []string{"Refund"}},
		{409, say("key_reused", "l"), nil, nil},
		{409, say("key_reused", "pay_1"), nil, nil},
		{409, say("not_captured", "pay_1"), gateway.ErrNotCaptured, []string{"Refund"}},
		{409, say("not_captured", "pay_2"), nil, nil},
		{409, say("too_much", "r"), gateway.ErrTooMuch, []string{"Refund"}},
		{409, say("too_much", "s"), nil, nil},
		{409, say("too_much", "pay_1"), nil, nil},
		{404, "404 page not found", nil, nil},
		{404, say("busy", "pay_1"), nil, nil},
		{404, say("", "pay_1"), nil, nil},
		{400, "<html>", nil, nil},
		{400, say("too_much", "r"), nil, nil},
		{403, say("unauthorized", ""), nil, nil},
		{408, say("busy", ""), nil, nil},
		{500, say("not_found", "pay_1"), nil, nil},
		{502, "", nil, nil},
		{204, "", nil, nil},
		{201, good, nil, nil},
		{201, goodRefund, nil, nil},
		{201, goodCard, nil, nil},
	} {
		got := calls(t.Context(), answering(t, tc.status, []byte(tc.body), nil))
		for _, call := range anyCall {
			want := gateway.ErrUnknown
			if slices.Contains(tc.calls, call) {
				want = tc.want
			}
			if err := got[call]; !errors.Is(err, want) || errors.Is(err, gateway.ErrUnknown) == errors.Is(err, gateway.ErrRefused) {
				t.Errorf("%s, %d %s: got %v, want %v", call, tc.status, tc.body, err, want)
			}
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, body := range []string{good, goodRefund, goodCard} {
			c := answering(t, status, []byte(body), http.Header{"Location": {"https://thief.example/"}})
			for _, err := range calls(t.Context(), c) {
				only(t, err, gateway.ErrUnknown)
			}
		}
	}
}

func TestAnAnswerThatBreaksOffIsUnknown(t *testing.T) {
	c := dial(t, "https://gateway.example", "", &http.Client{Transport: wire(func(r *http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader(goodFor(r.URL.Path)), brokenReader{})
		return &http.Response{StatusCode: 200, Body: io.NopCloser(body), Request: r}, nil
	})})
	for _, err := range calls(t.Context(), c) {
		only(t, err, gateway.ErrUnknown)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// FuzzAnswer: whatever comes back, a call ends in exactly one of result, unknown
// and refused, and a result is about what was asked and does not contradict itself.
func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(good))
	f.Add(200, []byte(goodRefund))
	f.Add(200, []byte(goodCard))
	f.Add(200, []byte(`{"id":"pay_1","key":"k","card":"tok_1","amount":74130,"currency":"USD","state":"declined","decline_reason":"do_not_honor","refunded_amount":0}`))
	f.Add(404, []byte(`{"error":{"code":"not_found","message":"No.","subject":"pay_1"}}`))
	f.Add(404, []byte(`{"error":{"code":"no_card","message":"No.","subject":"tok_1"}}`))
	f.Add(409, []byte(`{"error":{"code":"key_reused","message":"No.","subject":"k"}}`))
	f.Add(409, []byte(`{"error":{"code":"too_much","message":"No.","subject":"r"}}`))
	f.Add(409, []byte(`{"error":{"code":"not_captured","message":"No.","subject":"pay_1"}}`))
	f.Add(429, []byte(`{"error":{"code":"busy"}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		c := answering(t, status, body, nil)
		id, err := c.Prepare(t.Context(), "k", charge)
		classified(t, err)
		if (err == nil) != (id != "") {
			t.Fatalf("id %q with error %v", id, err)
		}
		for name, call := range map[string]func(context.Context, string) (gateway.Result, error){"Capture": c.Capture, "Get": c.Get} {
			r, err := call(t.Context(), "pay_1")
			classified(t, err)
			if err != nil {
				if r != (gateway.Result{}) {
					t.Fatalf("%s: %+v with error %v", name, r, err)
				}
				continue
			}
			ok := r.ID == "pay_1" && r.Key != "" && r.Amount.Minor > 0 && r.Amount.Currency.Known() &&
				(r.State == gateway.Captured) == !r.CapturedAt.IsZero() && (r.State == gateway.Declined) == (r.DeclineReason != "") &&
				(r.State == gateway.Captured || r.State == gateway.Declined || r.State == gateway.Prepared && name == "Get") &&
				r.RefundedAmount.Currency == r.Amount.Currency && r.RefundedAmount.Minor >= 0 && r.RefundedAmount.Minor <= r.Amount.Minor &&
				(r.RefundedAmount.IsZero() || r.State == gateway.Captured)
			if !ok || status != http.StatusOK {
				t.Fatalf("%s accepted status %d: %+v", name, status, r)
			}
		}

		given, err := c.Refund(t.Context(), "pay_1", "r", back)
		classified(t, err)
		if want := (gateway.Refund{ID: given.ID, Payment: "pay_1", Key: "r", Amount: back, RefundedAt: given.RefundedAt}); err == nil &&
			(given != want || given.ID == "" || given.RefundedAt.IsZero() || status != http.StatusOK) || err != nil && given != (gateway.Refund{}) {
			t.Fatalf("status %d: %+v with error %v", status, given, err)
		}

		card, entered, err := c.Answered(t.Context(), "cs_1", "acme")
		classified(t, err)
		if entered && (card.Token == "" || len(card.Last4) != 4 || strings.ContainsAny(card.Brand, "<>&\"0123456789\n") || card.Brand == "" ||
			card.ExpMonth < 1 || card.ExpMonth > 12 || card.ExpYear < 2000 || status != http.StatusOK) || (err != nil || !entered) && (entered || card != (gateway.Card{})) {
			t.Fatalf("status %d: %+v with error %v", status, card, err)
		}
	})
}

func classified(t *testing.T, err error) {
	t.Helper()
	if err != nil && errors.Is(err, gateway.ErrUnknown) == errors.Is(err, gateway.ErrRefused) {
		t.Fatalf("%v is not exactly one of unknown and refused", err)
	}
}
