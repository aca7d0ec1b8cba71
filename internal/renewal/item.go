package renewal

import (
	"time"

	"perennial/internal/money"
)

// ItemState is what became of one unit of a task.
type ItemState string

// The states of an item. A waiting item of an ended task was not attempted.
const (
	ItemBlocked ItemState = "blocked" // could not be renewed when it was prepared
	ItemWaiting ItemState = "waiting"
	ItemRenewed ItemState = "renewed"
	ItemFailed  ItemState = "failed" // refused at charge time; nothing was charged
)

// Item is one unit in one task with its quote and its outcome. Names and codes
// are kept as they were when the task was prepared.
type Item struct {
	TaskID      string
	Number      int // 1…n by (expiry, id): the order of payment
	InstanceID  string
	Name        string
	ServiceCode string
	ServiceName string
	SpecCode    string
	RegionCode  string
	RegionName  string
	Project     string
	Period      Period
	Associated  int // how many associated resources are renewed with it
	State       ItemState
	Reason      Reason
	OldExpiry   time.Time
	NewExpiry   time.Time
	RenewedAt   time.Time // the last renewal here before this task, zero if none
	Lines       []Line
	List        money.Amount
	Discount    money.Amount
	Fee         money.Amount // quoted; after renewal what was paid
	Requoted    bool         // prices changed while its task waited; WasFee is the fee before
	WasFee      money.Amount
	OrderID     string
	DoneAt      time.Time
}

// Unchanged tells whether the unit is still what was quoted: same expiry and
// term, still on the Manual Renewals tab, and the same instances in it, each of
// the same order, service, specification, region and quantity.
func (i Item) Unchanged(u Unit) bool {
	if u.Mode != Manual || u.ParentID != "" {
		return false
	}
	all := u.All()
	if len(i.Lines) != len(all) {
		return false
	}
	for n, one := range all {
		line := i.Lines[n]
		if one.ID != line.InstanceID || !one.ExpiresAt.Equal(i.OldExpiry) || one.Period != i.Period {
			return false
		}
		if one.OrderID != line.OrderID || one.Quantity != line.Quantity {
			return false
		}
		if one.ServiceCode != line.ServiceCode || one.SpecCode != line.SpecCode || one.RegionCode != line.RegionCode {
			return false
		}
	}
	return true
}

// DiscountKind is the kind of the unit's discount: that of the line which has the
// largest, or empty where none has one.
func (i Item) DiscountKind() string {
	kind, most := "", int64(0)
	for _, l := range i.Lines {
		if l.Discount.Minor > most {
			kind, most = l.DiscountKind, l.Discount.Minor
		}
	}
	return kind
}
