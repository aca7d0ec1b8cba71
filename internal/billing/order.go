package billing

import (
	"time"

	"perennial/internal/money"
	"perennial/internal/renewal"
)

// OrderStatus is the provider's code of what became of an order.
type OrderStatus int

// The provider's codes.
const (
	Processing     OrderStatus = 3
	OrderCancelled OrderStatus = 4
	OrderCompleted OrderStatus = 5
	PendingPayment OrderStatus = 6
)

var orderCodes = map[OrderStatus]string{
	PendingPayment: "pending_payment", Processing: "processing", OrderCompleted: "completed", OrderCancelled: "cancelled",
}

// OrderStatuses lists the statuses in the order in which a person looks for them.
var OrderStatuses = []OrderStatus{PendingPayment, Processing, OrderCompleted, OrderCancelled}

// Code is the status as an address, a file or an audit row has it.
func (s OrderStatus) Code() string { return orderCodes[s] }

// OrderStatusOf finds the status that has a code, or 0.
func OrderStatusOf(code string) OrderStatus {
	for s, c := range orderCodes {
		if c == code {
			return s
		}
	}
	return 0
}

// orderMoves is the whole table of what an order may become.
var orderMoves = map[OrderStatus][]OrderStatus{
	PendingPayment: {Processing, OrderCompleted, OrderCancelled},
	Processing:     {OrderCompleted, OrderCancelled, PendingPayment},
}

// May tells whether an order may go from s to next.
func (s OrderStatus) May(next OrderStatus) bool {
	for _, to := range orderMoves[s] {
		if to == next {
			return true
		}
	}
	return false
}

// RenewalOrder is the provider's order type of a renewal.
const RenewalOrder = 2

// PayWithin is how long an order may stay unpaid; then it is cancelled by itself.
const PayWithin = 7 * 24 * time.Hour

// OrdersAPayment is how many orders can be paid together.
const OrdersAPayment = 30

// OrderWhy is the code of why an order was cancelled.
type OrderWhy string

// Why orders are cancelled.
const (
	CancelledByPerson   OrderWhy = "by_person"
	CancelledUnpaid     OrderWhy = "unpaid"   // PayWithin was over
	CancelledDeclined   OrderWhy = "declined" // its card payment was, and its task tries again with another order
	CancelledUnrecorded OrderWhy = ReasonUnrecorded
	CancelledRefunded   OrderWhy = "refunded" // paid, could not be renewed, given back
)

// Order is what is paid for one unit. Its lines keep what was charged as it was
// charged, whatever becomes of the instance.
type Order struct {
	ID        string
	AccountID string
	Status    OrderStatus
	TaskID    string // empty where no task made it
	Item      int
	PaymentID string // the payment that captured it
	AttemptID string // the payment under way, or the last one
	List      money.Amount
	Discount  money.Amount
	Fee       money.Amount
	CreatedAt time.Time
	CreatedBy string
	ExpiresAt time.Time // of one that waits for payment
	PaidAt    time.Time
	EndedAt   time.Time // when it was cancelled
	Why       OrderWhy
	Lines     []OrderLine
	Legs      []Leg
}

// Waits tells whether the order can be paid at now: it waits for payment and its
// time is not over.
func (o Order) Waits(now time.Time) bool {
	return o.Status == PendingPayment && now.Before(o.ExpiresAt)
}

// Payable is what a payment plan has to know of the order.
func (o Order) Payable() Payable {
	p := Payable{OrderID: o.ID, Fee: o.Fee}
	if len(o.Lines) > 0 {
		p.Service, p.InstanceID = o.Lines[0].ServiceCode, o.Lines[0].InstanceID
	}
	for _, l := range o.Lines {
		p.Kinds = addKind(p.Kinds, l.DiscountKind)
	}
	return p
}

// OrderLine is the renewal of one instance by one term. The primary instance's
// line stands first.
type OrderLine struct {
	InstanceID   string
	Name         string
	ServiceCode  string
	ServiceName  string
	SpecCode     string
	RegionCode   string
	RegionName   string
	Project      string
	Period       renewal.Period
	Quantity     int64
	OldExpiry    time.Time
	NewExpiry    time.Time
	List         money.Amount
	Discount     money.Amount
	DiscountKind string
	Fee          money.Amount
}

// KindsOf lists the kinds of discount that a quote takes off, each once.
func KindsOf(q renewal.Quote) []DiscountKind {
	var kinds []DiscountKind
	for _, l := range q.Lines {
		kinds = addKind(kinds, l.DiscountKind)
	}
	return kinds
}

func addKind(kinds []DiscountKind, kind DiscountKind) []DiscountKind {
	for _, k := range kinds {
		if k == kind {
			return kinds
		}
	}
	if kind == "" {
		return kinds
	}
	return append(kinds, kind)
}
