package app_test

import (
	"fmt"
	"testing"
	"time"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/testkit"
)

// strangerFails has a stranger fail with the buyer's e-mail address until it is limited.
func strangerFails(w *testkit.World) {
	w.Helper()
	for n := range app.SignInsPerEmail + 1 {
		if _, err := attempt(w, "wrong", fmt.Sprintf("198.51.100.%d", n)); err == nil {
			w.Fatal("signed in with a wrong password")
		}
	}
}

// device signs the buyer in and returns the device.
func device(w *testkit.World) app.Device {
	w.Helper()
	w.Must(w.App.SetPassword(w.Context(), w.Owner, w.Buyer.Email, password))
	r, err := attemptOn(w, app.Device{}, password, "192.0.2.1")
	w.Must(err)
	return r.Device
}

func TestAStrangerLocksNobodyOutOfAKnownDevice(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		d := device(w)
		strangerFails(w)
		if _, err := attemptOn(w, app.Device{}, password, "192.0.2.1"); fault.KindOf(err) != fault.TooMany {
			t.Errorf("on an unknown device: %v", err)
		}
		r, err := attemptOn(w, d, password, "192.0.2.1")
		if err != nil || r.Device.Secret != d.Secret {
			t.Fatalf("on the known device: %+v, %v", r, err)
		}
		if _, err := attempt(w, password, "192.0.2.1"); fault.KindOf(err) != fault.TooMany {
			t.Errorf("the sign-in on the device gave the stranger more attempts: %v", err)
		}
		w.Clock.Advance(app.DeviceKept - time.Millisecond)
		strangerFails(w)
		if _, err := attemptOn(w, r.Device, password, "192.0.2.1"); err != nil {
			t.Errorf("just under 90 days later: %v", err)
		}
	})
}

// A network address is shared with strangers where a proxy is not trusted.
func TestAKnownDeviceIsNotLimitedByItsAddress(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	d := device(w)
	for n := range app.SignInsPerAddress + 1 {
		_, err := w.App.SignIn(t.Context(), app.SignInInput{Email: fmt.Sprintf("u%d@acme.example", n), Password: "wrong", Address: "192.0.2.1"})
		if err == nil {
			t.Fatal("signed in as nobody")
		}
	}
	if _, err := attempt(w, password, "192.0.2.1"); fault.KindOf(err) != fault.TooMany {
		t.Fatalf("the address is not limited: %v", err)
	}
	if _, err := attemptOn(w, d, password, "192.0.2.1"); err != nil {
		t.Errorf("on the known device: %v", err)
	}
}

func TestGuessesOnAKnownDeviceAreLimited(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		d := device(w)
		for n := range app.SignInsPerEmail {
			if _, err := attemptOn(w, d, "wrong", fmt.Sprintf("192.0.2.%d", n)); fault.KindOf(err) != fault.Invalid {
				t.Fatalf("guess %d: %v", n+1, err)
			}
		}
		if _, err := attemptOn(w, d, password, "192.0.2.99"); fault.KindOf(err) != fault.TooMany {
			t.Errorf("after %d guesses: %v", app.SignInsPerEmail, err)
		}
		if _, err := attempt(w, password, "192.0.2.99"); err != nil {
			t.Errorf("a device that was stolen locks its owner out: %v", err)
		}
	})
}

func TestADeviceIsForOneUserOnePasswordAnd90Days(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	d := device(w)
	others, forged := d, d
	others.UserID, forged.Secret = w.Viewer.UserID, ""
	strangerFails(w)
	for what, d := range map[string]app.Device{"another user's": others, "one without a secret": forged} {
		if _, err := attemptOn(w, d, password, "192.0.2.1"); fault.KindOf(err) != fault.TooMany {
			t.Errorf("%s: %v", what, err)
		}
	}
	w.Clock.Advance(app.DeviceKept)
	strangerFails(w)
	if _, err := attemptOn(w, d, password, "192.0.2.1"); fault.KindOf(err) != fault.TooMany {
		t.Errorf("after 90 days: %v", err)
	}
	w.Clock.Advance(app.SignInWindow)
	d = device(w)
	w.Must(w.App.SetPassword(t.Context(), w.Owner, w.Buyer.Email, "another-orbit-fern"))
	strangerFails(w)
	if _, err := attemptOn(w, d, "another-orbit-fern", "192.0.2.1"); fault.KindOf(err) != fault.TooMany {
		t.Errorf("after a new password: %v", err)
	}
}

func TestRefusedSignInsAreToldOnce(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		d := device(w)
		strangerFails(w) // 10 wrong passwords, and one that was not looked at
		if _, err := attemptOn(w, d, "wrong", "192.0.2.1"); err == nil {
			t.Fatal("signed in with a wrong password")
		}
		_, err := w.App.SignIn(t.Context(), app.SignInInput{Email: w.Viewer.Email, Password: "wrong", Address: "192.0.2.1"})
		if err == nil {
			t.Fatal("signed in with a wrong password")
		}
		for _, want := range []int{app.SignInsPerEmail + 2, 0} {
			r, err := attemptOn(w, d, password, "192.0.2.1")
			if err != nil || r.Refused != want {
				t.Errorf("%d refused sign-ins are told of, want %d (%v)", r.Refused, want, err)
			}
		}
	})
}
