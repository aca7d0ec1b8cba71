package inventory_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"
	"time"

	"perennial/internal/inventory"
	"perennial/internal/money"
)

func TestCellsAreTyped(t *testing.T) {
	var out bytes.Buffer
	w, err := inventory.NewWriter(&out, "name", "count", "fee", "expires")
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("", 8*3600)
	at := time.Date(2026, 11, 25, 15, 59, 59, 0, time.UTC)
	rows := [][]inventory.Cell{
		{inventory.Text("prod, \"api\" é"), inventory.Number(-3), inventory.Money(money.Of(-1250, "USD")), inventory.Time(at, zone)},
		{inventory.Text(""), inventory.Number(0), inventory.Money(money.Of(7, "JPY")), inventory.Time(time.Time{}, zone)},
	}
	for _, r := range rows {
		if err := w.Write(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	const want = "name,count,fee,expires\r\n\"prod, \"\"api\"\" é\",-3,-12.50,2026-11-25T23:59:59+08:00\r\n,0,7,\r\n"
	if out.String() != want {
		t.Errorf("written:\n%s\nwant:\n%s", out.String(), want)
	}
}

func TestATextIsNeverAFormula(t *testing.T) {
	for _, text := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"} {
		var out bytes.Buffer
		w, _ := inventory.NewWriter(&out, "a")
		if err := w.Write(inventory.Text(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(lines) != 2 || !strings.HasPrefix(lines[1][0], "'") {
			t.Errorf("%q is written as %q, %v", text, lines, err)
		}
	}
	var out bytes.Buffer
	w, _ := inventory.NewWriter(&out, "a")
	_ = w.Write(inventory.Text("a-b=c"))
	_ = w.Flush()
	if out.String() != "a\r\na-b=c\r\n" {
		t.Errorf("a harmless text is written as %q", out.String())
	}
}

func TestAFullDiskIsTold(t *testing.T) {
	full := errors.New("disk full")
	w, err := inventory.NewWriter(refusing{full}, "a")
	if err == nil {
		err = w.Flush()
	}
	if !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

type refusing struct{ err error }

func (r refusing) Write([]byte) (int, error) { return 0, r.err }
