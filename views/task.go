package views

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// TaskPage is a one-click renewal task in any of its states, with one page of one
// of its lists.
type TaskPage struct {
	Task    renewal.Task
	Books   account.Books // why a running task waits; sound where it does not
	Zone    *time.Location
	Now     time.Time
	Email   string // where the account hears that the task is ready
	Scope   string // in words; empty where the task was made of what another one left
	Source  int    // number of that other task
	Balance money.Amount
	// Discounts are what is taken off the list price, by kind.
	Discounts []billing.KindSum
	Plan      billing.Plan
	Stop      renewal.Item // the first unit that the money does not reach; Number 0: none
	Lacking   money.Amount // what is missing where no card pays; Plan.Shortfall unless one was declined
	Wallet    billing.Wallet
	Card      billing.Card        // the one that pays what nothing else does; no ID: none
	Cards     []billing.Payment   // that a card was asked for, the oldest first
	Flight    int                 // units of the one whose outcome is not known yet
	Refunds   []billing.Refunding // what was given back of them
	Sources   map[string]string   // names of the coupons and cards of legs, by ID
	Receipt   billing.Receipt
	Tallies   []renewal.Tally
	List      TaskList
	Role      string // of the reader, in words
	MayAct    bool   // the reader may prepare, confirm and pay
	// The keys of the three forms that the page can hold.
	CancelKey, ContinueKey, AgainKey string
	// DeclinedWhy is why the card was declined, in words.
	DeclinedWhy string
	// Acted says that somebody else acted while the page was open.
	Acted   string
	Refused *Refusal
	Notices []string
}

// TaskList is one page of a list of a task.
type TaskList struct {
	Look     renewal.Look
	Matching int
	Rows     []TaskRow
	Previous renewal.Place
	Next     renewal.Place
}

// TaskRow is one unit of a list of a task.
type TaskRow struct {
	renewal.Item
	Group     int              // 1 renewed here within 30 days, 2 expires again soon, 3 the rest; 0 no groups
	Uncovered bool             // the money does not reach it
	Legs      []billing.Leg    // how it would be paid, while that waits for a person
	Order     *billing.Order   // that renewed it
	Earlier   *billing.Earlier // the renewal within 30 days before
	// Intent and IntentOrder are what keeps the instance from being renewed now.
	Intent      renewal.Reason
	IntentOrder string
}

// Refusal says why something that was asked for was not done, and what changed.
type Refusal struct {
	Message string
	// Was and Is are the fee that the reader saw and the fee now, where they differ;
	// WasDue and IsDue are the same of what is due after coupons.
	Was, Is       money.Amount
	WasDue, IsDue money.Amount
	// AcceptKey is of the form that accepts what is now; empty where it cannot be
	// accepted at once.
	AcceptKey string
}

func (p TaskPage) amount(minor int64) money.Amount { return money.Of(minor, p.Balance.Currency) }

func (p TaskPage) id() string { return p.Task.ID }

// consent tells whether only Renew Now and OK set the task running.
func (p TaskPage) consent() bool {
	return p.Task.State == renewal.Ready || p.Task.NeedsConsent(p.Now)
}

// prepared tells whether the task has units to show.
func (p TaskPage) prepared() bool { return len(p.Tallies) > 0 }

func (p TaskPage) short() bool { return p.Plan.Shortfall.Minor > 0 }

// leg is what one kind of source pays of what the funds cover.
func (p TaskPage) leg(kind billing.LegKind) money.Amount {
	if a, ok := p.Plan.Legs[kind]; ok {
		return a
	}
	return p.amount(0)
}

// afterwards is what the balance is when the task has paid what it can.
func (p TaskPage) afterwards() money.Amount {
	return p.amount(p.Balance.Minor - p.leg(billing.FromBalance).Minor)
}

// title says in the heading where the task stands.
func (p TaskPage) title() string {
	t := p.Task
	switch t.State {
	case renewal.Generating:
		if t.Units > 0 {
			return "Preparing " + ui.Plural(t.Units, "renewal", "renewals")
		}
		return "Preparing renewals"
	case renewal.Ready:
		if t.Renewable == 0 {
			if t.Units == 1 {
				return "The instance cannot be renewed"
			}
			return "None of " + instances(t.Units) + " can be renewed"
		}
		return "Review " + ui.Plural(t.Renewable, "renewal", "renewals")
	case renewal.Running:
		if p.held() {
			return "Waiting to renew " + ui.Plural(t.Left(), "instance", "instances")
		}
		return "Renewing " + ui.Plural(t.Renewable, "instance", "instances")
	case renewal.Suspended:
		if t.Left() == 0 {
			return "Paused with everything renewed"
		}
		return "Paused with " + ui.Plural(t.Left(), "instance", "instances") + " left"
	case renewal.Cancelling:
		return "Stopping after the current instances"
	case renewal.Completed:
		return ui.Plural(t.Renewed, "instance", "instances") + " renewed"
	case renewal.CancelledT:
		if t.Renewed > 0 {
			return "Ended with " + ui.Plural(t.Renewed, "instance", "instances") + " renewed"
		}
		return "Cancelled"
	case renewal.ExpiredT:
		return "Expired, not confirmed in time"
	}
	return "This task could not be prepared"
}

// lede says what follows for the reader and for the money.
func (p TaskPage) lede() string {
	t := p.Task
	switch t.State {
	case renewal.Generating:
		return "Nothing is charged until you review the details and select Renew Now."
	case renewal.Ready:
		if t.Renewable == 0 {
			return "Nothing was charged. What to do about each is beside its reason."
		}
		return "Confirm before " + ui.Stamp(t.ExpiresAt, p.Zone) + ", or this task expires."
	case renewal.Running:
		return "Instances are paid and renewed in order of expiry, earliest first. You can leave this page."
	case renewal.Suspended:
		if p.waitsForCard() {
			return "A paused task does not expire. Nothing else is charged until the outcome is known and somebody resumes it."
		}
		return "A paused task does not expire. Nothing more is charged until somebody resumes it."
	case renewal.Cancelling:
		if p.Flight > 0 {
			return "The task ends when the outcome of the card payment under way is known. What is renewed stays renewed."
		}
		return "What is renewed stays renewed. Nothing else is charged."
	case renewal.Completed:
		return "Completed " + ui.Stamp(t.EndedAt, p.Zone) + "."
	case renewal.CancelledT:
		if t.Renewed > 0 {
			return "What was renewed stays renewed. " + ui.Plural(t.Left(), "instance was", "instances were") + " not attempted."
		}
		return "Nothing was charged and nothing was renewed."
	case renewal.ExpiredT:
		return "It could be confirmed until " + ui.Stamp(t.ExpiresAt, p.Zone) + ". Nothing was charged and nothing was renewed."
	}
	return "Nothing was charged and nothing was renewed."
}

// deed is one thing that somebody did to the task.
type deed struct {
	what, who string
	at        time.Time
}

// people says who did what, and when.
func (p TaskPage) people() []deed {
	t := p.Task
	done := []deed{{"Prepared by", t.CreatedBy, t.CreatedAt}}
	if !t.ConfirmedAt.IsZero() {
		done = append(done, deed{"Confirmed by", t.ConfirmedBy, t.ConfirmedAt})
	}
	if t.EndedBy != "" && !t.EndedAt.IsZero() {
		what := "Cancelled by"
		if !t.ConfirmedAt.IsZero() {
			what = "Ended by"
		}
		done = append(done, deed{what, t.EndedBy, t.EndedAt})
	}
	return done
}

// poll is after how much time the page asks for news; empty: never again.
func (p TaskPage) poll() string {
	switch p.Task.State {
	case renewal.Generating, renewal.Running, renewal.Cancelling:
		return "every 2s"
	case renewal.Ready, renewal.Suspended:
		return "every 15s"
	}
	return ""
}

// Live is what a poll asks for: the list that stands open, and the state in which
// the reader sees the task.
func (p TaskPage) Live() string {
	look := p.List.Look
	if at := p.Task.State; at != renewal.Ready && look.List == renewal.ListRenewable && look.Service == "" {
		// Whoever decides keeps the list. Later the next state says what stands open.
		look = renewal.Look{Size: look.Size}
	}
	q := look.Values()
	q.Set("seen", string(p.Task.State))
	return TaskLivePath(p.id(), q)
}

// said is announced to screen readers: it changes at the quarters, not with every
// instance, so that a job speaks at most four times.
func (p TaskPage) said() string {
	t := p.Task
	switch t.State {
	case renewal.Generating:
		return "Preparing" + quarter(t.Prepared, t.Units)
	case renewal.Running:
		if p.held() {
			return p.title() + ". " + p.heldTitle()
		}
		return "Renewing" + quarter(t.Renewed+t.NotRenewed, t.Renewable)
	case renewal.Ready:
		return "Ready to review"
	}
	return p.title()
}

func quarter(done, all int) string {
	if all == 0 || done*4/all == 0 {
		return ""
	}
	return []string{"", ", a quarter done", ", half done", ", three quarters done"}[min(3, done*4/all)]
}

// pauses says after how many units the money runs out; the expiry of the next
// follows.
func (p TaskPage) pauses() string {
	left := p.Task.Left()
	if left == 1 {
		return "The task pauses before its only renewal, at expiry "
	}
	if p.Plan.Covered == 0 {
		return "The task pauses before the first of " + ui.Count(left) + ", at expiry "
	}
	return "The task pauses after " + ui.Count(p.Plan.Covered) + " of " + ui.Count(left) + ", at expiry "
}

// covers says how far the balance reaches over what is left of a suspended task.
// Where it does not reach to the end, the expiry of the next may follow.
func (p TaskPage) covers() (words string, until bool) {
	left := p.Task.Left()
	switch {
	case p.waitsForCard():
		return "What the card was asked for is counted here until the gateway answers.", false
	case left == 0:
		return "Nothing is left to pay.", false
	case p.offersCard():
		return "Continue asks " + p.Card.String() + " again.", false
	case p.Plan.CardCharges > 0:
		return p.Card.String() + " pays what the wallet does not.", false
	case !p.short() && left == 1:
		return "The wallet covers the instance that is left.", false
	case !p.short():
		return "The wallet covers all " + ui.Count(left) + " left.", false
	case p.Plan.Covered == 0:
		return "The balance does not cover the next instance, which costs " + p.Stop.Fee.String() + ".", false
	}
	return "The balance covers the next " + ui.Count(p.Plan.Covered) + " of " + ui.Count(left) + ". Then the task pauses again, at expiry ", true
}

// second is the weight of the button that resumes, beside a top-up.
func (p TaskPage) second() ui.ButtonKind {
	if p.offersTopUp() {
		return ui.Secondary
	}
	return ui.Primary
}

// renewals leads back to what the task was started for.
func (p TaskPage) renewals() string {
	q, err := url.ParseQuery(p.Task.Scope)
	if err != nil {
		return RenewalsPath(nil)
	}
	return RenewalsPath(q)
}

func itoa[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// discountTitle is the name of a kind of discount.
func discountTitle(kind string) string {
	if kind == "" {
		return "Discount"
	}
	return capital(kind) + " discount"
}

func capital(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}
