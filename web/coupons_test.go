package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// granted gives the account of a console coupons, each of so many cents.
func (c *console) granted(more func(*app.CouponInput), names ...string) {
	c.Helper()
	for _, name := range names {
		in := app.CouponInput{ID: name, Name: "Coupon " + name, Value: "15.00", Until: "2026-12-31", Use: billing.ForBoth}
		if more != nil {
			more(&in)
		}
		_, err := c.App.GrantCoupon(c.Context(), app.Operator(c.Account.ID), in)
		c.Must(err)
	}
}

func TestTheCouponsSayWhatBecomesOfThem(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	c.Prices(100)
	c.AddMany(1, 48*time.Hour)
	b := c.signedIn(t, c.Viewer)
	says(t, shown(t, b.get("/wallet/coupons"), http.StatusOK), "No coupon yet")
	c.granted(nil, "A")
	c.granted(func(in *app.CouponInput) { in.SingleUse, in.Services = true, []string{"hws.service.type.ec2"} }, "WHOLE")
	c.granted(func(in *app.CouponInput) { in.Until = "2026-11-30"; in.Minimum = "12" }, "HIGH")
	c.granted(func(in *app.CouponInput) { in.Excludes = []string{"contract"}; in.From = "2026-12-01" }, "LATER")
	c.granted(nil, "ICE")
	_, err := c.App.FreezeCoupon(t.Context(), app.Operator(c.Account.ID), "ICE", true)
	c.Must(err)
	row := func(id string) string {
		doc := shown(t, b.get("/wallet/coupons"), http.StatusOK)
		return strings.Join(strings.Fields(doc.Find(`tr[data-id="`+id+`"]`).Text()), " ")
	}
	for id, want := range map[string]string{
		"A":     "Available|New orders and renewals of every service",
		"WHOLE": "New orders and renewals of Elastic Cloud Server Used once and whole: for a fee of at least $15.00.",
		"HIGH":  "Fees of at least $12.00.|2026-11-30 Expires soon",
		"LATER": "Not valid yet|New orders and renewals of every service Not beside a contract discount.",
		"ICE":   "Frozen",
	} {
		for _, part := range strings.Split(want, "|") {
			if got := row(id); !strings.Contains(got, part) {
				t.Errorf("%s reads %q, want %q", id, got, part)
			}
		}
	}
	task := c.Prepare(testkit.Everything)
	for id, want := range map[string]string{
		"A":     "$10.00 will be used by task RT-0001",
		"WHOLE": "no fee reaches its value",
		"HIGH":  "No fee reaches the minimum spend",
	} {
		if got := row(id); !strings.Contains(got, want) {
			t.Errorf("%s reads %q, want %q", id, got, want)
		}
	}
	c.Confirm(task.ID)
	doc := shown(t, b.get("/wallet/coupons/A"), http.StatusOK)
	says(t, doc, "Coupon A", "Renewal RT-0001", "Coupon granted", "Face value$15.00")
	if first := doc.Find("tbody tr").First(); first.Find(".card-end .money").AttrOr("data-amount", "") != "-1000" || first.Find("td:last-child .money").AttrOr("data-amount", "") != "500" ||
		first.Find("a").AttrOr("href", "") != "/tasks/"+task.ID {
		t.Errorf("the use reads %s", first.Text())
	}
	says(t, shown(t, b.get("/wallet/coupons/none"), http.StatusNotFound), "There is no such coupon in this account.")
}

func TestTheWalletSaysHowFarItReaches(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite, testkit.WithDiscount(1000)))
	covers := func() string {
		c.Clock.Advance(time.Minute) // what falls due may be a minute old
		doc := shown(t, c.signedIn(t, c.Viewer).get("/wallet"), http.StatusOK)
		return strings.Join(strings.Fields(doc.Find("#covers").Text()), " ")
	}
	if got := covers(); got != "No manual instance with a price falls due within a year." {
		t.Error(got)
	}
	c.Prices(100)
	for n, days := range []int{-1, 2, 5, 5, 9} { // what has expired is not counted
		c.Add(testkit.Unit(string(rune('a'+n)), time.Duration(days)*24*time.Hour))
	}
	c.Deposit(26_99) // each costs 9.00
	if got := covers(); got != "Covers 5 days of known renewals. What is renewed by the month counts every month. The balance falls short on 2026-11-27" {
		t.Error(got)
	}
	if href := shown(t, c.signedIn(t, c.Viewer).get("/wallet"), http.StatusOK).Find("#covers a").AttrOr("href", ""); href != "/renewals?expires=range&from=2026-11-22&tab=manual&to=2026-11-27" {
		t.Errorf("it leads to %s", href)
	}
	c.Deposit(1)
	if got := covers(); !strings.HasPrefix(got, "Covers 9 days") {
		t.Error(got)
	}
	c.Deposit(9_00)
	if got := covers(); !strings.HasPrefix(got, "Covers 32 days") {
		t.Error(got)
	}
	c.Deposit(11 * 4 * 9_00)
	if got := covers(); got != "Covers all renewals that are known for a year." {
		t.Error(got)
	}
}

func TestTheMarkAndTheCreditLineOnThePage(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	c.Prices(100)
	c.AddMany(2, 48*time.Hour)
	_, err := c.App.SetCreditLimit(t.Context(), app.Operator(c.Account.ID), "50")
	c.Must(err)
	c.Deposit(5_00)
	c.Confirm(c.Prepare(testkit.Everything).ID)
	c.Deposit(20_00)
	b := c.signedIn(t, c.Buyer)
	doc := shown(t, b.get("/wallet"), http.StatusOK)
	says(t, doc, "Limit$50.00", "Used$15.00", "Left$35.00")
	if got := doc.Find("#repay").AttrOr("value", ""); got != "15.00" {
		t.Errorf("%q is proposed", got)
	}
	for typed, sentence := range map[string]string{"15.01": "$15.00 is owed on the credit line, not $15.01.", "-1": "more than nothing", "1.001": "decimals", "x": "wallet is in USD"} {
		doc := shown(t, b.post("/wallet/repay", url.Values{"repay": {typed}, "key": {c.App.NewKey()}}), http.StatusUnprocessableEntity)
		says(t, doc, "Nothing was changed", sentence)
		if doc.Find("#repay").AttrOr("value", "") != typed || doc.Find("details[open] #repay").Length() != 1 {
			t.Errorf("%q is lost, or folded away", typed)
		}
	}
	form := url.Values{"repay": {"10"}, "key": {c.App.NewKey()}}
	for range 2 {
		if a := b.post("/wallet/repay", form); a.Code != http.StatusSeeOther {
			t.Fatalf("%d", a.Code)
		}
	}
	doc = shown(t, b.get("/wallet"), http.StatusOK)
	if got := doc.Find("#flash").Text(); !strings.Contains(got, "Paid back. $5.00 is owed on the credit line now, and the balance is $10.00.") {
		t.Errorf("the flash says %q", got)
	}
	says(t, doc, "Credit line paid back", "From the balance.")

	doc = shown(t, b.post("/wallet/mark", url.Values{"mark": {"2,500"}, "key": {c.App.NewKey()}}), http.StatusUnprocessableEntity)
	says(t, doc, "without grouping")
	if doc.Find("#mark").AttrOr("value", "") != "2,500" {
		t.Error("what was typed is lost")
	}
	b.post("/wallet/mark", url.Values{"mark": {"25"}, "key": {c.App.NewKey()}})
	says(t, shown(t, b.get("/wallet"), http.StatusOK), "Warning below $25.00", "Below the mark of $25.00")
	viewer := shown(t, c.signedIn(t, c.Viewer).get("/wallet"), http.StatusOK)
	says(t, viewer, "Warning below $25.00. Buyers and owners may change that.")
	if viewer.Find("main form").Length() != 0 {
		t.Error("a viewer is offered forms")
	}
}

func TestTheWholeLedgerAsCSV(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	for n := range 1_003 {
		if n%100 == 0 {
			c.Clock.Advance(time.Second)
		}
		c.Deposit(int64(n + 1))
	}
	c.Must(c.App.Deposit(t.Context(), app.Operator(c.Account.ID), c.Account.ID, money.Of(100, "USD"), "2026-11-20", "=HYPERLINK(1)"))
	c.granted(nil, "A")
	a := c.signedIn(t, c.Viewer).get("/wallet/ledger.csv")
	if got := a.Header().Get("Content-Disposition"); got != `attachment; filename="ledger-2026-11-22.csv"` {
		t.Errorf("%q", got)
	}
	lines, err := csv.NewReader(a.Body).ReadAll()
	c.Must(err)
	if len(lines) != 1+1_003+2 {
		t.Fatalf("%d lines", len(lines))
	}
	column := map[string]int{}
	for n, name := range lines[0] {
		column[name] = n
	}
	want := int64(0)
	for _, line := range lines[1:] {
		amount, err := money.Parse(line[column["amount"]], "USD")
		c.Must(err)
		after, err := money.Parse(line[column["balance_after"]], "USD")
		c.Must(err)
		if want += amount.Minor; after.Minor != want {
			t.Fatalf("after %v the balance is %d, want %d", line, after.Minor, want)
		}
	}
	if last := lines[len(lines)-2]; last[column["reference"]] != "'=HYPERLINK(1)" {
		t.Errorf("a text that is a formula reads %q", last[column["reference"]])
	}
	if last := lines[len(lines)-1]; last[column["kind"]] != "grant" || last[column["coupons"]] != "15.00" || last[column["amount"]] != "0.00" {
		t.Errorf("%v", last)
	}
}

func TestAForeignLedgerIsNotInTheFile(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	c.Write(func(tx *store.Tx) error {
		other := c.Account
		other.ID, other.Name = "other", "Other"
		if err := tx.InsertAccount(other); err != nil {
			return err
		}
		return tx.InsertWallet("other", "USD")
	})
	c.Must(c.App.Deposit(t.Context(), app.Operator("other"), "other", money.Of(77_00, "USD"), "2026-11-20", "THEIRS"))
	_, err := c.App.GrantCoupon(t.Context(), app.Operator("other"), app.CouponInput{ID: "THEIRS", Name: "Theirs", Value: "7", Until: "2026-12-31", Use: billing.ForBoth})
	c.Must(err)
	b := c.signedIn(t, c.Owner)
	for _, path := range []string{"/wallet", "/wallet/ledger.csv", "/wallet/coupons"} {
		if strings.Contains(b.get(path).Body.String(), "THEIRS") {
			t.Errorf("%s shows what belongs to another account", path)
		}
	}
	if a := b.get("/wallet/coupons/THEIRS"); a.Code != http.StatusNotFound {
		t.Errorf("%d", a.Code)
	}
}
