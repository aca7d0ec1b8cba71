package testkit

import (
	"perennial/internal/demo"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// rowsACommit is how many instances of an estate one transaction adds.
const rowsACommit = 2_000

// AddEstate inserts the demonstration's estate of so many units with its prices.
func (w *World) AddEstate(units int) {
	w.Helper()
	estate := demo.NewEstate(demo.DefaultSeed, units, w.Clock.Now(), w.Account.Zone)
	book := estate.Prices()
	w.ReplacePrices(book)
	var rows []store.Imported
	flush := func() {
		w.Write(func(tx *store.Tx) error { return tx.InsertInstances(w.Account.ID, rows) })
		rows = rows[:0]
	}
	for u := range estate.Units() {
		fee := w.listFee(u, book)
		for _, i := range u.All() {
			i.Anchor = renewal.AnchorDay(i.EffectiveAt, i.ExpiresAt, w.Account.Zone)
			rows = append(rows, store.Imported{Instance: i, ListFee: fee})
		}
		if len(rows) >= rowsACommit {
			flush()
		}
	}
	flush()
}

// listFee is what the price book asks for a unit before discounts.
func (w *World) listFee(u renewal.Unit, book renewal.PriceBook) int64 {
	w.Helper()
	c := money.Currency(w.Account.Currency)
	lines, priced, err := renewal.ListLines(u, book, c)
	w.Must(err)
	if !priced {
		return store.NoListFee
	}
	q, err := renewal.Sum(lines, c)
	w.Must(err)
	return q.List.Minor
}
