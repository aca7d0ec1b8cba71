package store

import (
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// PriceBook reads the account's list prices.
func (tx *Tx) PriceBook(accountID string) (renewal.PriceBook, error) {
	book := renewal.PriceBook{}
	err := tx.each("SELECT service_code, spec_code, region_code, period, list_price, currency FROM price WHERE account_id = $1",
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

// ReplacePrices puts a price book in the place of the account's present one and
// counts the account's price revision up, so that older quotes are checked again.
func (tx *Tx) ReplacePrices(accountID string, book renewal.PriceBook) error {
	if _, err := tx.exec("DELETE FROM price WHERE account_id = $1", accountID); err != nil {
		return err
	}
	rows := make([][]any, 0, len(book))
	for k, p := range book {
		rows = append(rows, []any{accountID, k.ServiceCode, k.SpecCode, k.RegionCode, k.Period, p.Minor, string(p.Currency)})
	}
	if err := tx.insert("price", columns("account_id, service_code, spec_code, region_code, period, list_price, currency"), rows); err != nil {
		return err
	}
	_, err := tx.exec("UPDATE account SET price_revision = price_revision + 1 WHERE id = $1", accountID)
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
			err := tx.one(`SELECT list_price, currency FROM price WHERE account_id = $1 AND service_code = $2
				AND spec_code = $3 AND region_code = $4 AND period = $5`,
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
