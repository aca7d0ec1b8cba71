package app_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// What a person prefers comes with every session of theirs and with nobody else's,
// choice by choice, and goes with the person.
func TestPreferencesAreAPersonsOwn(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		sessions := map[string]string{}
		for n, who := range []app.Actor{w.Owner, w.Buyer, w.Viewer} {
			w.Must(w.App.SetPassword(w.Context(), w.Owner, who.Email, password))
			r, err := w.App.SignIn(w.Context(), app.SignInInput{Email: who.Email, Password: password, Address: fmt.Sprint("192.0.2.", n)})
			w.Must(err)
			sessions[who.UserID] = r.SessionID
		}
		holds := func(who app.Actor, want renewal.Preference) {
			t.Helper()
			person, err := w.App.Resume(w.Context(), sessions[who.UserID], false)
			w.Must(err)
			if !reflect.DeepEqual(person.Preference, want) {
				t.Errorf("%s prefers %+v, not %+v", who.Name, person.Preference, want)
			}
		}
		holds(w.Viewer, renewal.Preference{})
		w.Must(w.App.PreferSize(w.Context(), w.Viewer, 20))
		holds(w.Viewer, renewal.Preference{Size: 20})
		w.Must(w.App.PreferHidden(w.Context(), w.Viewer, []renewal.Column{renewal.ColumnFee, renewal.ColumnRegion, renewal.ColumnFee}))
		w.Must(w.App.PreferCompact(w.Context(), w.Viewer, true))
		w.Must(w.App.PreferSize(w.Context(), w.Viewer, 200))
		holds(w.Viewer, renewal.Preference{Compact: true, Size: 200, Hidden: []renewal.Column{renewal.ColumnRegion, renewal.ColumnFee}})
		for what, err := range map[string]error{
			"a size that is none":   w.App.PreferSize(w.Context(), w.Viewer, 51),
			"no size":               w.App.PreferSize(w.Context(), w.Viewer, 0),
			"a column that is none": w.App.PreferHidden(w.Context(), w.Viewer, []renewal.Column{renewal.ColumnTerm, "expires"}),
			"every column, as one":  w.App.PreferHidden(w.Context(), w.Viewer, []renewal.Column{renewal.NoColumn}),
		} {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", what, err)
			}
		}
		w.Must(w.App.PreferCompact(w.Context(), w.Viewer, false))
		w.Must(w.App.PreferHidden(w.Context(), w.Viewer, nil))
		holds(w.Viewer, renewal.Preference{Size: 200})
		w.Must(w.App.PreferCompact(w.Context(), w.Buyer, true))
		w.Must(w.App.PreferKeys(w.Context(), w.Buyer, true))
		holds(w.Buyer, renewal.Preference{Compact: true, KeysOff: true})
		holds(w.Owner, renewal.Preference{})

		gone := w.Viewer.UserID
		w.Must(w.Store.Write(w.Context(), func(tx *store.Tx) error { return tx.DeleteMember(w.Account.ID, gone) }))
		if left := lines(w, "SELECT member_id FROM preference"); !slices.Equal(left, []string{w.Buyer.UserID}) {
			t.Errorf("preferences of %q are left", left)
		}
	})
}

// A column that a later release does not have any more, and one that is kept twice,
// change nothing else.
func TestWhatIsKeptOfColumnsIsReadWithCare(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		id := signedIn(w)
		w.Must(w.Store.Write(w.Context(), func(tx *store.Tx) error {
			return tx.PreferHidden(w.Account.ID, w.Buyer.UserID, []renewal.Column{"gone", renewal.ColumnTerm, renewal.ColumnOrder, renewal.ColumnTerm})
		}))
		person, err := w.App.Resume(w.Context(), id, false)
		w.Must(err)
		if got := person.Preference.Hidden; !slices.Equal(got, []renewal.Column{renewal.ColumnOrder, renewal.ColumnTerm}) {
			t.Errorf("hidden are %q", got)
		}
		if err := w.Store.Write(w.Context(), func(tx *store.Tx) error { return tx.PreferSize(w.Account.ID, w.Buyer.UserID, 51) }); err == nil {
			t.Error("the database keeps a size that no page has")
		}
	})
}
