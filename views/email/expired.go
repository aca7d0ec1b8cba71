package email

import (
	"perennial/internal/notice"
	"perennial/views"
	"perennial/views/ui"
)

func expiredText(f frame, n notice.TaskExpired) string { return plain(f, leaders(expiredFacts(n))) }

func expiredFacts(n notice.TaskExpired) []fact {
	return []fact{
		{label: "Not renewed", value: ui.Count(n.Renewable)},
		{label: "Expired", value: ui.Stamp(n.ExpiresAt, views.NoticeZone(n.Zone))},
	}
}
