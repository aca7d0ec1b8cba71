package renewal

import "time"

// AddTerm moves an expiry by one term of the period. A renewal counts from the
// old expiry, in the account's billing zone, and lands on the anchor day clamped
// to the length of the month (product rules 2.3 and 2.4).
func AddTerm(anchor int, expiry time.Time, p Period, zone *time.Location) time.Time {
	return AddMonths(anchor, expiry, p.Months(), zone)
}

// AddMonths moves an expiry by so many calendar months to its anchor day, 1–31.
func AddMonths(anchor int, expiry time.Time, months int, zone *time.Location) time.Time {
	return addMonths(anchor, clocks(expiry, zone), months, zone)
}

// addMonths moves what clocks in zone show, given in UTC.
func addMonths(anchor int, local time.Time, months int, zone *time.Location) time.Time {
	year, month, _ := local.Date()
	month += time.Month(months)
	day := min(anchor, daysIn(year, month))
	hour, minute, second := local.Clock()
	return at(time.Date(year, month, day, hour, minute, second, local.Nanosecond(), time.UTC), zone)
}

// clocks returns what clocks in zone show at t, in UTC.
func clocks(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	_, offset := local.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// undelayed returns what clocks in zone would show at an expiry if they had not
// skipped that hour. An instance that became effective at 02:30 and expires on the
// day on which 02:30 is skipped expires at 03:30, and at 02:30 again after the next
// term; otherwise it would keep the later hour, and twelve months would not be a year.
func undelayed(effective, expiry time.Time, zone *time.Location) time.Time {
	shown, began := clocks(expiry, zone), clocks(effective, zone)
	meant := shown.Truncate(Day).Add(began.Sub(began.Truncate(Day)))
	if at(meant, zone).Equal(expiry) {
		return meant
	}
	return shown
}

// AnchorDay is the day of the month on which an instance expires: the effective
// day if the expiry day is that day clamped to its month, else the expiry day.
// It is found once, when an expiry is imported, and kept with the instance: from
// a clamped expiry it could not be found again. An instance effective on
// 30 November that expires on 31 December would be taken for one of the 30th as
// soon as a renewal led it through February.
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

// Midnight is when a day begins in a zone, in that zone. Days and months beyond the
// usual ones are carried over, as time.Date does.
func Midnight(year int, month time.Month, day int, zone *time.Location) time.Time {
	return at(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), zone).In(zone)
}

// at is the instant at which clocks in zone show what wall shows in UTC. A time
// that the zone skips is moved on by the length of the gap. time.Date may move it
// back, and where summer time begins at midnight (Chile) that is the day before.
func at(wall time.Time, zone *time.Location) time.Time {
	year, month, day := wall.Date()
	hour, minute, second := wall.Clock()
	t := time.Date(year, month, day, hour, minute, second, wall.Nanosecond(), zone)
	_, offset := t.Zone()
	if behind := wall.Sub(t) - time.Duration(offset)*time.Second; behind > 0 {
		t = t.Add(behind)
	}
	return t.UTC()
}
