package views

import (
	"time"

	"perennial/internal/renewal"
	"perennial/views/ui"
)

// HorizonPage is what expires on each day around today, of the units that match.
type HorizonPage struct {
	Filter    renewal.Filter // without an expiry
	Days      []int          // the first lies renewal.HorizonPast days before Today
	Today     time.Time      // a midnight in the billing zone
	Retention renewal.Retention
	Names     renewal.Names
}

const horizonSoon = int(renewal.ExpiringWithin / renewal.Day)

// chart draws the days.
func (p HorizonPage) chart() ui.HorizonArgs {
	args := ui.HorizonArgs{Days: make([]ui.HorizonDay, len(p.Days))}
	var peak int
	sums := map[string]int{}
	for n, units := range p.Days {
		d := ui.HorizonDay{Units: units, Class: p.class(n), Label: ui.Count(units) + " on " + p.day(n), Href: p.list(n)}
		args.Days[n] = d
		sums[d.Class] += units
		if units > peak {
			peak, args.Peak = units, d.Label
		}
	}
	args.Summary = ui.Count(sums["frozen"]) + " frozen, " + ui.Count(sums["late"]) + " expired before today, " +
		ui.Count(sums["soon"]) + " within 7 days, " + ui.Count(sums["later"]) + " in the 83 days after"
	if args.Peak != "" {
		args.Summary += "; most on one day: " + args.Peak
	}
	return args
}

func (p HorizonPage) day(n int) string {
	return p.Today.AddDate(0, 0, n-renewal.HorizonPast).Format(time.DateOnly)
}

// class is the kind of a day. What expired on a day in the middle of which it
// froze is shown as frozen.
func (p HorizonPage) class(n int) string {
	grace := int(p.Retention.Grace / renewal.Day)
	switch ahead := n - renewal.HorizonPast; {
	case ahead <= -grace:
		return "frozen"
	case ahead < 0:
		return "late"
	case ahead < horizonSoon:
		return "soon"
	}
	return "later"
}

// list is the address of what expires on the nth day.
func (p HorizonPage) list(n int) string {
	return RenewalsPath(p.Filter.OnDay(p.day(n)).Values())
}

// lines are the days on which something expires.
func (p HorizonPage) lines() []int {
	var lines []int
	for n, units := range p.Days {
		if units > 0 {
			lines = append(lines, n)
		}
	}
	return lines
}

var horizonWords = map[string]string{"frozen": string(renewal.Frozen), "late": string(renewal.Expired), "soon": string(renewal.Expiring), "later": string(renewal.Provisioned)}
