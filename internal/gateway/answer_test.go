package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"perennial/internal/gateway"
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

const good = `{"id":"pay_1","key":"k","amount":74130,"currency":"USD","state":"captured","captured_at":"2026-11-23T12:00:00Z"}`

// calls makes every call of the API as the good answer expects it.
func calls(ctx context.Context, c *gateway.Client) map[string]error {
	_, prepare := c.Prepare(ctx, "k", price, "")
	_, capture := c.Capture(ctx, "pay_1")
	_, get := c.Get(ctx, "pay_1")
	return map[string]error{"Prepare": prepare, "Capture": capture, "Get": get}
}

func TestGoodAnswerIsAccepted(t *testing.T) {
	for call, err := range calls(t.Context(), answering(t, 200, []byte(good), nil)) {
		if err != nil {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestForgedAndMismatchingAnswersAreUnknown(t *testing.T) {
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the good answer", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	all := []string{"Prepare", "Capture", "Get"}
	for _, tc := range []struct {
		body  string
		calls []string
	}{
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
		{good + good, all},
		{good[:len(good)-1], all},
		{"", all}, {"null", all}, {"{}", all}, {"[]", all}, {"<html>", all},
		{good + strings.Repeat(" ", 64<<10), all}, // oversized, and readable otherwise
	} {
		got := calls(t.Context(), answering(t, 200, []byte(tc.body), nil))
		for _, call := range tc.calls {
			if err := got[call]; !errors.Is(err, gateway.ErrUnknown) || errors.Is(err, gateway.ErrRefused) {
				t.Errorf("%s took %.200s: %v", call, tc.body, err)
			}
		}
	}
}

func TestVerifyComparesEverything(t *testing.T) {
	r, err := answering(t, 200, []byte(good), nil).Get(t.Context(), "pay_1")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Verify("pay_1", "k", price); err != nil {
		t.Fatal(err)
	}
	other, euro := price, price
	other.Minor--
	euro.Currency = "EUR"
	only(t, r.Verify("pay_2", "k", price), gateway.ErrUnknown)
	only(t, r.Verify("pay_1", "l", price), gateway.ErrUnknown)
	only(t, r.Verify("pay_1", "k", other), gateway.ErrUnknown)
	only(t, r.Verify("pay_1", "k", euro), gateway.ErrUnknown)
}

// Only a refusal in the gateway's own words, for this subject and possible for
// this call, is definite. A proxy's bare 404 knows nothing of captures.
func TestOnlyWholeRefusalsAreDefinite(t *testing.T) {
	say := func(code, subject string) string {
		return fmt.Sprintf(`{"error":{"code":%q,"message":"No.","subject":%q}}`, code, subject)
	}
	u := gateway.ErrUnknown
	for _, tc := range []struct {
		status                int
		body                  string
		prepare, capture, get error
	}{
		{400, say("invalid", ""), gateway.ErrInvalid, gateway.ErrInvalid, gateway.ErrInvalid},
		{401, say("unauthorized", ""), gateway.ErrUnauthorized, gateway.ErrUnauthorized, gateway.ErrUnauthorized},
		{429, say("busy", ""), gateway.ErrBusy, gateway.ErrBusy, gateway.ErrBusy},
		{404, say("not_found", "pay_1"), u, gateway.ErrNotFound, gateway.ErrNotFound},
		{404, say("not_found", "pay_2"), u, u, u},
		{404, say("not_found", "k"), u, u, u}, // Prepare cannot miss what it makes
		{409, say("key_reused", "k"), gateway.ErrKeyReused, u, u},
		{409, say("key_reused", "l"), u, u, u},
		{409, say("key_reused", "pay_1"), u, u, u},
		{404, "404 page not found", u, u, u},
		{404, say("busy", "pay_1"), u, u, u},
		{400, "<html>", u, u, u},
		{403, say("unauthorized", ""), u, u, u},
		{408, say("busy", ""), u, u, u},
		{500, say("not_found", "pay_1"), u, u, u},
		{502, "", u, u, u},
		{204, "", u, u, u},
		{201, good, u, u, u},
	} {
		got := calls(t.Context(), answering(t, tc.status, []byte(tc.body), nil))
		only(t, got["Prepare"], tc.prepare)
		only(t, got["Capture"], tc.capture)
		only(t, got["Get"], tc.get)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := answering(t, status, []byte(good), http.Header{"Location": {"https://thief.example/"}})
		for _, err := range calls(t.Context(), c) {
			only(t, err, gateway.ErrUnknown)
		}
	}
}

func TestAnAnswerThatBreaksOffIsUnknown(t *testing.T) {
	c := dial(t, "https://gateway.example", "", &http.Client{Transport: wire(func(r *http.Request) (*http.Response, error) {
		body := io.MultiReader(strings.NewReader(good), brokenReader{})
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
	f.Add(200, []byte(`{"id":"pay_1","key":"k","amount":74130,"currency":"USD","state":"declined","decline_reason":"do_not_honor"}`))
	f.Add(404, []byte(`{"error":{"code":"not_found","message":"No.","subject":"pay_1"}}`))
	f.Add(409, []byte(`{"error":{"code":"key_reused","message":"No.","subject":"k"}}`))
	f.Add(429, []byte(`{"error":{"code":"busy"}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		c := answering(t, status, body, nil)
		id, err := c.Prepare(t.Context(), "k", price, "")
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
				(r.State == gateway.Captured || r.State == gateway.Declined || r.State == gateway.Prepared && name == "Get")
			if !ok || status != http.StatusOK {
				t.Fatalf("%s accepted status %d: %+v", name, status, r)
			}
		}
	})
}

func classified(t *testing.T, err error) {
	t.Helper()
	if err != nil && errors.Is(err, gateway.ErrUnknown) == errors.Is(err, gateway.ErrRefused) {
		t.Fatalf("%v is not exactly one of unknown and refused", err)
	}
}
