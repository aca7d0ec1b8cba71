package app

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/store"
)

// grantID is what an operator may call a coupon or discount: it stands in paths,
// in the names of books and in lists of words.
var grantID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// grant is what coupons and discounts have in common.
type grant struct {
	id, name    string
	from, until string // YYYY-MM-DD in the billing zone, both days included
	services    []string
}

// granted checks a grant and makes its days instants. Without a first day it is
// good from now on, and without a last one, where that may be, for ever.
func granted(tx *store.Tx, acc account.Account, g grant, endless bool, now time.Time) (from, until time.Time, err error) {
	switch {
	case !grantID.MatchString(g.id):
		return from, until, fault.Field("id", "An id is 1 to 64 letters, digits, dots, hyphens and underscores.")
	case strings.TrimSpace(g.name) == "" || utf8.RuneCountInString(g.name) > maxName || !printable(g.name):
		return from, until, fault.Field("name", "A name is 1 to %d characters on one line.", maxName)
	}
	if from, err = dayOf("from", g.from, acc.Zone); err != nil {
		return from, until, err
	}
	if until, err = dayOf("until", g.until, acc.Zone); err != nil {
		return from, until, err
	}
	if g.from == "" {
		from = now
	}
	if g.until != "" {
		until = until.AddDate(0, 0, 1) // the last day is included
	}
	switch {
	case until.IsZero() && !endless:
		return from, until, fault.Field("until", "Say until which day it is good.")
	case until.IsZero():
	case !until.After(now):
		return from, until, fault.Field("until", "%s is over: this would be good for nothing.", g.until)
	case !until.After(from):
		return from, until, fault.Field("until", "It ends on %s, before it begins.", g.until)
	}
	return from, until, knownServices(tx, acc.ID, g.services)
}

func dayOf(field, text string, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil || t.Year() < 2000 || t.Year() > 2199 {
		return time.Time{}, fault.Field(field, "%q is not a date such as 2026-11-23.", text)
	}
	return t, nil
}

// knownServices refuses codes of services that the account has no price for: a
// mistyped one would make a grant that is good for nothing.
func knownServices(tx *store.Tx, accountID string, codes []string) error {
	if len(codes) == 0 {
		return nil
	}
	priced, err := tx.PricedServices(accountID)
	if err != nil {
		return err
	}
	for _, code := range codes {
		if !slices.Contains(priced, code) {
			return fault.Field("service", "The price book of this account has no service %q. It has: %s.", code, strings.Join(priced, ", "))
		}
	}
	return nil
}

// knownKinds refuses kinds of discount that do not exist.
func knownKinds(field string, kinds []billing.DiscountKind) error {
	for _, k := range kinds {
		if !slices.Contains(billing.DiscountKinds, k) {
			return fault.Field(field, "%q is no kind of discount. They are: %s.", k, strings.Join(billing.DiscountKinds, ", "))
		}
	}
	return nil
}

// onlyOnce sorts codes and drops those that are named twice.
func onlyOnce(codes []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(codes)))
}
