package inventory

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

const (
	priceService = iota
	priceSpec
	priceRegion
	pricePeriod
	priceList
	priceCurrency
)

var priceNames = []string{
	priceService: "service_type_code", priceSpec: "resource_spec_code", priceRegion: "region_code",
	pricePeriod: "period_type", priceList: "list_price", priceCurrency: "currency",
}

// MaximumPrices is how many prices a file has at most: a price book is held in
// memory as a whole.
const MaximumPrices = 200_000

// PriceColumns are the columns of a price file.
func PriceColumns() []string { return slices.Clone(priceNames) }

// MaximumPrice is the highest list price in minor units. Times the largest
// quantity it still fits into an amount.
const MaximumPrice = 1_000_000_000_000

// Price is one line of a price file: the list price of one term.
type Price struct {
	Line int
	Key  renewal.PriceKey
	List money.Amount
}

// Columns is the price in the order of PriceColumns, each value in its one
// canonical form.
func (p Price) Columns() []string {
	return []string{p.Key.ServiceCode, p.Key.SpecCode, p.Key.RegionCode,
		fmt.Sprint(int(p.Key.Period)), p.List.Plain(), string(p.List.Currency)}
}

// PriceReader reads the rows of a price file as they come. A price that stands
// twice is refused at its second place: prices are told apart by a 64-bit hash
// under a seed of this run, so that memory stays small.
type PriceReader struct {
	table *table
	seed  maphash.Seed
	first map[uint64]int32 // the line on which a price first stood
}

// NewPriceReader returns a reader of the file's prices. It reads nothing yet.
func NewPriceReader(r io.Reader) *PriceReader {
	return &PriceReader{newTable(r, priceNames), maphash.MakeSeed(), map[uint64]int32{}}
}

// Next returns the next price and what is wrong with it, or io.EOF. Where the
// header is refused, it is the first and last answer, with a price on line 1.
func (r *PriceReader) Next() (Price, []Refusal, error) {
	rec, refusals, err := r.table.next()
	if err != nil || len(refusals) > 0 {
		return Price{Line: rec.number}, refusals, err
	}
	c := &cells{line: rec.number, columns: priceNames, values: rec.cells}
	p := Price{Line: rec.number, Key: renewal.PriceKey{
		ServiceCode: c.code(priceService),
		SpecCode:    c.code(priceSpec),
		RegionCode:  c.code(priceRegion),
		Period:      c.period(pricePeriod),
	}}
	p.List = c.amount(priceList, priceCurrency)
	if len(c.refusals) > 0 {
		return p, c.refusals, nil
	}
	key := maphash.Comparable(r.seed, p.Key)
	if first, ok := r.first[key]; ok {
		c.refuse(priceSpec, "This service, specification, region and period stand twice: here and on line %d.", first)
	} else {
		r.first[key] = int32(p.Line)
	}
	return p, c.refusals, nil
}

func (c *cells) amount(column, currency int) money.Amount {
	code := money.Currency(c.values[currency])
	if !code.Known() {
		c.refuse(currency, "This currency is not known. It is a code such as USD or EUR.")
		return money.Amount{}
	}
	a, err := money.Parse(c.values[column], code)
	switch {
	case errors.Is(err, money.ErrOverflow) || a.Minor > MaximumPrice:
		c.refuse(column, "A list price is at most %s.", money.Of(MaximumPrice, code).Plain())
	case err != nil:
		c.refuse(column, "A list price is an amount such as %s, without sign, symbol or grouping and with no more than %d decimals.",
			money.Of(1250, code).Plain(), code.Exponent())
	}
	return a
}

// CheckPrices reads a whole price file and says what is wrong with it. The
// report counts rows and refusals only. The error is one of reading.
func CheckPrices(ctx context.Context, file io.Reader) (*Report, error) {
	report := &Report{}
	prices := NewPriceReader(file)
	for {
		p, refusals, err := prices.Next()
		if errors.Is(err, io.EOF) {
			return report, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read prices: %w", err)
		}
		report.Refuse(refusals...)
		if p.Line == 1 {
			continue // the refused header
		}
		if report.Rows++; report.Rows > MaximumPrices {
			report.Refuse(Refusal{Line: p.Line, Reason: fmt.Sprintf("A price book has at most %s prices.", money.Group(fmt.Sprint(MaximumPrices)))})
			return report, nil
		}
		if report.Rows%4096 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("read prices: %w", context.Cause(ctx))
		}
	}
}
