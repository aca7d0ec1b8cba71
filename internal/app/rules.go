package app

import (
	"slices"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// termsOf are the facts about an account on which renewing depends.
func termsOf(acc account.Account) renewal.Terms {
	return renewal.Terms{Zone: acc.Zone, Retention: retentionOf(acc), Frozen: acc.Frozen}
}

func retentionOf(acc account.Account) renewal.Retention {
	return renewal.Retention{
		Grace:  time.Duration(acc.GraceDays) * renewal.Day,
		Frozen: time.Duration(acc.RetentionDays) * renewal.Day,
	}
}

// scopeOf makes a filter definite at now.
func scopeOf(acc account.Account, f renewal.Filter, now time.Time) store.Scope {
	return store.Scope{AccountID: acc.ID, Filter: f, Now: now, Spans: f.Spans(now, retentionOf(acc), acc.Zone)}
}

// discountsOf are the discounts that an account has been granted: the one of its
// contract, and those for a time or for some services.
func discountsOf(tx *store.Tx, acc account.Account) ([]billing.Discount, error) {
	all, err := tx.Discounts(acc.ID)
	if err != nil {
		return nil, err
	}
	if acc.ContractRate > 0 {
		all = append(all, billing.Discount{Kind: billing.Contract, Rate: money.BasisPoints(acc.ContractRate)})
	}
	slices.SortStableFunc(all, func(a, b billing.Discount) int {
		return slices.Index(billing.DiscountKinds, a.Kind) - slices.Index(billing.DiscountKinds, b.Kind)
	})
	return all, nil
}

// pricing prices units of one account as its prices and discounts are at an instant.
type pricing struct {
	book      renewal.PriceBook
	currency  money.Currency
	discounts []billing.Discount
	at        time.Time
}

func pricingOf(tx *store.Tx, acc account.Account, now time.Time) (pricing, error) {
	book, err := tx.PriceBook(acc.ID)
	if err != nil {
		return pricing{}, err
	}
	return pricingBy(tx, acc, book, now)
}

func pricingBy(tx *store.Tx, acc account.Account, book renewal.PriceBook, now time.Time) (pricing, error) {
	discounts, err := discountsOf(tx, acc)
	return pricing{book, money.Currency(acc.Currency), discounts, now}, err
}

func (p pricing) quote(u renewal.Unit) (renewal.Quote, bool, error) {
	return billing.Quote(u, p.book, p.currency, p.discounts, p.at)
}

// quotesHold tells whether what was quoted for a task is still what prices and
// discounts say: nothing was imported or granted since, and no discount has begun
// or ended.
func quotesHold(tx *store.Tx, acc account.Account, t renewal.Task, now time.Time) (bool, error) {
	if acc.PriceRevision != t.PriceRevision {
		return false, nil
	}
	discounts, err := discountsOf(tx, acc)
	return err == nil && !billing.DiscountsMoved(discounts, t.QuotedAt, now), err
}

// fundsOf are what an account can spend at an instant: what its wallet w holds,
// coupons, and the preferred card where there is a gateway to charge it.
func (a *App) fundsOf(tx *store.Tx, accountID string, w billing.Wallet, now time.Time) (billing.Funds, error) {
	f := billing.Funds{Balance: w.Balance, Credit: w.CreditLeft()}
	var err error
	if f.Coupons, err = tx.SpendableCoupons(accountID, now); err != nil || a.Gateway == nil {
		return f, err
	}
	cards, err := tx.Cards(accountID)
	if err == nil && len(cards) > 0 && cards[0].Preferred && !cards[0].Expired(now) {
		f.Card = cards[0].ID
	}
	return f, err
}

// planOf plans what is left of a task with the funds as they are now. each, which
// may be nil, is told of every unit by its number, in the order of payment.
func (a *App) planOf(tx *store.Tx, t renewal.Task, now time.Time, each func(number int, s billing.Split)) (billing.Plan, error) {
	w, err := tx.Wallet(t.AccountID)
	if err != nil {
		return billing.Plan{}, err
	}
	funds, err := a.fundsOf(tx, t.AccountID, w, now)
	if err != nil {
		return billing.Plan{}, err
	}
	items, err := tx.PayableItems(t.AccountID, t.ID, w.Balance.Currency)
	if err != nil {
		return billing.Plan{}, err
	}
	units := make([]billing.Payable, len(items))
	for n, i := range items {
		units[n] = i.Payable
	}
	var told func(int, billing.Split)
	if each != nil {
		told = func(n int, s billing.Split) { each(items[n].Number, s) }
	}
	return billing.NewPlan(units, funds, now, told)
}
