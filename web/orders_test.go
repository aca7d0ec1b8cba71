package web_test

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
	"perennial/views"
)

// ordering is a console with three units and no money.
func ordering(t *testing.T, options ...testkit.WorldOption) *console {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite, options...))
	c.Prices(100)
	for n, id := range []string{"ecs-a", "ecs-b", "ecs-c"} {
		c.Add(testkit.Unit(id, time.Duration(n+1)*renewal.Day))
	}
	return c
}

// order places an order on the page of an instance, and answers with its page.
func (b *browser) order(instance string) string {
	b.t.Helper()
	doc := document(b.t, b.get(views.InstancePath(instance)))
	answer := b.submit(doc, views.InstanceOrderPath(instance), nil)
	if answer.Code != http.StatusSeeOther {
		b.t.Fatalf("ordering answers %d: %s", answer.Code, answer.Body)
	}
	return answer.Header().Get("Location")
}

func text(doc *goquery.Document) string { return strings.Join(strings.Fields(doc.Text()), " ") }

func wantText(t *testing.T, doc *goquery.Document, all ...string) {
	t.Helper()
	for _, one := range all {
		if !strings.Contains(text(doc), one) {
			t.Errorf("the page does not say %q: %s", one, text(doc))
		}
	}
}

// An order that the provider holds is not here, so nothing leads to it.
func TestAProvidersOrderHasNoPage(t *testing.T) {
	c := ordering(t)
	held := testkit.Unit("held", renewal.Day)
	held.Hold = renewal.OrderPending
	c.Add(held)
	row := document(t, c.signedIn(t, c.Buyer).get("/renewals?tab=manual&blocked=order_pending")).Find(`tr[data-id="held"]`)
	if !strings.Contains(row.Text(), "Pay or cancel the order at the provider") || row.Find(`a[href^="/orders"]`).Length() != 0 {
		t.Errorf("the row says %s", row.Text())
	}
}

// From an instance to an order, a top-up of exactly what is missing, the payment and
// the history, with no script at all.
func TestAnOrderIsPlacedAndPaid(t *testing.T) {
	c := ordering(t)
	b := c.signedIn(t, c.Buyer)
	page := b.order("ecs-a")
	if page != views.OrderPath("RO-00001") {
		t.Fatalf("the order is at %s", page)
	}
	doc := document(t, b.get(page))
	wantText(t, doc, "Waiting for payment", "$10.00", "ecs-a", "Ordered")

	// It blocks its instance and says so everywhere, with a way to the order.
	row := document(t, b.get(views.RenewalsPath(url.Values{"tab": {"manual"}}))).Find(`tr[data-id="ecs-a"]`)
	if row.Find(".badge-block").Length() != 1 || row.Find(`a[href="`+page+`"]`).Text() != "Pay or cancel the order" {
		t.Errorf("the row says %s", row.Text())
	}
	doc = document(t, b.get(views.InstancePath("ecs-a")))
	if doc.Find(`main a[href="`+page+`"]`).Length() == 0 || doc.Find(`form[action="`+views.InstanceOrderPath("ecs-a")+`"]`).Length() != 0 {
		t.Errorf("the instance says %s", text(doc))
	}
	for query, want := range map[string]int{"blocked=order_pending": 1, "hide_unpaid=1": 2} {
		if got := document(t, b.get("/renewals?tab=manual&"+query)).Find("tr[data-id]").Length(); got != want {
			t.Errorf("%s lists %d", query, got)
		}
	}

	doc = document(t, b.get("/renewals/one-click/new?tab=manual"))
	wantText(t, doc, "1 of them has an order pending payment, and is not renewed.")
	answer := b.post("/renewals/one-click", filled(doc))
	c.Rest()
	task := answer.Header().Get("Location")
	doc = document(t, b.get(task+"/items?list=blocked"))
	if doc.Find(`tr[data-id="ecs-a"] a[href="`+page+`"]`).Text() != "Pay or cancel the order" {
		t.Errorf("the task says %s", doc.Find(`tr[data-id="ecs-a"]`).Text())
	}
	b.submit(doc, task+"/cancel", nil)

	// The money is short, to the cent, and the top-up leads back.
	c.Deposit(999)
	pay := views.OrderPayPath("RO-00001")
	doc = document(t, b.get(pay))
	up, err := url.Parse(doc.Find(`a.btn-primary`).AttrOr("href", ""))
	c.Must(err)
	if up.Path != "/wallet/top-up" || up.Query().Get("amount") != "0.01" || up.Query().Get("return") != pay {
		t.Errorf("the way out is %s", up)
	}
	if answer := b.post(pay, url.Values{"total": {"1000"}, "due": {"1000"}, "key": {"short"}}); answer.Code != http.StatusConflict || !strings.Contains(answer.Body.String(), "$0.01 short") {
		t.Errorf("paying with too little answers %d", answer.Code)
	}
	c.Deposit(1)
	answer = b.submit(document(t, b.get(pay)), pay, nil)
	if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != page {
		t.Fatalf("paying answers %d", answer.Code)
	}
	doc = document(t, b.get(page))
	wantText(t, doc, "1 order paid with $10.00, 1 instance renewed.", "Completed", "Paid and renewed", "Li Na")
	doc = document(t, b.get(views.HistoryPath(url.Values{"q": {"ECS-A"}})))
	wantText(t, doc, "1 renewal, paid with", "RO-00001", "Balance $10.00", "2026-11-23", "2026-12-23")
	if ledger := document(t, b.get(views.WalletPath(nil))); ledger.Find(`tbody a[href="`+page+`"]`).Length() != 1 {
		t.Error("the ledger does not lead to the order that was paid")
	}
	if again := document(t, b.get(pay)); !strings.Contains(text(again), "Order RO-00001 has been paid.") {
		t.Errorf("a paid order says %s", text(again))
	}
}

func TestOrdersArePaidTogether(t *testing.T) {
	c := ordering(t)
	b := c.signedIn(t, c.Buyer)
	for _, id := range []string{"ecs-b", "ecs-a", "ecs-c"} {
		b.order(id)
	}
	c.Deposit(2000)
	doc := document(t, b.get(views.OrdersPath(url.Values{"status": {"pending_payment"}})))
	if ticks := doc.Find(`form[action="/orders/pay"] input[name=id]`); ticks.Length() != 3 {
		t.Fatalf("%d can be ticked", ticks.Length())
	}
	doc = document(t, b.get(views.OrdersPayPath(url.Values{"id": {"RO-00001", "RO-00002"}})))
	rows := doc.Find("#pay tr[data-id]").Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("data-id", "") })
	if strings.Join(rows, " ") != "RO-00002 RO-00001" { // by expiry
		t.Errorf("they are paid in the order %v", rows)
	}
	// What it costs changed since: nothing is charged, and both sums are shown.
	stale := url.Values{"id": rows, "total": {"1500"}, "due": {"1500"}, "key": {"stale"}}
	answer := b.post(views.OrdersPayPath(nil), stale)
	if answer.Code != http.StatusConflict {
		t.Errorf("a stale sum answers %d", answer.Code)
	}
	wantText(t, document(t, answer), "$20.00 instead of $15.00", "This page said")
	form := url.Values{"id": rows, "total": {"2000"}, "due": {"2000"}, "key": {"together"}}
	for range 2 { // a double click
		answer = b.post(views.OrdersPayPath(nil), form, part)
		if to := answer.Header().Get("HX-Redirect"); to != views.OrdersPath(url.Values{"status": {"completed"}}) {
			t.Errorf("paying answers %d %q", answer.Code, to)
		}
	}
	if c.Balance() != 0 {
		t.Errorf("balance %d", c.Balance())
	}
	doc = document(t, b.get(views.OrdersPayPath(url.Values{"id": {"RO-00001", "RO-00003"}})))
	wantText(t, doc, "1 order cannot be paid", "Order RO-00001 has been paid.", "Pay order RO-00003")
	if answer := b.get("/orders/pay"); answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("no order answers %d", answer.Code)
	}
}

func TestAnOrderIsCancelled(t *testing.T) {
	c := ordering(t)
	b := c.signedIn(t, c.Buyer)
	page := b.order("ecs-a")
	cancel := views.OrderCancelPath("RO-00001")
	doc := document(t, b.get(cancel))
	wantText(t, doc, "Cancel order RO-00001?", "Nothing was charged")
	answer := b.submit(doc, cancel, nil, part)
	if answer.Header().Get("HX-Redirect") != page {
		t.Fatalf("cancelling answers %d", answer.Code)
	}
	wantText(t, document(t, b.get(page)), "Order RO-00001 is cancelled.", "Cancelled, by a person", "Li Na")
	answer = b.post(cancel, url.Values{"key": {"late"}}, part)
	if answer.Code != http.StatusConflict || answer.Header().Get("HX-Retarget") != "#dialog" || !strings.Contains(answer.Body.String(), "was cancelled") {
		t.Errorf("cancelling again answers %d %s", answer.Code, answer.Body)
	}
}

// What is asked before an order is cancelled is not true of one that was paid.
func TestAPaidOrderIsNotSaidToBeGivenUp(t *testing.T) {
	c := ordering(t)
	b := c.signedIn(t, c.Buyer)
	c.Deposit(2000)
	b.order("ecs-a")
	pay, cancel := views.OrderPayPath("RO-00001"), views.OrderCancelPath("RO-00001")
	b.submit(document(t, b.get(pay)), pay, nil)
	for name, answer := range map[string]*httptest.ResponseRecorder{"asked": b.get(cancel), "posted": b.post(cancel, url.Values{"key": {"late"}})} {
		body := answer.Body.String()
		if answer.Code != http.StatusConflict || !strings.Contains(body, "Nothing was cancelled") {
			t.Errorf("%s: cancelling a paid order answers %d", name, answer.Code)
		}
		for _, untrue := range []string{"is not renewed", "Nothing was charged", "given up"} {
			if strings.Contains(body, untrue) {
				t.Errorf("%s: the page of a paid order says %q", name, untrue)
			}
		}
	}
}

// The page says what the card did, and where nothing is known it says so until it is.
func TestAnOrdersCardOnThePage(t *testing.T) {
	bank := testkit.NewGateway(t)
	c := ordering(t, testkit.WithGateway(bank.Client))
	c.Must(c.App.PreferCard(t.Context(), c.Owner, testkit.VisaCard.ID, "prefer"))
	b := c.signedIn(t, c.Buyer)
	page, pay := b.order("ecs-a"), views.OrderPayPath("RO-00001")
	bank.SetMood("decline:insufficient_funds", "capture")
	answer := b.submit(document(t, b.get(pay)), pay, nil)
	if answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("a declined card answers %d", answer.Code)
	}
	wantText(t, document(t, answer), "The card was declined.", "Nothing was charged", "From Visa •••• 4242, 1 charge")
	wantText(t, document(t, b.get(page)), "The card was declined", "waits for payment as before")
	bank.SetMood("error_after", "capture")
	if answer = b.submit(document(t, b.get(pay)), pay, nil); answer.Header().Get("Location") != page {
		t.Fatalf("an unknown outcome answers %d", answer.Code)
	}
	open := b.get(page)
	refreshes := strings.Contains(open.Body.String(), `<noscript><meta http-equiv="refresh"`)
	doc := document(t, open)
	wantText(t, doc, "Asking the gateway", "not known yet", "Processing")
	if doc.Find(`a[hx-get="`+views.OrderLivePath("RO-00001")+`"]`).Length() != 1 || !refreshes {
		t.Error("the page does not ask again")
	}
	row := document(t, b.get("/renewals?tab=manual")).Find(`tr[data-id="ecs-a"]`)
	if row.Find(`a[href="`+page+`"]`).Text() != "Open the order" {
		t.Errorf("the row says %s", row.Text())
	}
	c.Clock.Advance(time.Minute)
	_, err := c.App.WorkPayments(t.Context())
	c.Must(err)
	wantText(t, document(t, b.get(views.OrderLivePath("RO-00001"), part)), "Completed", "Paid and renewed")
}

func TestOrdersAndHistoryAreFiltered(t *testing.T) {
	c := ordering(t)
	c.Deposit(5000)
	b := c.signedIn(t, c.Buyer)
	b.order("ecs-a")
	b.order("ecs-b")
	pay := views.OrderPayPath("RO-00002")
	b.submit(document(t, b.get(pay)), pay, nil)
	for query, want := range map[string]int{"": 2, "status=completed": 1, "status=pending_payment": 1, "q=ecs-b": 1, "q=RO-0000": 2, "q=nobody": 0,
		"from=2026-11-22&to=2026-11-22": 2, "from=2026-11-23": 0, "to=2026-11-21": 0, "status=paid": 2, "from=yesterday": 2} {
		doc := document(t, b.get("/orders?"+query))
		if got := doc.Find("tr[data-id]").Length(); got != want {
			t.Errorf("/orders?%s lists %d, want %d", query, got, want)
		}
		dropped := strings.Contains(query, "paid") || strings.Contains(query, "yesterday")
		if strings.Contains(text(doc), "Some filters were not used") != dropped {
			t.Errorf("/orders?%s: what was dropped is not said", query)
		}
	}
	for query, want := range map[string]int{"": 1, "service=hws.service.type.ec2": 1, "region=nowhere": 0, "from=2026-11-22": 1} {
		if got := document(t, b.get("/history?"+query)).Find("tr[data-id]").Length(); got != want {
			t.Errorf("/history?%s lists %d, want %d", query, got, want)
		}
	}
	if a := b.get("/orders?status=completed&q="); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/orders?status=completed" {
		t.Errorf("an empty field answers %d %q", a.Code, a.Header().Get("Location"))
	}
	for path, want := range map[string]int{"/orders/export.csv": 3, "/history/export.csv": 2, "/history/export.csv?q=nobody": 1} {
		a := b.get(path)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Body.String(), "\ufeff"))).ReadAll()
		c.Must(err)
		if len(rows) != want || !strings.HasPrefix(a.Header().Get("Content-Disposition"), "attachment; ") {
			t.Errorf("%s has %d rows", path, len(rows))
		}
	}
	if a := b.get("/orders/export.csv?from=yesterday"); a.Code != http.StatusSeeOther {
		t.Errorf("a file for a filter that was dropped answers %d", a.Code)
	}
}

// Another account's order is not there, and whoever only sees can do nothing.
func TestOrdersOfOthersAndOfViewers(t *testing.T) {
	c := ordering(t)
	page := c.signedIn(t, c.Buyer).order("ecs-a")
	v := c.signedIn(t, c.Viewer)
	doc := document(t, v.get(page))
	if doc.Find(".rail a.btn").Length() != 0 {
		t.Errorf("a viewer is offered %s", text(doc))
	}
	wantText(t, doc, "Buyers and owners can pay and cancel orders")
	if doc = document(t, v.get("/orders")); doc.Find("input[name=id]").Length() != 0 {
		t.Error("a viewer can tick orders")
	}
	if doc = document(t, v.get(views.InstancePath("ecs-b"))); doc.Find(`form[action="`+views.InstanceOrderPath("ecs-b")+`"]`).Length() != 0 {
		t.Error("a viewer can order")
	}
	b := c.signedIn(t, c.Buyer)
	form := url.Values{"total": {"1000"}, "due": {"1000"}, "key": {"k"}}
	for _, path := range []string{"/orders/RO-9", "/orders/RO-9/pay", "/orders/RO-9/cancel", "/orders/pay?id=RO-9"} {
		if a := b.get(path); a.Code != http.StatusNotFound {
			t.Errorf("GET %s answers %d", path, a.Code)
		}
	}
	for _, path := range []string{"/orders/RO-9/pay", "/orders/RO-9/cancel", "/instances/nobody/order"} {
		if a := b.post(path, form); a.Code != http.StatusNotFound {
			t.Errorf("POST %s answers %d", path, a.Code)
		}
	}
	for _, bad := range []url.Values{{"key": {"k"}}, {"total": {"ten"}, "due": {"1000"}, "key": {"k"}}, {"total": {"1000"}, "due": {"9223372036854775808"}, "key": {"k"}}} {
		if a := b.post(page+"/pay", bad); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v answers %d", bad, a.Code)
		}
	}
	if a := b.post(views.InstanceOrderPath("ecs-b"), url.Values{"total": {"999"}, "key": {"k"}}); a.Code != http.StatusConflict || !strings.Contains(a.Body.String(), "No order was placed") {
		t.Errorf("a fee that rose answers %d", a.Code)
	}
}
