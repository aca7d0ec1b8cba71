package email

import (
	"perennial/internal/money"
	"perennial/internal/notice"
	"perennial/views"
	"perennial/views/ui"
)

func readyText(f frame, n notice.TaskReady) string {
	return plain(f, leaders(readyFacts(n)), wrapped(readyRemark(n)))
}

func readyFacts(n notice.TaskReady) []fact {
	var all []fact
	if n.Renewable > 0 {
		all = append(all, fact{label: "To renew", value: ui.Count(n.Renewable)})
	}
	if n.Blocked > 0 {
		all = append(all, fact{label: "Cannot be renewed", value: ui.Count(n.Blocked)})
	}
	if n.Renewable == 0 {
		return all
	}
	all = append(all, fact{label: "Confirm before", value: ui.Stamp(n.ExpiresAt, views.NoticeZone(n.Zone))},
		fact{label: "Balance", value: n.Balance.String()})
	if short, is := shortfall(n.Fee, n.Balance); is {
		all = append(all, fact{label: "Short by", value: short.String()})
	}
	return append(all, fact{label: "Fee", value: n.Fee.String(), sum: true})
}

func readyRemark(n notice.TaskReady) string {
	if _, is := shortfall(n.Fee, n.Balance); is && n.Renewable > 0 {
		return "What expires first is paid first. The task pauses when the balance is used up."
	}
	return ""
}

// shortfall is what a balance lacks to pay a fee.
func shortfall(fee, balance money.Amount) (money.Amount, bool) {
	short, err := fee.Sub(balance)
	return short, err == nil && short.Minor > 0
}
