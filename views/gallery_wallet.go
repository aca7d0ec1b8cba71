package views

import (
	"time"

	"github.com/a-h/templ"

	"perennial/internal/billing"
	"perennial/internal/notice"
	"perennial/internal/renewal"
)

// inShell puts a page into the sample shell.
func inShell(theme, title string, nav NavKey, body templ.Component) func() templ.Component {
	return func() templ.Component {
		s := SampleShell(title, nav)
		s.Theme = theme
		return Layout(s, body)
	}
}

func hoursAgo(n int) time.Time { return sampleTime.Add(-time.Duration(n) * time.Hour) }

func sampleKey() string { return "k1" }

// sampleWallet has one of each kind of entry, and a balance that is low.
func sampleWallet() WalletPage {
	entry := func(hours int, kind billing.EntryKind, reference string, amount, after int64) billing.Entry {
		return billing.Entry{ID: string(kind) + reference, Kind: kind, At: hoursAgo(hours), Reference: reference, Amount: usd(amount), After: usd(after),
			Credit: usd(0), Coupons: usd(0), Card: usd(0)}
	}
	ofTask := func(e billing.Entry, coupons, credit, card int64) billing.Entry {
		e.TaskID, e.Task, e.Purpose = "t1", 7, billing.ForRenewal
		e.Coupons, e.Credit, e.Card = usd(coupons), usd(credit), usd(card)
		return e
	}
	ofTopUp := func(e billing.Entry, refund string, card int64) billing.Entry {
		e.PaymentID, e.Purpose, e.RefundID, e.Card = "p1", billing.ForTopUp, refund, usd(card)
		return e
	}
	transfer := entry(30, billing.Deposit, "SEPA 2026-11-20 / 4711", 18_240_55, 18_240_55)
	transfer.ValueDate = "2026-11-20"
	repaid := entry(3, billing.Settlement, "SEPA 2026-11-24 / 4802", 0, 2_136_00)
	repaid.ValueDate, repaid.Credit = "2026-11-24", usd(500_00)
	granted := entry(40, billing.Grant, "SPRING-26", 0, 0)
	granted.Coupons = usd(500_00)
	lost := ofTask(entry(2, billing.Release, "RN-0007-00413", 12_00, 1_012_00), 3_00, 0, 0)
	lost.RefundID = "f2"
	return WalletPage{
		Wallet:  billing.Wallet{Balance: usd(741_30), CreditLimit: usd(1_000_00), CreditUsed: usd(250_00), LowMark: usd(2_500_00)},
		Runway:  billing.Runway{Total: usd(21_000_00), ShortFrom: sampleTime.Add(9 * 24 * time.Hour)},
		Coupons: 2, InCoupon: usd(420_00), Owed: usd(250_00), Card: sampleCards()[0], Now: sampleTime, Zone: sampleZone, CanTopUp: true, MayPay: true, Sandbox: true, NewKey: sampleKey,
		Entries: []billing.Entry{
			ofTopUp(entry(0, billing.Refund, "pay_7f3q9", 0, 741_30), "f1", -25_00),
			ofTopUp(entry(0, billing.Hold, "pay_7f3q9", -25_00, 741_30), "f1", 0),
			ofTopUp(entry(1, billing.TopUp, "pay_7f3q9", 741_30, 766_30), "", 741_30),
			lost,
			ofTask(entry(2, billing.Renewal, "pay_9k2m1", 0, 1_000_00), 0, 0, 480_20),
			ofTask(entry(2, billing.Hold, "RN-0007-00412", -1_136_00, 1_000_00), 0, -250_00, 0),
			repaid,
			ofTask(entry(3, billing.Renewal, "RT-0007", -16_104_55, 2_136_00), -80_00, 0, 0),
			transfer, granted,
		},
		Newer: renewal.Cursor{ID: "4"}, Older: renewal.Cursor{ID: "1"},
		Open:     []TopUpAttempt{{ID: "p1", Amount: usd(500_00), At: hoursAgo(0), By: "Li Na"}},
		Declined: []TopUpAttempt{{ID: "p0", Amount: usd(9_000_00), At: hoursAgo(20), By: "Li Na", Why: "The amount is above the card's limit."}},
	}
}

func walletSpecimens() []Specimen {
	full := sampleWallet()
	viewer, wrong, rich := full, full, full
	viewer.MayPay, viewer.Sandbox, viewer.Open, viewer.Declined = false, false, nil, nil
	wrong.Repay = WalletField{"9,000", "Type the amount without grouping, such as 1250.00."}
	rich.Open, rich.Declined, rich.CreditLimit, rich.LowMark, rich.Card = nil, nil, usd(0), usd(0), billing.Card{}
	held := full
	held.Owed = usd(0)
	rich.Coupons, rich.Runway.ShortFrom = 0, time.Time{}
	none := WalletPage{Wallet: billing.Wallet{Balance: usd(0), LowMark: usd(0), CreditLimit: usd(0)}, Runway: billing.Runway{Total: usd(0)},
		Now: sampleTime, Zone: sampleZone, MayPay: true, NewKey: sampleKey}
	form := TopUpPage{Amount: "741.30", Return: TaskPath("t1"), Key: "k1", Balance: usd(12_05), CanTopUp: true, Sandbox: true,
		Cards: sampleCards(), Card: "c1", Enter: EnterCard{Key: "k1"}, Now: sampleTime}
	bad, declined, bare, added := form, form, form, form
	added.Amount, added.Balance, added.Added, added.AddedAt, added.Zone = "", usd(753_35), usd(741_30), hoursAgo(0), sampleZone
	bad.Amount, bad.Problem = "741.305", `"741.305" has more than 2 decimals, and USD has 2.`
	bad.Field = "amount"
	declined.Problem = "The card does not have enough funds."
	bare.CanTopUp = false
	cardless, expired := form, form
	cardless.Cards = nil
	expired.Card, expired.Problem, expired.Field = "c3", "The card ending in 0002 has expired. Choose another one.", "card"
	status := func(s billing.PaymentState, why string) TopUpStatusPage {
		return TopUpStatusPage{ID: "p1", State: s, Amount: usd(741_30), At: hoursAgo(0), By: "Li Na", Why: why, Balance: usd(753_35), Return: TaskPath("t1"), Zone: sampleZone}
	}
	back := status(billing.PaymentCaptured, "")
	back.Refund = billing.RefundCreated
	return []Specimen{
		{"page-wallet", true, inShell("", "Wallet", NavWallet, Wallet(full))},
		{"page-wallet-credit-held", true, inShell("", "Wallet", NavWallet, Wallet(held))},
		{"page-wallet-viewer", true, inShell("dark", "Wallet", NavWallet, Wallet(viewer))},
		{"page-wallet-empty", true, inShell("", "Wallet", NavWallet, Wallet(none))},
		{"page-wallet-refused", true, inShell("", "Wallet", NavWallet, Wallet(wrong))},
		{"page-wallet-covered", true, inShell("dark", "Wallet", NavWallet, Wallet(rich))},
		{"page-top-up", true, inShell("", "Top up", NavWallet, TopUp(form))},
		{"page-top-up-again", true, inShell("dark", "Top up", NavWallet, TopUp(added))},
		{"page-top-up-wrong", true, inShell("", "Top up", NavWallet, TopUp(bad))},
		{"page-top-up-declined", true, inShell("dark", "Top up", NavWallet, TopUp(declined))},
		{"page-top-up-no-card", true, inShell("", "Top up", NavWallet, TopUp(cardless))},
		{"page-top-up-expired-card", true, inShell("dark", "Top up", NavWallet, TopUp(expired))},
		{"page-top-up-no-gateway", true, inShell("", "Top up", NavWallet, TopUp(bare))},
		{"page-top-up-unknown", true, inShell("", "Top-up", NavWallet, TopUpStatus(status(billing.PaymentUnknown, "")))},
		{"page-top-up-added", true, inShell("dark", "Top-up", NavWallet, TopUpStatus(status(billing.PaymentCaptured, "")))},
		{"page-top-up-given-back", true, inShell("", "Top-up", NavWallet, TopUpStatus(back))},
		{"page-top-up-not-added", true, inShell("", "Top-up", NavWallet, TopUpStatus(status(billing.PaymentDeclined, "The card has expired.")))},
	}
}

// sampleNotices are one of each kind, newest first.
func sampleNotices() []notice.Notice {
	t := notice.Task{TaskID: "t1", Number: 7, Zone: "Asia/Shanghai"}
	return []notice.Notice{
		notice.TaskSuspended{Task: t, Version: 3, Renewed: 7_850, Left: 321, Shortfall: usd(741_30), Balance: usd(12_05)},
		notice.TaskSuspended{Task: t, Version: 4, Pause: renewal.PauseUnknown, Renewed: 7_850, Left: 321, Card: "Visa •••• 4242", Charged: usd(741_30), Units: 100},
		notice.TaskSuspended{Task: t, Version: 5, Pause: renewal.PauseDeclined, Renewed: 7_850, Left: 321, Card: "Visa •••• 4242", Declined: "The card does not have enough funds."},
		notice.TaskSuspended{Task: t, Version: 6, Pause: renewal.PauseSettled, Renewed: 7_950, Left: 221},
		notice.TaskSuspended{Task: t, Version: 7, Pause: renewal.PauseConsent, Renewed: 7_850, Left: 321},
		notice.TaskReady{Task: t, Version: 1, Renewable: 8_171, Blocked: 43, Fee: usd(18_981_85), Balance: usd(18_240_55), ExpiresAt: sampleTime.Add(72 * time.Hour)},
		notice.TaskCompleted{Task: t, Renewed: 412, NotRenewed: 3, Paid: usd(2_136_00)},
		notice.TaskExpiring{Task: t, Renewable: 96, Fee: usd(1_020_00), ExpiresAt: sampleTime},
		notice.TaskExpired{Task: t, Renewable: 96, ExpiresAt: sampleTime},
		notice.TaskFailed{Task: t, Found: 10_240, Why: "More than 10,000 instances match by now."},
		notice.LowBalance{Wallet: notice.Wallet{Zone: t.Zone}, EntryID: "e9", Balance: usd(412_05), Mark: usd(2_500_00), CreditLeft: usd(1_000_00)},
		notice.PaymentEntered{Wallet: notice.Wallet{Zone: t.Zone}, PaymentID: "pay_d2a1", Amount: usd(1_000_00), CapturedAt: sampleTime, Renewed: 100},
		notice.PaymentEntered{Wallet: notice.Wallet{Zone: t.Zone}, PaymentID: "pay_77c0", Amount: usd(33_00), CapturedAt: sampleTime, TopUp: true},
	}
}

func noticeSpecimens() []Specimen {
	full := NoticesPage{Unread: 2, Zone: sampleZone, Older: renewal.Cursor{ID: "5"}}
	for n, one := range sampleNotices() {
		full.Rows = append(full.Rows, NoticeRow{ID: one.EventKey(), At: hoursAgo(n * 7), Notice: one, Unread: n < 2, Past: n == 1})
	}
	read := full
	read.Unread, read.Rows = 0, full.Rows[2:]
	return []Specimen{
		{"page-notifications", true, inShell("", "Notifications", NavNotifications, Notices(full))},
		{"page-notifications-read", true, inShell("dark", "Notifications", NavNotifications, Notices(read))},
		{"page-notifications-empty", true, inShell("", "Notifications", NavNotifications, Notices(NoticesPage{Zone: sampleZone}))},
	}
}

func outboxSpecimens() []Specimen {
	row := func(id string, s notice.Delivery, attempts int, problem string) MailRow {
		e := notice.Entry{ID: id, Kind: notice.KindTaskReady, Recipients: []string{"finance@acme.example", "li.na@acme.example"}, State: s,
			Attempts: attempts, LastError: problem, CreatedAt: hoursAgo(20), NextAt: hoursAgo(-1)}
		if s == notice.Sent {
			e.SentAt = hoursAgo(19)
		}
		return MailRow{Entry: e, Subject: "RT-0007: 8,171 renewals ready to confirm for $18,981.85"}
	}
	part := row("m5", notice.Sent, 1, "li.na@acme.example: 550 5.1.1 No such mailbox")
	part.Reached = []string{"finance@acme.example"}
	dead := row("m4", notice.Dead, 10, "the mail: 451 4.3.0 Try again later")
	full := OutboxPage{Zone: sampleZone, Sends: true, Rows: []MailRow{
		row("m1", notice.Queued, 0, ""), row("m2", notice.Queued, 3, "reach the mail server: connection refused"),
		row("m3", notice.Sent, 1, ""), dead, part,
	}}
	alone := OutboxPage{Zone: sampleZone, Rows: []MailRow{row("m1", notice.Queued, 0, "")}}
	text := "RT-0007: 8,171 renewals ready to confirm for $18,981.85\n\nNothing is charged until you review the details and select Renew Now.\n\nFee .......... $18,981.85\n"
	return []Specimen{
		{"page-outbox", true, inShell("", "Outbox", NavOutbox, Outbox(full))},
		{"page-outbox-no-server", true, inShell("dark", "Outbox", NavOutbox, Outbox(alone))},
		{"page-outbox-empty", true, inShell("", "Outbox", NavOutbox, Outbox(OutboxPage{Zone: sampleZone}))},
		{"page-mail", true, inShell("", "Mail", NavOutbox, Mail(MailPage{MailRow: dead, Text: text, Zone: sampleZone, Sends: true}))},
		{"page-mail-not-sent", true, inShell("dark", "Mail", NavOutbox, Mail(MailPage{MailRow: alone.Rows[0], Text: text, Zone: sampleZone}))},
	}
}
