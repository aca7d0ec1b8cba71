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
	web     = "./web"
	db      = "./internal/store"
	program = "./cmd/perennial"
)

var mutants = []mutant{
	{"coupons that expire sooner pay first", "internal/billing/plan.go", "first == nil || firstUsed(&c.Coupon, &first.Coupon) < 0", "first == nil", billing, "SoonestToExpire"},
	{"a unit that the money does not reach is not paid in part", "internal/billing/plan.go", `if p.funds.Card == "" && rest`, `if false && rest`, billing, "PlanStops|PlanProperties"},
	{"one charge covers a hundred units", "internal/billing/payment_data.go", "r.units == UnitsACharge ||", "false ||", billing, "AdmitsWhatAGatewayKeeps|ACardCharge"},
	{"a card charge stays within a hundred of item numbers", "internal/billing/payment_data.go", "CardRange(u.Item) != r.within ||", "false ||", billing, "ByRangesOfItems"},
	{"a payment's data fit into what a gateway keeps", "internal/billing/payment_data.go", "|| size > r.room:", "|| size < 0:", billing, "AdmitsWhatAGatewayKeeps"},
	{"data of which a part is lost are not read", "internal/billing/payment_data.go", "if end == 0 || text[end:] != checksum(text[:end]) {", "if end == 0 {", billing, "PaymentData"},
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
	{"72 hours, in the statement that changes the state", "internal/store/tasks.go", `" AND expires_at > $20"`, `" AND $20 >= 0"`, app, "Promise04"},
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
	{"what this server changes is counted at once", "internal/app/app.go", "d.Store.OnChange(a.forgetCounts)", "_ = a.forgetCounts", app, "CountsKnowAtOnce"},
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
	{"a task whose key the gateway refused waits for the comparison", "internal/renewal/task.go", "if t.Unrecorded() {", "if false {", app, "ARefusedKey"},
	{"a captured payment that is missing blocks its account", "internal/app/gate.go", "case open > 0:", "case false:", app, "Reconcile_WhatDoesNotFit"},
	{"a payment of another installation is not entered", "internal/app/reconcile.go", "if !ours {", "if false {", app, "Reconcile_LeavesPaymentsOfOthers"},
	{"a unit that moved is not entered", "internal/app/reconcile_sort.go", "return !i.ExpiresAt.Equal(u.OldExpiry)", "return false && !i.ExpiresAt.Equal(u.OldExpiry)", app, "Reconcile_WhatDoesNotFit"},
	{"a card is asked for nothing before the payments were compared", "internal/app/run.go", "if b.byCard && !a.reconciled() {", "if false {", app, "Reconcile_ACardWaits"},
	{"books that are older wait for the gateway", "internal/app/gate.go", "case a.Gateway != nil && !a.reconciled() && (age.Older() || !age.Known):", "case false:", app, "Reconcile_OlderBooksWait"},
	{"books that are older wait for a person where there is no gateway", "internal/app/gate.go", "a.Gateway == nil && age.Older():", "false:", app, "Reconcile_OlderBooksWithoutAGateway"},
	{"a key that the gateway knows is not used again", "internal/app/gateway_key.go", "if err != nil || !spent {", "if err != nil || true || !spent {", app, "Reconcile_ADeclineThatTheBackup"},
	{"what the gateway gave back is not entered", "internal/app/payments.go", "case result.Amount.Minor:", "case -1:", app, "Promise09WhatTheGatewayGaveBack"},
	{"what the gateway gave back in part is not entered", "internal/app/payments.go", "switch result.RefundedAmount.Minor {", "switch int64(0) {", app, "Promise09WhatTheGatewayGaveBack"},
	{"a task whose payment is not known is not confirmed", "internal/renewal/task.go", "\n\t\tif err := t.goesOn(); err != nil {", "\n\t\tif err := t.goesOn(); false {", app, "Promise10ContinuingAnUnknown"},
	{"a task that waits for an outcome is not suspended anew", "internal/app/settle.go", "if err != nil || t.State != renewal.Running {", "if err != nil {", app, "Promise10ContinuingAnUnknown"},
	{"a stranger locks nobody out of a known device", "internal/app/signin.go", "\tif known {", "\tif known && false {", app, "AStrangerLocks"},
	{"guesses on a known device are limited", "internal/app/device.go", "limit: SignInsPerEmail", "limit: 1000", app, "GuessesOnAKnownDevice"},
	{"a device is known for 90 days", "internal/app/device.go", "age < DeviceKept", "age < 2*DeviceKept", app, "ADeviceIsForOneUser"},
	{"a new password ends a device", "internal/app/device.go", "digest(u.PasswordHash))) == 1", "digest(u.PasswordHash))) >= 0", app, "ADeviceIsForOneUser"},
	{"a path is unescaped once", "web/bind.go", `if c.Request().URL.RawPath != "" {`, "if true {", web, "ParamsAreUnescapedOnce|TheLinkOfAnInstance"},
	{"what would be refused is not asked", "web/confirm.go", `why != "" {`, `why != "" && false {`, web, "ACardPaymentWithoutAnOutcome"},
	{"only the public name is answered", "web/host.go", "!hostAllowed(", "false && !hostAllowed(", web, "OnlyThePublicName"},
	{"orders that were declined are no broken promise", "internal/invariant/rules.go", "WHERE {account o} AND o.status = 5 AND o.fee > i.fee", "WHERE {account o} AND o.fee > i.fee", app, "Promise11AFallAfter"},
	{"another program's database is not migrated", "internal/store/migrate.go", "if whole || len(foreign) == 0 {", "if whole || len(foreign) >= 0 {", db, "TestMigrate_"},
	{"a file has one server, by whatever symlink", "internal/store/store.go", `lockFile(resolved(d.file) + ".lock")`, `lockFile(d.file + ".lock")`, db, "TestOpen_"},
	{"a file with two names is not opened", "internal/store/file_identity.go", "links(info) > 1 {", "links(info) > 2 {", db, "TestOpen_"},
	{"no empty database is made beside the log of a lost one", "internal/store/file_identity.go", "if _, err := os.Stat(beside); err == nil {", "if false {", db, "TestOpen_"},
	{"a file that is gone is noticed", "internal/store/file_identity.go", "case errors.Is(err, fs.ErrNotExist):", "case false:", db, "TestCheckFile_"},
	{"a file that was replaced is noticed", "internal/store/file_identity.go", "!os.SameFile(db.opened, now)", "false", db, "TestCheckFile_"},
	{"a server that lives is not taken over", "internal/store/server.go", "case row != t.other:", "case false:", db, "TestClaim_"},
	{"a server is waited for before it is taken over", "internal/store/server.go", "case !patient:", "case false:", db, "TestClaim_"},
	{"a lock file that was made again proves nothing", "internal/store/server.go", `t.lock != "" && fields[1] == t.lock`, "true", db, "TestClaim_"},
	{"a server that was taken over stops", "internal/store/server.go", "\t\tif !strings.HasPrefix(row, t.name+\" \") {\n\t\t\treturn t.errAnother()", "\t\tif false {\n\t\t\treturn t.errAnother()", db, "TestBeat_"},
	{"the check of an account reads no other's rows", "internal/invariant/rules.go", "FROM task o JOIN item i ON i.task_id = o.id WHERE {account o} GROUP", "FROM item i GROUP", "./internal/invariant", "TestCheckRule_"},
	{"a damaged file is not charged on", "cmd/perennial/books.go", "if b.file.books != account.BooksSound {", "if false {", program, "ADamagedFile"},
	{"indexes are compared with their tables", "internal/store/file.go", "PRAGMA integrity_check(20)", "PRAGMA quick_check(20)", db, "TestDamage_"},
	{"an error of the file has it read through again", "cmd/perennial/books.go", "doubts > b.doubts || b.doubted", "b.doubted", program, "TestBooks_"},
	{"what was found sound is checked again after a day", "cmd/perennial/books.go", "return now-v.ended >= recheckSound", "return false", program, "TestBooks_"},
	{"a file that is gone charges nothing", "cmd/perennial/books.go", "b.gone = err", "_ = err", program, "TestBooks_"},
	{"nothing is charged before this server holds the file", "cmd/perennial/books_check.go", "case <-b.held:", "default:", program, "TestBooks_WaitFor"},
	{"an account that is being checked is skipped", "internal/app/run.go", "return false, ignoreUnsound(err)", "return false, err", app, "TestWorkTasks_"},
	{"a refund of broken books is not asked for", "internal/app/refund.go", "if err := a.awaitCharge(ctx, f.AccountID); err != nil {", "if err := a.awaitCharge(ctx, f.AccountID); false {", app, "TestWorkPayments_"},
	{"a payment of an account that is being checked stays due", "internal/app/payments.go", "all && found < paymentsAStep", "(all || true) && found < paymentsAStep", app, "TestWorkPayments_"},
	{"trouble after a capture does not say that nothing was charged", "internal/app/payments.go", "defer func() { err = NotKnownYet(err) }()", "", app, "TheDatabaseFailsBetween"},
	{"a COMMIT whose answer is lost is not known", "internal/store/trouble.go", "if d.refusedCommit(err) {", "if true || d.refusedCommit(err) {", app, "ALostCommit"},
	{"a server that was stopped holds no rows", "internal/store/postgres.go", "sessionSettings(4*time.Second,", "sessionSettings(0,", "./internal/store", "PostgresHasTimeOuts"},
	{"a task that is locked elsewhere holds up no other", "internal/store/postgres.go", `skipLocked: " SKIP LOCKED"`, `skipLocked: ""`, app, "ALockedTaskHoldsUp"},
	{"a database password is not sent in the clear", "internal/store/postgres.go", "if err != nil || !unsaidTLS(location, config) {", "if true {", "./internal/store", "APassword"},
	{"an older server writes nothing into a newer schema", "internal/store/newer.go", "if version <= newestMigration() {", "if true {", "./internal/store", "ANewerSchema"},
}
