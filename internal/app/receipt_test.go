package app_test

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// file is the CSV of a task: its header and its lines by column.
func file(t *testing.T, w *testkit.World, taskID string, look renewal.Look) (lines []map[string]string) {
	t.Helper()
	f, err := w.App.TaskFile(w.Context(), w.Account.ID, taskID, look)
	w.Must(err)
	var out bytes.Buffer
	w.Must(f.Write(w.Context(), &out))
	records, err := csv.NewReader(&out).ReadAll()
	w.Must(err)
	for _, record := range records[1:] {
		line := map[string]string{}
		for n, name := range records[0] {
			line[name] = record[n]
		}
		lines = append(lines, line)
	}
	return lines
}

// cents adds up a column of amounts.
func cents(t *testing.T, lines []map[string]string, column string) (sum int64) {
	t.Helper()
	for _, l := range lines {
		if l[column] == "" {
			continue
		}
		minor, err := strconv.ParseInt(strings.ReplaceAll(l[column], ".", ""), 10, 64)
		if err != nil {
			t.Fatalf("%s: %v", column, err)
		}
		sum += minor
	}
	return sum
}

func TestPromise14ReceiptReconcilesWithTheLedger(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		server := testkit.Unit("a-server", 24*time.Hour)
		server.Associated = []renewal.Instance{testkit.Disk(server, "a-disk")}
		held, moved := testkit.Unit("held", 25*time.Hour), testkit.Unit("moved", 26*time.Hour)
		held.Hold, held.Name = renewal.OrderPending, "=1+1"
		w.Add(server, held, moved)
		w.AddMany(150, 48*time.Hour)
		before := int64(100 * testkit.UnitPrice)
		w.Deposit(before)
		task := w.Prepare(testkit.Everything)
		change(w, "moved", func(i *renewal.Instance) { i.Mode = renewal.Auto })
		task = w.Confirm(task.ID)
		w.Deposit(200 * testkit.UnitPrice)
		before += 200 * testkit.UnitPrice
		task = w.Continue(task.ID)
		if task.State != renewal.Completed {
			t.Fatalf("the task is %s", task.State)
		}
		r := reviewed(w, task.ID, renewal.Look{})
		paid := before - w.Balance()
		if !r.Receipt.AddsUp() || r.Receipt.Fee.Minor != paid || r.Receipt.Ledger.Minor != -paid || r.Receipt.Orders != 151 || r.Receipt.Payments < 2 {
			t.Errorf("receipt %+v, and the balance fell by %d", r.Receipt, paid)
		}
		kinds := int64(0)
		for _, k := range r.Receipt.Kinds {
			kinds += k.Amount.Minor
		}
		if kinds != r.Receipt.Discount.Minor || kinds == 0 {
			t.Errorf("discounts %+v of %s", r.Receipt.Kinds, r.Receipt.Discount)
		}
		all := file(t, w, task.ID, renewal.Look{})
		renewed := file(t, w, task.ID, renewal.Look{List: renewal.ListRenewed})
		if len(all) != 153 || len(renewed) != 151 || cents(t, renewed, "fee") != paid || cents(t, all, "balance") != paid {
			t.Errorf("%d lines, %d renewed for %d, %d from the balance, want %d", len(all), len(renewed), cents(t, renewed, "fee"), cents(t, all, "balance"), paid)
		}
		if cents(t, renewed, "list_price")-cents(t, renewed, "discount") != paid {
			t.Error("list price less discount is not what was paid")
		}
	}, testkit.WithDiscount(1500))
}

func TestFileOfATaskSaysWhatBecameOfEachUnit(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		server := testkit.Unit("a", 24*time.Hour)
		server.Associated = []renewal.Instance{testkit.Disk(server, "a-disk")}
		held, moved, left := testkit.Unit("b", 25*time.Hour), testkit.Unit("c", 26*time.Hour), testkit.Unit("d", 27*time.Hour)
		held.Hold, held.Name = renewal.OrderPending, "=1+1"
		w.Add(server, held, moved, left)
		w.Deposit(testkit.UnitPrice + testkit.DiskPrice)
		task := w.Prepare(testkit.Everything)
		if before := file(t, w, task.ID, renewal.Look{}); before[0]["outcome"] != "waiting" || before[0]["fee"] != "12.50" || before[0]["order_id"] != "" {
			t.Errorf("before: %v", before[0])
		}
		change(w, "c", func(i *renewal.Instance) { i.Mode = renewal.Auto })
		task = w.Confirm(task.ID)
		w.Must(w.App.Cancel(w.Context(), w.Buyer, app.CancelInput{TaskID: task.ID, Version: task.Version, Key: "end"}))
		lines := file(t, w, task.ID, renewal.Look{})
		for n, want := range []map[string]string{
			{"number": "1", "resource_id": "a", "outcome": "renewed", "associated_resources": "1", "old_expire_time": "2026-11-23T14:00:00+08:00",
				"new_expire_time": "2026-12-23T14:00:00+08:00", "fee": "12.50", "balance": "12.50", "coupon": "0.00", "card": "0.00", "order_id": "RN-0001-00001",
				"paid_time": "2026-11-22T14:00:00+08:00", "reason": ""},
			{"number": "2", "resource_name": "'=1+1", "outcome": "not_renewable", "reason": "order_pending", "reason_text": "An order for this instance is waiting for payment.",
				"new_expire_time": "", "fee": "", "list_price": "", "balance": ""},
			{"number": "3", "outcome": "failed", "reason": "changed_since_review", "fee": "10.00", "balance": "", "order_id": ""},
			{"number": "4", "outcome": "not_attempted", "fee": "10.00", "balance": "", "payment_id": ""},
		} {
			for column, value := range want {
				if lines[n][column] != value {
					t.Errorf("line %d: %s is %q, want %q", n+1, column, lines[n][column], value)
				}
			}
		}
		for list, want := range map[renewal.ItemList]int{renewal.ListLeft: 1, renewal.ListFailed: 1, renewal.ListBlocked: 1, renewal.ListRenewable: 3, renewal.ListUncovered: 4} {
			if got := file(t, w, task.ID, renewal.Look{List: list}); len(got) != want {
				t.Errorf("%s: %d lines, want %d", list, len(got), want)
			}
		}
	})
}

func TestFileOfATaskIsWrittenInPages(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Prices(100)
	w.AddMany(2_000, 24*time.Hour)
	lines := file(t, w, w.Prepare(testkit.Everything).ID, renewal.Look{})
	for n, l := range lines {
		if l["number"] != strconv.Itoa(n+1) {
			t.Fatalf("line %d is number %s", n+1, l["number"])
		}
	}
	if len(lines) != 2_000 {
		t.Errorf("%d lines", len(lines))
	}
}
