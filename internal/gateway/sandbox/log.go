package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"perennial/internal/money"
)

// The events of the log, which are also the states of a payment.
const (
	prepared = "prepared"
	captured = "captured"
	declined = "declined"
)

// entry is one line of the log. Every line names key and amount, so that a
// capture can be read alone.
type entry struct {
	Event       string         `json:"event"`
	ID          string         `json:"id"`
	Key         string         `json:"key"`
	Amount      int64          `json:"amount"`
	Currency    money.Currency `json:"currency"`
	Description string         `json:"description,omitempty"`
	Reason      string         `json:"reason,omitempty"`
	At          time.Time      `json:"at"`
}

type payment struct {
	ID, Key     string
	Amount      money.Amount
	Description string
	State       string
	Reason      string    // why it was declined
	At          time.Time // of the last event
}

// Capture is money that moved.
type Capture struct {
	ID          string
	Key         string
	Amount      money.Amount
	Description string
	At          time.Time
}

// book is what the log adds up to.
type book struct {
	payments map[string]payment
	captures []Capture
}

// apply enters one line. It refuses what cannot have happened, above all a
// second decision about one payment.
func (b *book) apply(e entry) error {
	amount := money.Of(e.Amount, e.Currency)
	p, known := b.payments[e.ID]
	switch {
	case e.ID == "" || e.Key == "" || e.Amount <= 0 || !e.Currency.Known() || (e.Reason != "") != (e.Event == declined):
		return fmt.Errorf("%s %q is not a whole entry", e.Event, e.ID)
	case e.Event == prepared && known:
		return fmt.Errorf("payment %s is prepared twice", e.ID)
	case e.Event == prepared:
		p = payment{ID: e.ID, Key: e.Key, Amount: amount, Description: e.Description}
	case e.Event != captured && e.Event != declined:
		return fmt.Errorf("unknown event %q", e.Event)
	case !known:
		return fmt.Errorf("payment %s is %s and was never prepared", e.ID, e.Event)
	case p.State != prepared:
		return fmt.Errorf("payment %s is %s after it was %s", e.ID, e.Event, p.State)
	case p.Key != e.Key || p.Amount != amount:
		return fmt.Errorf("payment %s is %s with another key or amount", e.ID, e.Event)
	case e.Event == captured:
		b.captures = append(b.captures, Capture{e.ID, e.Key, amount, p.Description, e.At})
	}
	p.State, p.Reason, p.At = e.Event, e.Reason, e.At
	b.payments[e.ID] = p
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
	b = book{payments: map[string]payment{}}
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
// process writes, or after that process was killed; a cut-off last line is passed over.
// A log that captures a payment twice is an error.
func ReadLog(path string) ([]Capture, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read gateway log: %w", err)
	}
	defer f.Close()
	b, _, err := replay(f)
	if err != nil {
		return nil, fmt.Errorf("read gateway log %s: %w", path, err)
	}
	return b.captures, nil
}
