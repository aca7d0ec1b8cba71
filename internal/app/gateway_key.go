package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"perennial/internal/billing"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// The keys of card payments for renewals, and of refunds, follow from what is paid
// and how often that was tried, and from nothing random. What a payment pays belongs
// to its key: the gateway compares both. Books that were set back so never pay
// something else under a key that is spent; Reconcile enters what they lack. A top-up
// is a person's decision, and its key follows from the form that was sent.

// batchKey is the key of the next card payment for a hundred of a task's items. Only a
// payment that is captured or declined, here or at the gateway, ends an attempt.
func batchKey(tx *store.Tx, t renewal.Task, item int) (string, error) {
	prefix := fmt.Sprintf("renewal-%s-%d-", t.ID, billing.CardRange(item))
	before, err := tx.CardAttemptsWithin(t.AccountID, t.ID, prefix)
	if err != nil {
		return "", err
	}
	return unspent(tx, t.AccountID, prefix, before+1)
}

// unspent is the first key from an attempt on that the gateway is not known to have.
// Attempts may be entered out of order, so their number alone does not tell.
func unspent(tx *store.Tx, accountID, prefix string, attempt int) (string, error) {
	for {
		key := fmt.Sprintf("%s%d", prefix, attempt)
		spent, err := tx.KeySpent(accountID, key)
		if err != nil || !spent {
			return key, err
		}
		attempt++
	}
}

// ordersKey is the key of the payment of orders that a person placed. Their numbers
// begin again where a database was restored, so the instant at which the first one
// that needs the card was placed is part of it.
func ordersKey(tx *store.Tx, orders []OrderToPay) (string, error) {
	for _, o := range orders {
		paid := o.Order
		if paid.Legs = o.Split.Legs; cardLeg(paid).IsZero() {
			continue
		}
		before, err := tx.CardAttempts(o.AccountID, o.ID)
		if err != nil {
			return "", err
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d", o.AccountID, o.ID, o.CreatedAt.UnixMilli()))
		return unspent(tx, o.AccountID, fmt.Sprintf("order-%s-", hex.EncodeToString(sum[:16])), before+1)
	}
	return "", fmt.Errorf("none of %d orders needs the card", len(orders))
}

// topUpKey is the key of the top-up that a form asks for, or the id of the payment
// that it has asked for before.
func topUpKey(tx *store.Tx, p billing.Payment, form string) (key, before string, err error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s", p.AccountID, form, p.Charged, p.CardID))
	for attempt := 1; ; attempt++ {
		key = fmt.Sprintf("top-up-%s-%d", hex.EncodeToString(sum[:16]), attempt)
		known, err := tx.PaymentsByKey([]string{key})
		if err != nil {
			return "", "", err
		}
		if asked, ok := known[key]; ok && asked.State != billing.PaymentDeclined {
			return "", asked.ID, nil
		}
		if spent, err := tx.KeySpent(p.AccountID, key); err != nil || !spent {
			return key, "", err
		}
	}
}

// dataOf is what the gateway keeps of a payment: everything that is needed to enter
// it into books that lack it.
func dataOf(tx *store.Tx, p billing.Payment, orders []billing.Order) (string, error) {
	installation, err := tx.KeepInstallation()
	if err != nil {
		return "", err
	}
	d := billing.PaymentData{Installation: installation, AccountID: p.AccountID, Purpose: p.Purpose, PaymentID: p.ID, TaskID: p.TaskID,
		CreatedBy: p.CreatedBy, CreatedAt: p.CreatedAt}
	for _, o := range orders {
		u := billing.PaidUnit{Item: o.Item, InstanceID: o.Lines[0].InstanceID, OldExpiry: o.Lines[0].OldExpiry,
			NewExpiry: o.Lines[0].NewExpiry, Fee: o.Fee, Legs: o.Legs}
		if o.TaskID == "" {
			u.OrderID = o.ID
		}
		d.Units = append(d.Units, u)
	}
	text := d.Text()
	if len(text) > billing.MaximumPaymentData {
		return "", fmt.Errorf("payment %s: %d units make %d characters of data", p.ID, len(d.Units), len(text))
	}
	return text, nil
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
	if p.Data != "" {
		d, err := billing.ReadPaymentData(p.Data, p.Amount.Currency, p.CardID)
		if err != nil {
			return "", fmt.Errorf("payment %s: %w", p.ID, err)
		}
		return fmt.Sprintf("Renewal, instances: %d", len(d.Units)), nil
	}
	// A payment that an older server made is asked for as that server asked.
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

// renewalText is the description of a card payment of an older server: the first of
// its orders, which are sorted by their IDs, and a digest of all and of what each takes.
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
