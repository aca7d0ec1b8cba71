package renewal

import (
	"slices"
	"time"
)

// MaximumIDs is how many instance IDs one filter may name.
const MaximumIDs = 200

// Choice is a filter option that hides some units or shows only those.
type Choice string

// The choices.
const (
	Any  Choice = ""
	Hide Choice = "hide"
	Only Choice = "only"
)

// Expires is the expiration filter: a window from now on, or a range of dates.
type Expires string

// The expiration windows. A window of N days is now ≤ expiry < now + N·24 h.
const (
	AnyExpiry   Expires = ""
	Within7     Expires = "7d"
	Within15    Expires = "15d"
	Within30    Expires = "30d"
	ExpiryRange Expires = "range"
)

// Window is the length of a window, or zero for a range and for none.
func (e Expires) Window() time.Duration {
	switch e {
	case Within7:
		return 7 * Day
	case Within15:
		return 15 * Day
	case Within30:
		return 30 * Day
	}
	return 0
}

// Filter is what a person asked to see on one tab. Each field narrows the list,
// and One-Click Renew takes exactly what the filter matches. The zero Filter of a
// tab matches everything that stands on it and is not yet released.
type Filter struct {
	Tab        Mode
	Query      string   // name, ID or order ID contains, any letter case
	Status     []Status // any of them
	Expires    Expires
	From, To   string // YYYY-MM-DD in the billing zone, inclusive, for a range; either may be empty
	Late       bool   // a window or range also takes what has expired or is frozen
	Released   int    // will be released within so many days: 2 or 7, or 0
	Blocked    Reason // carries this hold, or an order of ours that gives this reason
	Renewed    Choice // renewed here within 30 days
	IDs        []string
	Name       string // contains, any letter case
	Order      string // the provider's order ID, exactly
	Services   []string
	Regions    []string
	Projects   []string
	HideUnpaid bool   // Do not show resources that have orders pending payment
	Packages   Choice // resource packages
}

// Narrowed tells whether anything but the tab is set.
func (f Filter) Narrowed() bool { return len(f.Values()) > 1 }

// The horizon shows what expires on each of so many days before today and from
// today on: as long as grace and retention are together by default, and a quarter.
const (
	HorizonPast  = 30
	HorizonAhead = 90
)

// AnyTime is the filter without what it says of the expiry.
func (f Filter) AnyTime() Filter {
	f.Expires, f.From, f.To, f.Late = AnyExpiry, "", "", false
	return f
}

// OnDay is the filter for what expires on one day, YYYY-MM-DD in the billing zone.
func (f Filter) OnDay(day string) Filter { return f.Between(day, day) }

// Between is the filter for what expires from one day to another, both inclusive.
func (f Filter) Between(from, to string) Filter {
	f = f.AnyTime()
	f.Expires, f.From, f.To = ExpiryRange, from, to
	return f
}

// Span is a half-open interval of expiries: From ≤ expiry < To. A zero To means
// without end.
type Span struct{ From, To time.Time }

// Spans turns every part of the filter that speaks of time into the expiries that
// match at now: sorted, disjoint, and none where nothing can match. What is
// released is never among them.
func (f Filter) Spans(now time.Time, r Retention, zone *time.Location) []Span {
	// Released is half-open at its start: an instance is gone at the instant of
	// its release, so the oldest listed expiry lies one millisecond after it.
	listed := []Span{{From: r.OldestListed(now).Add(time.Millisecond)}}
	spans := intersect(listed, f.statusSpans(now, r))
	spans = intersect(spans, f.expirySpans(now, zone))
	if f.Released > 0 {
		oldest := r.OldestListed(now)
		spans = intersect(spans, []Span{{oldest, oldest.Add(time.Duration(f.Released) * Day).Add(time.Millisecond)}})
	}
	return spans
}

// Within is the part of some spans that lies in another.
func Within(spans []Span, in Span) []Span { return intersect(spans, []Span{in}) }

func (f Filter) statusSpans(now time.Time, r Retention) []Span {
	if len(f.Status) == 0 {
		return []Span{{}}
	}
	// Boundaries belong to the later status: expired at now == expiry.
	justAfter := now.Add(time.Millisecond)
	frozen := now.Add(-r.Grace).Add(time.Millisecond)
	var spans []Span
	for _, s := range f.Status {
		switch s {
		case Provisioned:
			spans = append(spans, Span{From: justAfter})
		case Expiring:
			spans = append(spans, Span{justAfter, now.Add(ExpiringWithin).Add(time.Millisecond)})
		case Expired:
			spans = append(spans, Span{frozen, justAfter})
		case Frozen:
			spans = append(spans, Span{To: frozen})
		}
	}
	return union(spans)
}

func (f Filter) expirySpans(now time.Time, zone *time.Location) []Span {
	var spans []Span
	switch {
	case f.Expires.Window() > 0:
		spans = []Span{{now, now.Add(f.Expires.Window())}}
	case f.Expires == ExpiryRange:
		var s Span
		if from, err := time.Parse(time.DateOnly, f.From); err == nil {
			s.From = at(from, zone)
		}
		if to, err := time.Parse(time.DateOnly, f.To); err == nil {
			s.To = at(to.AddDate(0, 0, 1), zone)
		}
		spans = []Span{s}
	default:
		return []Span{{}}
	}
	if f.Late {
		spans = append(spans, Span{To: now.Add(time.Millisecond)})
	}
	return union(spans)
}

// later reports whether end a lies after end b, where zero is without end.
func later(a, b time.Time) bool {
	return !b.IsZero() && (a.IsZero() || a.After(b))
}

func union(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return a.From.Compare(b.From) })
	var merged []Span
	for _, s := range spans {
		if last := len(merged) - 1; last >= 0 && (merged[last].To.IsZero() || !s.From.After(merged[last].To)) {
			if later(s.To, merged[last].To) {
				merged[last].To = s.To
			}
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

func intersect(a, b []Span) []Span {
	var both []Span
	for _, x := range a {
		for _, y := range b {
			s := Span{From: x.From, To: x.To}
			if y.From.After(s.From) {
				s.From = y.From
			}
			if later(s.To, y.To) {
				s.To = y.To
			}
			if s.To.IsZero() || s.From.Before(s.To) {
				both = append(both, s)
			}
		}
	}
	return union(both)
}
