package renewal

import "time"

// Status is where an instance stands between provisioning and release. It is a
// function of time and is never stored.
type Status string

// The statuses. Expiring is a provisioned instance within 7 days of expiry.
const (
	Provisioned Status = "provisioned"
	Expiring    Status = "expiring"
	Expired     Status = "expired"  // grace period, still usable
	Frozen      Status = "frozen"   // retention period, unusable, data kept
	Released    Status = "released" // gone, never listed, never renewable
)

// Statuses lists the statuses that the Renewals page can show.
var Statuses = []Status{Provisioned, Expiring, Expired, Frozen}

// ExpiringWithin is how long before expiry an instance counts as expiring.
const ExpiringWithin = 7 * Day

// Day is 24 hours: windows around an expiry are counted in hours, not in
// calendar days, so that they mean the same in every zone.
const Day = 24 * time.Hour

// Retention is how long an account keeps what has expired.
type Retention struct {
	Grace  time.Duration // expired, still usable
	Frozen time.Duration // unusable, data kept
}

// DefaultRetention is 15 days of grace and 15 days of retention.
var DefaultRetention = Retention{Grace: 15 * Day, Frozen: 15 * Day}

// StatusAt tells the status at now of an instance that expires at expiry. Each
// boundary belongs to the later status.
func (r Retention) StatusAt(expiry, now time.Time) Status {
	switch {
	case now.Before(expiry.Add(-ExpiringWithin)):
		return Provisioned
	case now.Before(expiry):
		return Expiring
	case now.Before(r.FreezesAt(expiry)):
		return Expired
	case now.Before(r.ReleasedAt(expiry)):
		return Frozen
	}
	return Released
}

// FreezesAt is when the grace period ends.
func (r Retention) FreezesAt(expiry time.Time) time.Time { return expiry.Add(r.Grace) }

// ReleasedAt is when the retention period ends and the instance is gone.
func (r Retention) ReleasedAt(expiry time.Time) time.Time {
	return expiry.Add(r.Grace + r.Frozen)
}

// OldestListed is the expiry after which an instance is not yet released at now.
func (r Retention) OldestListed(now time.Time) time.Time { return now.Add(-r.Grace - r.Frozen) }

// Title is the status as a badge says it.
func (s Status) Title() string {
	switch s {
	case Expiring:
		return "Expiring"
	case Expired:
		return "Expired"
	case Frozen:
		return "Frozen"
	case Released:
		return "Released"
	default:
		return "Provisioned"
	}
}
