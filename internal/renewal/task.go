package renewal

import (
	"time"

	"perennial/internal/fault"
)

// State is where a one-click renewal task stands.
type State string

// The states of a task.
const (
	Generating State = "generating" // a worker snapshots, checks and quotes
	Ready      State = "ready"      // waits up to 72 hours for a person
	Running    State = "running"    // units are paid and renewed
	Suspended  State = "suspended"  // money is missing; waits without end
	Cancelling State = "cancelling" // the units in flight finish, none starts
	Completed  State = "completed"
	CancelledT State = "cancelled"
	ExpiredT   State = "expired"
	Failed     State = "failed" // generation broke; nothing was charged
)

// transitions is the whole table: what is not here cannot happen.
var transitions = map[State][]State{
	Generating: {Ready, CancelledT, Failed},
	Ready:      {Running, CancelledT, ExpiredT},
	Running:    {Suspended, Cancelling, Completed},
	Suspended:  {Running, CancelledT},
	Cancelling: {CancelledT},
}

// States lists every state, open ones first.
var States = []State{Generating, Ready, Running, Suspended, Cancelling, Completed, CancelledT, ExpiredT, Failed}

// Open tells whether a task in this state keeps the account from starting another.
func (s State) Open() bool { return len(transitions[s]) > 0 }

// May tells whether the table lets a task go from s to next.
func (s State) May(next State) bool {
	for _, to := range transitions[s] {
		if to == next {
			return true
		}
	}
	return false
}

// ConfirmWithin is how long a ready task can be confirmed, from the moment it
// became ready; at exactly this age it is expired.
const ConfirmWithin = 72 * time.Hour

// MaximumUnits is how many units one task may hold (the limit of the provider's
// One-Click Renewals).
const MaximumUnits = 10_000

// Task is one one-click renewal.
type Task struct {
	ID        string
	AccountID string
	Number    int // counts the tasks of the account, for people to talk about
	State     State
	// Version counts changes of state and of quotes; progress never touches it.
	Version int
	Scope   string // Filter.Values encoded, or empty where SourceTask is set
	// SourceTask is the ended task whose left units this one was prepared from.
	SourceTask string

	CreatedAt, ReadyAt, ExpiresAt, QuotedAt, ConfirmedAt, SuspendedAt, EndedAt time.Time
	CreatedBy, ConfirmedBy, EndedBy                                            string // names of users as they were

	ConfirmedEmail  string // of the person who confirmed, as it was then
	ConfirmedMember string // the id of that person, who is mailed about a suspension

	PriceRevision int64 // the revision of prices and discounts that the quotes were made with
	// Reconfirm is set when what is left rose in price after it was confirmed:
	// only a new Renew Now and OK resumes the task.
	Reconfirm bool

	Units      int // found by generation
	Renewable  int
	Blocked    int
	Again      int // renewable ones renewed here within 30 days before generation
	Soon       int // renewable ones whose new expiry is less than 7 days away
	ListMinor  int64
	FeeMinor   int64 // of all renewable units as quoted
	Prepared   int   // items written so far, while generating
	Renewed    int
	NotRenewed int   // failed at charge time
	SpentMinor int64 // paid for what was renewed
	LeftMinor  int64 // quoted fee of what is not finished
	DueMinor   int64 // what may still be paid beside coupons, as it was agreed to
	Shortfall  int64 // what was missing when the task was suspended
	Pause      Pause // why it is suspended
	Why        string
}

// Pause says what a suspended task waits for.
type Pause string

// The pauses. Where a payment's outcome is not known, a task can be neither
// continued nor ended.
const (
	PauseShort    Pause = "short"    // the next unit costs more than there is
	PauseDeclined Pause = "declined" // the card was; Why is the gateway's code
	PauseUnknown  Pause = "unknown"  // the gateway has not said what became of a payment
	PauseSettled  Pause = "settled"  // it has now: the units were paid and renewed
	PauseConsent  Pause = "consent"  // coupons pay less than was agreed to
)

// WhyUnrecorded is why a task was declined whose payment the gateway knows as
// another one: the books are those of a restored backup. What else the gateway
// knows and they do not is entered first; then the task can be continued.
const WhyUnrecorded = "unrecorded"

// Unrecorded tells whether the task waits because of WhyUnrecorded.
func (t Task) Unrecorded() bool { return t.Pause == PauseDeclined && t.Why == WhyUnrecorded }

// goesOn refuses to take a suspended task further while its last payment does not
// allow it.
func (t Task) goesOn() error {
	if t.Pause == PauseUnknown {
		return outcomeUnknown()
	}
	if t.Unrecorded() {
		return fault.New(fault.Conflict, "The card gateway has another payment for these instances, which is not in our records. Nothing was charged. Our records are being compared with the gateway's. Try again in a minute.")
	}
	return nil
}

// Left is how many units are neither renewed nor failed.
func (t Task) Left() int { return t.Renewable - t.Renewed - t.NotRenewed }

// Seen is what stood on the page on which a person clicked.
type Seen struct {
	Version int
	Total   int64 // fees after discount, before coupons, of what it covers
	Due     int64 // what is left after coupons
	Again   bool  // ticked: renew what was renewed within 30 days once more
}

// Confirm decides whether a person may set the task running at now. again is how
// many of the units left were renewed here within 30 days. It compares with the
// stored quotes; that fresh prices are not above them, nor what is due above what
// was seen, is the caller's to see to.
func (t Task) Confirm(now time.Time, seen Seen, again int) error {
	switch t.State {
	case Ready:
		if !now.Before(t.ExpiresAt) {
			return fault.New(fault.Conflict, "This task has expired: it could be confirmed for 72 hours. Nothing was charged.")
		}
	case Suspended:
		if err := t.goesOn(); err != nil {
			return err
		}
	default:
		return t.wrongState("confirmed")
	}
	if err := t.seen(seen.Version); err != nil {
		return err
	}
	if t.Left() == 0 {
		return fault.New(fault.Conflict, "There is nothing in this task that can be renewed.")
	}
	if !t.sawFee(seen) {
		return fault.New(fault.Conflict, "The fee changed since this page was shown. Check the new fee, then confirm again.")
	}
	if again > 0 && !seen.Again {
		return fault.Field("again", "Some instances were renewed here within the last 30 days. Tick the box to renew them again.")
	}
	return nil
}

// Continue decides whether a suspended task may resume at now without asking for
// Renew Now and OK again.
func (t Task) Continue(now time.Time, seen Seen) error {
	if t.State != Suspended {
		return t.wrongState("continued")
	}
	if err := t.goesOn(); err != nil {
		return err
	}
	if err := t.seen(seen.Version); err != nil {
		return err
	}
	if t.NeedsConsent(now) {
		return fault.New(fault.Conflict, "Prices may have changed since this task was confirmed. Review it and select Renew Now again.")
	}
	if !t.sawFee(seen) {
		return fault.New(fault.Conflict, "The fee changed since this page was shown. Check the new fee, then continue.")
	}
	return nil
}

// NeedsConsent tells whether a suspended task must be confirmed anew: something is
// left to pay, and it rose, or the consent is 72 hours old.
func (t Task) NeedsConsent(now time.Time) bool {
	return t.State == Suspended && t.Left() > 0 && (t.Reconfirm || !now.Before(t.ConfirmedAt.Add(ConfirmWithin)))
}

// Cancel tells the state into which a person's cancelling leads: what runs first
// finishes the units in flight. Only the worker ends what is already cancelling,
// however often a person asks.
func (t Task) Cancel(version int) (State, error) {
	next := CancelledT
	if t.State == Running {
		next = Cancelling
	}
	if t.State == Cancelling || !t.State.May(next) {
		return "", t.wrongState("cancelled")
	}
	if t.Pause == PauseUnknown {
		return "", outcomeUnknown()
	}
	if err := t.seen(version); err != nil {
		return "", err
	}
	return next, nil
}

func (t Task) seen(version int) error {
	if version != t.Version {
		return fault.New(fault.Conflict, "This task changed since the page was shown. This is how it stands now.")
	}
	return nil
}

// sawFee tells whether a page showed the stored fee of what is left, and a part of
// it as due.
func (t Task) sawFee(seen Seen) bool {
	return seen.Total == t.LeftMinor && seen.Due >= 0 && seen.Due <= seen.Total
}

func outcomeUnknown() error {
	return fault.New(fault.Conflict, "The outcome of a card payment is not known yet, so this task can be neither continued nor ended. The gateway is asked until it answers.")
}

func (t Task) wrongState(done string) error {
	return fault.New(fault.Conflict, "This task is %s and cannot be %s.", t.State, done)
}
