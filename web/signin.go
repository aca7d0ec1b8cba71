package web

import (
	"net/http"
	"strconv"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/views"
	"perennial/views/ui"
)

// home leads to the Renewals page.
func (s *server) home(c *call) error { return c.see(views.HomePath()) }

// signInPage asks who somebody is.
func (s *server) signInPage(c *call) error {
	in, err := c.values("next")
	if err != nil {
		return err
	}
	next := safeNext(in.Get("next"), "")
	if c.signedIn() {
		return c.see(orHome(next))
	}
	return c.bare(http.StatusOK, "Sign in", views.SignIn(views.SignInPage{Next: next, Ended: c.ended}))
}

// signIn begins a session with a new id and goes on to where the person wanted to
// be. A wrong password costs what a right one costs.
func (s *server) signIn(c *call) error {
	in, err := c.values("email", "password", "next")
	if err != nil {
		return err
	}
	session, err := c.session()
	if err != nil {
		return err
	}
	next := safeNext(in.Get("next"), "")
	r, err := s.App.SignIn(c.ctx(), app.SignInInput{
		Email: in.Get("email"), Password: in.Get("password"), Address: c.RealIP(), Previous: session.ID, Device: c.device(),
	})
	f, refused := fault.Of(err)
	switch {
	case refused && (f.Kind == fault.Invalid || f.Kind == fault.TooMany):
		if f.RetryAfter > 0 {
			c.Response().Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
		}
		return c.bare(kinds[f.Kind].status, "Sign in",
			views.SignIn(views.SignInPage{Email: in.Get("email"), Next: next, Problem: f.Message}))
	case err != nil:
		return err
	}
	session.ID = r.SessionID
	if err := session.Save(c.Request(), c.Response()); err != nil {
		return err
	}
	c.keepDevice(r.Device)
	if r.Refused > 0 {
		c.flash(ui.Flash{Kind: ui.Warn, Text: refusedSignIns(r.Refused)})
	}
	return c.see(orHome(next))
}

// refusedSignIns says how many sign-ins were refused since the last one that was not.
func refusedSignIns(n int) string {
	if n == 1 {
		return "1 sign-in with your e-mail address was refused since you last signed in. If it was not yours, tell your administrator."
	}
	return ui.Count(n) + " sign-ins with your e-mail address were refused since you last signed in. If they were not yours, tell your administrator."
}

// clearedAtSignOut names what a browser deletes. It keeps its cookies: the theme and the
// known device outlive a session, and other cookies of the domain are not ours.
const clearedAtSignOut = `"cache", "storage"`

// signOut ends the session in the database and in the browser, and drops the messages that
// wait for the next page.
func (s *server) signOut(c *call) error {
	session, err := c.session()
	if err != nil {
		return err
	}
	session.Options.MaxAge = -1
	if err := session.Save(c.Request(), c.Response()); err != nil {
		return err
	}
	c.takeFlashes()
	c.Response().Header().Set("Clear-Site-Data", clearedAtSignOut)
	return c.see(views.SignInPath(""))
}

func orHome(next string) string {
	if next == "" {
		return views.HomePath()
	}
	return next
}
