package app

import (
	"context"
	"fmt"
	"net/url"

	"perennial/internal/account"
	"perennial/internal/renewal"
	"perennial/internal/store"
)

// TaskRow is one task of the list of tasks.
type TaskRow struct {
	renewal.Task
	Words  string // its scope, empty where it has a source
	Source int    // number of the task whose left units it was made of, or 0
}

// TaskPage is one page of an account's tasks, newest first.
type TaskPage struct {
	Account account.Account
	Rows    []TaskRow
	Next    int // pass as before; 0 on the last page
}

// Tasks lists the tasks of the account, those with a number below before (or all
// where it is 0).
func (a *App) Tasks(ctx context.Context, accountID string, before, size int) (p TaskPage, err error) {
	err = a.Store.Read(ctx, func(tx *store.Tx) error {
		p = TaskPage{}
		if p.Account, err = tx.Account(accountID); err != nil {
			return err
		}
		tasks, err := tx.Tasks(accountID, before, size+1)
		if err != nil {
			return err
		}
		if len(tasks) > size {
			tasks = tasks[:size]
			p.Next = tasks[size-1].Number
		}
		for _, t := range tasks {
			row := TaskRow{Task: t}
			if row.Source, err = sourceOf(tx, t); err != nil {
				return err
			}
			p.Rows = append(p.Rows, row)
		}
		return nil
	})
	if err != nil {
		return p, fmt.Errorf("list tasks: %w", err)
	}
	for n := range p.Rows {
		if p.Rows[n].Words, err = a.scopeWords(ctx, p.Rows[n].Task); err != nil {
			return p, err
		}
	}
	return p, nil
}

// sourceOf is the number of the task whose left units a task was made of, or 0.
func sourceOf(tx *store.Tx, t renewal.Task) (int, error) {
	if t.SourceTask == "" {
		return 0, nil
	}
	from, err := tx.Task(t.AccountID, t.SourceTask)
	return from.Number, err
}

// scopeWords says what a task was started for; it is empty where the task was made
// of what another one left.
func (a *App) scopeWords(ctx context.Context, t renewal.Task) (string, error) {
	if t.SourceTask != "" {
		return "", nil
	}
	values, err := url.ParseQuery(t.Scope)
	if err != nil {
		return "", fmt.Errorf("read the scope of task %s: %w", t.ID, err)
	}
	filter, _ := renewal.ParseFilter(values)
	var names renewal.Names
	if len(filter.Services)+len(filter.Regions) > 0 {
		facets, err := a.Facets(ctx, t.AccountID)
		if err != nil {
			return "", err
		}
		names = facets.Names()
	}
	return filter.Words(names), nil
}
