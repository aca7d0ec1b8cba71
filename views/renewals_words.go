package views

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"perennial/internal/bidi"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

var blockLabels = map[renewal.Reason]string{
	renewal.OrderPending:           "Order pending payment",
	renewal.SpecChangeUnpaid:       "Change not paid",
	renewal.OrderProcessing:        "Order processing",
	renewal.RenewalInProgress:      "Renewal in progress",
	renewal.ConvertingToPayPerUse:  "Changing to pay-per-use",
	renewal.Unsubscribing:          "Unsubscribing",
	renewal.Discontinued:           "Discontinued",
	renewal.SupplementProvisioning: "Being provisioned",
	renewal.BundleOnly:             "Package only",
	renewal.AssociatedBlocked:      "Associated blocked",
	renewal.Locked:                 "Locked",
	renewal.AccountFrozen:          "Account frozen",
	renewal.NoPrice:                "No price",
	renewal.MaximumDuration:        "Maximum duration",
	renewal.StillExpired:           "Term too short",
}

// blockLabel is a reason in as few words as stand beside a status. What a status
// says already has none.
func blockLabel(r renewal.Reason) string { return blockLabels[r] }

// remaining says how long there is until an expiry, or how long ago it was.
func remaining(expiry, now time.Time) string {
	left := expiry.Sub(now)
	if left <= 0 {
		return span(-left) + " ago"
	}
	return span(left) + " left"
}

func span(d time.Duration) string {
	switch {
	case d >= renewal.Day:
		return ui.Plural(int(d/renewal.Day), "day", "days")
	case d >= time.Hour:
		return ui.Plural(int(d/time.Hour), "hour", "hours")
	}
	return "under 1 hour"
}

// urgency is the colour of what remains.
func urgency(s renewal.Status) string {
	switch s {
	case renewal.Expiring:
		return "warn"
	case renewal.Provisioned:
		return "muted"
	}
	return "bad"
}

// fate says what happens next to what has expired.
func fate(u renewal.Unit, s renewal.Status, r renewal.Retention, zone *time.Location) string {
	switch s {
	case renewal.Expired:
		return "Freeze due " + ui.Day(r.FreezesAt(u.ExpiresAt), zone)
	case renewal.Frozen:
		return "Release due " + ui.Day(r.ReleasedAt(u.ExpiresAt), zone)
	}
	return ""
}

// associatedWords counts what hangs under a unit by what it is: "+ 2 cloud disks".
func associatedWords(u renewal.Unit) string {
	if len(u.Associated) == 0 {
		return ""
	}
	kind := strings.ToLower(u.Associated[0].TypeName)
	for _, a := range u.Associated {
		if !strings.EqualFold(a.TypeName, kind) {
			kind = "associated resource"
		}
	}
	if last, _ := utf8.DecodeLastRuneInString(kind); last > unicode.MaxLatin1 { // not a word that takes an s
		return "+ " + ui.Count(len(u.Associated)) + " " + bidi.Isolate(kind)
	}
	return "+ " + ui.Plural(len(u.Associated), kind, kind+"s")
}

// lede says what the list is or, while there is a task, how that stands: its
// number is on the button beside it.
func (p RenewalsPage) lede() string {
	t := p.Task
	amount := func(minor int64) string { return money.Of(minor, p.Currency).String() }
	switch t.State {
	case "":
		return "Yearly and monthly instances, " + p.sorted() + "."
	case renewal.Generating:
		return "A task is being prepared. Nothing is charged before somebody confirms it."
	case renewal.Ready:
		return "A task is ready: " + renewals(t.Renewable) + " for " + amount(t.FeeMinor) +
			". Nothing is charged unless it is confirmed before " + ui.Stamp(t.ExpiresAt, p.Zone) + "."
	case renewal.Running:
		return "A task is running: " + ui.Count(t.Renewed) + " of " + instances(t.Renewable) + " renewed, " + amount(t.SpentMinor) + " charged so far."
	case renewal.Suspended:
		return "A task is paused: " + ui.Count(t.Renewed) + " renewed, " + ui.Count(t.Left()) +
			" left. Nothing more is charged until somebody selects Continue."
	}
	return "A task is stopping. Instances at work are finished, no later one starts."
}
