package app_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

const password = "tangle-orbit-fern"

// attempt is a sign-in of the buyer from some address.
func attempt(w *testkit.World, with, from string) (string, error) {
	r, err := attemptOn(w, app.Device{}, with, from)
	return r.SessionID, err
}

// attemptOn is a sign-in of the buyer on a device.
func attemptOn(w *testkit.World, d app.Device, with, from string) (app.SignInResult, error) {
	return w.App.SignIn(w.Context(), app.SignInInput{Email: w.Buyer.Email, Password: with, Address: from, Device: d})
}

func signedIn(w *testkit.World) string {
	w.Helper()
	w.Must(w.App.SetPassword(w.Context(), w.Owner, w.Buyer.Email, password))
	id, err := attempt(w, password, "192.0.2.1")
	w.Must(err)
	return id
}

func TestSignInGivesANewIDThatTheDatabaseDoesNotKnow(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		first := signedIn(w)
		person, err := w.App.Resume(w.Context(), first, true)
		if err != nil || person.Actor.UserID != w.Buyer.UserID || person.Actor.Role != account.Buyer || person.Account.ID != w.Account.ID {
			t.Fatalf("%+v, %v", person, err)
		}
		r, err := w.App.SignIn(w.Context(), app.SignInInput{Email: " " + strings.ToUpper(w.Buyer.Email), Password: password,
			Address: "192.0.2.1", Previous: first})
		second := r.SessionID
		if err != nil || second == first || len(second) < 43 {
			t.Fatalf("%q after %q: %v", second, first, err)
		}
		if _, err := w.App.Resume(w.Context(), first, true); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("the session from before the sign-in still works: %v", err)
		}
		w.Read(func(tx *store.Tx) error {
			if _, err := tx.Session(second); !store.IsNone(err) {
				t.Errorf("the database finds a session by the id itself: %v", err)
			}
			return nil
		})
		w.Must(w.App.SignOut(w.Context(), second))
		if _, err := w.App.Resume(w.Context(), second, true); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("signed out and still in: %v", err)
		}
	})
}

func TestSignInDoesNotTellWhoIsKnown(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	signedIn(w)
	_, wrong := attempt(w, "tangle-orbit-fer", "192.0.2.1")
	for _, email := range []string{"nobody@acme.example", "no address", ""} {
		_, unknown := w.App.SignIn(w.Context(), app.SignInInput{Email: email, Password: password, Address: "192.0.2.1"})
		if wrong == nil || unknown == nil || wrong.Error() != unknown.Error() {
			t.Errorf("%q: %v; a wrong password: %v", email, unknown, wrong)
		}
	}
	if strings.Contains(w.Log.String(), password) || strings.Contains(w.Log.String(), "nobody@") {
		t.Errorf("the log has what was typed:\n%s", w.Log)
	}
}

func TestSessionEndsAfter30MinutesWithoutUse(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		id := signedIn(w)
		for range 3 {
			w.Clock.Advance(account.SessionIdle - time.Millisecond)
			if _, err := w.App.Resume(w.Context(), id, true); err != nil {
				t.Fatalf("a millisecond before the end: %v", err)
			}
		}
		w.Clock.Advance(account.SessionIdle)
		if _, err := w.App.Resume(w.Context(), id, true); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("after 30 minutes: %v", err)
		}
	})
}

func TestPollsDoNotKeepASessionAlive(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	id := signedIn(w)
	for range 29 {
		w.Clock.Advance(time.Minute)
		if _, err := w.App.Resume(w.Context(), id, false); err != nil {
			t.Fatal(err)
		}
	}
	w.Clock.Advance(time.Minute)
	if _, err := w.App.Resume(w.Context(), id, false); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("after 30 minutes of polls: %v", err)
	}
}

func TestSessionEndsAfter12HoursOfUse(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	id := signedIn(w)
	for left := account.SessionAbsolute - time.Millisecond; left > 0; left -= 20 * time.Minute {
		w.Clock.Advance(min(left, 20*time.Minute))
		if _, err := w.App.Resume(w.Context(), id, true); err != nil {
			t.Fatalf("with %s left: %v", left, err)
		}
	}
	w.Clock.Advance(time.Millisecond)
	if _, err := w.App.Resume(w.Context(), id, true); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("after 12 hours: %v", err)
	}
}

func TestUseIsWrittenAtMostOnceAMinute(t *testing.T) {
	faults := &testkit.Faults{}
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithStore(store.Wrap(faults.Wrap)))
	id := signedIn(w)
	written := 0
	faults.Arm(func(op testkit.Op) testkit.Fault {
		if strings.HasPrefix(op.SQL, "UPDATE session") && op.Kind == testkit.OpExec {
			written++
		}
		return testkit.Fault{}
	})
	for range 180 {
		w.Clock.Advance(time.Second)
		_, err := w.App.Resume(w.Context(), id, true)
		w.Must(err)
	}
	if written != 3 {
		t.Errorf("%d writes in 3 minutes of one request a second", written)
	}
}

func TestASessionWorksWhileNothingCanBeWritten(t *testing.T) {
	faults := &testkit.Faults{}
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithStore(store.Wrap(faults.Wrap)))
	id := signedIn(w)
	w.Clock.Advance(2 * time.Minute)
	faults.Arm(func(testkit.Op) testkit.Fault { return testkit.Fault{Err: errors.New("disk full")} })
	defer faults.Disarm()
	if _, err := w.App.Resume(w.Context(), id, true); err != nil {
		t.Errorf("a full disk signs people out: %v", err)
	}
}

func TestSweepDeletesWhatHasEnded(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		idle := signedIn(w)
		_, err := attempt(w, "wrong", "192.0.2.1")
		if err == nil {
			t.Fatal("signed in with a wrong password")
		}
		w.Clock.Advance(account.SessionIdle)
		alive, err := attempt(w, password, "192.0.2.7")
		w.Must(err)
		more, err := w.App.SweepSessions(w.Context())
		if more || err != nil {
			t.Fatalf("%t, %v", more, err)
		}
		if _, err := w.App.Resume(w.Context(), alive, true); err != nil {
			t.Errorf("the sweep ended a session: %v", err)
		}
		// A clock that jumps back would revive what is only marked as ended.
		w.Clock.Set(testkit.Start)
		if _, err := w.App.Resume(w.Context(), idle, true); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("an ended session was kept: %v", err)
		}
	})
}

func TestSignInIsLimitedForAnEmail(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Must(w.App.SetPassword(w.Context(), w.Owner, w.Buyer.Email, password))
		for n := range app.SignInsPerEmail {
			if _, err := attempt(w, "wrong", fmt.Sprintf("192.0.2.%d", n)); fault.KindOf(err) != fault.Invalid {
				t.Fatalf("attempt %d: %v", n+1, err)
			}
		}
		w.Clock.Advance(time.Minute)
		_, err := attempt(w, password, "198.51.100.1")
		f, ok := fault.Of(err)
		if !ok || f.Kind != fault.TooMany || f.RetryAfter != 14*60 || !strings.Contains(f.Message, "14 minutes") {
			t.Fatalf("after %d failures: %v", app.SignInsPerEmail, err)
		}
		// A second server knows of them too, and the others may come in.
		if _, err := w.Another("server-2").SignIn(w.Context(), app.SignInInput{Email: w.Buyer.Email, Password: password, Address: "198.51.100.2"}); fault.KindOf(err) != fault.TooMany {
			t.Errorf("another server lets in: %v", err)
		}
		w.Must(w.App.SetPassword(w.Context(), w.Owner, w.Viewer.Email, password))
		if _, err := w.App.SignIn(w.Context(), app.SignInInput{Email: w.Viewer.Email, Password: password, Address: "192.0.2.1"}); err != nil {
			t.Errorf("somebody else is locked out: %v", err)
		}
		w.Clock.Advance(14*time.Minute - time.Millisecond)
		if _, err := attempt(w, password, "198.51.100.1"); fault.KindOf(err) != fault.TooMany {
			t.Errorf("a millisecond early: %v", err)
		}
		w.Clock.Advance(time.Millisecond)
		if _, err := attempt(w, password, "198.51.100.1"); err != nil {
			t.Errorf("after 15 minutes: %v", err)
		}
	})
}

func TestSignInIsLimitedForAnAddress(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Must(w.App.SetPassword(w.Context(), w.Owner, w.Buyer.Email, password))
		from := func(address string, n int) error {
			_, err := w.App.SignIn(w.Context(), app.SignInInput{Email: fmt.Sprintf("u%d@acme.example", n), Password: "wrong", Address: address})
			return err
		}
		for n := range app.SignInsPerAddress {
			// Within one /64 every address is the same customer.
			if err := from(fmt.Sprintf("2001:db8:1:2::%x", n+1), n); fault.KindOf(err) != fault.Invalid {
				t.Fatalf("attempt %d: %v", n+1, err)
			}
		}
		if _, err := attempt(w, password, "2001:db8:1:2:ffff::1"); fault.KindOf(err) != fault.TooMany {
			t.Errorf("after %d failures: %v", app.SignInsPerAddress, err)
		}
		if _, err := attempt(w, password, "2001:db8:1:3::1"); err != nil {
			t.Errorf("another network is locked out: %v", err)
		}
	})
}

func TestSignInsThatSucceedAreNotCounted(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	signedIn(w)
	for n := range app.SignInsPerAddress + 5 {
		if _, err := attempt(w, password, "192.0.2.9"); err != nil {
			t.Fatalf("sign-in %d: %v", n+1, err)
		}
	}
}

func TestGuessesAtOnceAreCountedOneByOne(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		w.Must(w.App.SetPassword(w.Context(), w.Owner, w.Buyer.Email, password))
		var wrong, limited atomic.Int32
		var wait sync.WaitGroup
		start := make(chan struct{})
		for n := range 3 * app.SignInsPerEmail {
			wait.Go(func() {
				<-start
				_, err := attempt(w, "wrong", fmt.Sprintf("192.0.2.%d", n))
				switch fault.KindOf(err) {
				case fault.Invalid:
					wrong.Add(1)
				case fault.TooMany:
					limited.Add(1)
				default:
					t.Errorf("%v", err)
				}
			})
		}
		close(start)
		wait.Wait()
		if wrong.Load() != app.SignInsPerEmail || limited.Load() != 2*app.SignInsPerEmail {
			t.Errorf("%d guesses were looked at, %d were not; %d may be", wrong.Load(), limited.Load(), app.SignInsPerEmail)
		}
	})
}
