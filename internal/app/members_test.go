package app_test

import (
	"bytes"
	"strings"
	"testing"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/testkit"
)

func TestANewPasswordEndsEverySession(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		id := signedIn(w)
		w.Must(w.App.SetPassword(w.Context(), w.Owner, w.Buyer.Email, "another-orbit-fern"))
		if _, err := w.App.Resume(w.Context(), id, true); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("a session of the old password works: %v", err)
		}
		if _, err := attempt(w, password, "192.0.2.1"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("the old password works: %v", err)
		}
		if _, err := attempt(w, "another-orbit-fern", "192.0.2.1"); err != nil {
			t.Errorf("the new password does not work: %v", err)
		}
	})
}

func TestARoleCountsFromTheNextRequest(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	id := signedIn(w)
	w.Must(w.App.SetRole(w.Context(), w.Owner, w.Buyer.Email, account.Viewer))
	person, err := w.App.Resume(w.Context(), id, true)
	if err != nil || person.Actor.Role != account.Viewer {
		t.Errorf("%+v, %v", person.Actor, err)
	}
	if err := w.App.SetRole(w.Context(), w.Owner, w.Buyer.Email, "admin"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a role that does not exist: %v", err)
	}
}

func TestADeletedUserIsSignedOut(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		id := signedIn(w)
		w.Must(w.App.DeleteMember(w.Context(), w.Owner, w.Buyer.Email))
		if _, err := w.App.Resume(w.Context(), id, true); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%v", err)
		}
		if err := w.App.DeleteMember(w.Context(), w.Owner, w.Buyer.Email); fault.KindOf(err) != fault.NotFound {
			t.Errorf("deleted twice: %v", err)
		}
	})
}

func TestAnEmailIsOneUser(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		_, err := w.App.CreateMember(w.Context(), w.Owner, app.MemberInput{Email: "New.One@acme.example", Role: account.Buyer, Password: password})
		w.Must(err)
		_, err = w.App.CreateMember(w.Context(), w.Owner, app.MemberInput{Email: "new.one@ACME.example", Role: account.Owner, Password: password})
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "already a user") {
			t.Errorf("%v", err)
		}
		u, err := w.App.FindMember(w.Context(), "NEW.ONE@acme.example")
		if err != nil || u.Role != account.Buyer || u.Name != "new.one" {
			t.Errorf("%+v, %v", u, err)
		}
	})
}

func TestMembersAreCheckedBeforeTheyAreMade(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	good := app.MemberInput{Email: "new.one@acme.example", Role: account.Buyer, Password: password}
	for what, spoil := range map[string]func(*app.MemberInput){
		"email":    func(in *app.MemberInput) { in.Email = "new.one" },
		"role":     func(in *app.MemberInput) { in.Role = "" },
		"name":     func(in *app.MemberInput) { in.Name = "two\nlines" },
		"password": func(in *app.MemberInput) { in.Password = "new.one@acme2026" },
	} {
		in := good
		spoil(&in)
		_, err := w.App.CreateMember(w.Context(), w.Owner, in)
		if f, ok := fault.Of(err); !ok || f.Fields[what] == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	// The account is the Acme Group.
	if err := w.App.SetPassword(w.Context(), w.Owner, w.Buyer.Email, "AcmeGroup2026!"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a password of the account's name: %v", err)
	}
	if _, err := w.App.CreateMember(w.Context(), app.Operator("other"), good); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a user of no account: %v", err)
	}
}

// Promise 21: no row of another account is ever shown or changed.
func TestMembersOfAnotherAccountDoNotExist(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		signedIn(w)
		other, err := w.App.CreateAccount(w.Context(), app.AccountInput{Name: "Other", Currency: "EUR", Zone: "UTC", Email: "x@other.example"})
		w.Must(err)
		stranger := app.Operator(other.ID)
		for what, err := range map[string]error{
			"password": w.App.SetPassword(w.Context(), stranger, w.Buyer.Email, "another-orbit-fern"),
			"role":     w.App.SetRole(w.Context(), stranger, w.Buyer.Email, account.Owner),
			"delete":   w.App.DeleteMember(w.Context(), stranger, w.Buyer.Email),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		if all, err := w.App.Members(w.Context(), stranger); err != nil || len(all) != 0 {
			t.Errorf("%v, %v", all, err)
		}
		if _, err := attempt(w, password, "192.0.2.1"); err != nil {
			t.Errorf("a stranger changed the password: %v", err)
		}
	})
}

func TestAccountsAreCheckedAndChanged(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		text := func(s string) *string { return &s }
		days := func(n int) *int { return &n }
		for what, change := range map[string]app.AccountChange{
			"name": {Name: text("")}, "zone": {Zone: text("Local")}, "email": {Email: text("nobody")},
			"days": {GraceDays: days(-1)}, "discount": {ContractRate: days(10_001)},
		} {
			_, err := w.App.ChangeAccount(w.Context(), w.Owner, change)
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", what, err)
			}
		}
		frozen := true
		_, err := w.App.ChangeAccount(w.Context(), w.Owner, app.AccountChange{ContractRate: days(1500), Frozen: &frozen, Zone: text("Europe/Berlin")})
		w.Must(err)
		c, err := w.App.FindAccount(w.Context(), "acme GROUP")
		if err != nil || c.ContractRate != 1500 || !c.Frozen || c.Zone.String() != "Europe/Berlin" || c.Name != w.Account.Name {
			t.Errorf("%+v, %v", c, err)
		}
		if c.PriceRevision != w.Account.PriceRevision+1 {
			t.Errorf("a new discount leaves quotes as they are: revision %d", c.PriceRevision)
		}
		if _, err := w.App.CreateAccount(w.Context(), app.AccountInput{ID: "acme", Name: "Acme", Currency: "USD", Zone: "UTC", Email: "a@b.example"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("an id twice: %v", err)
		}
		if _, err := w.App.CreateAccount(w.Context(), app.AccountInput{Name: "Acme", Currency: "XXX", Zone: "UTC", Email: "a@b.example"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a currency that does not exist: %v", err)
		}
	})
}

func TestFindAccountAsksWhichOne(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	if c, err := w.App.FindAccount(w.Context(), ""); err != nil || c.ID != "acme" {
		t.Errorf("the only account: %+v, %v", c, err)
	}
	_, err := w.App.CreateAccount(w.Context(), app.AccountInput{Name: "Acme Group", Currency: "EUR", Zone: "UTC", Email: "x@other.example"})
	w.Must(err)
	for text, kind := range map[string]fault.Kind{"": fault.Invalid, "Acme Group": fault.Invalid, "Nobody": fault.NotFound} {
		if _, err := w.App.FindAccount(w.Context(), text); fault.KindOf(err) != kind {
			t.Errorf("%q: %v", text, err)
		}
	}
	if c, err := w.App.FindAccount(w.Context(), "acme"); err != nil || c.Currency != "USD" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestSessionKeysAreMadeOnceForAllServers(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		first, err := w.App.SessionKeys(w.Context())
		if err != nil || len(first) != 2 || len(first[0]) != app.SessionKeyBytes || bytes.Equal(first[0], first[1]) {
			t.Fatalf("%x, %v", first, err)
		}
		second, err := w.Another("server-2").SessionKeys(w.Context())
		if err != nil || !bytes.Equal(first[0], second[0]) || !bytes.Equal(first[1], second[1]) {
			t.Errorf("another server has other keys: %v", err)
		}
	})
}

// Promise 20: every change has one audit row.
func TestChangesOfPeopleAreOnRecord(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	before := audits(w)
	w.Must(w.App.SetPassword(w.Context(), w.Owner, w.Buyer.Email, password))
	w.Must(w.App.SetRole(w.Context(), w.Owner, w.Buyer.Email, account.Viewer))
	w.Must(w.App.DeleteMember(w.Context(), w.Owner, w.Buyer.Email))
	if got := audits(w) - before; got != 3 {
		t.Errorf("3 changes, %d audit rows", got)
	}
}

func audits(w *testkit.World) (n int) {
	w.Helper()
	w.Must(w.Store.Handle().QueryRowContext(w.Context(), "SELECT COUNT(*) FROM audit").Scan(&n))
	return n
}
