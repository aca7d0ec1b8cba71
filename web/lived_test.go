package web_test

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
	"perennial/views"
	"perennial/web"
)

// lived is a console that has been in use: an estate, a task that is done and one
// that waits to be confirmed, orders of every state, a top-up, coupons, an import,
// and mail. Its addresses are those of the route table, each with something to show.
func lived(t *testing.T) (c *console, addresses []string) {
	t.Helper()
	g := testkit.NewGateway(t, "https://renewals.example.com")
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(g.Client), testkit.WithDiscount(1500))
	t.Cleanup(func() { w.Must(w.App.Uploads.Close()) })
	w.AddEstate(150)
	w.Deposit(20_000_00)
	c = newConsole(t, w, func(d *web.Deps) { d.Sandbox = true })
	c.granted(nil, "SPRING")
	b, owner := c.signedIn(t, w.Buyer), c.signedIn(t, w.Owner)

	page, err := w.App.List(t.Context(), w.Account.ID, renewal.Listing{Filter: renewal.Filter{Tab: renewal.Manual, Expires: renewal.Within15}, Sort: renewal.Sort{By: renewal.ByExpiry}, Size: 100})
	w.Must(err)
	units := slices.DeleteFunc(page.Rows, func(u app.Row) bool { return u.Blocked != "" })
	paid, cancelled, waits := b.order(units[0].ID), b.order(units[1].ID), b.order(units[2].ID)
	for at, action := range map[string]string{paid: "/pay", cancelled: "/cancel"} {
		if a := b.submit(document(t, b.get(at+action)), at+action, nil); a.Code != http.StatusSeeOther {
			t.Fatalf("%s%s: %d %s", at, action, a.Code, a.Body)
		}
	}
	topUp := b.topUp("250.00", "", 1)[0].Header().Get("Location")
	c.Rest()
	done := c.Confirm(c.Prepare(renewal.Filter{Tab: renewal.Manual, Expires: renewal.Within7}).ID)
	ready := c.Prepare(renewal.Filter{Tab: renewal.Manual, Expires: renewal.Within30})
	file, _ := owner.fileAt(owner.sendFile("instances", "estate.csv", estateOf(testkit.Unit("ecs-new", renewal.Day))))
	mails, _, err := w.App.Outbox(t.Context(), w.Account.ID, app.Place{})
	w.Must(err)

	at := map[string][]string{
		"/wallet/cards/new":      nil, // opens to who comes from the gateway's page with a card
		"/instances/:id":         {views.InstancePath(units[0].ID), views.InstancePath(units[5].ID)},
		"/orders/pay":            {views.OrdersPayPath(url.Values{"id": {path.Base(waits)}})},
		"/orders/:id":            {paid, cancelled, waits},
		"/orders/:id/pay":        {waits + "/pay"},
		"/orders/:id/cancel":     {waits + "/cancel"},
		"/tasks/:id":             {views.TaskPath(done.ID), views.TaskPath(ready.ID)},
		"/tasks/:id/items":       {views.TaskItemsPath(ready.ID, nil)},
		"/tasks/:id/confirm":     {views.TaskConfirmPath(ready.ID)},
		"/wallet/top-ups/:id":    {topUp},
		"/wallet/coupons/:id":    {"/wallet/coupons/SPRING"},
		"/admin/outbox/:id":      {views.OutboxMailPath(mails[0].ID)},
		"/admin/outbox/:id/html": {views.OutboxHTMLPath(mails[0].ID)},
		"/admin/import/:id":      {file},
	}
	for _, r := range web.Routes() {
		switch found, known := at[r.Path]; {
		case r.Method != http.MethodGet || r.Bare || r.Poll || strings.HasSuffix(r.Path, ".csv") || r.Path == "/dev/gallery/:name":
		case known:
			addresses = append(addresses, found...)
		case strings.Contains(r.Path, ":"):
			t.Fatalf("no address of %s is known: it needs a line here", r.Path)
		default:
			addresses = append(addresses, r.Path)
		}
	}
	return c, addresses
}
