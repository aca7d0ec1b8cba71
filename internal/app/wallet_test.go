package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// walkPages reads a list page by page, there and back, and returns the keys as they
// stood on each page on the way there.
func walkPages[T any](t *testing.T, read func(app.Place) ([]T, app.Around), key func(T) string) (pages [][]string) {
	t.Helper()
	keys := func(at app.Place) ([]string, app.Around) {
		rows, around := read(at)
		var all []string
		for _, r := range rows {
			all = append(all, key(r))
		}
		return all, around
	}
	page, around := keys(app.Place{})
	pages = append(pages, page)
	for !around.Older.IsZero() {
		page, around = keys(app.Place{After: around.Older})
		pages = append(pages, page)
	}
	for n := len(pages) - 2; n >= 0; n-- {
		page, around = keys(app.Place{Before: around.Newer})
		if fmt.Sprint(page) != fmt.Sprint(pages[n]) {
			t.Errorf("page %d is another on the way back", n)
		}
	}
	if !around.Newer.IsZero() {
		t.Error("there is something newer than the newest")
	}
	return pages
}

func TestTheLedgerIsPaged(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		for n := range 120 {
			w.Clock.Advance(time.Second)
			w.Deposit(int64(n + 1))
		}
		pages := walkPages(t, func(at app.Place) ([]billing.Entry, app.Around) {
			wallet, err := w.App.Wallet(t.Context(), w.Account.ID, at)
			w.Must(err)
			return wallet.Entries, wallet.Around
		}, func(e billing.Entry) string { return fmt.Sprintf("%d=%d", e.Amount.Minor, e.After.Minor) })
		if len(pages) != 3 || len(pages[0]) != 50 || len(pages[2]) != 20 {
			t.Fatalf("%d pages", len(pages))
		}
		if first, last := pages[0][0], pages[2][19]; first != "120=7260" || last != "1=1" {
			t.Errorf("from %s to %s", first, last)
		}
	})
}

func TestTheLedgerSaysWhatMovedTheBalance(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(2, time.Hour)
		w.Must(w.App.Deposit(t.Context(), app.Operator(w.Account.ID), w.Account.ID, usd(25_00), "2026-11-20", "SEPA 4711"))
		w.Clock.Advance(time.Minute)
		task := w.Confirm(w.Prepare(testkit.Everything).ID)
		wallet, err := w.App.Wallet(t.Context(), w.Account.ID, app.Place{})
		w.Must(err)
		if len(wallet.Entries) != 2 || wallet.Balance != usd(5_00) || wallet.CanTopUp {
			t.Fatalf("%+v", wallet)
		}
		paid, put := wallet.Entries[0], wallet.Entries[1]
		if paid.Kind != billing.Renewal || paid.TaskID != task.ID || paid.Reference != "RT-0001" || paid.Amount != usd(-20_00) || paid.After != usd(5_00) {
			t.Errorf("payment %+v", paid)
		}
		if put.Kind != billing.Deposit || put.ValueDate != "2026-11-20" || put.Reference != "SEPA 4711" || put.Amount != usd(25_00) || put.TaskID != "" {
			t.Errorf("deposit %+v", put)
		}
		other, err := w.App.Wallet(t.Context(), w.Account.ID, app.Place{After: renewal.Cursor{Number: -1, ID: "x"}})
		w.Must(err)
		if len(other.Entries) != 0 {
			t.Error("there is something older than the oldest")
		}
	})
}

func TestAmountsThatCannotBeToppedUp(t *testing.T) {
	gate := testkit.NewGateway(t)
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithGateway(gate.Client))
	for typed, want := range map[string]string{
		"":                     "Type the amount",
		" ":                    "Type the amount",
		"0":                    "more than nothing",
		"0.00":                 "more than nothing",
		"-5":                   "more than nothing",
		"\u22125":              "more than nothing",
		"12.345":               "more than 2 decimals",
		"1,250.00":             "without grouping",
		"1 250":                "without grouping",
		"EUR 5":                "wallet is in USD",
		"€5":                   "wallet is in USD",
		"5e3":                  "wallet is in USD",
		"1.2.3":                "not an amount",
		".5":                   "not an amount",
		"99999999999999999999": "too large",
		"10000000.01":          "at most $10,000,000.00",
	} {
		_, err := w.App.TopUp(t.Context(), w.Buyer, app.TopUpInput{Amount: typed, Key: w.App.NewKey()})
		f, ok := fault.Of(err)
		if !ok || f.Kind != fault.Invalid || f.Fields["amount"] == "" || !strings.Contains(f.Message, want) {
			t.Errorf("%q: %v, want %q", typed, err, want)
		}
	}
	for _, typed := range []string{"5", " 5.5 ", "$7.25"} {
		p, err := w.App.TopUp(t.Context(), w.Buyer, app.TopUpInput{Amount: typed, Key: w.App.NewKey()})
		if err != nil || p.State != billing.PaymentCaptured {
			t.Errorf("%q: %+v, %v", typed, p, err)
		}
	}
	if w.Balance() != 17_75 {
		t.Errorf("balance %d", w.Balance())
	}
}

// The wallet keeps telling of a top-up until its outcome is known, and of a
// declined one for a week.
func TestOpenAndDeclinedTopUps(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		gate := testkit.NewGateway(t)
		w := testkit.NewWorld(t, engine, testkit.WithGateway(gate.Client))
		top := func(amount string) billing.Payment {
			p, err := w.App.TopUp(t.Context(), w.Buyer, app.TopUpInput{Amount: amount, ReturnTo: "/tasks/1", Key: w.App.NewKey()})
			w.Must(err)
			return p
		}
		wallet := func() app.Wallet {
			got, err := w.App.Wallet(t.Context(), w.Account.ID, app.Place{})
			w.Must(err)
			return got
		}
		gate.SetMood(sandbox.Decline("insufficient_funds"))
		declined := top("10")
		gate.SetMood(sandbox.ResetAfter)
		open := top("20")
		got := wallet()
		if len(got.Open) != 1 || got.Open[0].ID != open.ID || len(got.Declined) != 1 || got.Declined[0].ID != declined.ID || got.Declined[0].Why == "" {
			t.Fatalf("%+v", got)
		}
		s, err := w.App.TopUpStatus(t.Context(), w.Account.ID, open.ID)
		if err != nil || s.State.Settled() || s.ReturnTo != "/tasks/1" || !s.Balance.IsZero() {
			t.Errorf("%+v, %v", s, err)
		}
		gate.SetMood(sandbox.Approve)
		w.Clock.Advance(time.Minute)
		_, err = w.App.WorkPayments(t.Context())
		w.Must(err)
		w.Clock.Advance(7*renewal.Day - time.Minute)
		if got := wallet(); len(got.Open) != 0 || len(got.Declined) != 1 || got.Balance != usd(20_00) || !got.CanTopUp {
			t.Errorf("%+v", got)
		}
		w.Clock.Advance(time.Millisecond)
		if got := wallet(); len(got.Declined) != 0 {
			t.Errorf("%+v", got.Declined)
		}
	})
}

// Promise 21: nobody sees another account's payments or mails.
func TestForeignTopUpsAndMailsAreNotFound(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, engine string) {
		gate := testkit.NewGateway(t)
		w := testkit.NewWorld(t, engine, testkit.WithGateway(gate.Client))
		p, err := w.App.TopUp(t.Context(), w.Buyer, app.TopUpInput{Amount: "10", Key: w.App.NewKey()})
		w.Must(err)
		mail := w.App.NewKey()
		w.Write(func(tx *store.Tx) error {
			return tx.Tell(mail, w.Account.ID, notice.TaskExpiring{Task: notice.Task{TaskID: "t"}}, w.Clock.Now())
		})
		stranger := app.Actor{UserID: "x", AccountID: "other", Name: "X"}
		_, topUp := w.App.TopUpStatus(t.Context(), stranger.AccountID, p.ID)
		_, entry := w.App.OutboxEntry(t.Context(), stranger.AccountID, mail)
		_, retry := w.App.RetryMail(t.Context(), stranger, mail)
		for _, err := range []error{topUp, entry, retry} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("got %v, want not found", err)
			}
		}
	})
}

// What a message asks for is past once the task has gone on, and only then.
func TestNoticesThatArePast(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Prices(100)
		w.AddMany(2, 48*time.Hour)
		past := func() (all []bool) {
			m, err := w.App.Notices(t.Context(), app.SignedIn{Account: w.Account}, app.Place{})
			w.Must(err)
			for _, r := range m.Rows {
				all = append(all, r.Past)
			}
			return all
		}
		task := w.Prepare(testkit.Everything)
		if got := past(); !slices.Equal(got, []bool{false}) {
			t.Errorf("ready: %v", got)
		}
		w.Confirm(task.ID)
		if got := past(); !slices.Equal(got, []bool{false, true}) {
			t.Errorf("paused: %v", got)
		}
		w.Clock.Advance(time.Hour)
		w.Deposit(testkit.UnitPrice)
		w.Continue(task.ID)
		if got := past(); !slices.Equal(got, []bool{false, true, true}) {
			t.Errorf("paused again: %v", got)
		}
		w.Deposit(testkit.UnitPrice)
		w.Continue(task.ID)
		if got := past(); !slices.Equal(got, []bool{false, true, true, true}) {
			t.Errorf("completed: %v", got)
		}
	})
}

func TestNoticesAndWhatIsRead(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		tell := func(day int) {
			w.Clock.Advance(time.Minute)
			w.Write(func(tx *store.Tx) error {
				return tx.Tell(w.App.NewKey(), w.Account.ID, notice.TaskSuspended{Task: notice.Task{TaskID: "t"}, Day: day}, w.Clock.Now())
			})
		}
		for day := range 60 {
			tell(day)
		}
		person := func(id string) (p app.SignedIn) {
			p.Account = w.Account
			w.Read(func(tx *store.Tx) error {
				all, err := tx.Members(w.Account.ID)
				for _, u := range all {
					if u.ID == id {
						p.User = u
					}
				}
				return err
			})
			return p
		}
		read := func(id string) app.Messages {
			m, err := w.App.Notices(t.Context(), person(id), app.Place{})
			w.Must(err)
			return m
		}
		pages := walkPages(t, func(at app.Place) ([]app.Message, app.Around) {
			m, err := w.App.Notices(t.Context(), person("sam"), at)
			w.Must(err)
			return m.Rows, m.Around
		}, func(m app.Message) string { return fmt.Sprint(m.Notice.(notice.TaskSuspended).Day) })
		if len(pages) != 2 || pages[0][0] != "59" || pages[1][9] != "0" {
			t.Errorf("pages %v", pages)
		}
		seen := read("sam")
		tell(60) // came while the page was open
		w.Must(w.App.ReadNotices(t.Context(), w.Viewer, seen.Rows[0].CreatedAt))
		if m := read("sam"); m.Unread != 1 || !m.Rows[0].Unread || m.Rows[1].Unread {
			t.Errorf("%d unread", m.Unread)
		}
		if m := read("li"); m.Unread != 61 {
			t.Errorf("another person has %d unread", m.Unread)
		}
		w.Must(w.App.ReadNotices(t.Context(), w.Viewer, w.Clock.Now().Add(time.Hour)))
		w.Must(w.App.ReadNotices(t.Context(), w.Viewer, testkit.Start)) // never goes back
		tell(61)
		if m := read("sam"); m.Unread != 1 {
			t.Errorf("%d unread: what is to come was marked as read", m.Unread)
		}
	})
}
