package demo

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"perennial/internal/renewal"
)

// Estate is the invented company's estate. It is never held as a whole: each
// walk over it makes the same units again.
type Estate struct {
	seed  uint64
	units int
	now   time.Time
	zone  *time.Location
}

// NewEstate describes an estate of so many units around an instant. The zone is
// that of the account: every instance expires at the end of a day there.
func NewEstate(seed uint64, units int, now time.Time, zone *time.Location) *Estate {
	return &Estate{seed, units, now, zone}
}

// Units yields the units of the estate in the order in which they were bought.
func (e *Estate) Units() iter.Seq[renewal.Unit] {
	return func(yield func(renewal.Unit) bool) {
		b := &builder{Estate: e, dice: rand.New(rand.NewPCG(e.seed, 0x9e3779b97f4a7c15)), numbers: map[string]int{}}
		for range e.units {
			if !yield(b.unit()) {
				return
			}
		}
	}
}

// builder makes one unit after the other.
type builder struct {
	*Estate
	dice    *rand.Rand
	made    uint64         // instances so far
	numbers map[string]int // the last number of each role
	order   string         // the order that is being filled
	left    int            // units still to come in it
}

// chance is true so many times in ten thousand.
func (b *builder) chance(times int) bool { return b.dice.IntN(10_000) < times }

// pick chooses among things by weight.
func pick[T any](b *builder, all []T, weight func(T) int) T {
	sum := 0
	for _, t := range all {
		sum += weight(t)
	}
	n := b.dice.IntN(sum)
	for _, t := range all {
		if n -= weight(t); n < 0 {
			return t
		}
	}
	panic("demo: weights changed while they were added up")
}

func (b *builder) unit() renewal.Unit {
	p := pick(b, products, func(p product) int { return p.weight })
	r := pick(b, regions, func(r region) int { return r.weight })
	role := p.roles[b.dice.IntN(len(p.roles))]
	b.numbers[role]++
	i := b.instance(p, r, fmt.Sprintf("%s-%03d", role, b.numbers[role]))
	i.Project = pick(b, projects, func(p struct {
		name   string
		weight int
	}) int {
		return p.weight
	}).name
	i.OrderID = b.orderID()
	i.Quantity = 1
	if p.pack {
		i.Quantity = 1 + b.dice.Int64N(3)
	}
	i.Period = renewal.Month
	if b.chance(1_000) {
		i.Period = renewal.Year
	}
	i.Policy = b.policy()
	i.Mode, _ = i.Policy.Mode()
	i.ExpiresAt = b.expiry(i)
	i.EffectiveAt = b.effective(i)
	i.Hold = b.hold()
	u := renewal.Unit{Instance: i}
	if p.prefix == "ecs" {
		b.attachDisks(&u, r)
	}
	return u
}

func (b *builder) instance(p product, r region, name string) renewal.Instance {
	b.made++
	return renewal.Instance{
		ID: fmt.Sprintf("%s-%012x", p.prefix, scramble(b.made, b.seed)), Name: name,
		ServiceCode: p.service, ServiceName: p.serviceName, TypeCode: p.kind, TypeName: p.kindName, SpecCode: p.spec,
		RegionCode: r.code, RegionName: r.name, Package: p.pack,
	}
}

// scramble turns a counter into 48 bits that look random and never repeat: each
// step can be undone, so different counters stay different.
func scramble(n, seed uint64) uint64 {
	const mask = 1<<48 - 1
	n = (n ^ seed*0x2545f4914f6cdd1d) & mask
	for range 2 {
		n = n * 0x9e3779b97f4b & mask
		n ^= n >> 23
	}
	return n
}

// attachDisks hangs a system disk, and sometimes a data disk, under a server.
func (b *builder) attachDisks(u *renewal.Unit, r region) {
	n := b.dice.IntN(100)
	for _, d := range []struct {
		product
		suffix string
		below  int
	}{{systemDisk, "-system", 55}, {dataDisk, "-data", 12}} {
		if n >= d.below {
			continue
		}
		i := b.instance(d.product, r, u.Name+d.suffix)
		i.Project, i.OrderID, i.Quantity, i.Period = u.Project, u.OrderID, 1, u.Period
		i.EffectiveAt, i.ExpiresAt, i.Policy, i.Mode, i.ParentID = u.EffectiveAt, u.ExpiresAt, u.Policy, u.Mode, u.ID
		if b.chance(30) {
			i.Hold = renewal.SpecChangeUnpaid
		}
		u.Associated = append(u.Associated, i)
	}
}

// orderID is the order of the unit: what is bought together shares one.
func (b *builder) orderID() string {
	if b.left == 0 {
		b.left = 1 + b.dice.IntN(6)
		b.order = fmt.Sprintf("CS%014d", b.dice.Int64N(100_000_000_000_000))
	}
	b.left--
	return b.order
}

// policy puts some units on each tab. Manual holds more than one task can take.
func (b *builder) policy() renewal.Policy {
	switch n := b.dice.IntN(1_000); {
	case n < 88:
		return 3
	case n < 104:
		return 1
	case n < 118:
		return 2
	case n < 124:
		return 5
	case n < 150:
		return 4
	}
	return 0
}

// The days from now on which units expire.
const (
	spikeDay = 9 // a migration was bought on one day
	yearAway = 365
)

// expiry is the end of a day in the billing zone: a few days are past, more than
// a quarter lies within 30 days, one day stands out, and few expire on a Sunday.
func (b *builder) expiry(i renewal.Instance) time.Time {
	today := b.now.In(b.zone)
	end := func(days int) time.Time {
		return time.Date(today.Year(), today.Month(), today.Day()+days, 23, 59, 59, 0, b.zone).UTC()
	}
	draw := func(from, to int) time.Time {
		t := end(from + b.dice.IntN(to-from))
		if t.In(b.zone).Weekday() == time.Sunday {
			t = end(from + b.dice.IntN(to-from))
		}
		return t
	}
	switch n := b.dice.IntN(10_000); {
	case n < 200 && i.Mode != renewal.Auto:
		return draw(-14, 0)
	case n < 300 && i.Mode != renewal.Auto:
		return draw(-29, -16)
	case n < 720:
		return end(spikeDay)
	case n < 1_300:
		return draw(0, 7)
	case n < 3_010:
		return draw(0, 30)
	case i.Period == renewal.Year && n > 9_900:
		return draw(4*yearAway+30, 5*yearAway-30)
	case i.Period == renewal.Year:
		return draw(30, yearAway)
	case n < 8_000:
		return draw(30, 120)
	}
	return draw(30, 270)
}

// effective is one to several terms before the expiry, and never after now.
func (b *builder) effective(i renewal.Instance) time.Time {
	terms := 1 + b.dice.IntN(8)
	if i.Period == renewal.Year {
		terms = 1 + b.dice.IntN(2)
	}
	day := i.ExpiresAt.In(b.zone).Day()
	for ; ; terms++ {
		t := renewal.AddMonths(day, i.ExpiresAt, -terms*i.Period.Months(), b.zone)
		if !t.After(b.now) {
			return t
		}
	}
}

// holds are what stands in the way of some units, in times of ten thousand.
var holds = []struct {
	reason renewal.Reason
	times  int
}{
	{renewal.OrderPending, 50}, {renewal.SpecChangeUnpaid, 25}, {renewal.Discontinued, 20}, {renewal.OrderProcessing, 15},
	{renewal.ConvertingToPayPerUse, 15}, {renewal.BundleOnly, 15}, {renewal.Locked, 15}, {renewal.SupplementProvisioning, 10}, {renewal.Unsubscribing, 10},
}

func (b *builder) hold() renewal.Reason {
	n := b.dice.IntN(10_000)
	for _, h := range holds {
		if n -= h.times; n < 0 {
			return h.reason
		}
	}
	return ""
}
