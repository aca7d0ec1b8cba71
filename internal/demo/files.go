package demo

import (
	"bufio"
	"fmt"
	"io"

	"perennial/internal/inventory"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

// list yields each listed price once, in the order of the catalogue.
func list(yield func(renewal.PriceKey, money.Amount) bool) {
	seen := map[string]bool{}
	for _, p := range append([]product{systemDisk, dataDisk}, products...) {
		if p.unlisted || seen[p.service+p.spec] {
			continue
		}
		seen[p.service+p.spec] = true
		for _, r := range regions {
			month := (p.cents*r.factor + 5_000) / 10_000
			for _, period := range []renewal.Period{renewal.Month, renewal.Year} {
				cents := month
				if period == renewal.Year {
					cents = 10 * month
				}
				key := renewal.PriceKey{ServiceCode: p.service, SpecCode: p.spec, RegionCode: r.code, Period: period}
				if !yield(key, money.Of(cents, Currency)) {
					return
				}
			}
		}
	}
}

// Prices is the price book of the estate.
func (e *Estate) Prices() renewal.PriceBook {
	book := renewal.PriceBook{}
	for key, price := range list {
		book[key] = price
	}
	return book
}

// WritePrices writes the price book in the format of an import.
func (e *Estate) WritePrices(w io.Writer) error {
	return write(w, inventory.PriceColumns(), func(line func([]string)) {
		for key, price := range list {
			line(inventory.Price{Key: key, List: price}.Columns())
		}
	})
}

// WriteInstances writes the estate in the format of an import.
func (e *Estate) WriteInstances(w io.Writer) error {
	return write(w, inventory.InstanceColumns(), func(line func([]string)) {
		for u := range e.Units() {
			for _, i := range u.All() {
				line(inventory.Columns(i))
			}
		}
	})
}

func write(w io.Writer, header []string, rows func(line func([]string))) error {
	out := bufio.NewWriter(w)
	// The writer keeps its first error, and Flush returns it.
	line := func(values []string) { _, _ = out.WriteString(inventory.Line(values) + "\r\n") }
	line(header)
	rows(line)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write demonstration file: %w", err)
	}
	return nil
}
