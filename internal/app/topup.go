package app

import (
	"context"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/store"
)

// TopUpInput is what the top-up form sends.
type TopUpInput struct {
	Amount   string // as typed
	CardID   string // one of the account's cards; empty: the preferred one
	ReturnTo string // a path of this console
	Key      string
}

// TopUp charges a card and adds the amount to the balance. The attempt and its key
// are committed before the gateway is called; where the outcome stays unknown,
// the payment says so and WorkPayments asks until it is known.
func (a *App) TopUp(ctx context.Context, who Actor, in TopUpInput) (billing.Payment, error) {
	if a.Gateway == nil {
		return billing.Payment{}, noGateway()
	}
	if err := a.awaitCharge(ctx, who.AccountID); err != nil {
		return billing.Payment{}, err
	}
	if err := a.admitCard(ctx, who.AccountID); err != nil {
		return billing.Payment{}, err
	}
	r := asked(in.Key, "top up", in.Amount, in.CardID, in.ReturnTo)
	id, err := a.once(ctx, who.AccountID, r, func(tx *store.Tx, now time.Time) (string, error) {
		// The card stays until the payment that names it is recorded.
		wallet, err := tx.LockWallet(who.AccountID)
		if err != nil {
			return "", err
		}
		if err := notBlocked(tx, who.AccountID); err != nil {
			return "", err
		}
		amount, err := typedAmount("amount", in.Amount, wallet.Balance.Currency, billing.MaximumTopUp)
		if err != nil {
			return "", err
		}
		card, err := cardToCharge(tx, who.AccountID, in.CardID, now)
		if err != nil {
			return "", err
		}
		p := billing.Payment{ID: a.newID(now), AccountID: who.AccountID, Purpose: billing.ForTopUp, State: billing.PaymentCreated,
			Amount: amount, Charged: amount, CardID: card.ID, CreatedAt: now, CreatedBy: who.Name, ReturnTo: in.ReturnTo}
		// Where the database lost the answer to this form, the payment that it asked
		// for has been entered, or its key is spent.
		before := ""
		if p.GatewayKey, before, err = topUpKey(tx, p, in.Key); err != nil || before != "" {
			return before, err
		}
		if p.Data, err = dataOf(tx, p, nil); err != nil {
			return "", err
		}
		if err := tx.InsertPayment(p, now); err != nil {
			return "", err
		}
		return p.ID, a.audit(tx, who, now, "top up", "payment "+p.ID, "", string(p.State))
	})
	if err != nil {
		return billing.Payment{}, err
	}
	return a.settleNow(ctx, who.AccountID, id)
}

// cardToCharge finds the card of the account that a person chose, or the
// preferred one.
func cardToCharge(tx *store.Tx, accountID, id string, now time.Time) (billing.Card, error) {
	cards, err := tx.Cards(accountID)
	if err != nil {
		return billing.Card{}, err
	}
	if len(cards) == 0 {
		return billing.Card{}, fault.Field("card", "This account has no card. Add one first.").With("Add a card", "/wallet/cards")
	}
	for _, c := range cards {
		// An account with one card need not choose.
		if c.ID != id && (id != "" || !c.Preferred && len(cards) > 1) {
			continue
		}
		if c.Expired(now) {
			return c, fault.Field("card", "The card ending in %s has expired. Choose another one.", c.LastFour)
		}
		return c, nil
	}
	return billing.Card{}, fault.Field("card", "Choose the card to charge.")
}
