package views

import (
	"fmt"
	"time"

	"perennial/internal/account"
	"perennial/internal/notice"
	"perennial/views/ui"
)

// NoticeWords is a notice in words: the mail and the message in the console say
// the same.
type NoticeWords struct {
	Kind   ui.Kind
	Task   string // its number as people know it: RT-0007
	TaskID string
	Title  string // what happened, without the task's number
	Text   string // what that means, and what happens to the money
	Action string // what to do at the task's page
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
	}
	return NoticeWords{}, fmt.Errorf("there are no words for a notice of kind %q", n.Kind())
}

// TaskNumber writes the number of a task as people know it.
func TaskNumber(number int) string { return fmt.Sprintf("RT-%04d", number) }

// NoticeZone is the billing zone of a notice, or UTC where this machine does not
// know the zone.
func NoticeZone(t notice.Task) *time.Location {
	zone, err := account.Zone(t.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

func words(t notice.Task, kind ui.Kind, action string) NoticeWords {
	return NoticeWords{Kind: kind, Task: TaskNumber(t.Number), TaskID: t.TaskID, Action: action}
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
		ui.Stamp(n.ExpiresAt, NoticeZone(n.Task)) + ", the task expires."
	return w
}

func expiringWords(n notice.TaskExpiring) NoticeWords {
	w := words(n.Task, ui.Warn, "Confirm Renewal")
	w.Title = renewals(n.Renewable) + " not confirmed yet"
	w.Text = "Nobody has confirmed this task. It expires at " + ui.Stamp(n.ExpiresAt, NoticeZone(n.Task)) +
		". Nothing is charged and nothing is renewed unless it is confirmed before then."
	return w
}

func expiredWords(n notice.TaskExpired) NoticeWords {
	w := words(n.Task, ui.Plain, "Open the task")
	w.Title = "Expired with " + renewals(n.Renewable) + " not confirmed"
	w.Text = "Nobody confirmed this task before " + ui.Stamp(n.ExpiresAt, NoticeZone(n.Task)) +
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
