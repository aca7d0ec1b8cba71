package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"perennial/internal/money"
)

// The events of the log. The first three are also the states of a payment.
const (
	prepared = "prepared"
	captured = "captured"
	declined = "declined"
	refunded = "refunded"
)

// entry is one line of the log. Every line names its key, and one about money the
// amount, so that it can be read alone. Lines of before payments named their card have none.
type entry struct {
	Event       string         `json:"event"`
	ID          string         `json:"id"`                // of the payment or the refund
	Payment     string         `json:"payment,omitempty"` // of which a refund is
	Key         string         `json:"key"`
	Card        string         `json:"card,omitempty"`
	Amount      int64          `json:"amount,omitempty"`
	Currency    money.Currency `json:"currency,omitempty"`
	Description string         `json:"description,omitempty"`
	Data        []string       `json:"data,omitempty"`
	Reason      string         `json:"reason,omitempty"`
	Account     string         `json:"account,omitempty"`
	ReturnTo    string         `json:"return_to,omitempty"`
	At          time.Time      `json:"at"`
}

type payment struct {
	ID, Key, Card string
	Amount        money.Amount
	Description   string
	Data          []string
	State         string
	Reason        string    // why it was declined
	At            time.Time // of the event that made the state
	Refunded      int64     // minor units, of its amount's currency
}

// Capture is money that moved.
type Capture struct {
	ID          string
	Key         string
	Card        string
	Amount      money.Amount
	Description string
	Data        string
	At          time.Time
}

// Refund is money that moved back.
type Refund struct {
	ID      string
	Payment string // the id of the capture
	Key     string
	Card    string
	Amount  money.Amount
	At      time.Time
}

// book is what the log adds up to.
type book struct {
	payments map[string]payment
	captures []Capture
	refunds  []Refund
	byKey    map[string]Refund
	changes  []change
	latest   map[string]int // by payment, the index of its latest change
	sessions map[string]session
}

// apply enters one line. It refuses what cannot have happened, above all a second
// decision about one payment, and money that goes back twice or was never there.
func (b *book) apply(e entry) error {
	if e.Event == sessionOpened || e.Event == cardPicked {
		return b.applySession(e)
	}
	if e.ID == "" || e.Key == "" || e.Amount <= 0 || !e.Currency.Known() ||
		(e.Reason != "") != (e.Event == declined) || (e.Payment != "") != (e.Event == refunded) {
		return fmt.Errorf("%s %q is not a whole entry", e.Event, e.ID)
	}
	err := b.applyEvent(e)
	if err == nil {
		b.listChange(e)
	}
	return err
}

func (b *book) applyEvent(e entry) error {
	if e.Event == refunded {
		return b.applyRefund(e)
	}
	amount := money.Of(e.Amount, e.Currency)
	p, known := b.payments[e.ID]
	switch {
	case e.Event == prepared && known:
		return fmt.Errorf("payment %s is prepared twice", e.ID)
	case e.Event == prepared:
		p = payment{ID: e.ID, Key: e.Key, Card: e.Card, Amount: amount, Description: e.Description, Data: e.Data}
	case e.Event != captured && e.Event != declined:
		return fmt.Errorf("unknown event %q", e.Event)
	case !known:
		return fmt.Errorf("payment %s is %s and was never prepared", e.ID, e.Event)
	case p.State != prepared:
		return fmt.Errorf("payment %s is %s after it was %s", e.ID, e.Event, p.State)
	case p.Key != e.Key || p.Card != e.Card || p.Amount != amount:
		return fmt.Errorf("payment %s is %s with another key, card or amount", e.ID, e.Event)
	case e.Event == captured:
		b.captures = append(b.captures, Capture{e.ID, e.Key, e.Card, amount, p.Description, strings.Join(p.Data, ""), e.At})
	}
	p.State, p.Reason, p.At = e.Event, e.Reason, e.At
	b.payments[e.ID] = p
	return nil
}

func (b *book) applyRefund(e entry) error {
	p := b.payments[e.Payment]
	_, known := b.byKey[e.Key]
	switch {
	case known:
		return fmt.Errorf("refund %q is made twice", e.Key)
	case p.State != captured:
		return fmt.Errorf("refund %q is of payment %s, which is not captured", e.Key, e.Payment)
	case p.Card != e.Card || p.Amount.Currency != e.Currency:
		return fmt.Errorf("refund %q is to another card or in another currency", e.Key)
	case e.Amount > p.Amount.Minor-p.Refunded:
		return fmt.Errorf("refund %q gives back more than is left of payment %s", e.Key, e.Payment)
	}
	r := Refund{e.ID, e.Payment, e.Key, e.Card, money.Of(e.Amount, e.Currency), e.At}
	b.refunds, b.byKey[e.Key] = append(b.refunds, r), r
	p.Refunded += e.Amount
	b.payments[e.Payment] = p
	return nil
}

// write appends an entry with its line end in one call and syncs it.
func write(f *os.File, e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return err
	}
	return f.Sync()
}

// replay reads a log and tells how many bytes are whole lines. What follows the
// last line end was never synced in full, hence never acknowledged, and is not
// read. A line that ends and cannot be read may have been acknowledged, so it is
// an error wherever it stands.
func replay(r io.Reader) (b book, whole int64, err error) {
	b = book{payments: map[string]payment{}, byKey: map[string]Refund{}, latest: map[string]int{}, sessions: map[string]session{}}
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return b, whole, nil
		}
		if err != nil {
			return b, whole, err
		}
		var e entry
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err = d.Decode(&e); err == nil {
			err = b.apply(e)
		}
		if err != nil {
			return b, whole, fmt.Errorf("line %d: %w", n, err)
		}
		whole += int64(len(line))
	}
}

// ReadLog lists what was captured according to the log at path, in the order of
// capture, and changes nothing. It may be called while a Server of another
// process writes, or after that process was killed; a cut-off last line is skipped.
// A log that captures a payment twice or gives back too much is an error.
func ReadLog(path string) ([]Capture, error) {
	b, err := readBook(path)
	return b.captures, err
}

// ReadRefunds lists what was given back, as ReadLog does what was captured.
func ReadRefunds(path string) ([]Refund, error) {
	b, err := readBook(path)
	return b.refunds, err
}

func readBook(path string) (book, error) {
	f, err := os.Open(path)
	if err != nil {
		return book{}, fmt.Errorf("read gateway log: %w", err)
	}
	defer f.Close()
	b, _, err := replay(f)
	if err != nil {
		return book{}, fmt.Errorf("read gateway log %s: %w", path, err)
	}
	return b, nil
}
