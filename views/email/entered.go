package email

import (
	"perennial/internal/notice"
	"perennial/views"
	"perennial/views/ui"
)

func enteredText(f frame, n notice.PaymentEntered) string {
	return plain(f, leaders(enteredFacts(n)))
}

func enteredFacts(n notice.PaymentEntered) []fact {
	all := []fact{
		{label: "Payment", value: n.PaymentID},
		{label: "Amount", value: n.Amount.String()},
		{label: "Charged", value: ui.Stamp(n.CapturedAt, views.NoticeZone(n.Zone))},
	}
	if !n.TopUp {
		all = append(all, fact{label: "Instances", value: ui.Count(n.Renewed)})
	}
	return all
}
