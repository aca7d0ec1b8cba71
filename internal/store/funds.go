package store

import (
	"strings"
	"time"

	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
)

// words and their reading keep a short list of codes in one column.
func words(codes []string) string { return strings.Join(codes, " ") }

// Balance reads the cash balance of the account.
func (tx *Tx) Balance(accountID string) (money.Amount, error) {
	var a money.Amount
	err := tx.one("SELECT balance, currency FROM wallet WHERE account_id = $1", []any{accountID}, &a.Minor, &a.Currency)
	return a, err
}

// Wallet reads what the account can spend besides coupons and cards.
func (tx *Tx) Wallet(accountID string) (billing.Wallet, error) { return tx.wallet(accountID, "") }

// LockWallet is Wallet where nobody else changes it until this transaction ends.
// Coupons are spent only by who holds this lock.
func (tx *Tx) LockWallet(accountID string) (billing.Wallet, error) {
	return tx.wallet(accountID, tx.dialect.rowLock)
}

func (tx *Tx) wallet(accountID, lock string) (billing.Wallet, error) {
	var w billing.Wallet
	var c money.Currency
	err := tx.one("SELECT currency, balance, credit_limit, credit_used, low_mark, low_told FROM wallet WHERE account_id = $1"+lock,
		[]any{accountID}, &c, &w.Balance.Minor, &w.CreditLimit.Minor, &w.CreditUsed.Minor, &w.LowMark.Minor, &w.LowTold)
	w.Balance.Currency, w.CreditLimit.Currency, w.CreditUsed.Currency, w.LowMark.Currency = c, c, c, c
	return w, err
}

// InsertWallet opens the wallet of a new account.
func (tx *Tx) InsertWallet(accountID string, c money.Currency) error {
	return tx.insert("wallet", columns("account_id, currency, balance"), [][]any{{accountID, string(c), 0}})
}

// Debit takes an amount from the balance if it is there. The condition is in the
// statement, so no number of concurrent debits spends more than there is.
func (tx *Tx) Debit(accountID string, a money.Amount) (bool, error) {
	n, err := tx.exec("UPDATE wallet SET balance = balance - $1 WHERE account_id = $2 AND currency = $3 AND balance >= $1",
		a.Minor, accountID, string(a.Currency))
	return n == 1, err
}

// Credit adds an amount to the balance.
func (tx *Tx) Credit(accountID string, a money.Amount) error {
	const most = int64(1) << 62 // far from overflow, far from any wallet
	n, err := tx.exec("UPDATE wallet SET balance = balance + $1 WHERE account_id = $2 AND currency = $3 AND balance <= $4",
		a.Minor, accountID, string(a.Currency), most-a.Minor)
	if err == nil && n != 1 {
		err = fault.New(fault.Invalid, "The balance cannot take %s: the amount is too large or in another currency.", a)
	}
	return err
}

// UseCredit owes an amount more on the credit line if its limit allows that. A
// negative amount gives some of the line back.
func (tx *Tx) UseCredit(accountID string, a money.Amount) (bool, error) {
	n, err := tx.exec(`UPDATE wallet SET credit_used = credit_used + $1 WHERE account_id = $2 AND currency = $3
		AND credit_used + $1 BETWEEN 0 AND credit_limit`, a.Minor, accountID, string(a.Currency))
	return n == 1, err
}

// CreditHeld is how much of the credit line is held by payments that the gateway
// has not decided.
func (tx *Tx) CreditHeld(accountID string) (minor int64, err error) {
	err = tx.one(`SELECT CAST(COALESCE(SUM(g.amount), 0) AS BIGINT) FROM payment p JOIN leg g ON g.payment_id = p.id AND g.kind = 'credit'
		WHERE p.account_id = $1 AND p.state IN ('created', 'prepared', 'unknown')`, []any{accountID}, &minor)
	return minor, err
}

// SetCreditLimit sets how much the account may owe. It reports false where more
// than that is owed already.
func (tx *Tx) SetCreditLimit(accountID string, limit money.Amount) (bool, error) {
	n, err := tx.exec("UPDATE wallet SET credit_limit = $1 WHERE account_id = $2 AND currency = $3 AND credit_used <= $1",
		limit.Minor, accountID, string(limit.Currency))
	return n == 1, err
}

// SetLowMark sets the balance below which the account is warned, and whether it
// is to be taken as warned already.
func (tx *Tx) SetLowMark(accountID string, mark money.Amount, told bool) error {
	_, err := tx.exec("UPDATE wallet SET low_mark = $1, low_told = $2 WHERE account_id = $3 AND currency = $4",
		mark.Minor, told, accountID, string(mark.Currency))
	return err
}

// SetLowTold keeps whether the account was warned since its balance fell below
// the mark.
func (tx *Tx) SetLowTold(accountID string, told bool) error {
	_, err := tx.exec("UPDATE wallet SET low_told = $1 WHERE account_id = $2", told, accountID)
	return err
}

// UseCoupon takes an amount from what a coupon has left, if it is there and the
// coupon is still good. A negative amount gives some of it back, whatever became
// of the coupon.
func (tx *Tx) UseCoupon(accountID, id string, a money.Amount, now time.Time) (bool, error) {
	n, err := tx.exec(`UPDATE coupon SET remaining = remaining - $1 WHERE account_id = $2 AND id = $3 AND currency = $4
		AND remaining - $1 BETWEEN 0 AND face AND ($1 < 0 OR (NOT frozen AND valid_from <= $5 AND valid_until > $5))`,
		a.Minor, accountID, id, string(a.Currency), millis(now))
	return n == 1, err
}

const couponColumns = `id, name, currency, face, remaining, valid_from, valid_until, use_for, services, minimum,
	single_use, excludes, frozen, created_at`

func scanCoupon(r row) (billing.Coupon, error) {
	var c billing.Coupon
	var currency money.Currency
	var from, until, created int64
	var services, excludes string
	err := r.Scan(&c.ID, &c.Name, &currency, &c.Face.Minor, &c.Remaining.Minor, &from, &until, &c.Use, &services,
		&c.Minimum.Minor, &c.SingleUse, &excludes, &c.Frozen, &created)
	c.Face.Currency, c.Remaining.Currency, c.Minimum.Currency = currency, currency, currency
	c.From, c.Until, c.CreatedAt = instant(from), instant(until), instant(created)
	c.Services, c.Excludes = strings.Fields(services), strings.Fields(excludes)
	return c, err
}

// InsertCoupon gives the account a coupon.
func (tx *Tx) InsertCoupon(accountID string, c billing.Coupon) error {
	return tx.insert("coupon", append(columns(couponColumns), "account_id", "type"), [][]any{{c.ID, c.Name, string(c.Face.Currency),
		c.Face.Minor, c.Remaining.Minor, millis(c.From), millis(c.Until), string(c.Use), words(c.Services), c.Minimum.Minor,
		c.SingleUse, words(c.Excludes), c.Frozen, millis(c.CreatedAt), accountID, billing.CashCoupon}})
}

// Coupons lists the account's coupons, the soonest to expire first.
func (tx *Tx) Coupons(accountID string) ([]billing.Coupon, error) {
	return list(tx, "SELECT "+couponColumns+" FROM coupon WHERE account_id = $1 ORDER BY valid_until, remaining, id",
		[]any{accountID}, scanCoupon)
}

// Coupon finds a coupon of the account, or ErrNone.
func (tx *Tx) Coupon(accountID, id string) (billing.Coupon, error) {
	return first(list(tx, "SELECT "+couponColumns+" FROM coupon WHERE account_id = $1 AND id = $2", []any{accountID, id}, scanCoupon))
}

// SpendableCoupons lists the coupons that have something left and have not
// expired at an instant, frozen ones too.
func (tx *Tx) SpendableCoupons(accountID string, now time.Time) ([]billing.Coupon, error) {
	return list(tx, "SELECT "+couponColumns+` FROM coupon WHERE account_id = $1 AND remaining > 0 AND valid_until > $2
		ORDER BY valid_until, remaining, id`, []any{accountID, millis(now)}, scanCoupon)
}

// FreezeCoupon freezes a coupon, or frees it. It reports false where there is no
// such coupon in this account.
func (tx *Tx) FreezeCoupon(accountID, id string, frozen bool) (bool, error) {
	n, err := tx.exec("UPDATE coupon SET frozen = $1 WHERE account_id = $2 AND id = $3", frozen, accountID, id)
	return n == 1, err
}

const discountColumns = "id, kind, name, rate, valid_from, valid_until, services"

// InsertDiscount grants the account a discount. Who calls it counts the price
// revision up.
func (tx *Tx) InsertDiscount(accountID string, d billing.Discount, now time.Time) error {
	return tx.insert("discount", append(columns(discountColumns), "account_id", "created_at"), [][]any{{d.ID, d.Kind, d.Name,
		int(d.Rate), millis(d.From), millis(d.Until), words(d.Services), accountID, millis(now)}})
}

// EndDiscount ends a discount at an instant. It reports false where there is no
// such discount that goes on beyond it.
func (tx *Tx) EndDiscount(accountID, id string, at time.Time) (bool, error) {
	n, err := tx.exec("UPDATE discount SET valid_until = $1 WHERE account_id = $2 AND id = $3 AND (valid_until = 0 OR valid_until > $1)",
		millis(at), accountID, id)
	return n == 1, err
}

// Discounts lists what the account was granted beside its contract's discount.
func (tx *Tx) Discounts(accountID string) ([]billing.Discount, error) {
	return list(tx, "SELECT "+discountColumns+" FROM discount WHERE account_id = $1 ORDER BY kind, id", []any{accountID}, func(r row) (billing.Discount, error) {
		var d billing.Discount
		var from, until int64
		var services string
		err := r.Scan(&d.ID, &d.Kind, &d.Name, &d.Rate, &from, &until, &services)
		d.From, d.Until, d.Services = instant(from), instant(until), strings.Fields(services)
		return d, err
	})
}

const cardColumns = "id, token, brand, last4, exp_month, exp_year, preferred, added_at, added_by, removed_at"

func scanCard(r row) (billing.Card, error) {
	var c billing.Card
	var added, removed int64
	err := r.Scan(&c.ID, &c.Token, &c.Brand, &c.LastFour, &c.Month, &c.Year, &c.Preferred, &added, &c.AddedBy, &removed)
	c.AddedAt, c.RemovedAt = instant(added), instant(removed)
	return c, err
}

// Cards lists the account's cards that were not removed, the preferred one first.
func (tx *Tx) Cards(accountID string) ([]billing.Card, error) {
	return list(tx, "SELECT "+cardColumns+" FROM card WHERE account_id = $1 AND removed_at = 0 ORDER BY preferred DESC, added_at, id",
		[]any{accountID}, scanCard)
}

// AllCards lists the account's cards, removed ones too.
func (tx *Tx) AllCards(accountID string) ([]billing.Card, error) {
	return list(tx, "SELECT "+cardColumns+" FROM card WHERE account_id = $1 ORDER BY added_at, id", []any{accountID}, scanCard)
}

// Card finds a card of the account, removed or not, or ErrNone.
func (tx *Tx) Card(accountID, id string) (billing.Card, error) {
	return first(list(tx, "SELECT "+cardColumns+" FROM card WHERE account_id = $1 AND id = $2", []any{accountID, id}, scanCard))
}

// PreferCard makes a card the one that pays where the wallet does not reach; with
// an empty ID none does. It reports false where there is no such card.
func (tx *Tx) PreferCard(accountID, id string) (bool, error) {
	if _, err := tx.exec("UPDATE card SET preferred = FALSE WHERE account_id = $1 AND preferred", accountID); err != nil || id == "" {
		return err == nil, err
	}
	n, err := tx.exec("UPDATE card SET preferred = TRUE WHERE account_id = $1 AND id = $2 AND removed_at = 0", accountID, id)
	return n == 1, err
}

// first is the only row of a list of one, or ErrNone.
func first[T any](all []T, err error) (T, error) {
	if err == nil && len(all) > 0 {
		return all[0], nil
	}
	if err == nil {
		err = ErrNone
	}
	var none T
	return none, err
}
