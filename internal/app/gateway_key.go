package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"perennial/internal/billing"
	"perennial/internal/store"
)

// The keys of card payments for renewals, and of refunds, follow from what is paid
// and how often that was tried, and from nothing random: a database that was
// restored from an older backup asks the gateway with the same keys again and hears
// what it had captured or given back already, instead of doing it twice. The
// description, which the gateway compares with the key, follows from every order:
// a restored task that would pay for other units under the same key pays for none.
// A top-up is a person's new decision and has a key of its own.

// batchKey is the key of the payment of a task's orders. An order belongs to one
// attempt, so the first one tells attempts apart.
func batchKey(orders []billing.Order) string {
	return "renewal-" + orders[0].TaskID + "-" + orders[0].ID
}

// ordersKey is the key of the payment of orders that a person placed. Their numbers
// begin anew where a database was restored, so the instant at which the first one
// that needs the card was placed is part of it.
func ordersKey(tx *store.Tx, orders []OrderToPay) (string, error) {
	for _, o := range orders {
		paid := o.Order
		if paid.Legs = o.Split.Legs; cardLeg(paid).IsZero() {
			continue
		}
		before, err := tx.CardAttempts(o.AccountID, o.ID)
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d", o.AccountID, o.ID, o.CreatedAt.UnixMilli()))
		return fmt.Sprintf("order-%s-%d", hex.EncodeToString(sum[:16]), before+1), err
	}
	return "", fmt.Errorf("none of %d orders needs the card", len(orders))
}

// refundKey is the key under which a payment, or one order of it, is given back.
func refundKey(p billing.Payment, orderID string) string {
	if orderID == "" {
		return "refund-" + p.GatewayKey
	}
	return "refund-" + p.GatewayKey + "-" + orderID
}

// descriptionOf is what the gateway keeps with the key of a payment.
func (a *App) descriptionOf(ctx context.Context, p billing.Payment) (text string, err error) {
	if p.Purpose == billing.ForTopUp {
		return "Top-up " + p.ID, nil
	}
	// An older server named the payment, and may have prepared it before it ended.
	if p.GatewayKey == "renewal-"+p.ID {
		return "Renewal " + p.ID, nil
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		orders, err := tx.OrdersUnderWay(p.AccountID, p.ID)
		if err == nil && len(orders) == 0 {
			err = fmt.Errorf("payment %s is no longer under way: %w", p.ID, errOvertaken)
		}
		if err == nil {
			text = renewalText(orders)
		}
		return err
	})
	return text, err
}

// renewalText is the description of the card payment of orders, which are sorted
// by their IDs: the first one, and a digest of all and of what each takes.
func renewalText(orders []billing.Order) string {
	sum := sha256.New()
	for _, o := range orders {
		fmt.Fprintf(sum, "%s\n%d\n", o.ID, cardLeg(o).Minor)
	}
	more := ""
	if n := len(orders) - 1; n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("Renewal %s%s, %x", orders[0].ID, more, sum.Sum(nil)[:8])
}
