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

// PricedServices lists the codes of the services in the account's price book.
func (tx *Tx) PricedServices(accountID string) ([]string, error) {
	return list(tx, "SELECT DISTINCT service_code FROM price WHERE account_id = $1 ORDER BY service_code", []any{accountID}, func(r row) (string, error) {
		var code string
		return code, r.Scan(&code)
	})
}

// ReplacePrices puts a price book in the place of the account's present one and
// counts the account's price revision up, so that older quotes are checked again.
// Only what differs is written; a book that is the present one changes nothing.
func (tx *Tx) ReplacePrices(accountID string, book renewal.PriceBook) error {
	present, err := tx.PriceBook(accountID)
	if err != nil {
		return err
	}
	var rows [][]any
	for k, p := range book {
		if was, ok := present[k]; !ok || was != p {
			rows = append(rows, []any{accountID, k.ServiceCode, k.SpecCode, k.RegionCode, k.Period, p.Minor, string(p.Currency)})
		}
	}
	gone := 0
	for k := range present {
		if _, stays := book[k]; stays {
			continue
		}
		gone++
		if _, err := tx.exec(`DELETE FROM price WHERE account_id = $1 AND service_code = $2 AND spec_code = $3
			AND region_code = $4 AND period = $5`, accountID, k.ServiceCode, k.SpecCode, k.RegionCode, k.Period); err != nil {
			return err
		}
	}
	if len(rows)+gone == 0 {
		return nil
	}
	if _, err := tx.insertOr("price", columns("account_id, service_code, spec_code, region_code, period, list_price, currency"), rows,
		` ON CONFLICT (account_id, service_code, spec_code, region_code, period)
		DO UPDATE SET list_price = excluded.list_price, currency = excluded.currency`); err != nil {
		return err
	}
	return tx.CountPriceRevision(accountID)
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
