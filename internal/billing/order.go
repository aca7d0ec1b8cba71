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

// RenewalOrder is the provider's order type of a renewal.
const RenewalOrder = 2

// Order is what is paid for one unit. Its lines keep what was charged as it was
// charged, whatever becomes of the instance.
type Order struct {
	ID        string
	AccountID string
	Status    OrderStatus
	TaskID    string
	Item      int
	PaymentID string // the payment that captured it
	List      money.Amount
	Discount  money.Amount
	Fee       money.Amount
	CreatedAt time.Time
	PaidAt    time.Time
	Lines     []OrderLine
	Legs      []Leg
}

// OrderLine is the renewal of one instance by one term.
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
