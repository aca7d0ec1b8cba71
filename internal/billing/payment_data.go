package billing

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"perennial/internal/money"
)

// PaymentData is what a payment pays, as the gateway keeps it with the payment. It
// is enough to enter a captured payment into books that have never heard of it.
type PaymentData struct {
	Installation string
	AccountID    string
	Purpose      Purpose
	PaymentID    string
	TaskID       string // empty where no task made the payment
	CreatedBy    string
	CreatedAt    time.Time
	Units        []PaidUnit // none in a top-up
}

// PaidUnit is a unit that a payment renews.
type PaidUnit struct {
	Item       int    // its number in the task, or 0
	OrderID    string // of an order that no task made, or empty
	InstanceID string // the primary instance
	OldExpiry  time.Time
	NewExpiry  time.Time
	Fee        money.Amount
	Legs       []Leg // in the order of LegKinds; the source of a card is left out
}

const (
	// PaymentDataFormat is what the data of each payment begin with.
	PaymentDataFormat = "perennial1"
	// MaximumPaymentData is the most characters that gateways keep with a payment:
	// 45 fields of 500.
	MaximumPaymentData = 45 * 500
	// dataHeader bounds what stands before the units and after them, and unitData
	// what a unit takes besides its identifiers.
	dataHeader = 1_500
	unitData   = 150
	// longestName is how many characters of a person's name are kept.
	longestName = 40
)

// escape leaves only characters that a gateway keeps as they are and that do not
// separate fields.
func escape(text string) string { return url.QueryEscape(text) }

// Text packs the data: a line for the payment, one for each unit, and a checksum,
// separated by semicolons. Fields are separated by commas; amounts are minor units,
// times Unix milliseconds.
func (d PaymentData) Text() string {
	name := []rune(d.CreatedBy)
	name = name[:min(len(name), longestName)]
	var b strings.Builder
	fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%d,%s;", PaymentDataFormat, escape(d.Installation), escape(d.AccountID), escape(string(d.Purpose)),
		escape(d.PaymentID), escape(d.TaskID), d.CreatedAt.UnixMilli(), escape(string(name)))
	for _, u := range d.Units {
		fmt.Fprintf(&b, "%d,%s,%s,%d,%d,%d", u.Item, escape(u.OrderID), escape(u.InstanceID), u.OldExpiry.UnixMilli(), u.NewExpiry.UnixMilli(), u.Fee.Minor)
		coupon := ""
		var parts [4]int64
		for _, l := range u.Legs {
			for n, kind := range LegKinds {
				if l.Kind == kind {
					parts[n] = l.Amount.Minor
				}
			}
			if l.Kind == FromCoupon {
				coupon = l.Source
			}
		}
		fmt.Fprintf(&b, ",%s,%d,%d,%d,%d;", escape(coupon), parts[0], parts[1], parts[2], parts[3])
	}
	return b.String() + checksum(b.String())
}

func checksum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x", sum[:8])
}

// ErrNotPaymentData means that a text was not written by PaymentData.Text, or not
// all of it has arrived.
var ErrNotPaymentData = errors.New("not the data of a payment")

// ReadPaymentData reads what Text wrote; c is the payment's currency and card the
// source of card legs.
func ReadPaymentData(text string, c money.Currency, card string) (d PaymentData, err error) {
	end := strings.LastIndexByte(text, ';') + 1
	if end == 0 || text[end:] != checksum(text[:end]) {
		return d, ErrNotPaymentData
	}
	lines := strings.Split(text[:end-1], ";")
	r := fields{rest: strings.Split(lines[0], ",")}
	if r.text() != PaymentDataFormat {
		return d, ErrNotPaymentData
	}
	d = PaymentData{Installation: r.text(), AccountID: r.text(), Purpose: Purpose(r.text()), PaymentID: r.text(), TaskID: r.text(),
		CreatedAt: r.time(), CreatedBy: r.text()}
	if !r.done() {
		return PaymentData{}, ErrNotPaymentData
	}
	for _, line := range lines[1:] {
		u, ok := readUnit(line, c, card)
		if !ok {
			return PaymentData{}, ErrNotPaymentData
		}
		d.Units = append(d.Units, u)
	}
	return d, nil
}

func readUnit(line string, c money.Currency, card string) (PaidUnit, bool) {
	r := fields{rest: strings.Split(line, ",")}
	u := PaidUnit{Item: int(r.number()), OrderID: r.text(), InstanceID: r.text(), OldExpiry: r.time(), NewExpiry: r.time(), Fee: money.Of(r.number(), c)}
	source := map[LegKind]string{FromCoupon: r.text(), FromCard: card}
	sum := money.Of(0, c)
	for _, kind := range LegKinds {
		part := r.number()
		if part > 0 {
			u.Legs = append(u.Legs, Leg{kind, source[kind], money.Of(part, c)})
		}
		next, err := sum.Add(money.Of(part, c))
		if sum = next; err != nil || part < 0 {
			return u, false
		}
	}
	return u, r.done() && sum == u.Fee && u.InstanceID != "" && u.NewExpiry.After(u.OldExpiry)
}

// fields reads the fields of a line one by one, and remembers whether one was bad.
type fields struct {
	rest []string
	bad  bool
}

func (f *fields) text() string {
	if len(f.rest) == 0 {
		f.bad = true
		return ""
	}
	text, err := url.QueryUnescape(f.rest[0])
	f.rest, f.bad = f.rest[1:], f.bad || err != nil
	return text
}

func (f *fields) number() int64 {
	n, err := strconv.ParseInt(f.text(), 10, 64)
	f.bad = f.bad || err != nil
	return n
}

func (f *fields) time() time.Time { return time.UnixMilli(f.number()).UTC() }

func (f *fields) done() bool { return !f.bad && len(f.rest) == 0 }

// CardRange numbers the hundreds of a task's items. A card charge stays within one,
// so that its key, which names the range, means the same units whatever else paid
// for those before it.
func CardRange(item int) int { return (item + UnitsACharge - 1) / UnitsACharge }

// CardRun is a card charge that is being put together. The plan and the charge use
// it alike, so that the review counts the charges that will be made.
type CardRun struct {
	units, room int
	within      int // the range of its units
}

// Admit adds a unit if one charge can pay for it together with those before it, and
// reports whether it did: no more than UnitsACharge, within one range of item
// numbers, and no more data than a gateway keeps.
func (r *CardRun) Admit(u Payable, s Split) bool {
	size := unitData + len(escape(u.InstanceID)) + len(escape(u.OrderID))
	if len(s.Legs) > 0 {
		size += len(escape(s.Legs[0].Source))
	}
	switch {
	case r.units == 0:
		*r = CardRun{room: MaximumPaymentData - dataHeader, within: CardRange(u.Item)}
	case r.units == UnitsACharge || CardRange(u.Item) != r.within || size > r.room:
		return false
	}
	r.units++
	r.room -= size
	return true
}
