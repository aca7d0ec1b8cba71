package inventory_test

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/inventory"
)

func FuzzInstances(f *testing.F) {
	f.Add(file(a, b))
	f.Add("\uFEFF" + strings.ReplaceAll(file(a, line("resource_name", "\"x\"\r")), "\n", "\r\n"))
	f.Add(file(child("a", "b"), child("b", "a"), a, "\"", "\xff", ",,,"))
	f.Add(file(line("effective_time", "2100-12-31T23:59:59.9999-23:59"), line("quantity", "-1"), child("c", "out")))
	f.Fuzz(func(t *testing.T, text string) {
		rows, _ := readAll(t, text)
		for _, r := range rows {
			// What is accepted is written in one form, which is read back the same.
			again, refused := readAll(t, file(r.Source()))
			if len(refused) != 0 || len(again) != 1 || again[0].Instance != r.Instance || again[0].Source() != r.Source() {
				t.Fatalf("%q comes back as %v, refused %v", r.Source(), again, refused)
			}
			if values, err := inventory.ParseSource(r.Source()); err != nil || !slices.Equal(values, r.Columns()) {
				t.Fatalf("%q is parsed as %q, %v", r.Source(), values, err)
			}
			// Another reader of the format agrees.
			if std, err := csv.NewReader(strings.NewReader(r.Source())).Read(); err != nil || !slices.Equal(std, r.Columns()) {
				t.Fatalf("%q is read elsewhere as %q, %v", r.Source(), std, err)
			}
		}
		checked, report := check(t, text)
		if report.Refused < len(report.Refusals) || report.Rows < len(rows) {
			t.Fatalf("%+v", report)
		}
		account := inventory.NewAccount(time.UTC, nil)
		yielded := 0
		for u, err := range checked.Units() {
			if err != nil {
				t.Fatal(err)
			}
			yielded += len(u.Rows)
			changes, refused, err := checked.Compare(u, account)
			if err != nil || (u.HasHead() && (len(refused) > 0 || len(changes) != len(u.Rows))) {
				t.Fatalf("unit %s: %v, %v", u.HeadID, refused, err)
			}
		}
		if report.Clean() && yielded != len(rows) {
			t.Fatalf("%d rows in units of %d", yielded, len(rows))
		}
	})
}

func FuzzPrices(f *testing.F) {
	f.Add(prices(price, "\"a\"\"b\",c,d,3,1,JPY", price))
	f.Fuzz(func(t *testing.T, text string) {
		r := inventory.NewPriceReader(strings.NewReader(text))
		for {
			p, refused, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(refused) > 0 {
				continue
			}
			again, refused, err := inventory.NewPriceReader(strings.NewReader(prices(inventory.Line(p.Columns())))).Next()
			if err != nil || len(refused) > 0 || again.Key != p.Key || again.List != p.List {
				t.Fatalf("%v comes back as %v, %v, %v", p, again, refused, err)
			}
		}
	})
}
