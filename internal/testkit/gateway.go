package testkit

import (
	"net/http/httptest"
	"path/filepath"
	"testing"

	"perennial/internal/billing"
	"perennial/internal/clock"
	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
)

// Gateway is a sandbox card gateway that speaks HTTP on a port of its own.
type Gateway struct {
	*sandbox.Server                 // its moods and its log
	Client          gateway.Gateway // for WithGateway
	URL             string          // for --gateway-url
}

// Tokens of cards besides VisaCard's: one that pays, one that is always declined
// for want of funds, and one that has expired.
const (
	MastercardToken = sandbox.Mastercard
	NoFundsToken    = sandbox.NoFunds
	ExpiredToken    = sandbox.Expired
)

// NewGateway starts a card gateway that ends with the test. Its card page leads
// back to consoles on this machine and at the given addresses.
func NewGateway(tb testing.TB, consoles ...string) *Gateway {
	tb.Helper()
	var options []sandbox.Option
	for _, address := range consoles {
		options = append(options, sandbox.WithReturnTo(address))
	}
	box, err := sandbox.Open(filepath.Join(tb.TempDir(), "gateway.log"), clock.NewManual(Start), options...)
	if err != nil {
		tb.Fatalf("testkit: open the gateway: %v", err)
	}
	server := httptest.NewServer(box)
	tb.Cleanup(func() {
		server.Close()
		if err := box.Close(); err != nil {
			tb.Errorf("testkit: close the gateway: %v", err)
		}
	})
	client, err := gateway.NewClient(server.URL, "", server.Client())
	if err != nil {
		tb.Fatalf("testkit: reach the gateway: %v", err)
	}
	return &Gateway{box, client, server.URL}
}

// Prepared has the gateway know a payment by VisaCard whose id nobody has kept.
func (g *Gateway) Prepared(tb testing.TB, key string, amount money.Amount, description string) {
	tb.Helper()
	if _, err := g.Client.Prepare(tb.Context(), key, gateway.Charge{Card: sandbox.Visa, Amount: amount, Description: description}); err != nil {
		tb.Fatalf("testkit: prepare a payment: %v", err)
	}
}

// Captured has the gateway charge VisaCard for what data say, and returns its payment.
func (g *Gateway) Captured(tb testing.TB, key string, amount money.Amount, data billing.PaymentData) (id string) {
	tb.Helper()
	id, err := g.Client.Prepare(tb.Context(), key, gateway.Charge{Card: sandbox.Visa, Amount: amount, Description: "Renewal", Data: data.Text()})
	if err == nil {
		_, err = g.Client.Capture(tb.Context(), id)
	}
	if err != nil {
		tb.Fatalf("testkit: capture a payment: %v", err)
	}
	return id
}
