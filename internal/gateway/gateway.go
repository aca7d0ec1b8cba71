// Package gateway asks a card gateway or a bank to move money, and says honestly
// when it does not know whether money moved. A payment is made in two calls so
// that a crash between any two lines can be healed: Prepare makes an id and
// moves nothing, the caller commits that id, and only then Capture moves money
// for it. The package knows nothing of orders, accounts or databases.
//
// # Errors
//
// Every error is either ErrUnknown or ErrRefused, never both and never neither;
// what nobody thought of is unknown.
//
//	call     ErrInvalid  ErrNotFound  ErrKeyReused  ErrUnauthorized  ErrBusy  ErrUnknown
//	Prepare  yes         –            yes           yes              yes      yes
//	Capture  yes         yes          –             yes              yes      yes
//	Get      yes         yes          –             yes              yes      yes
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
//   - ErrNotFound for an id that Prepare has returned: another gateway or another
//     merchant is being asked. That is a fault of the configuration and no proof
//     that nothing was captured.
//
// A declined card is not an error: it is a Result.
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
	// ErrNotFound: the gateway has no payment of this id.
	ErrNotFound = fmt.Errorf("%w: it has no such payment", ErrRefused)
	// ErrKeyReused: the key already belongs to a payment of another amount.
	ErrKeyReused = fmt.Errorf("%w: the key belongs to another amount", ErrRefused)
	// ErrUnauthorized: the API key is missing or wrong.
	ErrUnauthorized = fmt.Errorf("%w: the API key is not accepted", ErrRefused)
	// ErrBusy: asked too often; the same call may be made again later.
	ErrBusy = fmt.Errorf("%w: it is asked too often", ErrRefused)
)

// Gateway moves money from outside into the merchant's account. Its methods are
// safe for concurrent use, wait no longer than their context, and return the
// errors that the package comment lists.
type Gateway interface {
	// Prepare makes a payment and moves nothing. It is idempotent by key: the same
	// key and amount give the same id for ever, whatever became of the payment;
	// the same key with another amount is ErrKeyReused. The description is what a
	// bank statement shows; where a key is repeated, the first one stands.
	Prepare(ctx context.Context, key string, amount money.Amount, description string) (id string, err error)
	// Capture moves the money of a prepared payment, once: repeated, it returns
	// what the first one decided. Its Result is Captured or Declined, and both are
	// final.
	Capture(ctx context.Context, id string) (Result, error)
	// Get tells what became of a payment and changes nothing.
	Get(ctx context.Context, id string) (Result, error)
}

// State says how far a payment has come.
type State string

// The states of a payment. Captured and Declined are final.
const (
	Prepared State = "prepared" // no money has moved
	Captured State = "captured" // the money has moved
	Declined State = "declined" // no money has moved, and for this id none will
)

// Result is what the gateway says about one payment.
type Result struct {
	ID            string
	Key           string
	Amount        money.Amount
	State         State
	DeclineReason DeclineReason // set exactly when State is Declined
	CapturedAt    time.Time     // UTC, to the millisecond, by the gateway's clock; set exactly when State is Captured
}

// Verify compares the result with the payment as it was committed before the
// gateway was called. The caller of Capture and Get has to do this, because these
// calls carry the id alone. A difference is ErrUnknown: somebody else's
// answer settles nothing.
func (r Result) Verify(id, key string, amount money.Amount) error {
	if r.ID == id && r.Key == key && r.Amount == amount {
		return nil
	}
	return fmt.Errorf("payment %s: %w: the answer is about payment %q, key %q, %d %s",
		id, ErrUnknown, r.ID, r.Key, r.Amount.Minor, r.Amount.Currency)
}
