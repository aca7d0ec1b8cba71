package renewal

import "time"

// AddTerm moves an expiry by one term of the period. A renewal counts from the
// old expiry, in the account's billing zone, and lands on the anchor day clamped
// to the length of the month (product rules 2.3 and 2.4).
func AddTerm(effective, expiry time.Time, p Period, zone *time.Location) time.Time {
	return AddMonths(effective, expiry, p.Months(), zone)
}

// AddMonths moves an expiry by so many calendar months on its anchor day.
func AddMonths(effective, expiry time.Time, months int, zone *time.Location) time.Time {
	local := expiry.In(zone)
	year, month, _ := local.Date()
	first := time.Date(year, month+time.Month(months), 1, 0, 0, 0, 0, zone)
	day := min(AnchorDay(effective, expiry, zone), daysIn(first.Year(), first.Month()))
	hour, minute, second := local.Clock()
	return time.Date(first.Year(), first.Month(), day, hour, minute, second, local.Nanosecond(), zone).UTC()
}

// AnchorDay is the day of the month on which an instance expires: the effective
// day if the expiry day is that day clamped to its month, else the expiry day.
// Thus 31 January, 28 February and 31 March belong to one instance.
func AnchorDay(effective, expiry time.Time, zone *time.Location) int {
	start := effective.In(zone).Day()
	year, month, day := expiry.In(zone).Date()
	if min(start, daysIn(year, month)) == day {
		return start
	}
	return day
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
