package app_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/inventory"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// csvOf writes an instance file.
func csvOf(units ...renewal.Unit) string {
	lines := []string{inventory.Line(inventory.InstanceColumns())}
	for _, u := range units {
		for _, i := range u.All() {
			lines = append(lines, inventory.Line(inventory.Columns(i)))
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// priceCSV writes a price file of monthly prices in cents by specification.
func priceCSV(prices map[string]int64) string {
	var text strings.Builder
	text.WriteString(inventory.Line(inventory.PriceColumns()) + "\n")
	for spec, cents := range prices {
		service := "hws.service.type.ec2"
		if spec == "SAS.40" {
			service = "hws.service.type.ebs"
		}
		key := renewal.PriceKey{ServiceCode: service, SpecCode: spec, RegionCode: "cn-north-4", Period: renewal.Month}
		text.WriteString(inventory.Line(inventory.Price{Key: key, List: money.Of(cents, "USD")}.Columns()) + "\n")
	}
	return text.String()
}

func input(kind app.ImportKind, text string, apply bool) app.ImportInput {
	return app.ImportInput{Kind: kind, Name: "estate.csv", File: strings.NewReader(text), Size: int64(len(text)), Apply: apply}
}

// imports imports a file and wants nothing refused.
func imports(w *testkit.World, kind app.ImportKind, text string) app.ImportReport {
	w.Helper()
	r, err := w.App.Import(w.Context(), w.Owner, input(kind, text, true))
	w.Must(err)
	if !r.Clean() || r.Applied != r.Rows {
		w.Fatalf("refused: %v; applied %d of %d", r.Refusals, r.Applied, r.Rows)
	}
	return r
}

// wantCounts compares new, changed, unchanged and superseded rows.
func wantCounts(t *testing.T, what string, r app.ImportReport, counts ...int) {
	t.Helper()
	if got := []int{r.New, r.Changed, r.Unchanged, r.Superseded}; fmt.Sprint(got) != fmt.Sprint(counts) {
		t.Errorf("%s: new, changed, unchanged, superseded are %v, want %v", what, got, counts)
	}
}

// feesOf are the list fees of the account's units.
func feesOf(w *testkit.World) map[string]int64 {
	w.Helper()
	fees := map[string]int64{}
	w.Read(func(tx *store.Tx) error {
		units, _, err := tx.UnitFees(w.Account.ID, "", 100_000)
		for _, u := range units {
			fees[u.ID] = u.ListFee
		}
		return err
	})
	return fees
}

func unitOf(w *testkit.World, id string) (u renewal.Unit) {
	w.Helper()
	w.Read(func(tx *store.Tx) (err error) {
		u, err = tx.Unit(w.Account.ID, id)
		return err
	})
	return u
}

// server makes a unit with a disk.
func server(id string) renewal.Unit {
	u := testkit.Unit(id, 240*time.Hour)
	u.Associated = []renewal.Instance{testkit.Disk(u, id+"-disk")}
	return u
}

const twoPrices = testkit.UnitPrice + testkit.DiskPrice

func TestImportWritesOnlyWhatWasChecked(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		file := csvOf(server("ecs-1"), testkit.Unit("ecs-2", time.Hour), testkit.Unit("ecs-3", time.Hour))
		r, err := w.App.Import(t.Context(), w.Owner, input(app.ImportsInstances, file, false))
		w.Must(err)
		wantCounts(t, "dry run", r, 4, 0, 0, 0)
		if n := number(w, "SELECT COUNT(*) FROM instance") + number(w, "SELECT COUNT(*) FROM audit WHERE action LIKE 'import%'"); n != 0 || !r.Writes() {
			t.Errorf("the dry run wrote %d rows", n)
		}
		wantCounts(t, "import", imports(w, app.ImportsInstances, file), 4, 0, 0, 0)
		got := unitOf(w, "ecs-1")
		if len(got.Associated) != 1 || got.Associated[0].ID != "ecs-1-disk" || got.Anchor != renewal.AnchorDay(got.EffectiveAt, got.ExpiresAt, w.Account.Zone) {
			t.Errorf("the unit is %+v", got)
		}
		if fees := feesOf(w); fees["ecs-1"] != twoPrices || fees["ecs-2"] != testkit.UnitPrice {
			t.Errorf("list fees are %v", fees)
		}
		again := imports(w, app.ImportsInstances, file)
		if wantCounts(t, "the same file", again, 0, 0, 4, 0); again.Writes() {
			t.Error("the same file would write something")
		}
		audits := lines(w, "SELECT actor || ' ' || became || ' ' || request_id FROM audit WHERE action = 'import.instances'")
		if want := `Wei Chen file="estate.csv" rows=4 new=4 changed=0 unchanged=0 superseded=0 removed=0 test`; len(audits) != 1 || audits[0] != want {
			t.Errorf("audit rows: %q, want one: %q", audits, want)
		}
	})
}

func TestImportChangesWhatTheFileChanged(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		a, b := server("ecs-1"), testkit.Unit("ecs-2", time.Hour)
		imports(w, app.ImportsInstances, csvOf(a, b))
		a.Name = "renamed"
		b.Policy, b.Mode, b.Quantity = 3, renewal.Auto, 2
		wantCounts(t, "import", imports(w, app.ImportsInstances, csvOf(a, b)), 0, 2, 1, 0)
		if got := unitOf(w, "ecs-2"); got.Mode != renewal.Auto || got.Quantity != 2 {
			t.Errorf("ecs-2 is %+v", got)
		}
		if fees := feesOf(w); fees["ecs-2"] != 2*testkit.UnitPrice || fees["ecs-1"] != twoPrices {
			t.Errorf("list fees are %v", fees)
		}
		// Promise 20: the change of every instance, from what to what.
		audits := lines(w, "SELECT subject || ': ' || was || ' -> ' || became FROM audit WHERE action = 'instance.import' ORDER BY subject")
		want := []string{"instance ecs-1: resource_name=name-of-ecs-1 -> resource_name=renamed",
			"instance ecs-2: quantity=1 expire_policy=0 -> quantity=2 expire_policy=3"}
		if strings.Join(audits, "\n") != strings.Join(want, "\n") {
			t.Errorf("audit rows: %q, want %q", audits, want)
		}
	})
}

// An import compares with the row last imported, so a renewal stands.
func TestImportAfterARenewal(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.Deposit(100_000)
		u := server("ecs-1")
		imports(w, app.ImportsInstances, csvOf(u))
		w.Confirm(w.Prepare(testkit.Everything).ID)
		renewed := unitOf(w, "ecs-1")
		if !renewed.ExpiresAt.After(u.ExpiresAt) {
			t.Fatal("the unit was not renewed")
		}
		wantCounts(t, "the same file", imports(w, app.ImportsInstances, csvOf(u)), 0, 0, 2, 0)

		move := func(days int) {
			u.ExpiresAt = u.ExpiresAt.AddDate(0, 0, days)
			u.Associated[0].ExpiresAt = u.ExpiresAt
		}
		move(3)
		r := imports(w, app.ImportsInstances, csvOf(u))
		wantCounts(t, "an earlier expiry", r, 0, 0, 0, 2)
		if len(r.Ours) != 2 || r.Ours[0].InstanceID != "ecs-1" || r.Ours[0].Line != 2 || r.Ours[0].OrderID != renewed.RenewedOrder || renewed.RenewedOrder == "" {
			t.Errorf("superseded: %+v, renewed by %s", r.Ours, renewed.RenewedOrder)
		}
		if got := unitOf(w, "ecs-1"); !got.ExpiresAt.Equal(renewed.ExpiresAt) {
			t.Errorf("the expiry went back to %s", got.ExpiresAt)
		}
		wantCounts(t, "the superseded file again", imports(w, app.ImportsInstances, csvOf(u)), 0, 0, 2, 0)

		move(300)
		wantCounts(t, "a later expiry", imports(w, app.ImportsInstances, csvOf(u)), 0, 2, 0, 0)
		if got := unitOf(w, "ecs-1"); !got.ExpiresAt.Equal(u.ExpiresAt) || !got.Associated[0].ExpiresAt.Equal(u.ExpiresAt) {
			t.Errorf("the expiry is %s, want %s", got.ExpiresAt, u.ExpiresAt)
		}
	})
}

func TestNothingOfARefusedFileIsImported(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		orphan := testkit.Disk(testkit.Unit("nobody", time.Hour), "evs-1")
		header, rows, _ := strings.Cut(csvOf(server("ecs-1"), testkit.Unit("ecs-2", time.Hour)), "\n")
		good := header + "\n" + rows
		for name, c := range map[string]struct {
			file         string
			line         int
			column, says string
		}{
			"missing parent": {good + inventory.Line(inventory.Columns(orphan)) + "\n", 5, "parent_resource_id", "Neither the file nor the account"},
			"duplicate id":   {good + strings.Split(rows, "\n")[2] + "\n", 5, "resource_id", "stands twice: here and on line 4"},
			"bad time":       {strings.Replace(good, "2026-12-02T06:00:00Z", "2.12.2026", 1), 2, "expire_time", "A time is written as"},
			"missing column": {strings.Replace(good, ",hold", "", 1), 1, "hold", "This column is missing"},
			"not UTF-8":      {strings.Replace(good, "name-of-ecs-2", "name-\xff", 1), 4, "resource_name", "not UTF-8"},
		} {
			r, err := w.App.Import(t.Context(), w.Owner, input(app.ImportsInstances, "\xEF\xBB\xBF"+strings.ReplaceAll(c.file, "\n", "\r\n"), true))
			w.Must(err)
			if r.Clean() || r.Applied != 0 || r.Writes() {
				t.Fatalf("%s: the report is %+v", name, r)
			}
			if f := r.Refusals[0]; f.Line != c.line || f.Column != c.column || !strings.Contains(f.Reason, c.says) {
				t.Errorf("%s: refused %+v", name, f)
			}
		}
		if n := number(w, "SELECT COUNT(*) FROM instance"); n != 0 {
			t.Errorf("%d instances were imported", n)
		}
	})
}

// An interrupted import has applied whole units, says how many rows, and is
// completed by running it again.
func TestImportGoesOnWhereItStopped(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		var units []renewal.Unit
		for n := range 2_250 {
			units = append(units, server(fmt.Sprintf("ecs-%04d", n)))
		}
		file := csvOf(units...)
		ctx, cancel := context.WithCancel(t.Context())
		in := input(app.ImportsInstances, file, true)
		in.Progress = func(p app.ImportProgress) {
			if p.Applying && p.Done >= 2_000 {
				cancel()
			}
		}
		r, err := w.App.Import(ctx, w.Owner, in)
		wantKind(t, err, fault.Unavailable, "The import stopped after 2,000 of 4,500 rows. Import the same file again: it goes on from there.")
		if n := number(w, "SELECT COUNT(*) FROM instance"); n != 2_000 || r.Applied != 2_000 {
			t.Errorf("%d instances are here and %d rows reported", n, r.Applied)
		}
		if n := number(w, "SELECT COUNT(*) FROM instance p WHERE parent_id = '' AND NOT EXISTS (SELECT 1 FROM instance c WHERE c.parent_id = p.id)"); n != 0 {
			t.Errorf("%d units are not whole", n)
		}
		if n := number(w, "SELECT COUNT(*) FROM audit WHERE action = 'import.instances'"); n != 1 {
			t.Errorf("%d audit rows tell of the interrupted import", n)
		}
		wantCounts(t, "the second run", imports(w, app.ImportsInstances, file), 2_500, 0, 2_000, 0)
		for id, fee := range feesOf(w) {
			if fee != twoPrices {
				t.Fatalf("the list fee of %s is %d", id, fee)
			}
		}
	})
}

// What the check found to be nowhere is inserted unasked; where somebody else brought
// it meanwhile, it is merged like any other.
func TestTwoImportsOfTheSameFileAtOnce(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		file := csvOf(server("ecs-1"), server("ecs-2"), server("ecs-3"))
		in, other := input(app.ImportsInstances, file, true), csvOf(server("ecs-2"))
		in.Progress = func(p app.ImportProgress) {
			if !p.Applying && p.Done == p.Of {
				imports(w, app.ImportsInstances, other)
			}
		}
		r, err := w.App.Import(t.Context(), w.Owner, in)
		if w.Must(err); r.Applied != 6 {
			t.Errorf("%d of 6 rows are in effect", r.Applied)
		}
		if n := number(w, "SELECT COUNT(*) FROM instance"); n != 6 {
			t.Errorf("%d instances are here", n)
		}
		wantCounts(t, "the same file", imports(w, app.ImportsInstances, file), 0, 0, 6, 0)
	})
}

// Until PostgreSQL has counted, it reads the whole account for every list of IDs.
func TestPostgresKnowsHowMuchAnImportBrought(t *testing.T) {
	w := testkit.NewWorld(t, testkit.Postgres)
	w.Prices(100)
	imports(w, app.ImportsInstances, csvOf(server("ecs-1"), server("ecs-2")))
	if n := number(w, "SELECT reltuples::BIGINT FROM pg_class WHERE relname = 'instance'"); n != 4 {
		t.Errorf("PostgreSQL plans for %d instances, and there are 4", n)
	}
}

// A disk that moves from one server to another changes the list fee of both.
func TestListFeesFollowAssociatedResources(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		a, b := server("ecs-1"), testkit.Unit("ecs-2", 240*time.Hour)
		imports(w, app.ImportsInstances, csvOf(a, b))
		moved := a.Associated[0]
		moved.ParentID, a.Associated = "ecs-2", nil
		b.Associated = []renewal.Instance{moved}
		imports(w, app.ImportsInstances, csvOf(a, b))
		if fees := feesOf(w); fees["ecs-1"] != testkit.UnitPrice || fees["ecs-2"] != twoPrices {
			t.Errorf("after the move list fees are %v", fees)
		}
		// Alone in the file, a new disk still counts for its server.
		disk := testkit.Disk(a, "evs-new")
		imports(w, app.ImportsInstances, csvOf(renewal.Unit{Instance: disk}))
		if fees := feesOf(w); fees["ecs-1"] != twoPrices {
			t.Errorf("after the new disk list fees are %v", fees)
		}
		disk.SpecCode = "unknown"
		imports(w, app.ImportsInstances, csvOf(renewal.Unit{Instance: disk}))
		if fees := feesOf(w); fees["ecs-1"] != store.NoListFee {
			t.Errorf("without a price list fees are %v", fees)
		}
	})
}
