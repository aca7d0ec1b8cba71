package views

import (
	"fmt"
	"time"

	"perennial/internal/account"
	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// NoticeWords is a notice in words: the mail and the message in the console say
// the same.
type NoticeWords struct {
	Kind   ui.Kind
	About  string // what it is about: RT-0007, or Wallet
	Href   string // the page of that
	Title  string // what happened, without what it is about
	Text   string // what that means, and what happens to the money
	Action string // what to do at that page
	Past   string // the same where what it asks for is done
}

// WordsOf puts a notice into words. Its dates are in the billing zone of the
// moment at which it was written.
func WordsOf(n notice.Notice) (NoticeWords, error) {
	switch n := n.(type) {
	case notice.TaskReady:
		return readyWords(n), nil
	case notice.TaskExpiring:
		return expiringWords(n), nil
	case notice.TaskExpired:
		return expiredWords(n), nil
	case notice.TaskSuspended:
		return suspendedWords(n), nil
	case notice.TaskCompleted:
		return completedWords(n), nil
	case notice.TaskFailed:
		return failedWords(n), nil
	case notice.LowBalance:
		return lowBalanceWords(n), nil
	case notice.PaymentEntered:
		return enteredWords(n), nil
	}
	return NoticeWords{}, fmt.Errorf("there are no words for a notice of kind %q", n.Kind())
}

// TaskNumber writes the number of a task as people know it.
func TaskNumber(number int) string { return fmt.Sprintf("RT-%04d", number) }

// NoticeZone is the billing zone that a notice names, or UTC where this machine
// does not know the zone.
func NoticeZone(name string) *time.Location {
	zone, err := account.Zone(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

func words(t notice.Task, kind ui.Kind, action string) NoticeWords {
	return NoticeWords{Kind: kind, About: TaskNumber(t.Number), Href: TaskPath(t.TaskID), Action: action, Past: "Open the task"}
}

func renewals(n int) string  { return ui.Plural(n, "renewal", "renewals") }
func instances(n int) string { return ui.Plural(n, "instance", "instances") }

func readyWords(n notice.TaskReady) NoticeWords {
	w := words(n.Task, ui.Warn, "Confirm Renewal")
	if n.Renewable == 0 {
		w.Kind, w.Action = ui.Bad, "See the reasons"
		w.Title = "None of " + instances(n.Blocked) + " can be renewed"
		if n.Blocked == 1 {
			w.Title = "The instance cannot be renewed"
		}
		w.Text = "Nothing was charged. The task lists the reason for each, and what to do about it."
		return w
	}
	w.Title = renewals(n.Renewable) + " ready to confirm for " + n.Fee.String()
	w.Text = "Nothing is charged until you review the details and select Renew Now. Unless it is confirmed before " +
		ui.Stamp(n.ExpiresAt, NoticeZone(n.Zone)) + ", the task expires."
	return w
}

func expiringWords(n notice.TaskExpiring) NoticeWords {
	w := words(n.Task, ui.Warn, "Confirm Renewal")
	w.Title = renewals(n.Renewable) + " not confirmed yet"
	w.Text = "Nobody has confirmed this task. It expires at " + ui.Stamp(n.ExpiresAt, NoticeZone(n.Zone)) +
		". Nothing is charged and nothing is renewed unless it is confirmed before then."
	return w
}

func expiredWords(n notice.TaskExpired) NoticeWords {
	w := words(n.Task, ui.Plain, "Open the task")
	w.Title = "Expired with " + renewals(n.Renewable) + " not confirmed"
	w.Text = "Nobody confirmed this task before " + ui.Stamp(n.ExpiresAt, NoticeZone(n.Zone)) +
		". Nothing was charged and nothing was renewed. The same instances can be prepared again, with prices of that moment."
	return w
}

func suspendedWords(n notice.TaskSuspended) NoticeWords {
	w := words(n.Task, ui.Bad, "Top up and continue")
	state := "Paused"
	if n.Day > 0 {
		state = "Still paused after " + ui.Plural(n.Day, "day", "days")
	}
	w.Text = ui.Count(n.Renewed) + " renewed, " + ui.Count(n.Left) + " left. Renewed instances keep their new expiry dates. "
	switch n.Pause {
	case renewal.PauseDeclined:
		w.Title, w.Action = state+": the card payment did not go through", "Open the task"
		if n.Card != "" {
			w.Title = state + ": the payment by " + n.Card + " did not go through"
		}
		if n.OnlyEnd {
			w.Title = state + ": the card gateway knows a payment that is missing here"
			w.Text = n.Declined + " Nothing was charged for what is left. " + w.Text + "You can continue once our records have been compared with the gateway's."
			return w
		}
		w.Text = n.Declined + " Nothing was charged for what is left. " + w.Text + "Nothing more is charged until somebody chooses another card or tops up, and selects Continue."
		return w
	case renewal.PauseUnknown:
		w.Kind, w.Title, w.Action = ui.Warn, state+": the outcome of a card payment is not known yet", "Open the task"
		if n.Charged.Minor > 0 {
			w.Title = state + ": the outcome of a card payment of " + n.Charged.String() + " for " + instances(n.Units) + " is not known yet"
		}
		w.Text += "The gateway is asked until it answers. Until then nothing else is charged, and these instances cannot be renewed otherwise."
		return w
	case renewal.PauseSettled:
		w.Kind, w.Title, w.Action = ui.OK, state+": the card payment went through", "Continue the task"
		w.Text += "Nothing more is charged until somebody selects Continue."
		if n.Left == 0 {
			w.Text = instances(n.Renewed) + " renewed, none left. Continue completes the task and charges nothing."
		}
		return w
	case renewal.PauseConsent:
		w.Kind, w.Title, w.Action = ui.Warn, state+": coupons pay less than was agreed to", "Confirm again"
		w.Text += "Nothing more is charged until somebody agrees to what is due now."
		return w
	}
	if n.Shortfall.IsZero() {
		w.Action = "Continue the task"
		w.Title = state + ": the balance covers what is left"
		w.Text += "Nothing more is charged until somebody selects Continue."
		return w
	}
	w.Title = state + ": balance is " + n.Shortfall.String() + " short"
	w.Text += "Nothing more is charged until somebody tops up and selects Continue."
	return w
}

func completedWords(n notice.TaskCompleted) NoticeWords {
	w := words(n.Task, ui.OK, "Open the receipt")
	w.Title = instances(n.Renewed) + " renewed for " + n.Paid.String()
	w.Text = "The task is completed. The receipt has the old and the new expiry, the order and the fee of each."
	if n.NotRenewed > 0 {
		w.Kind = ui.Warn
		w.Text = ui.Count(n.NotRenewed) + " could not be renewed and were not charged. " +
			"The receipt has the old and the new expiry, the order and the fee of each, or the reason."
		if n.NotRenewed == 1 {
			w.Text = "1 could not be renewed and was not charged. " +
				"The receipt has the old and the new expiry, the order and the fee of each, or the reason."
		}
	}
	if n.Renewed == 0 {
		w.Kind, w.Title = ui.Bad, "No instance could be renewed"
	}
	return w
}

func failedWords(n notice.TaskFailed) NoticeWords {
	w := words(n.Task, ui.Bad, "Open the task")
	w.Title = "The task could not be prepared"
	w.Text = "Nothing was charged and nothing was renewed."
	if n.Why != "" {
		w.Text = n.Why + " " + w.Text
	}
	return w
}

func lowBalanceWords(n notice.LowBalance) NoticeWords {
	w := NoticeWords{Kind: ui.Warn, About: "Wallet", Href: WalletPath(nil), Action: "Open the wallet", Past: "Open the wallet"}
	w.Title = "The balance has fallen below " + n.Mark.String()
	w.Text = "It is " + n.Balance.String() + " now. Tasks pause where the money runs out, and nothing is charged then. " +
		"Top up, or change the mark, in the wallet."
	return w
}

func enteredWords(n notice.PaymentEntered) NoticeWords {
	w := NoticeWords{Kind: ui.Warn, About: "Wallet", Href: WalletPath(nil), Action: "Open the wallet", Past: "Open the wallet"}
	w.Title = "A card payment of " + n.Amount.String() + " was missing in our records"
	w.Text = "The card gateway had charged it, and it is in our records now. You were not charged again. "
	if n.TopUp {
		w.Text += "It is a top-up, and your balance has it."
	} else {
		w.Text += "It paid for " + instances(n.Renewed) + "."
	}
	return w
}
