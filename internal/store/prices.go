package store

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

// inUse picks the prices of the account $1 that count. Each statement picks them by
// itself, so that it sees one whole book even where another takes its place.
const inUse = " FROM price WHERE account_id = $1 AND book = (SELECT price_book FROM account WHERE id = $1)"

// PriceBook reads the account's list prices.
func (tx *Tx) PriceBook(accountID string) (renewal.PriceBook, error) {
	book := renewal.PriceBook{}
	err := tx.each("SELECT service_code, spec_code, region_code, period, list_price, currency"+inUse,
		[]any{accountID}, func(r row) error {
			var k renewal.PriceKey
			var minor int64
			var c money.Currency
			err := r.Scan(&k.ServiceCode, &k.SpecCode, &k.RegionCode, &k.Period, &minor, &c)
			book[k] = money.Of(minor, c)
			return err
		})
	return book, err
}

// PricedServices lists the codes of the services in the account's price book.
func (tx *Tx) PricedServices(accountID string) ([]string, error) {
	return list(tx, "SELECT DISTINCT service_code"+inUse+" ORDER BY service_code", []any{accountID}, scanText)
}

// ErrOtherBook means that another import of prices began after this one.
var ErrOtherBook = errors.New("another price book was begun")

// BeginPriceBook returns the number of a new, empty price book, which counts once
// it is taken into use. Books that were begun before it and are not in use are
// given up.
func (tx *Tx) BeginPriceBook(accountID string) (book int64, err error) {
	if _, err := tx.exec("UPDATE account SET price_books = price_books + 1 WHERE id = $1", accountID); err != nil {
		return 0, err
	}
	return tx.lastPriceBook(accountID)
}

// lastPriceBook is the number of the latest book. Nobody begins another one until
// the end of the transaction.
func (tx *Tx) lastPriceBook(accountID string) (book int64, err error) {
	err = tx.one("SELECT price_books FROM account WHERE id = $1"+tx.dialect.rowLock, []any{accountID}, &book)
	return book, err
}

// AddPrices adds some prices to a book, or returns ErrOtherBook.
func (tx *Tx) AddPrices(accountID string, book int64, keys []renewal.PriceKey, prices renewal.PriceBook) error {
	last, err := tx.lastPriceBook(accountID)
	if err != nil {
		return err
	}
	if last != book {
		return ErrOtherBook
	}
	rows := make([][]any, len(keys))
	for n, k := range keys {
		p := prices[k]
		rows[n] = []any{accountID, book, k.ServiceCode, k.SpecCode, k.RegionCode, k.Period, p.Minor, string(p.Currency)}
	}
	return tx.insert("price", columns("account_id, book, service_code, spec_code, region_code, period, list_price, currency"), rows)
}

// PriceKeys lists the keys of a price book in the order of the table.
func PriceKeys(book renewal.PriceBook) []renewal.PriceKey {
	return slices.SortedFunc(maps.Keys(book), func(a, b renewal.PriceKey) int {
		return cmp.Or(cmp.Compare(a.ServiceCode, b.ServiceCode), cmp.Compare(a.SpecCode, b.SpecCode),
			cmp.Compare(a.RegionCode, b.RegionCode), cmp.Compare(a.Period, b.Period))
	})
}

// UsePriceBook puts a whole book in the place of another one and counts the
// account's price revision up, so that older quotes are checked again. It reports
// false where that other one is not in use any more, or a newer one was begun.
func (tx *Tx) UsePriceBook(accountID string, book, insteadOf int64) (bool, error) {
	n, err := tx.exec(`UPDATE account SET price_book = $1, price_revision = price_revision + 1
		WHERE id = $2 AND price_books = $1 AND price_book = $3`, book, accountID, insteadOf)
	return n == 1, err
}

// OldPriceBook finds a book of any account that is not in use and never will be,
// or ErrNone. The latest may be taken into use yet.
func (tx *Tx) OldPriceBook() (accountID string, book int64, err error) {
	err = tx.one(`SELECT id, book FROM (
		SELECT a.id, (SELECT MIN(p.book) FROM price p WHERE p.account_id = a.id AND p.book < a.price_book) AS book FROM account a
		UNION ALL
		SELECT a.id, (SELECT MIN(p.book) FROM price p WHERE p.account_id = a.id AND p.book > a.price_book AND p.book < a.price_books) FROM account a
		) old WHERE book IS NOT NULL LIMIT 1`, nil, &accountID, &book)
	return accountID, book, err
}

// DeletePrices deletes up to limit prices of a book that is not in use and never
// will be.
func (tx *Tx) DeletePrices(accountID string, book int64, limit int) error {
	query := `DELETE FROM price WHERE account_id = $1 AND book = $2
		AND book NOT IN (SELECT price_book FROM account WHERE id = $1 UNION ALL SELECT price_books FROM account WHERE id = $1)`
	args := []any{accountID, book}
	// The first key to keep is found first: PostgreSQL compares each row with each of
	// a list that it has no statistics about.
	var next renewal.PriceKey
	err := tx.one(`SELECT service_code, spec_code, region_code, period FROM price WHERE account_id = $1 AND book = $2
		ORDER BY service_code, spec_code, region_code, period LIMIT 1 OFFSET $3`,
		[]any{accountID, book, limit}, &next.ServiceCode, &next.SpecCode, &next.RegionCode, &next.Period)
	if err == nil {
		query += " AND (service_code, spec_code, region_code, period) < ($3, $4, $5, $6)"
		args = append(args, next.ServiceCode, next.SpecCode, next.RegionCode, next.Period)
	} else if !IsNone(err) {
		return err
	}
	_, err = tx.exec(query, args...)
	return err
}

// PricesOf reads the list prices that the given units need.
func (tx *Tx) PricesOf(accountID string, units []renewal.Unit) (renewal.PriceBook, error) {
	book := renewal.PriceBook{}
	for _, u := range units {
		for _, i := range u.All() {
			k := renewal.PriceOf(i)
			if _, done := book[k]; done {
				continue
			}
			var p money.Amount
			err := tx.one("SELECT list_price, currency"+inUse+" AND service_code = $2 AND spec_code = $3 AND region_code = $4 AND period = $5",
				[]any{accountID, k.ServiceCode, k.SpecCode, k.RegionCode, k.Period}, &p.Minor, &p.Currency)
			if IsNone(err) {
				continue
			}
			if err != nil {
				return nil, err
			}
			book[k] = p
		}
	}
	return book, nil
}
