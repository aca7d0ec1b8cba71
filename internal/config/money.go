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
