package email

import "perennial/internal/notice"

func lowBalanceText(f frame, n notice.LowBalance) string {
	return plain(f, leaders(lowBalanceFacts(n)))
}

func lowBalanceFacts(n notice.LowBalance) []fact {
	all := []fact{
		{label: "Warn below", value: n.Mark.String()},
		{label: "Balance", value: n.Balance.String()},
	}
	if n.CreditLeft.Minor > 0 {
		all = append(all, fact{label: "Left on the credit line", value: n.CreditLeft.String()})
	}
	return all
}
