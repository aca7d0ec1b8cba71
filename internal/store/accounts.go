package store

import (
	"perennial/internal/account"
)

const accountColumns = `account.id, account.name, account.currency, account.zone, account.email, account.grace_days,
	account.retention_days, account.frozen, account.contract_rate, account.price_revision, account.price_book,
	account.created_at`

// accountFields are where a row of accountColumns is scanned to; finish is called
// after the scan.
func accountFields(a *account.Account) (into []any, finish func() error) {
	var created int64
	into = []any{&a.ID, &a.Name, &a.Currency, &a.ZoneName, &a.Email, &a.GraceDays, &a.RetentionDays, &a.Frozen,
		&a.ContractRate, &a.PriceRevision, &a.PriceBook, &created}
	return into, func() (err error) {
		a.CreatedAt = instant(created)
		a.Zone, err = account.Zone(a.ZoneName)
		return err
	}
}

func scanAccount(r row) (account.Account, error) {
	var a account.Account
	into, finish := accountFields(&a)
	if err := r.Scan(into...); err != nil {
		return a, err
	}
	return a, finish()
}

// InsertAccount keeps a new account. Its wallet is opened by InsertWallet.
func (tx *Tx) InsertAccount(a account.Account) error {
	return tx.insert("account", columns(`id, name, currency, zone, email, grace_days, retention_days, frozen,
		contract_rate, price_revision, created_at`), [][]any{{a.ID, a.Name, a.Currency, a.ZoneName, a.Email, a.GraceDays,
		a.RetentionDays, a.Frozen, a.ContractRate, a.PriceRevision, millis(a.CreatedAt)}})
}

// UpdateAccount writes what may change about an account: everything but its
// currency and its price revision.
func (tx *Tx) UpdateAccount(a account.Account) error {
	_, err := tx.exec(`UPDATE account SET name = $2, zone = $3, email = $4, grace_days = $5, retention_days = $6,
		frozen = $7, contract_rate = $8 WHERE id = $1`,
		a.ID, a.Name, a.ZoneName, a.Email, a.GraceDays, a.RetentionDays, a.Frozen, a.ContractRate)
	return err
}

// CountPriceRevision says that the account's prices or discount have changed, so
// that older quotes are checked again.
func (tx *Tx) CountPriceRevision(accountID string) error {
	_, err := tx.exec("UPDATE account SET price_revision = price_revision + 1 WHERE id = $1", accountID)
	return err
}

// Account finds an account, or ErrNone.
func (tx *Tx) Account(id string) (account.Account, error) {
	return tx.oneAccount("SELECT "+accountColumns+" FROM account WHERE id = $1", id)
}

// LockAccount finds an account and keeps others from changing it until the end
// of the transaction.
func (tx *Tx) LockAccount(id string) (account.Account, error) {
	return tx.oneAccount("SELECT "+accountColumns+" FROM account WHERE id = $1"+tx.dialect.rowLock, id)
}

func (tx *Tx) oneAccount(query, id string) (account.Account, error) {
	var a account.Account
	into, finish := accountFields(&a)
	if err := tx.one(query, []any{id}, into...); err != nil {
		return a, err
	}
	return a, finish()
}

// Accounts lists every account, oldest first. It is for the operator: a person
// sees one account only.
func (tx *Tx) Accounts() ([]account.Account, error) {
	return list(tx, "SELECT "+accountColumns+" FROM account ORDER BY created_at, id", nil, scanAccount)
}
