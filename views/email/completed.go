package email

import (
	"perennial/internal/notice"
	"perennial/views/ui"
)

func completedText(f frame, n notice.TaskCompleted) string {
	return plain(f, leaders(completedFacts(n)))
}

func completedFacts(n notice.TaskCompleted) []fact {
	all := []fact{{label: "Renewed", value: ui.Count(n.Renewed)}}
	if n.NotRenewed > 0 {
		all = append(all, fact{label: "Not renewed, not charged", value: ui.Count(n.NotRenewed)})
	}
	return append(all, fact{label: "Paid", value: n.Paid.String(), sum: true})
}
