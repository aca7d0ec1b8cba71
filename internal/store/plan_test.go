package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// oneFilterEach is every filter of the Renewals page by itself.
func oneFilterEach() map[string]renewal.Filter {
	all := map[string]renewal.Filter{
		"none": {}, "search": {Query: "prod"}, "status": {Status: []renewal.Status{renewal.Expiring, renewal.Frozen}},
		"expires": {Expires: renewal.Within30}, "range": {Expires: renewal.ExpiryRange, From: "2026-11-01", To: "2027-02-01"},
		"late": {Expires: renewal.Within7, Late: true}, "released": {Released: 7}, "blocked": {Blocked: renewal.Locked},
		"renewed hide": {Renewed: renewal.Hide}, "renewed only": {Renewed: renewal.Only}, "name": {Name: "db"}, "order": {Order: "CS1"},
		"service": {Services: []string{"hws.service.type.ec2"}}, "region": {Regions: []string{"cn-north-4"}},
		"project": {Projects: []string{"web-edge", "data"}}, "unpaid": {HideUnpaid: true},
		"no packages": {Packages: renewal.Hide}, "packages": {Packages: renewal.Only},
	}
	for name, f := range all {
		f.Tab = renewal.Manual
		all[name] = f
	}
	return all
}

func scopeFor(w *testkit.World, f renewal.Filter) store.Scope {
	now := w.Clock.Now()
	return store.Scope{AccountID: w.Account.ID, Filter: f, Now: now, Spans: f.Spans(now, renewal.DefaultRetention, w.Account.Zone)}
}

// Counting and paging never touch the table, whatever the filter and the sort:
// the jump from the index to the table is what makes long lists slow.
func TestListsReadTheCoveringIndexOnly(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.AddMany(2_000, -renewal.Day)
		for name, f := range oneFilterEach() {
			s := scopeFor(w, f)
			after := renewal.Cursor{Number: s.Spans[0].From.UnixMilli() + 1, Text: "a", ID: "a"}
			query, args := s.CountQuery()
			wantCovered(t, w, name+": count", query, args)
			query, args = s.PartsQuery()
			wantCovered(t, w, name+": parts", query, args)
			for _, sort := range []renewal.Sort{{By: renewal.ByExpiry}, {By: renewal.ByExpiry, Desc: true}, {By: renewal.ByName}, {By: renewal.ByFee, Desc: true}} {
				query, args = s.PageQuery(sort, 50, after, renewal.Cursor{})
				plan := wantCovered(t, w, name+": "+sort.String(), query, args)
				// Several spans of time are one walk along the index all the same.
				if sort.By == renewal.ByExpiry && strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("%s: the page is sorted anew: %s", name, plan)
				}
			}
		}
	})
}

// A pasted list of IDs is looked up by the primary key.
func TestIDsAreLookedUp(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.AddMany(2_000, -renewal.Day)
	f := renewal.Filter{Tab: renewal.Manual}
	for n := range renewal.MaximumIDs {
		f.IDs = append(f.IDs, fmt.Sprintf("ecs-%05d", n*10))
	}
	query, args := scopeFor(w, f).CountQuery()
	if plan := explain(t, w, query, args); strings.Contains(plan, "SCAN") {
		t.Errorf("the IDs are searched for: %s", plan)
	}
	w.Read(func(tx *store.Tx) error {
		n, err := tx.Count(scopeFor(w, f))
		if n != renewal.MaximumIDs {
			t.Errorf("%d of %d IDs are found", n, renewal.MaximumIDs)
		}
		return err
	})
}

// What hangs under instances is looked up however few they are: a batch of a task
// leaves a single one over, and the page of an instance has no other.
func TestAssociatedResourcesAreLookedUp(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.AddMany(2_000, -renewal.Day)
	for _, n := range []int{1, 2, 99} {
		args := []any{w.Account.ID}
		for i := range n {
			args = append(args, fmt.Sprintf("ecs-%05d", i))
		}
		if plan := explain(t, w, store.AssociatedQuery(n), args); !strings.Contains(plan, "parent_id=?") {
			t.Errorf("what hangs under %d is searched for: %s", n, plan)
		}
	}
}

// A step of a task does not take longer because its account has paid much before.
func TestAStepLooksUpItsPaymentAndOrders(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	for query, index := range map[string]string{
		store.UnderWayQuery: "purchase_order_attempt (attempt_id=?)", store.OpenPaymentQuery: "payment_task (account_id=? AND task_id=?)",
	} {
		if plan := explain(t, w, query, []any{"one", "another"}); !strings.Contains(plan, index) {
			t.Errorf("%s\nis searched for: %s", query, plan)
		}
	}
}

// The account in a condition does not lead SQLite away from the index of the task.
func TestItemsAreLookedUpByTheirTask(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.AddMany(2_000, -renewal.Day)
	indexes := map[string]string{
		"Waiting": "item_state (task_id=? AND state=?)", "PayableItems": "item_state (task_id=? AND state=?)",
		"FinishItem": "item_1 (task_id=? AND number=?)", "NameOrder": "item_1 (task_id=? AND number=?)",
		"Progress": "task_1 (id=?)", "LockLeased": "task_1 (id=?)",
		"AgainWaiting": "item_2 (task_id=? AND instance_id=?)",
	}
	for _, s := range readStatements(t, storeFiles(t)) {
		index, ok := indexes[s.name]
		if !ok {
			continue
		}
		delete(indexes, s.name)
		args := make([]any, strings.Count(s.text, "$"))
		if plan := explain(t, w, s.text, args); !strings.Contains(plan, index) || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s is not found by %s: %s", s.name, index, plan)
		}
	}
	if len(indexes) > 0 {
		t.Errorf("no such statements: %v", indexes)
	}
}

func wantCovered(t *testing.T, w *testkit.World, name, query string, args []any) string {
	t.Helper()
	plan := explain(t, w, query, args)
	want := "COVERING INDEX instance_list"
	if w.Store.Engine() == testkit.Postgres {
		want = "Index Only Scan"
	}
	if !strings.Contains(plan, want) || strings.Contains(plan, "Seq Scan") {
		t.Errorf("%s falls back to the table: %s", name, plan)
	}
	return plan
}

// explain asks the engine for its plan. PostgreSQL weighs the size of a table,
// and a test's is small: what it could do instead is taken away from it, which are all
// ways but an index alone where none is named.
func explain(t *testing.T, w *testkit.World, query string, args []any, without ...string) string {
	t.Helper()
	if len(without) == 0 {
		without = []string{"seqscan", "bitmapscan", "indexscan"}
	}
	conn, err := w.Store.Handle().Conn(t.Context())
	w.Must(err)
	defer conn.Close()
	command := "EXPLAIN QUERY PLAN "
	if w.Store.Engine() == testkit.Postgres {
		command = "EXPLAIN "
		for _, way := range without {
			_, err := conn.ExecContext(t.Context(), "SET enable_"+way+" = off")
			w.Must(err)
		}
	}
	rows, err := conn.QueryContext(t.Context(), command+query, args...)
	w.Must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	w.Must(err)
	var plan []string
	for rows.Next() {
		line := make([]any, len(columns))
		for n := range line {
			line[n] = new(any)
		}
		w.Must(rows.Scan(line...))
		plan = append(plan, fmt.Sprint(*line[len(line)-1].(*any)))
	}
	w.Must(rows.Err())
	return strings.Join(slices.Compact(plan), "; ")
}
