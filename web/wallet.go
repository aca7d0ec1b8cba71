package web

import (
	"io"
	"net/http"
	"net/url"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views"
	"perennial/views/ui"
)

// place is where a page of a newest-first list begins or ends. A cursor that is
// damaged leads to the beginning.
func (c *call) place() (app.Place, error) {
	in, err := c.values("after", "before")
	if err != nil {
		return app.Place{}, err
	}
	var at app.Place
	if cursor, err := renewal.ParseCursor(in.Get("after")); err == nil {
		at.After = cursor
	}
	if cursor, err := renewal.ParseCursor(in.Get("before")); err == nil {
		at = app.Place{Before: cursor}
	}
	return at, nil
}

// wallet is what the account can spend, with the ledger behind it.
func (s *server) wallet(c *call) error {
	at, err := c.place()
	if err != nil {
		return err
	}
	return s.showWallet(c, http.StatusOK, at, views.WalletPage{})
}

// showWallet shows the wallet; p holds the forms that were refused.
func (s *server) showWallet(c *call, status int, at app.Place, p views.WalletPage) error {
	w, err := s.App.Wallet(c.ctx(), c.account().ID, at)
	if err != nil {
		return err
	}
	return c.show(page{status: status, title: "Wallet", nav: views.NavWallet, body: views.Wallet(views.WalletPage{
		Wallet: w.Wallet, Runway: w.Runway, Coupons: w.Coupons, InCoupon: w.InCoupon, Owed: w.Owed, Card: w.Card,
		Entries: w.Entries, Newer: w.Around.Newer, Older: w.Around.Older, Now: s.Clock.Now(), Zone: c.account().Zone,
		Open: attempts(w.Open), Declined: attempts(w.Declined), CanTopUp: w.CanTopUp, Sandbox: s.Sandbox,
		MayPay: c.person.User.Role.Covers(account.Buyer), NewKey: s.App.NewKey, Mark: p.Mark, Repay: p.Repay,
	})})
}

// setLowMark sets the balance below which the account is warned.
func (s *server) setLowMark(c *call) error {
	in, err := c.values("mark", "key")
	if err != nil {
		return err
	}
	err = s.App.SetLowMark(c.ctx(), c.actor(), in.Get("mark"), in.Get("key"))
	if f, ok := fault.Of(err); ok && f.Fields["mark"] != "" {
		return s.showWallet(c, http.StatusUnprocessableEntity, app.Place{}, views.WalletPage{Mark: views.WalletField{Value: in.Get("mark"), Problem: f.Message}})
	}
	if err != nil {
		return err
	}
	c.flash(ui.Flash{Kind: ui.OK, Text: "The mark of the low-balance warning is set."})
	return c.leave(views.WalletPath(nil))
}

// repayCredit pays the credit line back from the balance.
func (s *server) repayCredit(c *call) error {
	in, err := c.values("repay", "key")
	if err != nil {
		return err
	}
	w, err := s.App.RepayCredit(c.ctx(), c.actor(), in.Get("repay"), in.Get("key"))
	if f, ok := fault.Of(err); ok && f.Fields["repay"] != "" {
		return s.showWallet(c, http.StatusUnprocessableEntity, app.Place{}, views.WalletPage{Repay: views.WalletField{Value: in.Get("repay"), Problem: f.Message}})
	}
	if err != nil {
		return err
	}
	c.flash(ui.Flash{Kind: ui.OK, Text: "Paid back. " + w.CreditUsed.String() + " is owed on the credit line now, and the balance is " + w.Balance.String() + "."})
	return c.leave(views.WalletPath(nil))
}

// ledgerFile is the whole ledger as CSV.
func (s *server) ledgerFile(c *call) error {
	return c.file("ledger", func(to io.Writer) error { return s.App.ExportLedger(c.ctx(), c.account(), to) })
}

func attempts(all []app.TopUpAttempt) []views.TopUpAttempt {
	var shown []views.TopUpAttempt
	for _, t := range all {
		shown = append(shown, views.TopUpAttempt{ID: t.ID, Amount: t.Amount, At: t.CreatedAt, By: t.CreatedBy, Why: t.Why})
	}
	return shown
}

// askTopUp asks how much to add. The address may say what is missing and where to
// go on to.
func (s *server) askTopUp(c *call) error {
	in, err := c.values("amount", "return", "card")
	if err != nil {
		return err
	}
	form := views.TopUpPage{Amount: in.Get("amount"), Card: in.Get("card"), Return: safeNext(in.Get("return"), "")}
	amount, err := money.Parse(form.Amount, money.Currency(c.account().Currency))
	if err != nil {
		form.Amount = "" // nobody typed it, so nobody misses it
	}
	w, err := s.App.Wallet(c.ctx(), c.account().ID, app.Place{})
	if err != nil {
		return err
	}
	// Who comes back to this address by the browser's history, or after a
	// colleague, finds a form with a key of its own: it must not be one click away
	// from adding the same amount again.
	for _, e := range w.Entries {
		if e.Kind == billing.TopUp && e.Amount == amount && s.Clock.Now().Sub(e.At) < addedLately {
			form.Amount, form.Added, form.AddedAt, form.Zone = "", e.Amount, e.At, c.account().Zone
			break
		}
	}
	return s.showTopUp(c, http.StatusOK, form)
}

// addedLately is for how long a top-up keeps its amount from being proposed again.
const addedLately = time.Hour

func (s *server) showTopUp(c *call, status int, p views.TopUpPage) error {
	w, err := s.App.Wallet(c.ctx(), c.account().ID, app.Place{})
	if err != nil {
		return err
	}
	if p.Cards, err = s.App.Cards(c.ctx(), c.account().ID); err != nil {
		return err
	}
	again := url.Values{"return": {p.Return}}
	if p.Amount != "" {
		again.Set("amount", p.Amount)
	}
	p.Enter = s.cardForm(views.TopUpPath(again))
	p.Now = s.Clock.Now()
	p.Key, p.Balance, p.CanTopUp, p.Sandbox = s.App.NewKey(), w.Balance, w.CanTopUp, s.Sandbox
	return c.show(page{status: status, title: "Top up", nav: views.NavWallet, body: views.TopUp(p)})
}

// topUp charges the gateway, and says what became of it.
func (s *server) topUp(c *call) error {
	in, err := c.values("amount", "card", "return", "key")
	if err != nil {
		return err
	}
	form := views.TopUpPage{Amount: in.Get("amount"), Card: in.Get("card"), Return: safeNext(in.Get("return"), "")}
	payment, err := s.App.TopUp(c.ctx(), c.actor(), app.TopUpInput{Amount: form.Amount, CardID: form.Card, ReturnTo: form.Return, Key: in.Get("key")})
	if f, ok := fault.Of(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		form.Problem, form.Field = f.Message, "amount"
		if _, card := f.Fields["card"]; card {
			form.Field = "card"
		}
		return s.showTopUp(c, kinds[f.Kind].status, form)
	}
	if err != nil {
		return err
	}
	stands, err := s.App.TopUpStatus(c.ctx(), c.account().ID, payment.ID)
	if err != nil {
		return app.NotKnownYet(err)
	}
	switch stands.State {
	case billing.PaymentCaptured:
		c.flash(ui.Flash{Kind: ui.OK, Text: views.AddedWords(stands.Amount, stands.Balance)})
		if form.Return != "" {
			return c.leave(form.Return)
		}
		return c.leave(views.WalletPath(nil))
	case billing.PaymentDeclined:
		form.Problem = stands.Why
		return s.showTopUp(c, http.StatusUnprocessableEntity, form)
	}
	return c.leave(views.TopUpStatusPath(payment.ID))
}

// topUpStatus says what became of a top-up, and asks again until it is known.
func (s *server) topUpStatus(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	stands, err := s.App.TopUpStatus(c.ctx(), c.account().ID, id)
	if err != nil {
		return err
	}
	p := page{title: "Top-up", nav: views.NavWallet, body: views.TopUpStatus(views.TopUpStatusPage{
		ID: stands.ID, State: stands.State, Amount: stands.Amount, At: stands.CreatedAt, By: stands.CreatedBy, Why: stands.Why,
		Balance: stands.Balance, Refund: stands.Refund, Return: safeNext(stands.ReturnTo, ""), Zone: c.account().Zone,
	})}
	if !stands.State.Settled() {
		p.refresh = views.Refresh{After: 5, Live: views.TopUpLivePath(stands.ID)}
	}
	return c.show(p)
}
