package gateway_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"perennial/internal/clock"
	"perennial/internal/gateway"
	"perennial/internal/money"
	"perennial/internal/testkit"
)

// Who counts calls learns what the caller got and how long it took.
func TestWatch_ReportsWhatTheCallerGets(t *testing.T) {
	now := clock.NewManual(testkit.Start)
	status, body := 0, ""
	client := dial(t, "https://gateway.example", "k", &http.Client{Transport: wire(func(r *http.Request) (*http.Response, error) {
		now.Advance(3 * time.Second)
		return &http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader([]byte(body))), Request: r}, nil
	})})
	type told struct {
		call, answer string
		took         time.Duration
	}
	var got []told
	g := gateway.Watch(client, now, func(call, answer string, took time.Duration) { got = append(got, told{call, answer, took}) })
	ctx := t.Context()
	declined := `{"id":"pay_1","key":"k","card":"tok_1","amount":74130,"currency":"USD","state":"declined","decline_reason":"no_funds","refunded_amount":0}`
	refused := func(code, subject string) string {
		return fmt.Sprintf(`{"error":{"code":%q,"message":"no","subject":%q}}`, code, subject)
	}
	for _, step := range []struct {
		status int
		body   string
		ask    func() error
	}{
		{200, good, func() error { _, err := g.Capture(ctx, "pay_1"); return err }},
		{200, declined, func() error { _, err := g.Get(ctx, "pay_1"); return err }},
		{200, "<html>", func() error { _, err := g.Capture(ctx, "pay_1"); return err }},
		{500, "", func() error { _, err := g.Prepare(ctx, "k", charge); return err }},
		{429, refused("busy", ""), func() error { _, err := g.List(ctx, ""); return err }},
		{401, refused("unauthorized", ""), func() error { _, err := g.AskCard(ctx, "k", "acme", "https://renewals.example.com/"); return err }},
		{404, refused("not_found", "cs_1"), func() error { _, _, err := g.Answered(ctx, "cs_1", "acme"); return err }},
		{200, goodRefund, func() error { _, err := g.Refund(ctx, "pay_1", "r", money.Of(30000, "USD")); return err }},
	} {
		status, body = step.status, step.body
		t.Log(step.ask())
	}
	const s = 3 * time.Second
	want := []told{{"capture", "ok", s}, {"get", "declined", s}, {"capture", "unknown", s}, {"prepare", "unknown", s}, {"list", "busy", s},
		{"ask_card", "unauthorized", s}, {"answered", "not_found", s}, {"refund", "ok", s}}
	if !slices.Equal(got, want) {
		t.Errorf("it was told\n%v, want\n%v", got, want)
	}
}
