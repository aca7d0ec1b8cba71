package store_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// addOrders inserts n completed orders an hour apart, the instance of each after it,
// and lets change make others of some.
func addOrders(w *testkit.World, n int, change func(n int, o *billing.Order)) {
	w.Helper()
	zero := usd(0)
	const atOnce = 1_000
	for first := 0; first < n; first += atOnce {
		w.Write(func(tx *store.Tx) error {
			p := billing.Payment{ID: fmt.Sprintf("pay-%06d", first), AccountID: w.Account.ID, Purpose: billing.ForRenewal,
				State: billing.PaymentCaptured, Amount: zero, Charged: zero, CreatedAt: testkit.Start, SettledAt: testkit.Start}
			if err := tx.InsertPayment(p, testkit.Start); err != nil {
				return err
			}
			var orders []billing.Order
			for i := first; i < min(n, first+atOnce); i++ {
				at := testkit.Start.Add(time.Duration(i) * time.Hour)
				o := billing.Order{ID: fmt.Sprintf("RN-0001-%06d", i), AccountID: w.Account.ID, Status: billing.OrderCompleted, TaskID: "t", Item: i,
					PaymentID: p.ID, List: usd(100), Discount: zero, Fee: usd(100), CreatedAt: at, PaidAt: at}
				o.Lines = []billing.OrderLine{{InstanceID: fmt.Sprintf("ecs-%06d", i), Name: fmt.Sprintf("Ünit-%06d", i), ServiceCode: "ec2", RegionCode: "north",
					Period: renewal.Month, Quantity: 1, OldExpiry: at, NewExpiry: at.Add(time.Hour), List: usd(100), Discount: zero, Fee: usd(100)}}
				if change != nil {
					change(i, &o)
				}
				orders = append(orders, o)
			}
			return tx.InsertOrders(orders)
		})
	}
}

// pastPromises is a connection on which a test may write what no promise allows,
// and takes it back at its end.
func pastPromises(w *testkit.World) *sql.DB {
	w.Helper()
	driver, address := "sqlite", "file:"+w.Location+"?_pragma=busy_timeout(10000)"
	if w.Store.Engine() == testkit.Postgres {
		driver, address = "pgx", w.Location
	}
	db, err := sql.Open(driver, address)
	w.Must(err)
	w.Cleanup(func() {
		for _, table := range []string{"leg", "order_line", "purchase_order", "payment"} {
			_, err := db.ExecContext(w.Context(), "DELETE FROM "+table)
			w.Must(err)
		}
		w.Must(db.Close())
	})
	return db
}

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

func ids(w *testkit.World, f billing.OrderFilter, after, before renewal.Cursor, limit int) (found []string) {
	w.Helper()
	w.Read(func(tx *store.Tx) error {
		orders, err := tx.OrderList(w.Account.ID, f, after, before, limit)
		for _, o := range orders {
			found = append(found, strings.TrimPrefix(o.ID, "RN-0001-"))
		}
		return err
	})
	return found
}

func TestOrdersAreFound(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		pastPromises(w)
		addOrders(w, 10, func(n int, o *billing.Order) {
			switch n {
			case 1:
				o.Status, o.PaymentID, o.PaidAt = billing.PendingPayment, "", time.Time{}
			case 2:
				o.Status, o.PaymentID, o.PaidAt = billing.OrderCancelled, "", time.Time{}
			case 3:
				o.PaidAt = o.PaidAt.Add(100 * time.Hour)
			case 4:
				o.Lines[0].ServiceCode, o.Lines[0].RegionCode = "ebs", "south"
			case 5:
				disk := o.Lines[0]
				disk.InstanceID, disk.Name, disk.List, disk.Fee = "disk-of-5", "100%_full", usd(0), usd(0)
				o.Lines = append(o.Lines, disk)
				o.Lines[0].Name = "100%_full"
			}
		})
		hour := func(n int) time.Time { return testkit.Start.Add(time.Duration(n) * time.Hour) }
		for name, c := range map[string]struct {
			f    billing.OrderFilter
			want string
		}{
			"all":         {billing.OrderFilter{}, "9 8 7 6 5 4 3 2 1 0"},
			"waiting":     {billing.OrderFilter{Status: billing.PendingPayment}, "1"},
			"cancelled":   {billing.OrderFilter{Status: billing.OrderCancelled}, "2"},
			"completed":   {billing.OrderFilter{Status: billing.OrderCompleted}, "9 8 7 6 5 4 3 0"},
			"renewed":     {billing.OrderFilter{Renewed: true}, "3 9 8 7 6 5 4 0"},
			"from, to":    {billing.OrderFilter{From: hour(2), To: hour(5)}, "4 3 2"},
			"paid then":   {billing.OrderFilter{Renewed: true, From: hour(100)}, "3"},
			"service":     {billing.OrderFilter{Renewed: true, Services: []string{"ebs", "x"}}, "4"},
			"region":      {billing.OrderFilter{Renewed: true, Regions: []string{"south"}, Services: []string{"ec2"}}, ""},
			"order":       {billing.OrderFilter{Query: "rn-0001-000007"}, "7"},
			"instance":    {billing.OrderFilter{Query: "ECS-00000"}, "9 8 7 6 5 4 3 2 1 0"},
			"name":        {billing.OrderFilter{Query: "üNIT-000003", Renewed: true}, "3"},
			"disk":        {billing.OrderFilter{Query: "disk-of-5"}, "5"},
			"no wildcard": {billing.OrderFilter{Query: "0%_f"}, "5"},
			"none":        {billing.OrderFilter{Query: "_%"}, ""},
		} {
			want := strings.Fields(c.want)
			for n := range want {
				want[n] = "00000" + want[n]
			}
			if got := ids(w, c.f, renewal.Cursor{}, renewal.Cursor{}, 100); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
			if !c.f.Renewed {
				continue
			}
			w.Read(func(tx *store.Tx) error {
				n, sum, err := tx.OrderSums(w.Account.ID, c.f, "USD")
				if n != len(want) || sum != usd(int64(100*n)) {
					t.Errorf("%s: %d for %s", name, n, sum)
				}
				return err
			})
		}
		at := renewal.Cursor{Number: hour(5).UnixMilli(), ID: "RN-0001-000005"}
		if got := ids(w, billing.OrderFilter{}, at, renewal.Cursor{}, 2); !slices.Equal(got, []string{"000004", "000003"}) {
			t.Errorf("after: %v", got)
		}
		if got := ids(w, billing.OrderFilter{}, renewal.Cursor{}, at, 2); !slices.Equal(got, []string{"000007", "000006"}) {
			t.Errorf("before: %v", got)
		}
	})
}

// Lists of orders are found in an index alone, in its order, however they are
// filtered: an account has hundreds of thousands of them.
func TestListsOfOrdersReadTheirIndexOnly(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		db := pastPromises(w)
		addOrders(w, 3_000, func(n int, o *billing.Order) {
			if n%100 == 0 {
				o.Status, o.PaymentID, o.PaidAt = billing.OrderCancelled, "", time.Time{}
			}
		})
		statistics := "ANALYZE"
		if w.Store.Engine() == testkit.Postgres {
			statistics = "VACUUM ANALYZE purchase_order" // an index alone answers for pages that are all visible
		}
		_, err := db.ExecContext(t.Context(), statistics)
		w.Must(err)
		after := renewal.Cursor{Number: testkit.Start.Add(2000 * time.Hour).UnixMilli(), ID: "a"}
		for _, list := range []struct {
			index string
			f     billing.OrderFilter
		}{
			{"purchase_order_list", billing.OrderFilter{}},
			{"purchase_order_list", billing.OrderFilter{Status: billing.OrderCompleted}},
			{"purchase_order_open", billing.OrderFilter{Status: billing.PendingPayment}},
			{"purchase_order_open", billing.OrderFilter{Status: billing.OrderCancelled}},
			{"purchase_order_renewed", billing.OrderFilter{Renewed: true}},
		} {
			for name, change := range map[string]func(*billing.OrderFilter){
				"none":    func(*billing.OrderFilter) {},
				"query":   func(f *billing.OrderFilter) { f.Query = "unit" },
				"dates":   func(f *billing.OrderFilter) { f.From, f.To = testkit.Start, testkit.Start.Add(time.Hour) },
				"service": func(f *billing.OrderFilter) { f.Services, f.Regions = []string{"ec2"}, []string{"north"} },
			} {
				f := list.f
				change(&f)
				query, args := store.OrderPageQuery(f, w.Account.ID, after, 50)
				plan := explain(t, w, query, args)
				if wantIndex(t, w, list.index, name, plan); strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "Sort") {
					t.Errorf("%s, %s: the page is sorted anew: %s", list.index, name, plan)
				}
				// PostgreSQL rightly reads a small table that is one account's as a whole.
				if f.Renewed && w.Store.Engine() == testkit.SQLite {
					query, args = store.OrderSumsQuery(f, w.Account.ID)
					wantIndex(t, w, list.index, name, explain(t, w, query, args))
				}
			}
		}
	})
}

func wantIndex(t *testing.T, w *testkit.World, index, name, plan string) {
	t.Helper()
	want := "COVERING INDEX " + index
	if w.Store.Engine() == testkit.Postgres {
		want = "Index Only Scan"
	}
	if !strings.Contains(plan, want) || !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan") {
		t.Errorf("%s, %s: %s", index, name, plan)
	}
}

// BenchmarkHistory finds a page of the history of an account with 200,000 renewals,
// and adds up all that match.
func BenchmarkHistory(b *testing.B) {
	w := testkit.NewWorld(b, testkit.SQLite)
	pastPromises(w)
	const n = 200_000
	addOrders(w, n, nil)
	deep := renewal.Cursor{Number: testkit.Start.Add(1000 * time.Hour).UnixMilli(), ID: "a"}
	for name, c := range map[string]struct {
		f     billing.OrderFilter
		after renewal.Cursor
	}{
		"first":            {billing.OrderFilter{Renewed: true}, renewal.Cursor{}},
		"deep":             {billing.OrderFilter{Renewed: true}, deep},
		"name":             {billing.OrderFilter{Renewed: true, Query: "ünit-000007"}, renewal.Cursor{}},
		"nothing":          {billing.OrderFilter{Renewed: true, Query: "nothing"}, renewal.Cursor{}},
		"month":            {billing.OrderFilter{Renewed: true, From: testkit.Start, To: testkit.Start.Add(720 * time.Hour)}, renewal.Cursor{}},
		"orders, nothing":  {billing.OrderFilter{Query: "nothing"}, renewal.Cursor{}},
		"orders, waiting":  {billing.OrderFilter{Status: billing.PendingPayment}, renewal.Cursor{}},
		"orders, complete": {billing.OrderFilter{Status: billing.OrderCompleted}, deep},
	} {
		b.Run(name+"/page", func(b *testing.B) {
			for b.Loop() {
				w.Read(func(tx *store.Tx) error {
					_, err := tx.OrderList(w.Account.ID, c.f, c.after, renewal.Cursor{}, 51)
					return err
				})
			}
		})
		if !c.f.Renewed {
			continue
		}
		b.Run(name+"/sums", func(b *testing.B) {
			for b.Loop() {
				w.Read(func(tx *store.Tx) error { _, _, err := tx.OrderSums(w.Account.ID, c.f, "USD"); return err })
			}
		})
	}
}
