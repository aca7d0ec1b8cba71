package main

// mutant is a guard, what the code is without it, and the tests that must notice.
type mutant struct {
	guards  string // what it keeps from happening
	file    string
	guard   string
	without string
	in      string // package of the tests
	tests   string // as for go test -run
}

const (
	billing = "./internal/billing"
	rules   = "./internal/renewal"
	app     = "./internal/app"
	mails   = "./internal/mail"
)

var mutants = []mutant{
	{"coupons that expire sooner pay first", "internal/billing/plan.go", "first == nil || firstUsed(&c.Coupon, &first.Coupon) < 0", "first == nil", billing, "SoonestToExpire"},
	{"a unit that the money does not reach is not paid in part", "internal/billing/plan.go", `if p.funds.Card == "" && rest`, `if false && rest`, billing, "PlanStops|PlanProperties"},
	{"one charge covers a hundred units", "internal/billing/plan.go", "charge%UnitsACharge == 1", "charge == 1", billing, "ACardCharge"},
	{"nothing is paid past the first that is not covered", "internal/billing/plan.go", "if p.Covered == n && s.Missing", "if s.Missing", billing, "PlanStops"},
	{"a frozen coupon does not pay", "internal/billing/coupon.go", "case c.Frozen:", "case false:", billing, "WhenACouponPays"},
	{"an expired coupon does not pay", "internal/billing/coupon.go", "case !at.Before(c.Until):", "case at.After(c.Until):", billing, "WhenACouponPays"},
	{"a coupon pays from its minimum spend on", "internal/billing/coupon.go", "u.Fee.Minor < c.Minimum.Minor", "u.Fee.Minor+1 < c.Minimum.Minor", billing, "WhenACouponPays"},
	{"a single-use coupon pays whole", "internal/billing/coupon.go", "c.SingleUse && u.Fee.Minor < c.Remaining.Minor", "c.SingleUse && false", billing, "WhenACouponPays"},
	{"a coupon pays for its services", "internal/billing/coupon.go", "case !covers(c.Services, u.Service):", "case false:", billing, "WhenACouponPays"},
	{"a discount ends", "internal/billing/discount.go", "(d.Until.IsZero() || at.Before(d.Until))", "true", billing, "DiscountsForATime"},
	{"a task is confirmed within 72 hours", "internal/renewal/task.go", "if !now.Before(t.ExpiresAt) {", "if now.After(t.ExpiresAt) {", rules, "Confirm"},
	{"renewing again needs its tick", "internal/renewal/task.go", "if again > 0 && !seen.Again {", "if false {", rules, "Confirm"},
	{"an unpaid order keeps others away", "internal/renewal/eligibility.go", `if u.Intent != "" {`, "if false {", app, "Promise17AnOrderKeeps"},
	{"72 hours, in the statement that changes the state", "internal/store/tasks.go", `" AND expires_at > $21"`, `" AND $21 >= 0"`, app, "Promise04"},
	{"a worker that lost its lease changes nothing", "internal/store/tasks.go", "state = $16 AND epoch = $17", "state = $16 AND $17 >= 0", app, "Promise05"},
	{"no row of another account", "internal/store/tasks.go", `" FROM task WHERE account_id = $1 AND id = $2", accountID`, `" FROM task WHERE $1 <> '' AND id = $2", accountID`, app, "Promise21"},
	{"a debit takes what is there", "internal/store/funds.go", "currency = $3 AND balance >= $1\"", "currency = $3\"", app, "Promise13ConcurrentDebits"},
	{"the credit line has a limit", "internal/store/funds.go", "\n\t\tAND credit_used + $1 BETWEEN 0 AND credit_limit`", "`", app, "Promise13ConcurrentCoupon"},
	{"a coupon gives what it has", "internal/store/funds.go", "AND remaining - $1 BETWEEN 0 AND face AND", "AND", app, "Promise13ConcurrentCoupon"},
	{"no more is taken than was agreed to", "internal/app/run.go", "case b.due+due > b.task.DueMinor:", "case false:", app, "Promise11ALost"},
	{"a rise after OK is not charged", "internal/app/run.go", "case q.Fee.Minor > i.Fee.Minor:", "case false:", app, "Promise11ARiseAfter"},
	{"what changed since the review is passed over", "internal/app/run.go", "if !i.Unchanged(u) {", "if false {", app, "Promise15|Promise08|Promise17"},
	{"one card payment of a task at a time", "internal/app/run.go", "t.ID); !store.IsNone(err) {", "t.ID); err != nil && !store.IsNone(err) {", app, "Promise09AWorkerWaits"},
	{"unknown is written before the capture", "internal/app/payments.go", "p, err := a.advance(ctx, p, billing.PaymentUnknown, p.GatewayID)", "err := error(nil)", app, "Promise09EveryMood"},
	{"a forged answer settles nothing", "internal/app/payments.go", "err = result.Verify(p.GatewayID, p.GatewayKey, charge)", "_ = charge", app, "Promise09EveryMood|Promise09ATask"},
	{"more due than seen needs a new look", "internal/app/confirm.go", "if plan.Due.Minor > in.Seen.Due {", "if false {", app, "Promise06MoreDue"},
	{"a rise before OK needs a new look", "internal/app/confirm.go", "if rose {", "if rose && false {", app, "Promise11ARiseBefore"},
	{"a key has one effect", "internal/app/idempotent.go", "err != nil || found {", "err != nil || found && false {", app, "Promise06"},
	{"a lease is given up after ten seconds only", "internal/app/lease.go", "return now-seen.since >= LeasePeriod", "return true", app, "Promise05"},
	{"what cannot be renewed cannot be ordered", "internal/app/orders.go", `case row.Blocked != "":`, "case false:", app, "Promise17AnOrderKeeps"},
	{"an order is not paid after seven days", "internal/app/orders.go", "case !o.Waits(now):", "case false:", app, "Promise17AnOrderKeeps"},
	{"an order is paid whole", "internal/app/orders_pay.go", "if !p.Plan.Shortfall.IsZero() {", "if false {", app, "Promise13OrdersCompete"},
	{"an order that is being paid is not paid again", "internal/app/orders.go", "case o.Status == billing.Processing:", "case false:", app, "Promise10ADeclinedOrder"},
	{"a clock that was set back keeps nothing from being asked", "internal/store/pay.go", "(asked_at <= $1 OR asked_at > $2)", "(asked_at <= $1 AND $2 > 0)", app, "ClockSetBack"},
	{"a unit that was lost is not captured for", "internal/app/payments.go", "if lapsed {", "if lapsed && false {", app, "Promise08NothingIsCaptured|Promise08AUnitLostBefore"},
	{"a released unit is lost", "internal/app/lost.go", "case kept.StatusAt(u.ExpiresAt, now) == renewal.Released:", "case false:", app, "Promise08WhatWasCaptured"},
	{"a unit whose new term is over is lost", "internal/app/lost.go", "case !o.Lines[0].NewExpiry.After(now):", "case false:", app, "Promise08NothingIsCapturedForATerm"},
	{"a unit that is not what was quoted is lost", "internal/app/lost.go", "case !extendable(o, u):", "case false:", app, "Promise08AUnitLost|Promise08AllUnits"},
	{"a task goes on without the unit that was lost", "internal/app/settle.go", "if t.ID == \"\" || why == billing.ReasonLapsed && t.State == renewal.Running {", "if t.ID == \"\" {", app, "Promise08AUnitLostBefore"},
	{"a card that is being charged is not removed", "internal/app/cards.go", "if open {", "if open && false {", app, "Promise09ACardThatIsBeing"},
	{"a card that has expired is asked for nothing", "internal/app/rules.go", " && !cards[0].Expired(now)", "", app, "Promise09AnExpired|Promise09ACardThatExpires"},
	{"held credit is not repaid", "internal/app/credit.go", "w.CreditUsed.Minor-held", "w.CreditUsed.Minor-0*held", app, "Promise13HeldCredit"},
	{"what the gateway answered is booked once", "internal/app/payments.go", "if err != nil || !ok {\n\t\t\treturn err // another", "if err != nil || !ok && false {\n\t\t\treturn err // another", app, "Promise09TwoSettlers|Promise09HealedOnce"},
	{"a task whose payment is not known is not ended", "internal/renewal/task.go", "if t.Pause == PauseUnknown {\n\t\treturn \"\", outcomeUnknown()", "if false {\n\t\treturn \"\", outcomeUnknown()", app, "Promise10ContinuingAnUnknown"},
	{"a task whose payment is not known is not continued", "internal/renewal/task.go", "State != Suspended {\n\t\treturn t.wrongState(\"continued\")\n\t}\n\tif err := t.goesOn(); err != nil {", "State != Suspended {\n\t\treturn t.wrongState(\"continued\")\n\t}\n\tif err := t.goesOn(); false {", app, "Promise09ATaskWaits"},
	{"a task whose payment is missing here is only ended", "internal/renewal/task.go", "if t.Unrecorded() {", "if false {", app, "Promise09ARestoredBackupChargesNothingElse"},
	{"a payment for other units is another one", "internal/app/gateway_key.go", "o.ID, cardLeg(o).Minor", "\"\", cardLeg(o).Minor", app, "Promise09ARestoredBackupChargesNothingElse"},
	{"an order whose payment is missing here does not wait", "internal/app/settle.go", "case why == billing.ReasonUnrecorded:", "case false:", app, "Promise09ARestoredBackupPaysNoOtherSum"},
	{"what the gateway gave back is not entered", "internal/app/payments.go", "case result.Amount.Minor:", "case -1:", app, "Promise09WhatTheGatewayGaveBack"},
	{"what the gateway gave back in part is not entered", "internal/app/payments.go", "switch result.RefundedAmount.Minor {", "switch int64(0) {", app, "Promise09WhatTheGatewayGaveBack"},
	{"a task whose payment is not known is not confirmed", "internal/renewal/task.go", "\n\t\tif err := t.goesOn(); err != nil {", "\n\t\tif err := t.goesOn(); false {", app, "Promise10ContinuingAnUnknown"},
	{"a task that waits for an outcome is not suspended anew", "internal/app/settle.go", "if err != nil || t.State != renewal.Running {", "if err != nil {", app, "Promise10ContinuingAnUnknown"},
	{"orders that were declined are no broken promise", "internal/invariant/rules.go", "AND o.item = i.number AND o.status = 5 WHERE i.state", "AND o.item = i.number WHERE i.state", app, "Promise11AFallAfter"},
	{"who was deleted gets no mail", "internal/store/journal.go", "to, err := tx.addresses(e.AccountID, e.Members)", "to, err := e.Recipients, error(nil)", mails, "WhoWasDeleted"},
	{"a skipped hour delays one expiry", "internal/renewal/instance.go", "undelayed(u.EffectiveAt, u.ExpiresAt, zone)", "clocks(u.ExpiresAt, zone)", rules, "Promise15ASkipped"},
	{"a price book takes the place of the one it was compared with", "internal/store/prices.go", "WHERE id = $2 AND price_books = $1 AND price_book = $3", "WHERE id = $2 AND $3 >= 0", app, "OverlappingPriceImports"},
	{"a card pays for one account", "internal/store/cards.go", "if owner != accountID {", "if owner != accountID && false {", app, "Promise21ACardPays"},
	{"a card session is its person's", "internal/store/cards.go", "WHERE account_id = $1 AND member_id = $2 AND id = $3", "WHERE $1 <> '' AND $2 <> '' AND id = $3", app, "Promise21ACardSession"},
	{"cards cannot be tried out", "internal/app/card_sessions.go", "if n >= CardQuestions {", "if n >= 1000 {", app, "CardsCannotBeTriedOut"},
}
