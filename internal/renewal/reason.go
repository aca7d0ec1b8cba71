package renewal

// Reason is the code of why a unit cannot be renewed, or was not.
type Reason string

// The reasons, in the order in which they are checked: a unit that fails several
// shows the first. The last two arise only when a unit is about to be charged.
const (
	OrderPending           Reason = "order_pending"
	SpecChangeUnpaid       Reason = "spec_change_unpaid"
	OrderProcessing        Reason = "order_processing"
	RenewalInProgress      Reason = "renewal_in_progress"
	ConvertingToPayPerUse  Reason = "converting_to_pay_per_use"
	Unsubscribing          Reason = "unsubscribing"
	ReleasedInstance       Reason = "released"
	Discontinued           Reason = "discontinued"
	SupplementProvisioning Reason = "supplement_provisioning"
	BundleOnly             Reason = "bundle_only"
	AssociatedBlocked      Reason = "associated_blocked"
	Locked                 Reason = "locked"
	AccountFrozen          Reason = "account_frozen"
	NoPrice                Reason = "no_price"
	MaximumDuration        Reason = "maximum_duration"
	StillExpired           Reason = "still_expired"
	ChangedSinceReview     Reason = "changed_since_review"
	PriceIncreased         Reason = "price_increased"
)

type reasonText struct {
	code     Reason
	sentence string
	remedy   string
	hold     bool // the provider's import can say it
}

var reasonTable = []reasonText{
	{OrderPending, "An order for this instance is waiting for payment.", "Pay or cancel the order", true},
	{SpecChangeUnpaid, "A specification change for this instance has not been paid.", "Pay or cancel the change", true},
	{OrderProcessing, "An order for this instance is being processed.", "Wait until it completes", true},
	{RenewalInProgress, "This instance is being renewed elsewhere.", "Open that task or order", false},
	{ConvertingToPayPerUse, "This instance is being changed to pay-per-use.", "Cancel the change", true},
	{Unsubscribing, "This instance is being unsubscribed.", "", true},
	{ReleasedInstance, "The retention period has ended and this instance was released.", "", false},
	{Discontinued, "This product can no longer be renewed.", "Migrate to a current product", true},
	{SupplementProvisioning, "A supplementary resource is still being provisioned.", "Wait until it is ready", true},
	{BundleOnly, "This instance belongs to a package that is renewed as a whole.", "Renew the package", true},
	{AssociatedBlocked, "An associated resource cannot be renewed.", "Follow the resource's own remedy", false},
	{Locked, "This instance is locked.", "Contact support", true},
	{AccountFrozen, "This account is frozen.", "Contact support", false},
	{NoPrice, "There is no current price for this specification.", "Contact support", false},
	{MaximumDuration, "The new expiry would lie more than 5 years ahead.", "Renew later", false},
	{StillExpired, "One term would not bring the expiry into the future.", "Batch renew with a longer duration", false},
	{ChangedSinceReview, "This instance changed after the review: its expiry, order or mode is no longer what was quoted.", "Prepare a new task", false},
	{PriceIncreased, "The price rose after the review, and nothing was charged.", "Prepare a new task", false},
}

func (r Reason) text() (reasonText, bool) {
	for _, t := range reasonTable {
		if t.code == r {
			return t, true
		}
	}
	return reasonText{}, false
}

// Sentence says the reason to a person.
func (r Reason) Sentence() string { t, _ := r.text(); return t.sentence }

// Remedy says what a person can do about it; it is empty where nothing helps.
func (r Reason) Remedy() string { t, _ := r.text(); return t.remedy }

// IsHold tells whether an import may carry the code in its hold column.
func (r Reason) IsHold() bool { t, _ := r.text(); return t.hold }

// Holds lists the codes that an import may carry, in the order of the table.
func Holds() []Reason {
	var holds []Reason
	for _, t := range reasonTable {
		if t.hold {
			holds = append(holds, t.code)
		}
	}
	return holds
}

// Stands tells whether the code is kept beside an instance, so that a filter can
// look for it: what the provider said, or a payment of ours that is under way.
func (r Reason) Stands() bool { return r.IsHold() || r == RenewalInProgress }

// Standing lists the codes that are kept beside instances, in the order of the table.
func Standing() []Reason {
	var standing []Reason
	for _, t := range reasonTable {
		if t.code.Stands() {
			standing = append(standing, t.code)
		}
	}
	return standing
}

// Reasons lists all codes in the order in which they are checked.
func Reasons() []Reason {
	codes := make([]Reason, len(reasonTable))
	for i, t := range reasonTable {
		codes[i] = t.code
	}
	return codes
}
