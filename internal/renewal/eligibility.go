package renewal

import "time"

// MaximumAhead is how many calendar years ahead of now an expiry may come to lie.
const MaximumAhead = 5

// Terms are the facts about an account on which eligibility depends.
type Terms struct {
	Zone      *time.Location // the billing zone
	Retention Retention
	Frozen    bool // the account itself is frozen
}

// Check tells whether one term can be added to the unit at now, and the expiry
// that this would give. The reason is empty where it can. priced says whether
// every line of the unit has a list price.
func Check(u Unit, now time.Time, t Terms, priced bool) (newExpiry time.Time, why Reason) {
	newExpiry = u.NextExpiry(t.Zone)
	limit := AddMonths(now.In(t.Zone).Day(), now, 12*MaximumAhead, t.Zone)
	blocked := map[Reason]bool{
		ReleasedInstance: t.Retention.StatusAt(u.ExpiresAt, now) == Released,
		AccountFrozen:    t.Frozen,
		NoPrice:          !priced,
		MaximumDuration:  newExpiry.After(limit),
		StillExpired:     !newExpiry.After(now),
	}
	if u.Hold != "" {
		blocked[u.Hold] = true
	}
	if u.Intent != "" {
		blocked[u.Intent] = true
	}
	for _, a := range u.Associated {
		if a.Hold != "" {
			blocked[AssociatedBlocked] = true
		}
	}
	for _, r := range reasonTable {
		if blocked[r.code] {
			return newExpiry, r.code
		}
	}
	// A hold that the table does not know is still a hold.
	return newExpiry, u.Hold
}
