package email

import (
	"perennial/internal/notice"
	"perennial/views"
	"perennial/views/ui"
)

func expiringText(f frame, n notice.TaskExpiring) string { return plain(f, leaders(expiringFacts(n))) }

func expiringFacts(n notice.TaskExpiring) []fact {
	return []fact{
		{label: "To renew", value: ui.Count(n.Renewable)},
		{label: "Confirm before", value: ui.Stamp(n.ExpiresAt, views.NoticeZone(n.Zone))},
		{label: "Fee", value: n.Fee.String(), sum: true},
	}
}
