package email

import (
	"perennial/internal/notice"
	"perennial/views/ui"
)

func failedText(f frame, n notice.TaskFailed) string { return plain(f, leaders(failedFacts(n))) }

func failedFacts(n notice.TaskFailed) []fact {
	if n.Found == 0 {
		return nil
	}
	return []fact{{label: "Instances found", value: ui.Count(n.Found)}}
}
