package web_test

import (
	"context"
	"net/http"
	"testing"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/testkit"
)

// A person sees why a running task does not continue, and what it means for the money.
func TestTaskPage_SaysThatItWaitsForSoundRecords(t *testing.T) {
	c := counter(t, 10)
	b := c.signedIn(t, c.Buyer)
	task := c.Prepare(testkit.Everything)
	c.Must(c.World.App.Confirm(c.Context(), c.Buyer, app.ConfirmInput{TaskID: task.ID, Seen: testkit.Seen(task), Key: "confirm"}))
	for books, want := range map[account.Books]string{
		account.BooksChecking: "Checking the records of this account first",
		account.BooksBroken:   "On hold: the records of this account do not add up",
		account.BooksDamaged:  "On hold: the database is damaged",
	} {
		c.World.App.MayCharge = func(context.Context, string) error {
			return &app.Unsound{Books: books, Err: fault.New(fault.Unavailable, "Nothing is charged.")}
		}
		doc := shown(t, b.get("/tasks/"+task.ID), http.StatusOK)
		says(t, doc, "Waiting to renew 10 instances", want, "is charged until")
	}
	c.World.App.MayCharge = nil
	doc := shown(t, b.get("/tasks/"+task.ID), http.StatusOK)
	if says(t, doc, "Renewing 10 instances"); doc.Find(".callout").Length() > 0 {
		t.Errorf("a task that goes on says %q", doc.Find(".callout").Text())
	}
}
