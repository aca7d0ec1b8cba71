// Package notice has one struct for every event that people are told of. A
// notice holds facts, not words: mail and pages put it into words, today's words
// even for an old notice.
package notice

import (
	"encoding/json"
	"fmt"
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

// Kind names an event. Kinds are stored and never renamed.
type Kind string

// The events of a one-click renewal task.
const (
	KindTaskReady     Kind = "task_ready"
	KindTaskExpiring  Kind = "task_expiring"
	KindTaskExpired   Kind = "task_expired"
	KindTaskSuspended Kind = "task_suspended"
	KindTaskCompleted Kind = "task_completed"
	KindTaskFailed    Kind = "task_failed"
)

// The events of the wallet.
const (
	KindLowBalance     Kind = "low_balance"
	KindPaymentEntered Kind = "payment_entered"
)

// Notice is one event. EventKey is equal for equal events of an account, so that
// the outbox holds each once.
type Notice interface {
	Kind() Kind
	EventKey() string
}

// AboutTask is a notice about a task; the others are about the account's wallet.
type AboutTask interface {
	Notice
	About() Task
}

// Task says which task a notice is about.
type Task struct {
	TaskID string
	Number int
	Zone   string // billing zone, for the dates in the text
}

// About is the task itself.
func (t Task) About() Task { return t }

// TaskReady: a task was prepared and waits for a person until ExpiresAt.
type TaskReady struct {
	Task
	Version   int
	Renewable int
	Blocked   int
	Fee       money.Amount
	Balance   money.Amount
	ExpiresAt time.Time
}

// TaskExpiring: a ready task expires within 24 hours.
type TaskExpiring struct {
	Task
	Renewable int
	Fee       money.Amount
	ExpiresAt time.Time
}

// TaskExpired: nobody confirmed in time.
type TaskExpired struct {
	Task
	Renewable int
	ExpiresAt time.Time
}

// TaskSuspended: a task waits for money, or for the outcome of a payment. It is
// told at once, whenever it waits for something else, and daily; Day is 0 but for
// the daily ones.
type TaskSuspended struct {
	Task
	Version int
	Since   time.Time // when it was suspended
	Day     int
	Pause   renewal.Pause `json:",omitempty"`
	// Card names the one that was asked last, Charged is for how much and Units for
	// how many instances; Declined is why it was, in words.
	Card     string       `json:",omitempty"`
	Charged  money.Amount `json:",omitzero"`
	Units    int          `json:",omitempty"`
	Declined string       `json:",omitempty"`
	OnlyEnd  bool         `json:",omitempty"` // the task cannot be continued yet
	Renewed  int
	Left     int
	// Due is what is left to pay after coupons.
	Due       money.Amount `json:",omitzero"`
	Shortfall money.Amount
	Balance   money.Amount
	// Endangered are units left in the task that freeze or are released within
	// three days, the first of them by name.
	Endangered      []Endangered
	EndangeredTotal int
}

// Endangered is a unit that is about to be lost.
type Endangered struct {
	InstanceID string
	Name       string
	Freezes    bool // otherwise it is released
	At         time.Time
}

// TaskCompleted: nothing is left to renew.
type TaskCompleted struct {
	Task
	Renewed    int
	NotRenewed int
	Paid       money.Amount
}

// TaskFailed: preparing broke; nothing was charged.
type TaskFailed struct {
	Task
	Found int // how many matched, where that was the trouble
	Why   string
}

// Wallet is what every notice about the wallet knows.
type Wallet struct {
	Zone string // billing zone, for the dates in the text
}

// LowBalance: a spending took the balance below the mark that the account set.
type LowBalance struct {
	Wallet
	EntryID    string // the ledger transaction of the spending
	Balance    money.Amount
	Mark       money.Amount
	CreditLeft money.Amount
}

// PaymentEntered: a payment that the card gateway had captured was missing in the
// records, and is entered now.
type PaymentEntered struct {
	Wallet
	PaymentID  string // the gateway's
	Amount     money.Amount
	CapturedAt time.Time
	Renewed    int  // instances that it renews
	TopUp      bool // it is a top-up
}

// Kind implements Notice.
func (TaskReady) Kind() Kind { return KindTaskReady }

// Kind implements Notice.
func (TaskExpiring) Kind() Kind { return KindTaskExpiring }

// Kind implements Notice.
func (TaskExpired) Kind() Kind { return KindTaskExpired }

// Kind implements Notice.
func (TaskSuspended) Kind() Kind { return KindTaskSuspended }

// Kind implements Notice.
func (TaskCompleted) Kind() Kind { return KindTaskCompleted }

// Kind implements Notice.
func (TaskFailed) Kind() Kind { return KindTaskFailed }

// Kind implements Notice.
func (LowBalance) Kind() Kind { return KindLowBalance }

// Kind implements Notice.
func (PaymentEntered) Kind() Kind { return KindPaymentEntered }

// EventKey is the gateway's payment, which is entered once.
func (n PaymentEntered) EventKey() string { return n.PaymentID }

// EventKey is the spending: one takes the balance below the mark once.
func (n LowBalance) EventKey() string { return n.EntryID }

// EventKey is the task: it becomes ready, expires, completes and fails once.
func (t Task) EventKey() string { return t.TaskID }

// EventKey tells each suspension from the next by the version that it made, and
// each of its later days by the instant at which it began: quotes that are looked
// up again make a new version and no new day.
func (t TaskSuspended) EventKey() string {
	began := int64(t.Version)
	if t.Day > 0 {
		began = t.Since.UnixMilli()
	}
	return fmt.Sprintf("%s/%d/%d", t.TaskID, began, t.Day)
}

// Read makes the notice of a kind from its stored facts.
func Read(k Kind, facts []byte) (Notice, error) {
	switch k {
	case KindTaskReady:
		return read[TaskReady](facts)
	case KindTaskExpiring:
		return read[TaskExpiring](facts)
	case KindTaskExpired:
		return read[TaskExpired](facts)
	case KindTaskSuspended:
		return read[TaskSuspended](facts)
	case KindTaskCompleted:
		return read[TaskCompleted](facts)
	case KindTaskFailed:
		return read[TaskFailed](facts)
	case KindLowBalance:
		return read[LowBalance](facts)
	case KindPaymentEntered:
		return read[PaymentEntered](facts)
	}
	return nil, fmt.Errorf("notice kind %q is not known", k)
}

func read[N Notice](facts []byte) (Notice, error) {
	var n N
	if err := json.Unmarshal(facts, &n); err != nil {
		return nil, fmt.Errorf("read facts of %s: %w", n.Kind(), err)
	}
	return n, nil
}

// Delivery is what became of the mail of a notice.
type Delivery string

// The states of a delivery.
const (
	Queued Delivery = "queued"
	Sent   Delivery = "sent"
	Dead   Delivery = "dead" // kept with the reason; a person can retry
)

// Entry is one row of the outbox: the message in the console and the mail.
type Entry struct {
	ID         string
	AccountID  string
	Kind       Kind
	EventKey   string
	Facts      []byte
	Recipients []string // addresses, as they were looked up last
	Members    []string // the ids of the people it is for beside the account
	Reached    []string // recipients whose mail server took the mail
	State      Delivery
	Attempts   int
	NextAt     time.Time
	LastError  string
	CreatedAt  time.Time
	SentAt     time.Time
}
