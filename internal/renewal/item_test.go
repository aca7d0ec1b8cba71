package renewal_test

import (
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

func server() renewal.Unit {
	expiry := now.Add(5 * renewal.Day)
	disk := renewal.Instance{
		ID: "evs-1", ParentID: "ecs-1", ServiceCode: "evs", SpecCode: "ssd", RegionCode: "r", OrderID: "CS2", Period: renewal.Month,
		Quantity: 40, ExpiresAt: expiry, Mode: renewal.Manual,
	}
	u := renewal.Unit{Instance: disk, Associated: []renewal.Instance{disk}}
	u.ID, u.ParentID, u.ServiceCode, u.SpecCode, u.OrderID, u.Quantity = "ecs-1", "", "ecs", "s6.small.1", "CS1", 2
	return u
}

func book() renewal.PriceBook {
	return renewal.PriceBook{
		{ServiceCode: "ecs", SpecCode: "s6.small.1", RegionCode: "r", Period: renewal.Month}: money.Of(980, "USD"),
		{ServiceCode: "evs", SpecCode: "ssd", RegionCode: "r", Period: renewal.Month}:        money.Of(15, "USD"),
		{ServiceCode: "ecs", SpecCode: "s6.small.1", RegionCode: "r", Period: renewal.Year}:  money.Of(9_760, "USD"),
	}
}

func TestListLinesPriceEachInstanceByItsQuantity(t *testing.T) {
	lines, ok, err := renewal.ListLines(server(), book(), "USD")
	if err != nil || !ok || len(lines) != 2 {
		t.Fatalf("%v, %v, %v", lines, ok, err)
	}
	if lines[0].InstanceID != "ecs-1" || lines[0].List.Minor != 1_960 || lines[1].InstanceID != "evs-1" || lines[1].List.Minor != 600 {
		t.Errorf("lines %+v", lines)
	}
	for _, l := range lines {
		if l.Fee != l.List || l.Discount != money.Of(0, "USD") || l.DiscountKind != "" {
			t.Errorf("a line is born with a discount: %+v", l)
		}
	}
	q, err := renewal.Sum(lines, "USD")
	if err != nil || q.List.Minor != 2_560 || q.Fee.Minor != 2_560 || q.Discount != money.Of(0, "USD") || !reflect.DeepEqual(q.Lines, lines) {
		t.Errorf("sum %+v, %v", q, err)
	}
}

func TestAUnitWithoutEveryPriceHasNone(t *testing.T) {
	for name, change := range map[string]func(*renewal.Unit){
		"service":              func(u *renewal.Unit) { u.ServiceCode = "x" },
		"specification":        func(u *renewal.Unit) { u.SpecCode = "x" },
		"region":               func(u *renewal.Unit) { u.RegionCode = "x" },
		"period":               func(u *renewal.Unit) { u.Associated[0].Period = renewal.Year },
		"an associated disk's": func(u *renewal.Unit) { u.Associated[0].SpecCode = "x" },
	} {
		u := server()
		change(&u)
		if lines, ok, err := renewal.ListLines(u, book(), "USD"); ok || err != nil || lines != nil {
			t.Errorf("another %s: %v, %v, %v", name, lines, ok, err)
		}
	}
	if _, ok, err := renewal.ListLines(server(), book(), "EUR"); ok || err != nil {
		t.Errorf("a book in another currency: %v, %v", ok, err)
	}
}

func TestPromise14PricesOverflowIntoAnError(t *testing.T) {
	u := server()
	u.Quantity = math.MaxInt64 / 2
	if _, ok, err := renewal.ListLines(u, book(), "USD"); ok || !errors.Is(err, money.ErrOverflow) {
		t.Errorf("price × quantity: %v, %v", ok, err)
	}
	top, zero := money.Of(math.MaxInt64, "USD"), money.Of(0, "USD")
	for name, l := range map[string]renewal.Line{
		"list": {List: top, Discount: zero, Fee: zero}, "discount": {List: zero, Discount: top, Fee: zero}, "fee": {List: zero, Discount: zero, Fee: top},
	} {
		if q, err := renewal.Sum([]renewal.Line{l, l}, "USD"); !errors.Is(err, money.ErrOverflow) {
			t.Errorf("sum of %s: %+v, %v", name, q, err)
		}
	}
	if _, err := renewal.Sum([]renewal.Line{{List: zero, Discount: zero, Fee: zero}}, "EUR"); !errors.Is(err, money.ErrCurrency) {
		t.Errorf("currencies mix: %v", err)
	}
}

func TestUnchanged(t *testing.T) {
	quoted, _, _ := renewal.ListLines(server(), book(), "USD")
	for name, c := range map[string]struct {
		change func(*renewal.Unit)
		want   bool
	}{
		"nothing":                  {func(*renewal.Unit) {}, true},
		"the name":                 {func(u *renewal.Unit) { u.Name = "new" }, true},
		"the expiry":               {func(u *renewal.Unit) { u.ExpiresAt = u.ExpiresAt.Add(ms) }, false},
		"the zone it is shown in":  {func(u *renewal.Unit) { u.ExpiresAt = u.ExpiresAt.In(time.FixedZone("", 3600)) }, true},
		"the mode":                 {func(u *renewal.Unit) { u.Mode = renewal.Auto }, false},
		"it became a disk":         {func(u *renewal.Unit) { u.ParentID = "ecs-2" }, false},
		"the term":                 {func(u *renewal.Unit) { u.Period = renewal.Year }, false},
		"the order":                {func(u *renewal.Unit) { u.OrderID = "CS9" }, false},
		"the specification":        {func(u *renewal.Unit) { u.SpecCode = "s6.large.2" }, false},
		"the service":              {func(u *renewal.Unit) { u.ServiceCode = "ebs" }, false},
		"the region":               {func(u *renewal.Unit) { u.RegionCode = "cn-east-3" }, false},
		"the disk's service":       {func(u *renewal.Unit) { u.Associated[0].ServiceCode = "ecs" }, false},
		"the disk's region":        {func(u *renewal.Unit) { u.Associated[0].RegionCode = "cn-east-3" }, false},
		"the quantity":             {func(u *renewal.Unit) { u.Quantity++ }, false},
		"a disk more":              {func(u *renewal.Unit) { u.Associated = append(u.Associated, u.Associated[0]) }, false},
		"a disk less":              {func(u *renewal.Unit) { u.Associated = nil }, false},
		"another disk":             {func(u *renewal.Unit) { u.Associated[0].ID = "evs-2" }, false},
		"the disk's expiry":        {func(u *renewal.Unit) { u.Associated[0].ExpiresAt = u.ExpiresAt.Add(-ms) }, false},
		"the disk's order":         {func(u *renewal.Unit) { u.Associated[0].OrderID = "CS9" }, false},
		"the disk's size":          {func(u *renewal.Unit) { u.Associated[0].Quantity++ }, false},
		"the disk's specification": {func(u *renewal.Unit) { u.Associated[0].SpecCode = "hdd" }, false},
		"the disk's term":          {func(u *renewal.Unit) { u.Associated[0].Period = renewal.Year }, false},
	} {
		u := server()
		item := renewal.Item{InstanceID: u.ID, Period: u.Period, OldExpiry: u.ExpiresAt, Lines: quoted}
		c.change(&u)
		if item.Unchanged(u) != c.want {
			t.Errorf("%s changed, and unchanged is %v", name, !c.want)
		}
	}
}

func TestAllKeepsTheUnitAsItIs(t *testing.T) {
	u := server()
	all := u.All()
	if len(all) != 2 || all[0].ID != "ecs-1" || all[1].ID != "evs-1" {
		t.Fatalf("%+v", all)
	}
	all[0].ID, all[1].ID = "x", "y"
	if u.ID != "ecs-1" || u.Associated[0].ID != "evs-1" {
		t.Error("the list is the unit's own")
	}
}

func TestRecentlyRenewed(t *testing.T) {
	for ago, want := range map[time.Duration]bool{
		0: true, 30 * renewal.Day: true, 30*renewal.Day + ms: false, -time.Hour: true,
	} {
		if renewal.RecentlyRenewed(now.Add(-ago), now) != want {
			t.Errorf("renewed %v ago: %v", ago, !want)
		}
	}
	if renewal.RecentlyRenewed(time.Time{}, now) {
		t.Error("never renewed, and lately")
	}
}
