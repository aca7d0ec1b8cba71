package app

import (
	"context"
	"fmt"
	"time"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// Review is a task as it stands at one instant, with one page of one of its lists.
type Review struct {
	Task    renewal.Task
	Account account.Account
	Now     time.Time
	// Books says why a running task waits, and is BooksSound where it does not.
	Books account.Books
	Scope string // what was asked for, in words; empty where Source is set
	// Source is the number of the task whose left units this one was made of, or 0.
	Source  int
	Balance money.Amount
	Tallies []renewal.Tally
	// Discounts are what is taken off the list price of the renewable units, by kind,
	// while a person decides about all of them.
	Discounts []billing.KindSum
	Wallet    billing.Wallet
	// Card is the one that pays what nothing else does; its ID is empty where none.
	Card billing.Card
	// Plan says how far the money reaches over what is left, while that waits for
	// a person. Stop is the first unit that it does not reach; Number 0: none.
	Plan billing.Plan
	// Splits say how each unit that is left would be paid, by its number.
	Splits map[int]billing.Split
	Stop   renewal.Item
	// Lacking is what is missing where no card pays, while one has been declined.
	Lacking money.Amount
	// DeclinedWhy is why, in words.
	DeclinedWhy string
	// Cards are the payments that a card was asked for; Flight are the units of the
	// one whose outcome is not known.
	Cards   []billing.Payment
	Flight  int
	Refunds []billing.Refunding
	// Sources name the coupons and cards of legs.
	Sources map[string]string
	// Receipt is what was paid, once the task has ended.
	Receipt billing.Receipt
	List    ItemPage
}

// waits tells whether a task waits for a person who pays.
func waits(t renewal.Task) bool { return t.State == renewal.Ready || t.State == renewal.Suspended }

// Review reads a task of the account for its page. Which list it shows follows
// from the state where look names none.
func (a *App) Review(ctx context.Context, accountID, taskID string, look renewal.Look) (r Review, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		r = Review{Now: a.Clock.Now()}
		if r.Task, err = tx.Task(accountID, taskID); store.IsNone(err) {
			return noTask()
		} else if err != nil {
			return err
		}
		if r.Account, err = tx.Account(accountID); err != nil {
			return err
		}
		if r.Wallet, err = tx.Wallet(accountID); err != nil {
			return err
		}
		r.Balance = r.Wallet.Balance
		if cards, err := tx.Cards(accountID); err != nil {
			return err
		} else if len(cards) > 0 && cards[0].Preferred && a.Gateway != nil {
			r.Card = cards[0]
		}
		if r.Source, err = sourceOf(tx, r.Task); err != nil {
			return err
		}
		if r.Sources, err = sourceNames(tx, accountID); err != nil {
			return err
		}
		if r.Task.State == renewal.Generating || r.Task.ReadyAt.IsZero() {
			return nil
		}
		return r.read(tx, a, look)
	})
	if err != nil {
		return r, fmt.Errorf("review task %s: %w", taskID, err)
	}
	if r.Books = account.BooksSound; r.Task.State == renewal.Running {
		r.Books = a.booksOf(ctx, accountID)
	}
	r.Scope, err = a.scopeWords(ctx, r.Task)
	return r, err
}

// read finds what stands in a task that has been prepared.
func (r *Review) read(tx *store.Tx, a *App, look renewal.Look) (err error) {
	t, c := r.Task, r.Balance.Currency
	at := r.secondLookAt()
	if r.Tallies, err = tx.Tallies(t.AccountID, t.ID, at.Add(-renewal.RecentRenewal), at.Add(renewal.SoonAgain), c); err != nil {
		return err
	}
	if t.State == renewal.Ready {
		if r.Discounts, err = tx.TaskDiscounts(t.AccountID, t.ID, c); err != nil {
			return err
		}
	}
	if err = r.cards(tx); err != nil {
		return err
	}
	if waits(t) {
		if err = r.plan(tx, a); err != nil {
			return err
		}
	}
	if !t.State.Open() && t.Renewed > 0 {
		if r.Receipt, err = tx.Receipt(t.AccountID, t.ID, c); err != nil {
			return err
		}
	}
	r.List, err = r.list(tx, look)
	return err
}

// secondLookAt is the instant from which "within 30 days" and "less than 7 days
// away" are counted: now while a person decides, afterwards when it was decided.
func (r *Review) secondLookAt() time.Time {
	switch {
	case waits(r.Task):
		return r.Now
	case !r.Task.ConfirmedAt.IsZero():
		return r.Task.ConfirmedAt
	}
	return r.Task.ReadyAt
}

// cards finds what a card was asked for, and what of it is still open.
func (r *Review) cards(tx *store.Tx) (err error) {
	t := r.Task
	if r.Cards, err = tx.CardPayments(t.AccountID, t.ID); err != nil || len(r.Cards) == 0 {
		return err
	}
	if last := r.Cards[len(r.Cards)-1]; !last.State.Settled() {
		if r.Flight, err = tx.CountUnderWay(t.AccountID, last.ID); err != nil {
			return err
		}
	}
	r.Refunds, err = tx.RefundsOfTask(t.AccountID, t.ID)
	return err
}

// sourceNames names the account's coupons and cards by their IDs, as a person
// tells them apart. Cards that were removed keep their names: payments have them.
func sourceNames(tx *store.Tx, accountID string) (map[string]string, error) {
	names := map[string]string{}
	coupons, err := tx.Coupons(accountID)
	if err != nil {
		return nil, err
	}
	for _, c := range coupons {
		names[c.ID] = c.Name
	}
	cards, err := tx.AllCards(accountID)
	for _, c := range cards {
		names[c.ID] = c.String()
	}
	return names, err
}

// plan plans what is left with the funds as they are now.
func (r *Review) plan(tx *store.Tx, a *App) (err error) {
	first := 0
	r.Splits = make(map[int]billing.Split, r.Task.Left())
	if r.Plan, err = a.planOf(tx, r.Task, r.Now, func(number int, s billing.Split) {
		r.Splits[number] = s
		if first == 0 && !s.Missing.IsZero() {
			first = number
		}
	}); err != nil {
		return err
	}
	r.Lacking = r.Plan.Shortfall
	if r.Task.Pause == renewal.PauseDeclined {
		r.DeclinedWhy = declinedBecause(r.Task.Why)
		without := r.Plan.Due.Minor - r.Wallet.Balance.Minor - r.Wallet.CreditLeft().Minor
		r.Lacking = money.Of(max(0, without), r.Plan.Due.Currency)
	}
	if first == 0 {
		return nil
	}
	stop, err := tx.Items(store.ItemScope{AccountID: r.Task.AccountID, TaskID: r.Task.ID, From: first}, 0, 0, 1, r.Balance.Currency)
	if err == nil && len(stop) == 1 {
		r.Stop = stop[0]
	}
	return err
}

// Consent is what a person must know and tick before confirming a task.
type Consent struct {
	Review
	Again int // units left that were renewed here within 30 days, whoever did it
}

// Consent reads a task for its confirmation.
func (a *App) Consent(ctx context.Context, accountID, taskID string) (c Consent, err error) {
	if c.Review, err = a.Review(ctx, accountID, taskID, renewal.Look{List: renewal.ListServices}); err != nil {
		return c, err
	}
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		c.Again, err = tx.AgainWaiting(accountID, taskID, c.Now.Add(-renewal.RecentRenewal))
		return err
	})
	return c, err
}
