package billing_test

import (
	"testing"

	"perennial/internal/billing"
)

func TestPromise14ReceiptAddsUp(t *testing.T) {
	good := func() billing.Receipt {
		return billing.Receipt{
			Orders: 2, List: usd(1_000), Discount: usd(150), Fee: usd(850), Payments: 1, Captured: usd(850), Ledger: usd(-850),
			Kinds: []billing.KindSum{{Kind: "contract", Amount: usd(100)}, {Kind: "partner", Amount: usd(50)}},
			Legs:  []billing.Leg{{Kind: billing.FromBalance, Amount: usd(850)}},
		}
	}
	if !good().AddsUp() {
		t.Error("a receipt that adds up is doubted")
	}
	withCoupon := good()
	withCoupon.Legs = []billing.Leg{{Kind: billing.FromBalance, Amount: usd(800)}, {Kind: billing.FromCoupon, Amount: usd(50)}}
	withCoupon.Ledger = usd(-800)
	if !withCoupon.AddsUp() {
		t.Error("what a coupon paid did not leave the balance")
	}
	refunded := good()
	refunded.Captured, refunded.Refunded = usd(900), usd(50)
	if !refunded.AddsUp() {
		t.Error("what was given back was not charged")
	}
	for name, spoil := range map[string]func(*billing.Receipt){
		"list price": func(r *billing.Receipt) { r.List.Minor++ },
		"discount":   func(r *billing.Receipt) { r.Discount.Minor++; r.List.Minor++ },
		"refunds":    func(r *billing.Receipt) { r.Refunded.Minor++ },
		"payments":   func(r *billing.Receipt) { r.Captured.Minor-- },
		"legs":       func(r *billing.Receipt) { r.Legs[0].Amount.Minor--; r.Ledger.Minor++ },
		"ledger":     func(r *billing.Receipt) { r.Ledger.Minor++ },
	} {
		r := good()
		if spoil(&r); r.AddsUp() {
			t.Errorf("a cent too much in the %s was not seen", name)
		}
	}
}
