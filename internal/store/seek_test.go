package store_test

import (
	"regexp"
	"strings"
	"testing"

	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// A page deep in the list costs as much as the first: the index is entered at the
// cursor and not at the end of the tab, whatever the filter and the direction.
func TestDeepPagesEnterTheIndexAtTheCursor(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.AddMany(2_000, -renewal.Day)
		for name, f := range oneFilterEach() {
			s := scopeFor(w, f)
			deep := renewal.Cursor{Number: w.Clock.Now().Add(80 * renewal.Day).UnixMilli(), ID: "ecs-01900"}
			if last := s.Spans[len(s.Spans)-1].To; !last.IsZero() && last.UnixMilli() <= deep.Number {
				deep = renewal.Cursor{Number: last.UnixMilli() - 1, ID: "ecs-00001"}
			}
			for _, desc := range []bool{false, true} {
				after, before := s.PageQuery(renewal.Sort{By: renewal.ByExpiry, Desc: desc}, 50, deep, renewal.Cursor{})
				wantEntered(t, w, name+", after", after, before, desc)
				after, before = s.PageQuery(renewal.Sort{By: renewal.ByExpiry, Desc: desc}, 50, renewal.Cursor{}, deep)
				wantEntered(t, w, name+", before", after, before, !desc)
			}
		}
	})
}

// wantEntered wants an index to be entered at a place, and at no other bound on that
// side. SQLite and PostgreSQL write the same of their plans differently.
func wantEntered(t *testing.T, w *testkit.World, name, query string, args []any, down bool) {
	t.Helper()
	than := ">"
	if down {
		than = "<"
	}
	plan := explain(t, w, query, args)
	entered := regexp.MustCompile(`(\(expires_at,id\)|ROW\(expires_at, id\)) ?` + than).MatchString(plan)
	earlier := !strings.Contains(query, " OR ") && regexp.MustCompile(`expires_at ?`+than).MatchString(plan)
	if !entered || earlier || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Sort Key") {
		t.Errorf("%s, down %t: the list is walked up to the cursor: %s", name, down, plan)
	}
}

// A page of the wallet, a page of its export and a receipt take no longer because the
// account has renewed much before: no statement walks what the account ever paid.
func TestMoneyPagesDoNotWalkTheHistory(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(500, renewal.Day)
		w.Deposit(500 * 4 * testkit.UnitPrice)
		var task renewal.Task
		for range 4 {
			task = w.Confirm(w.Prepare(testkit.Everything).ID)
		}
		if w.Store.Engine() == testkit.Postgres {
			w.Must(w.Store.AnalyzeAll(t.Context()))
		}
		id, now := w.Account.ID, w.Clock.Now()
		place, start, none := renewal.Cursor{Number: now.UnixMilli(), ID: "x"}, renewal.Cursor{Number: -1, ID: "0"}, renewal.Cursor{}
		page := func(after, before renewal.Cursor) (string, []any) { return store.LedgerQuery(id, after, before, 51) }
		fixed := func(query string, args ...any) func() (string, []any) {
			return func() (string, []any) { return query, args }
		}
		for name, c := range map[string]struct {
			statement func() (string, []any)
			indexes   string // SQLite's way and PostgreSQL's way
		}{
			"ledger, older": {func() (string, []any) { return page(place, none) }, `\(at,id\)<|ROW\(at, id\) <`},
			"ledger, newer": {func() (string, []any) { return page(none, place) }, `\(at,id\)>|ROW\(at, id\) >`},
			"export":        {func() (string, []any) { return page(none, start) }, `\(at,id\)>|ROW\(at, id\) >`},
			"orders": {fixed(store.OrdersPaidQuery(2), id, "one", "two"),
				`leg_payment \(payment_id=\?\)|leg_payment on leg .* Index Cond: \(payment_id =`},
			"kinds": {fixed(store.ReceiptKindsQuery, id, task.ID),
				`purchase_order_item \(task_id=\?\).*order_line_1 \(account_id=\? AND order_id=\?|purchase_order_item on .*order_line_pkey on .*order_id = o\.id`},
			"legs": {fixed(store.ReceiptLegsQuery, id, task.ID),
				`purchase_order_item \(task_id=\?\).*leg_1 \(account_id=\? AND order_id=\?|purchase_order_item on .*leg_pkey on .*order_id = o\.id`},
		} {
			query, args := c.statement()
			plan := explain(t, w, query, args, "seqscan", "bitmapscan", "hashjoin", "mergejoin")
			if !regexp.MustCompile(c.indexes).MatchString(plan) || walksAccount.MatchString(plan) {
				t.Errorf("%s walks the history: %s", name, plan)
			}
		}
	})
}

// walksAccount is a part of SQLite's plan that reads all rows of an account; of a
// wallet there is one.
var walksAccount = regexp.MustCompile(`SCAN|SEARCH [^w] USING [^(;]*\(account_id=\?\)`)
