// Package gateway asks a card gateway or a bank to move money, and says honestly
// when it does not know whether money moved. A payment is made in two calls so
// that a crash between any two lines can be healed: Prepare makes an id and
// moves nothing, the caller commits that id, and only then Capture moves money
// for it. Refund gives it back. The package knows nothing of orders, accounts or
// databases, and nothing of a card but the gateway's token for it.
//
// # Errors
//
// Every error is either ErrUnknown or ErrRefused, never both and never neither;
// what nobody thought of is unknown. All calls can end as ErrUnauthorized,
// ErrBusy and ErrUnknown, and with these refusals:
//
//	call      ErrInvalid  ErrNotFound  ErrNoCard  ErrKeyReused  ErrNotCaptured  ErrTooMuch
//	Prepare   yes         –            yes        yes           –               –
//	Capture   yes         yes          –          –             –               –
//	Get       yes         yes          –          –             –               –
//	List      yes         yes          –          –             –               –
//	Refund    yes         yes          –          yes           yes             yes
//	AskCard   yes         –            –          yes           –               –
//	Answered  yes         yes          –          –             –               –
//
// A refusal says that this call did nothing. It says nothing of an earlier call
// for the same id: once a Capture has ended as ErrUnknown, no refusal of a later
// call settles the payment, only a Result whose State is Captured or Declined.
//
//   - Prepare, ErrUnknown: no money can have moved. Call it again with the same key.
//   - Capture, ErrUnknown: money may have moved, or may move yet. Ask Get.
//   - Get, ErrUnknown: nothing was learned. Ask again later.
//   - Get, State Prepared after an unknown Capture: not captured so far, but that
//     Capture may still arrive. The payment may be captured again by its own id,
//     because captures are idempotent; it must not be given up or replaced.
//   - Refund, ErrUnknown: money may have gone back, or may go yet. Call it again
//     with the same key, payment and amount until it answers; another key would
//     be another refund.
//   - Refund, ErrTooMuch after an unknown one with the same key: that one did
//     nothing and never will, since a key that has given money back is answered
//     before the remainder is looked at, and the remainder only shrinks. No other
//     refusal says so much.
//   - List, ErrNotFound: the gateway does not know the cursor, so it is not the
//     gateway, or not the history, that gave it. Begin again with an empty one.
//   - AskCard, ErrUnknown: there may be a session. Call it again with the same key.
//   - Answered, ErrUnknown: nothing was learned. Ask again later.
//   - ErrNotFound for an id that Prepare has returned: another gateway or another
//     merchant is being asked. That is a fault of the configuration and no proof
//     that nothing was captured.
//
// A declined card is not an error: it is a Result.
//
// # Cards
//
// A person enters a card on the gateway's own page, in a session that AskCard made
// for one account. The page leads back with the id of the session and nothing else;
// Answered then says which card it was. The id alone gives nobody a card: the caller
// keeps which session is whose. A token is what a card is charged by, so it travels
// in bodies, and no address, error or log ever holds one.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"perennial/internal/money"
)

// ErrUnknown means that the outcome of the call is not known: a time-out, a
// broken connection, a 5xx, or an answer that is malformed or belongs to
// something else.
var ErrUnknown = errors.New("the outcome is not known")

// ErrRefused is wrapped by every definite refusal: this call did nothing.
var ErrRefused = errors.New("the gateway refused")

// The definite refusals.
var (
	// ErrInvalid: the request cannot be used as it is; asking again is useless.
	ErrInvalid = fmt.Errorf("%w: the request is not valid", ErrRefused)
	// ErrNotFound: the gateway has no payment or session of this id.
	ErrNotFound = fmt.Errorf("%w: it has nothing of this id", ErrRefused)
	// ErrNoCard: the gateway has no card of this token, or has it no more.
	ErrNoCard = fmt.Errorf("%w: it has no such card", ErrRefused)
	// ErrKeyReused: the key already belongs to a payment of another card, amount,
	// description or data, to a refund of another payment or amount, or to a session of
	// another account or way back.
	ErrKeyReused = fmt.Errorf("%w: the key belongs to something else", ErrRefused)
	// ErrNotCaptured: the payment has moved no money that could be given back.
	ErrNotCaptured = fmt.Errorf("%w: the payment is not captured", ErrRefused)
	// ErrTooMuch: with what was given back before, it would be more than was captured.
	ErrTooMuch = fmt.Errorf("%w: it is more than is left of the payment", ErrRefused)
	// ErrUnauthorized: the API key is missing or wrong.
	ErrUnauthorized = fmt.Errorf("%w: the API key is not accepted", ErrRefused)
	// ErrBusy: asked too often; the same call may be made again later.
	ErrBusy = fmt.Errorf("%w: it is asked too often", ErrRefused)
)

// Charge is what a payment takes from a card.
type Charge struct {
	Card        string // the gateway's token
	Amount      money.Amount
	Description string // what a bank statement shows
	// Data says what the payment pays. The gateway keeps it and returns it with the
	// payment. It is printable ASCII without blanks, up to MaximumData characters.
	Data string
}

// A gateway keeps data in fields, and real ones keep no more than this.
const (
	dataFields      = 45
	dataFieldLength = 500 // characters
	// MaximumData is how long the data of one payment may be, in characters.
	MaximumData = dataFields * dataFieldLength
)

// Gateway moves money from outside into the merchant's account, and back. Its
// methods are safe for concurrent use, wait no longer than their context, and
// return the errors that the package comment lists.
type Gateway interface {
	// Prepare makes a payment and moves nothing. It is idempotent by key: the same
	// key and charge give the same id for ever, whatever became of the payment; the
	// same key with another card, amount, description or data is ErrKeyReused.
	Prepare(ctx context.Context, key string, c Charge) (id string, err error)
	// Capture moves the money of a prepared payment, once: repeated, it returns
	// what the first one decided. Its Result is Captured or Declined, and both are
	// final.
	Capture(ctx context.Context, id string) (Result, error)
	// Get returns what became of a payment and changes nothing.
	Get(ctx context.Context, id string) (Result, error)
	// List returns payments in the order of their latest change, those that changed
	// after the cursor; an empty cursor begins with the first. A payment that changes
	// again moves to the end, so whoever lists until More is false has seen the latest
	// state of each.
	List(ctx context.Context, after string) (Page, error)
	// Refund gives money of a captured payment back, once for each key: repeated
	// with the same payment and amount, it returns what the first one did. The
	// refunds of a payment add up to what was captured at most.
	Refund(ctx context.Context, id, key string, amount money.Amount) (Refund, error)
	// AskCard makes a session in which a person enters a card for an account. It is
	// idempotent by key, as Prepare is.
	AskCard(ctx context.Context, key, account, returnTo string) (session string, err error)
	// CardPage is the address of the gateway's own page on which a person enters the
	// card of a session. It leads back to the session's returnTo, keeping its query,
	// with session=… added.
	CardPage(session string) string
	// Answered returns the card that was entered in a session of an account. It
	// reports false where none was so far.
	Answered(ctx context.Context, session, account string) (Card, bool, error)
}

// State says how far a payment has come.
type State string

// The states of a payment. Captured and Declined are final.
const (
	Prepared State = "prepared" // no money has moved
	Captured State = "captured" // the money has moved; refunds leave this state as it is
	Declined State = "declined" // no money has moved, and for this id none will
)

// Result is what the gateway says about one payment.
type Result struct {
	ID             string
	Key            string
	Card           string // the gateway's token; empty for a payment made before payments named their card
	Amount         money.Amount
	State          State
	DeclineReason  DeclineReason // set exactly when State is Declined
	CapturedAt     time.Time     // UTC, to the millisecond, by the gateway's clock; set exactly when State is Captured
	RefundedAmount money.Amount  // how much of Amount has gone back so far
	Data           string        // what Prepare was given
}

// Page is a part of the gateway's list of payments.
type Page struct {
	Payments []Result
	// Unreadable are payments of the page that no client of this contract asks for.
	// Other systems that share the gateway may.
	Unreadable []Unreadable
	// Next is the cursor of the last payment of the page, by the gateway's own order
	// and not by any clock. Where nothing changed it is the cursor that was given.
	Next string
	More bool // there were more payments when the gateway answered
}

// Unreadable is a payment of which only this is known.
type Unreadable struct {
	Key, Data string // as far as they can be read
	Err       error
}

// Verify compares the result with the payment as it was committed before the
// gateway was called; descriptions are not compared. The caller of Capture and
// Get has to do this, because these calls carry the id alone. A difference is
// ErrUnknown: somebody else's answer settles nothing.
func (r Result) Verify(id, key string, c Charge) error {
	if r.ID == id && r.Key == key && r.Card == c.Card && r.Amount == c.Amount {
		return nil
	}
	card := "the same card"
	if r.Card != c.Card {
		card = "another card"
	}
	return fmt.Errorf("payment %s: %w: the answer is about payment %q, key %q, %s, %d %s",
		id, ErrUnknown, r.ID, r.Key, card, r.Amount.Minor, r.Amount.Currency)
}

// Refund is money that went back to the card it came from.
type Refund struct {
	ID         string // the gateway's reference
	Payment    string // the id of the payment
	Key        string
	Amount     money.Amount
	RefundedAt time.Time // UTC, to the millisecond, by the gateway's clock
}

// Card is all that ever reaches us of one.
type Card struct {
	Token    string
	Brand    string // such as Visa
	Last4    string // the last four digits of its number
	ExpMonth int    // 1 to 12; it can be charged to the end of this month
	ExpYear  int    // such as 2029
}
