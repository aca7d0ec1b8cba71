package app

import (
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

// discountsOf are the discounts that an account has been granted.
func discountsOf(acc account.Account) []billing.Discount {
	if acc.ContractRate == 0 {
		return nil
	}
	return []billing.Discount{{Kind: billing.Contract, Rate: money.BasisPoints(acc.ContractRate)}}
}

// pricing prices units of one account at one revision of its prices.
type pricing struct {
	book      renewal.PriceBook
	currency  money.Currency
	discounts []billing.Discount
}

func pricingOf(tx *store.Tx, acc account.Account) (pricing, error) {
	book, err := tx.PriceBook(acc.ID)
	return pricing{book, money.Currency(acc.Currency), discountsOf(acc)}, err
}

func (p pricing) quote(u renewal.Unit) (renewal.Quote, bool, error) {
	return billing.Quote(u, p.book, p.currency, p.discounts)
}
