package views

import (
	"time"

	"perennial/views/ui"
)

// horizon draws what expires on each day around today. The counts are by day as
// YYYY-MM-DD in the billing zone.
func (p RenewalsPage) horizon() ui.HorizonArgs {
	today, err := time.Parse(time.DateOnly, p.Today)
	if err != nil {
		return ui.HorizonArgs{}
	}
	args := ui.HorizonArgs{Days: make([]int, ui.HorizonPast+ui.HorizonAhead)}
	var late, soon, later, peak int
	for n := range args.Days {
		day := today.AddDate(0, 0, n-ui.HorizonPast).Format(time.DateOnly)
		units := p.Days[day]
		args.Days[n] = units
		switch {
		case n < ui.HorizonPast:
			late += units
		case n < ui.HorizonPast+7:
			soon += units
		default:
			later += units
		}
		if units > peak {
			peak, args.Peak = units, ui.Count(units)+" on "+day
		}
	}
	args.Summary = ui.Count(late) + " expired before today, " + ui.Count(soon) + " expire within 7 days, " + ui.Count(later) + " in the 83 days after"
	if args.Peak != "" {
		args.Summary += "; most on one day: " + args.Peak
	}
	return args
}
