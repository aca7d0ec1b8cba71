package app

import (
	"context"
	"errors"

	"perennial/internal/billing"
	"perennial/internal/gateway"
	"perennial/internal/money"
	"perennial/internal/store"
)

func discrepancyOf(g gateway.Result, kind billing.DiscrepancyKind, accountID string, why billing.DiscrepancyWhy) billing.Discrepancy {
	return billing.Discrepancy{GatewayID: g.ID, Kind: kind, AccountID: accountID, State: billing.DiscrepancyOpen, GatewayKey: g.Key, Card: g.Card,
		Amount: g.Amount, Refunded: g.RefundedAmount, CapturedAt: g.CapturedAt, Data: g.Data, Why: why}
}

// found keeps a discrepancy, which a person has to settle.
func (c *comparison) found(ctx context.Context, d billing.Discrepancy) error {
	d.FoundAt = c.app.Clock.Now()
	if !c.write {
		known, err := c.known(ctx, d)
		if err == nil && !known.Settled() {
			c.Open = append(c.Open, d)
		}
		return err
	}
	return c.app.Store.Write(ctx, func(tx *store.Tx) error {
		// Whoever charges holds this lock: it sees the discrepancy, or was first.
		if d.AccountID != "" {
			if _, err := tx.LockWallet(d.AccountID); store.IsNone(err) {
				d.AccountID, d.Why = "", billing.WhyNoAccount
			} else if err != nil {
				return err
			}
		}
		added, err := tx.InsertDiscrepancy(d)
		if err != nil || !added {
			return err
		}
		c.app.Log.ErrorContext(ctx, "the gateway and the records differ", "payment", d.GatewayID, "kind", string(d.Kind), "account", d.AccountID,
			"amount", d.Amount.String(), "why", string(d.Why))
		return c.app.audit(tx, worker(d.AccountID), d.FoundAt, "reconcile", "gateway payment "+d.GatewayID, "", string(d.Kind))
	})
}

// known returns what is kept of a discrepancy, or the discrepancy itself.
func (c *comparison) known(ctx context.Context, d billing.Discrepancy) (billing.Discrepancy, error) {
	err := c.app.Store.Read(ctx, func(tx *store.Tx) error {
		kept, err := tx.Discrepancy(d.GatewayID, d.Kind)
		if err == nil {
			d = kept
		}
		return ignoreNone(err)
	})
	return d, err
}

// capturedAPage is how many payments of the books are looked for in the list at once.
const capturedAPage = 500

// unknownThere names what the books call captured and the gateway does not list.
func (c *comparison) unknownThere(ctx context.Context) error {
	for after := ""; ; {
		var captured []billing.Payment
		err := c.app.Store.Read(ctx, func(tx *store.Tx) (err error) {
			captured, err = tx.CapturedByGateway(after, capturedAPage)
			return err
		})
		if err != nil {
			return err
		}
		for _, p := range captured {
			after = p.ID
			if c.ids[p.GatewayID] {
				continue
			}
			// The list may have ended before it was captured. What is no id of the
			// gateway's is the reference of a person who settled it by hand.
			_, err := c.app.Gateway.Get(ctx, p.GatewayID)
			if err == nil || errors.Is(err, gateway.ErrInvalid) {
				continue
			}
			if !errors.Is(err, gateway.ErrNotFound) {
				return err
			}
			if err := c.found(ctx, billing.Discrepancy{GatewayID: p.GatewayID, Kind: billing.UnknownThere, AccountID: p.AccountID, State: billing.DiscrepancyOpen,
				GatewayKey: p.GatewayKey, Amount: p.Charged, Refunded: money.Of(0, p.Charged.Currency), CapturedAt: p.SettledAt, Data: p.Data}); err != nil {
				return err
			}
		}
		if len(captured) < capturedAPage {
			return nil
		}
	}
}
