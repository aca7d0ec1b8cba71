package config

// Deposit records money that arrived at the bank.
type Deposit struct {
	Database
	Logging
	Customer
	Amount    string `required:"" env:"-" help:"Amount in the account's currency, such as 2500.00."`
	ValueDate string `required:"" env:"-" placeholder:"DATE" help:"Day on which the bank has the money, such as 2026-11-22."`
	Reference string `required:"" env:"-" help:"The bank's reference; a second deposit with it is refused."`
}

// Customer says whose money a command is about.
type Customer struct {
	Account string `env:"-" placeholder:"ID" help:"Account, by id or name; may be left out where there is one only."`
}

// Coupon is the command about cash coupons.
type Coupon struct {
	Grant  CouponGrant  `cmd:"" help:"Give an account a cash coupon."`
	List   CouponList   `cmd:"" help:"List the coupons of an account."`
	Freeze CouponFreeze `cmd:"" help:"Keep a coupon from paying, or free it."`
}

// CouponGrant gives a coupon.
type CouponGrant struct {
	Database
	Logging
	Customer
	Amount    string   `required:"" env:"-" help:"Amount in the account's currency, such as 2500.00."`
	Name      string   `required:"" env:"-" help:"What people know it by, such as \"Spring 2026\"."`
	Until     string   `required:"" env:"-" placeholder:"DATE" help:"Last day on which it pays, in the billing zone."`
	From      string   `env:"-" placeholder:"DATE" help:"First day on which it is good; at once if not given."`
	For       string   `default:"both" enum:"renewal,new,both" env:"-" help:"Orders that it pays for: renewal, new or both."`
	Service   []string `env:"-" placeholder:"CODE" help:"Code of a service that it is good for; may be repeated. All if not given."`
	Minimum   string   `env:"-" placeholder:"AMOUNT" help:"Least fee of an instance that it pays for."`
	SingleUse bool     `env:"-" help:"It pays once, and only where the fee reaches its value."`
	Excludes  []string `enum:"contract,partner,promotional" env:"-" placeholder:"KIND" help:"Kind of discount beside which it does not pay: contract, partner or promotional; may be repeated."`
	ID        string   `env:"-" placeholder:"ID" help:"Id of the coupon or discount, which is given once; made if not given."`
}

// CouponList lists coupons.
type CouponList struct {
	Database
	Logging
	Customer
}

// CouponFreeze freezes a coupon or frees it.
type CouponFreeze struct {
	Database
	Logging
	Customer
	Coupon string `arg:"" help:"Id of the coupon."`
	Free   bool   `env:"-" help:"Let a frozen coupon pay again."`
}

// Discount is the command about discounts beside the contract's.
type Discount struct {
	Grant DiscountGrant `cmd:"" help:"Give an account a discount; open tasks are quoted anew."`
	List  DiscountList  `cmd:"" help:"List the discounts of an account."`
	End   DiscountEnd   `cmd:"" help:"End a discount now; open tasks are quoted anew."`
}

// DiscountGrant gives a discount.
type DiscountGrant struct {
	Database
	Logging
	Customer
	Kind    string   `required:"" enum:"contract,partner,promotional" env:"-" help:"Who grants it: contract, partner or promotional."`
	Rate    Percent  `required:"" env:"-" placeholder:"PERCENT" help:"Share that is taken off, in percent with up to two decimals."`
	Name    string   `required:"" env:"-" help:"What people know it by, such as \"Spring 2026\"."`
	From    string   `env:"-" placeholder:"DATE" help:"First day on which it is good; at once if not given."`
	Until   string   `env:"-" placeholder:"DATE" help:"Last day on which it is good, in the billing zone; without end if not given."`
	Service []string `env:"-" placeholder:"CODE" help:"Code of a service that it is good for; may be repeated. All if not given."`
	ID      string   `env:"-" placeholder:"ID" help:"Id of the coupon or discount, which is given once; made if not given."`
}

// DiscountList lists discounts.
type DiscountList struct {
	Database
	Logging
	Customer
}

// DiscountEnd ends a discount.
type DiscountEnd struct {
	Database
	Logging
	Customer
	Discount string `arg:"" help:"Id of the discount."`
}

// Credit is the command about the credit line.
type Credit struct {
	Set   CreditSet   `cmd:"" default:"withargs" help:"Set how much an account may owe; perennial credit --limit is enough."`
	Repay CreditRepay `cmd:"" help:"Record a bank transfer that pays the credit line back, or take it from the balance."`
}

// CreditSet sets the limit of the credit line.
type CreditSet struct {
	Database
	Logging
	Customer
	Limit string `required:"" env:"-" placeholder:"AMOUNT" help:"Most that the account may owe; 0 ends the credit line."`
}

// CreditRepay pays the credit line back.
type CreditRepay struct {
	Database
	Logging
	Customer
	Amount      string `required:"" env:"-" help:"Amount in the account's currency, such as 2500.00."`
	ValueDate   string `env:"-" placeholder:"DATE" xor:"from" required:"" help:"Day on which the bank has the transfer, such as 2026-11-22."`
	Reference   string `env:"-" help:"The bank's reference of the transfer; a second transfer with it is refused."`
	FromBalance bool   `env:"-" xor:"from" required:"" help:"Take it from the balance; there is no transfer."`
}

// Refund gives a top-up back, or records what was given back by hand.
type Refund struct {
	Database
	Logging
	Customer
	Payment  string `arg:"" help:"Payment of the top-up, as its page in the wallet names it; or the one that perennial doctor names."`
	Order    string `env:"-" placeholder:"ID" and:"hand" help:"Order of which the gateway refused to give the money back, as perennial doctor names it."`
	ByHand   string `env:"-" placeholder:"REFERENCE" and:"hand" help:"Record that this money was given back by hand, with the gateway's or the bank's reference."`
	Transfer bool   `env:"-" help:"It was given back by bank transfer, not on the gateway's own pages."`
}

// Payment is the commands about payments whose outcome is not known.
type Payment struct {
	List   PaymentList   `cmd:"" help:"List payments that the card gateway has not decided, of all accounts."`
	Settle PaymentSettle `cmd:"" help:"Record what you found out about a payment that the gateway has forgotten or does not answer for."`
}

// PaymentList lists payments that are not settled.
type PaymentList struct {
	Database
	Logging
}

// PaymentSettle settles a payment by hand.
type PaymentSettle struct {
	Database
	Logging
	Customer
	Payment     string `arg:"" help:"Payment, as perennial payment list names it."`
	Captured    bool   `env:"-" xor:"outcome" required:"" help:"The card was charged."`
	NotCaptured bool   `env:"-" xor:"outcome" required:"" help:"The card was not charged, and will not be."`
	Reference   string `env:"-" required:"" help:"Where you found that out, such as the gateway's reference or a statement."`
}

// Reconcile is the commands about what the gateway and the records differ in.
type Reconcile struct {
	Run     ReconcileRun     `cmd:"" default:"withargs" help:"Compare; perennial reconcile is enough. Nothing is changed without --apply or --accept."`
	List    ReconcileList    `cmd:"" help:"List what waits for a decision, of all accounts."`
	Enter   ReconcileEnter   `cmd:"" help:"Enter a payment that is missing in the records."`
	Return  ReconcileReturn  `cmd:"" help:"Have the gateway refund a payment that is missing in the records."`
	Dismiss ReconcileDismiss `cmd:"" help:"Record that you settled a difference in another way."`
}

// Gateway says which card gateway is asked.
type Gateway struct {
	GatewayURL string `name:"gateway-url" placeholder:"URL" help:"Card gateway. Without one there are deposits only."`
	GatewayKey string `placeholder:"KEY" help:"API key of the card gateway."`
}

// ReconcileRun compares the gateway's payments with the records.
type ReconcileRun struct {
	Database
	Logging
	Gateway
	StateDir
	Apply  bool `env:"-" xor:"do" help:"Enter what fits, and keep the rest for a decision."`
	Accept bool `env:"-" xor:"do" help:"Take records that are older than they were as they are, after they are named."`
}

// ReconcileList lists differences that wait.
type ReconcileList struct {
	Database
	Logging
}

// ReconcileEnter enters a payment.
type ReconcileEnter struct {
	Database
	Logging
	Gateway
	Payment string `arg:"" help:"The gateway's payment, as perennial reconcile list names it."`
	Parts   bool   `env:"-" help:"Enter the instances that fit, and refund the rest."`
}

// ReconcileReturn has a payment refunded.
type ReconcileReturn struct {
	Database
	Logging
	Payment string `arg:"" help:"The gateway's payment, as perennial reconcile list names it."`
}

// ReconcileDismiss records that a difference is settled.
type ReconcileDismiss struct {
	Database
	Logging
	Payment   string `arg:"" help:"The gateway's payment, as perennial reconcile list names it."`
	Reference string `env:"-" required:"" help:"What leads to how it was settled."`
}

// StateDir says where a server on PostgreSQL keeps what must outlive its database.
type StateDir struct {
	StateDir string `placeholder:"DIR" help:"Folder in which this server keeps how far its records have come. For PostgreSQL; with SQLite that is kept beside the file."`
}
