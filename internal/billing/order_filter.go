package billing

import "time"

// OrderFilter chooses orders of one account. Parts that are not set do not narrow.
type OrderFilter struct {
	// Renewed chooses completed orders, by when they were paid; otherwise orders go by
	// when they were placed.
	Renewed  bool
	Status   OrderStatus
	Query    string    // part of an order ID, or of the primary instance's ID or name, any letter case; or the ID of an associated resource
	From     time.Time // placed, or paid, at or after
	To       time.Time // and before
	Services []string
	Regions  []string
}
