package inventory_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"perennial/internal/inventory"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

const price = "svc.ec2,s7.large,r-1,2,9.80,USD"

func prices(lines ...string) string {
	return strings.Join(inventory.PriceColumns(), ",") + "\n" + strings.Join(lines, "\n") + "\n"
}

func TestAPriceIsRead(t *testing.T) {
	r := inventory.NewPriceReader(strings.NewReader("\uFEFF" + strings.ReplaceAll(prices(price), "\n", "\r\n")))
	p, refused, err := r.Next()
	if err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	want := renewal.PriceKey{ServiceCode: "svc.ec2", SpecCode: "s7.large", RegionCode: "r-1", Period: renewal.Month}
	if p.Key != want || p.List != money.Of(980, "USD") || p.Line != 2 {
		t.Errorf("read as %+v", p)
	}
	if got := inventory.Line(p.Columns()); got != price {
		t.Errorf("written as %s", got)
	}
	if _, _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("error %v", err)
	}
}

func TestWhatAPriceCannotBe(t *testing.T) {
	for _, c := range []struct{ line, column, reason string }{
		{"svc.ec2,s7.large,r-1,2,9.80", "", "This line has 5 fields"},
		{",s7.large,r-1,2,9.80,USD", "service_type_code", "This value is needed"},
		{"svc.ec2,,r-1,2,9.80,USD", "resource_spec_code", "This value is needed"},
		{"svc.ec2,s7.large,,2,9.80,USD", "region_code", "This value is needed"},
		{"svc.ec2,s7.large,r-1,1,9.80,USD", "period_type", "A period type is 2"},
		{"svc.ec2,s7.large,r-1,2,-9.80,USD", "list_price", "A list price is an amount such as 12.50"},
		{"svc.ec2,s7.large,r-1,2,9.805,USD", "list_price", "A list price is an amount such as 12.50"},
		{"svc.ec2,s7.large,r-1,2,9.8,JPY", "list_price", "A list price is an amount such as 1250"},
		{"svc.ec2,s7.large,r-1,2,10000000000.01,USD", "list_price", "A list price is at most 10000000000.00."},
		{"svc.ec2,s7.large,r-1,2,99999999999999999999,USD", "list_price", "A list price is at most"},
		{"svc.ec2,s7.large,r-1,2,9.80,usd", "currency", "This currency is not known."},
		{price, "resource_spec_code", "This service, specification, region and period stand twice: here and on line 2."},
	} {
		report, err := inventory.CheckPrices(t.Context(), strings.NewReader(prices(price, c.line)))
		if err != nil {
			t.Fatal(err)
		}
		if report.Refused != 1 || report.Rows != 2 {
			t.Errorf("%s: %+v", c.line, report)
			continue
		}
		if got := report.Refusals[0]; got.Line != 3 || got.Column != c.column || !strings.HasPrefix(got.Reason, c.reason) {
			t.Errorf("%s: %s", c.line, got)
		}
	}
	report, err := inventory.CheckPrices(t.Context(), strings.NewReader("a,b\n1,2\n"))
	if err != nil || report.Rows != 0 || report.Refused != 8 {
		t.Errorf("a foreign header: %+v, %v", report, err)
	}
	if _, err := inventory.CheckPrices(t.Context(), failing{errors.New("disk gone")}); err == nil {
		t.Error("a failing file is no error")
	}
}
