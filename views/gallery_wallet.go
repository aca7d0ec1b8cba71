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

func walletSpecimens() []Specimen {
	full := WalletPage{
		Balance: usd(741_30), Zone: sampleZone, CanTopUp: true, MayPay: true, Sandbox: true,
		Entries: []billing.Entry{
			{ID: "4", Kind: billing.TopUp, At: hoursAgo(1), Reference: "pay_7f3q9", Amount: usd(741_30), After: usd(741_30)},
			{ID: "3", Kind: billing.Renewal, At: hoursAgo(2), Reference: "RT-0007", TaskID: "t1", Amount: usd(-2_136_00), After: usd(0)},
			{ID: "2", Kind: billing.Renewal, At: hoursAgo(3), Reference: "RT-0007", TaskID: "t1", Amount: usd(-16_104_55), After: usd(2_136_00)},
			{ID: "1", Kind: billing.Deposit, At: hoursAgo(30), ValueDate: "2026-11-20", Reference: "SEPA 2026-11-20 / 4711", Amount: usd(18_240_55), After: usd(18_240_55)},
		},
		Newer: renewal.Cursor{ID: "4"}, Older: renewal.Cursor{ID: "1"},
		Open:     []TopUpAttempt{{ID: "p1", Amount: usd(500_00), At: hoursAgo(0), By: "Li Na"}},
		Declined: []TopUpAttempt{{ID: "p0", Amount: usd(9_000_00), At: hoursAgo(20), By: "Li Na", Why: "The amount is above the card's limit."}},
	}
	viewer := full
	viewer.MayPay, viewer.Sandbox, viewer.Open, viewer.Declined = false, false, nil, nil
	form := TopUpPage{Amount: "741.30", Return: TaskPath("t1"), Key: "k1", Balance: usd(12_05), CanTopUp: true, Sandbox: true,
		Cards: sampleCards(), Card: "c1", Enter: "https://gateway.example/cards?return_to=x", Now: sampleTime}
	wrong, declined, bare, added := form, form, form, form
	added.Amount, added.Balance, added.Added, added.AddedAt, added.Zone = "", usd(753_35), usd(741_30), hoursAgo(0), sampleZone
	wrong.Amount, wrong.Problem = "741.305", `"741.305" has more than 2 decimals, and USD has 2.`
	wrong.Field = "amount"
	declined.Problem = "The card does not have enough funds."
	bare.CanTopUp = false
	cardless, expired := form, form
	cardless.Cards = nil
	expired.Card, expired.Problem, expired.Field = "c3", "The card ending in 0002 has expired. Choose another one.", "card"
	status := func(s billing.PaymentState, why string) TopUpStatusPage {
		return TopUpStatusPage{ID: "p1", State: s, Amount: usd(741_30), At: hoursAgo(0), By: "Li Na", Why: why, Balance: usd(753_35), Return: TaskPath("t1"), Zone: sampleZone}
	}
	return []Specimen{
		{"page-wallet", true, inShell("", "Wallet", NavWallet, Wallet(full))},
		{"page-wallet-viewer", true, inShell("dark", "Wallet", NavWallet, Wallet(viewer))},
		{"page-wallet-empty", true, inShell("", "Wallet", NavWallet, Wallet(WalletPage{Balance: usd(0), Zone: sampleZone, MayPay: true}))},
		{"page-top-up", true, inShell("", "Top up", NavWallet, TopUp(form))},
		{"page-top-up-again", true, inShell("dark", "Top up", NavWallet, TopUp(added))},
		{"page-top-up-wrong", true, inShell("", "Top up", NavWallet, TopUp(wrong))},
		{"page-top-up-declined", true, inShell("dark", "Top up", NavWallet, TopUp(declined))},
		{"page-top-up-no-card", true, inShell("", "Top up", NavWallet, TopUp(cardless))},
		{"page-top-up-expired-card", true, inShell("dark", "Top up", NavWallet, TopUp(expired))},
		{"page-top-up-no-gateway", true, inShell("", "Top up", NavWallet, TopUp(bare))},
		{"page-top-up-unknown", true, inShell("", "Top-up", NavWallet, TopUpStatus(status(billing.PaymentUnknown, "")))},
		{"page-top-up-added", true, inShell("dark", "Top-up", NavWallet, TopUpStatus(status(billing.PaymentCaptured, "")))},
		{"page-top-up-not-added", true, inShell("", "Top-up", NavWallet, TopUpStatus(status(billing.PaymentDeclined, "The card has expired.")))},
	}
}

// sampleNotices are one of each kind, newest first.
func sampleNotices() []notice.Notice {
	t := notice.Task{TaskID: "t1", Number: 7, Zone: "Asia/Shanghai"}
	return []notice.Notice{
		notice.TaskSuspended{Task: t, Version: 3, Renewed: 7_850, Left: 321, Shortfall: usd(741_30), Balance: usd(12_05)},
		notice.TaskReady{Task: t, Version: 1, Renewable: 8_171, Blocked: 43, Fee: usd(18_981_85), Balance: usd(18_240_55), ExpiresAt: sampleTime.Add(72 * time.Hour)},
		notice.TaskCompleted{Task: t, Renewed: 412, NotRenewed: 3, Paid: usd(2_136_00)},
		notice.TaskExpiring{Task: t, Renewable: 96, Fee: usd(1_020_00), ExpiresAt: sampleTime},
		notice.TaskExpired{Task: t, Renewable: 96, ExpiresAt: sampleTime},
		notice.TaskFailed{Task: t, Found: 10_240, Why: "More than 10,000 instances match by now."},
		notice.LowBalance{Wallet: notice.Wallet{Zone: t.Zone}, EntryID: "e9", Balance: usd(412_05), Mark: usd(2_500_00), CreditLeft: usd(1_000_00)},
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
	refused := "li.na@acme.example: 550 5.1.1 No such mailbox"
	dead := row("m4", notice.Dead, 10, "the mail: 451 4.3.0 Try again later")
	full := OutboxPage{Zone: sampleZone, Where: "the mail server mail.acme.example:587", Rows: []MailRow{
		row("m1", notice.Queued, 0, ""), row("m2", notice.Queued, 3, "reach the mail server: connection refused"),
		row("m3", notice.Sent, 1, ""), dead, row("m5", notice.Sent, 1, refused),
	}}
	alone := OutboxPage{Zone: sampleZone, Rows: []MailRow{row("m1", notice.Queued, 0, "")}}
	text := "RT-0007: 8,171 renewals ready to confirm for $18,981.85\n\nNothing is charged until you review the details and select Renew Now.\n\nFee .......... $18,981.85\n"
	return []Specimen{
		{"page-outbox", true, inShell("", "Outbox", NavOutbox, Outbox(full))},
		{"page-outbox-no-server", true, inShell("dark", "Outbox", NavOutbox, Outbox(alone))},
		{"page-outbox-empty", true, inShell("", "Outbox", NavOutbox, Outbox(OutboxPage{Zone: sampleZone}))},
		{"page-mail", true, inShell("", "Mail", NavOutbox, Mail(MailPage{MailRow: dead, Text: text, Zone: sampleZone, Where: full.Where}))},
		{"page-mail-not-sent", true, inShell("dark", "Mail", NavOutbox, Mail(MailPage{MailRow: alone.Rows[0], Text: text, Zone: sampleZone}))},
	}
}
