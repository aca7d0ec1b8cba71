package email

import (
	"perennial/internal/bidi"
	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/views"
	"perennial/views/ui"
)

func suspendedText(f frame, n notice.TaskSuspended) string {
	lost := ""
	if len(n.Endangered) > 0 {
		lost = wrapped(endangeredTitle(n)) + "\n\n" + leaders(endangered(n))
	}
	return plain(f, leaders(suspendedFacts(n)), lost)
}

// suspendedFacts are the figures that matter for what the task waits for.
func suspendedFacts(n notice.TaskSuspended) []fact {
	all := []fact{
		{label: "Renewed", value: ui.Count(n.Renewed)},
		{label: "Left", value: ui.Count(n.Left)},
	}
	add := func(label, value string, sum bool) { all = append(all, fact{label, value, sum}) }
	due := func(label string) {
		if n.Due.Minor > 0 {
			add(label, n.Due.String(), true)
		}
	}
	switch n.Pause {
	case renewal.PauseDeclined:
		add("Balance", n.Balance.String(), false)
		due("Left to pay")
	case renewal.PauseUnknown:
		if n.Charged.Minor > 0 {
			add(n.Card+" was asked for", n.Charged.String(), true)
		}
	case renewal.PauseConsent:
		due("Due now")
	case renewal.PauseSettled:
		due("Left to pay")
	default:
		add("Balance", n.Balance.String(), false)
		if n.Shortfall.Minor > 0 {
			add("Short by", n.Shortfall.String(), true)
		}
	}
	return all
}

func endangeredTitle(n notice.TaskSuspended) string {
	if n.EndangeredTotal == 1 {
		return "1 instance that is left freezes or is released within 3 days:"
	}
	return ui.Count(n.EndangeredTotal) + " instances that are left freeze or are released within 3 days:"
}

// endangered names the units that are lost soon, and counts the ones not named.
func endangered(n notice.TaskSuspended) []fact {
	zone := views.NoticeZone(n.Zone)
	var all []fact
	for _, e := range n.Endangered {
		what := "released "
		if e.Freezes {
			what = "freezes "
		}
		name := e.InstanceID
		if e.Name != "" && e.Name != e.InstanceID {
			name = bidi.Isolate(e.Name) + " (" + e.InstanceID + ")"
		}
		all = append(all, fact{label: oneLine(name), value: what + ui.Stamp(e.At, zone)})
	}
	if more := n.EndangeredTotal - len(n.Endangered); more > 0 {
		all = append(all, fact{label: "And more", value: ui.Count(more)})
	}
	return all
}
