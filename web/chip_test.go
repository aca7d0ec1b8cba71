package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/app"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
	"perennial/views"
)

func TestChipFollowsTheTaskAndTellsOfChanges(t *testing.T) {
	const none = "No open task"
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Prices(100)
	w.AddMany(3, 24*time.Hour)
	w.Deposit(2 * testkit.UnitPrice)
	b := newConsole(t, w).signedIn(t, w.Viewer)
	ask := func(taskID, state string) (chip *goquery.Selection, flash string) {
		t.Helper()
		a := b.get(views.ChipPath(taskID, state), part)
		if a.Code != http.StatusOK {
			t.Fatalf("%d", a.Code)
		}
		page, err := goquery.NewDocumentFromReader(a.Body)
		w.Must(err)
		return page.Find("#chip"), strings.Join(strings.Fields(page.Find(".flash p").Text()), " ")
	}
	expect := func(taskID, seen, state, label, message string) {
		t.Helper()
		chip, flash := ask(taskID, seen)
		if got := strings.Join(strings.Fields(chip.Text()), " "); got != label || chip.AttrOr("data-state", "") != state {
			t.Errorf("the chip says %q in %q, want %q in %q", got, chip.AttrOr("data-state", ""), label, state)
		}
		if (message == "") != (flash == "") || !strings.Contains(flash, message) {
			t.Errorf("the message is %q, want %q", flash, message)
		}
	}
	counts := func() string {
		page, err := goquery.NewDocumentFromReader(b.get(views.ChipPath("", ""), part).Body)
		w.Must(err)
		var all []string
		page.Find("hx-partial .nav-count").Each(func(_ int, s *goquery.Selection) {
			_, hidden := s.Attr("hidden")
			all = append(all, fmt.Sprint(s.AttrOr("id", ""), " ", strings.Fields(s.Text())[0], " ", hidden))
		})
		return strings.Join(all, ", ")
	}
	expect("", "", "", none, "")
	if got, want := counts(), "side-count-renewals 3expired false, menu-count-renewals 3expired false, "+
		"side-count-notifications 0unread true, menu-count-notifications 0unread true"; got != want {
		t.Errorf("the navigation counts %s, want %s", got, want)
	}
	task := w.Prepare(testkit.Everything)
	expect("", "", "ready", "Task ready · confirm by 2026-11-25", "")
	if got := counts(); !strings.Contains(got, "side-count-notifications 1unread false, menu-count-notifications 1unread false") {
		t.Errorf("the navigation counts %s", got)
	}
	expect(task.ID, "generating", "ready", "Task ready · confirm by 2026-11-25", "is ready to be reviewed until 2026-11-25 14:00 (UTC+8).")
	expect(task.ID, "ready", "ready", "Task ready · confirm by 2026-11-25", "")
	w.Confirm(task.ID)
	expect(task.ID, "running", "suspended", "Paused · $10.00 short", "is paused: $10.00 short. 1 instance is left.")
	w.Deposit(testkit.UnitPrice - 1)
	expect(task.ID, "suspended", "suspended", "Paused · $0.01 short", "")
	for limit, says := range map[string]string{"0.01": "ready to continue", "0.00": "$0.01 short"} {
		_, err := w.App.SetCreditLimit(w.Context(), app.Operator(w.Account.ID), limit)
		w.Must(err)
		expect(task.ID, "suspended", "suspended", "Paused · "+says, "")
	}
	_, err := w.App.SetCreditLimit(w.Context(), app.Operator(w.Account.ID), "0.00")
	w.Must(err)
	w.Deposit(1)
	expect(task.ID, "suspended", "suspended", "Paused · ready to continue", "")
	if done := w.Continue(task.ID); done.State != renewal.Completed {
		t.Fatalf("%+v", done)
	}
	expect(task.ID, "suspended", "", none, "is completed. 3 instances were renewed.")
	expect("no-such-task", "ready", "", none, "")

	// Promise 21: another account's task says nothing.
	other, err := w.App.CreateAccount(w.Context(), app.AccountInput{Name: "Other", Currency: "EUR", Zone: "UTC", Email: "x@other.example"})
	w.Must(err)
	_, err = w.App.CreateMember(w.Context(), app.Operator(other.ID), app.MemberInput{Email: "eve@other.example", Role: "owner", Password: password})
	w.Must(err)
	stranger := app.Operator(other.ID)
	stranger.Email = "eve@other.example"
	c := newConsole(t, w)
	c.Owner = stranger
	b = c.signedIn(t, stranger)
	expect(task.ID, "suspended", "", none, "")
}
