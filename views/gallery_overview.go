package views

import (
	"time"

	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

func sampleOverview() OverviewPage {
	month := func(n int, manual, auto, after int64) billing.Month {
		from := time.Date(2026, time.Month(11+n), 1, 0, 0, 0, 0, sampleZone)
		return billing.Month{From: from, To: from.AddDate(0, 1, 0), Manual: usd(manual), Auto: usd(auto), Again: usd(int64(n) * 2_400_00), Total: usd(manual + auto + int64(n)*2_400_00), After: usd(after)}
	}
	p := OverviewPage{
		Wallet: billing.Wallet{Balance: usd(18_240_55), LowMark: usd(20_000_00)}, Runway: billing.Runway{Total: usd(90_000_00), ShortFrom: sampleTime.AddDate(0, 0, 28)},
		Horizon: sampleHorizon(), Now: sampleTime, Zone: sampleZone,
		Months: []billing.Month{month(0, 3_120_00, 410_00, 14_710_55), month(1, 14_600_20, 4_400_00, -6_689_65), month(2, 12_300_00, 4_700_00, -28_489_65),
			month(3, 18_900_00, 4_700_00, -59_289_65), month(4, 11_300_00, 5_000_00, -85_189_65), month(5, 0, 5_000_00, -102_189_65)},
		Services: []ServiceFee{{"ec2", "Elastic Cloud Server", 4_585, usd(12_400_10)}, {"rds", "Relational Database Service", 811, usd(6_300_75)}, {"eip", "Elastic IP", 12, usd(281_00)}},
		Soon:     412, SoonFee: usd(3_120_00), Month: 5_408, MonthFee: usd(18_981_85), Lapsed: 63, Releasing: 9,
		Unpaid: 31, Waiting: 3, Unknown: 1, Expiring: usd(300_00), Task: sampleOpenTask(renewal.Ready),
	}
	p.Horizon.Filter = renewal.Filter{Tab: renewal.Manual}
	return p
}

func overviewSpecimens() []Specimen {
	none := OverviewPage{Wallet: billing.Wallet{Balance: usd(0)}, Runway: billing.Runway{Total: usd(0)}, Now: sampleTime, Zone: sampleZone,
		SoonFee: usd(0), MonthFee: usd(0), Expiring: usd(0)}
	none.Horizon = HorizonPage{Filter: renewal.Filter{Tab: renewal.Manual}, Today: sampleHorizon().Today}
	large := sampleOverview()
	for n := range large.Months {
		large.Months[n].After = money.Of(999_999_999_99, "USD")
	}
	large.Wallet.Balance, large.MonthFee, large.Lapsed, large.Soon = usd(999_999_999_99), usd(123_456_789_01), 1, 10_000
	return []Specimen{
		{"page-overview", true, inShell("", "Overview", NavOverview, Overview(sampleOverview()))},
		{"page-overview-dark", true, inShell("dark", "Overview", NavOverview, Overview(sampleOverview()))},
		{"page-overview-none", true, inShell("", "Overview", NavOverview, Overview(none))},
		{"page-overview-large", true, inShell("", "Overview", NavOverview, Overview(large))},
	}
}
