package web

import (
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"

	"github.com/gorilla/sessions"

	"perennial/internal/app"
	"perennial/internal/fault"
)

// browserSessions is a gorilla session store whose sessions live in the
// database: the browser keeps an opaque id, signed and encrypted, and app knows
// who that is. The cookie's own age means nothing; the row decides.
type browserSessions struct {
	app     *app.App
	cookies *sessions.CookieStore // also keeps the messages that wait
	prefix  string                // of every cookie's name
}

// newBrowserSessions derives a signing and an encryption key from each secret.
func newBrowserSessions(a *app.App, secrets [][]byte, secure bool) (*browserSessions, error) {
	if len(secrets) == 0 {
		return nil, errors.New("web: there is no session key")
	}
	var pairs [][]byte
	for _, secret := range secrets {
		for _, use := range []string{"perennial cookie signature", "perennial cookie encryption"} {
			key, err := hkdf.Key(sha256.New, secret, nil, use, 32)
			if err != nil {
				return nil, fmt.Errorf("derive a session key: %w", err)
			}
			pairs = append(pairs, key)
		}
	}
	s := &browserSessions{app: a, cookies: sessions.NewCookieStore(pairs...)}
	s.cookies.MaxAge(0)
	s.cookies.Options = &sessions.Options{Path: "/", Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if secure {
		// The browser then takes the cookie from this host over TLS only.
		s.prefix = "__Host-"
	}
	return s, nil
}

func (s *browserSessions) sessionCookie() string { return s.prefix + "perennial" }
func (s *browserSessions) flashCookie() string   { return s.prefix + "perennial-flash" }
func (s *browserSessions) deviceCookie() string  { return s.prefix + "perennial-device" }
func (s *browserSessions) themeCookie() string   { return s.prefix + "perennial-theme" }

// Get returns the request's session.
func (s *browserSessions) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New reads the id from the cookie. A cookie that none of the keys made counts as
// no cookie.
func (s *browserSessions) New(r *http.Request, name string) (*sessions.Session, error) {
	session := sessions.NewSession(s, name)
	options := *s.cookies.Options
	session.Options, session.IsNew = &options, true
	cookie, err := r.Cookie(name)
	if err != nil {
		return session, nil
	}
	for _, codec := range s.cookies.Codecs {
		var id string
		if codec.Decode(name, cookie.Value, &id) == nil {
			session.ID, session.IsNew = id, false
			break
		}
	}
	return session, nil
}

// Save gives the id to the browser, or with a negative age ends the session on
// both sides.
func (s *browserSessions) Save(r *http.Request, w http.ResponseWriter, session *sessions.Session) error {
	if session.Options.MaxAge < 0 {
		http.SetCookie(w, sessions.NewCookie(session.Name(), "", session.Options))
		if session.ID == "" {
			return nil
		}
		return s.app.SignOut(r.Context(), session.ID)
	}
	value, err := s.cookies.Codecs[0].Encode(session.Name(), session.ID)
	if err != nil {
		return fmt.Errorf("sign the session: %w", err)
	}
	http.SetCookie(w, sessions.NewCookie(session.Name(), value, session.Options))
	return nil
}

// session is the session that the browser brought, or a new one.
func (c *call) session() (*sessions.Session, error) {
	return c.server.sessions.Get(c.Request(), c.server.sessions.sessionCookie())
}

// resumed finds the person behind the session.
func (s *server) resumed(next step) step {
	return func(c *call) error {
		if c.route.bare {
			return next(c)
		}
		session, err := c.session()
		if err != nil {
			return err
		}
		if session.ID == "" {
			return next(c)
		}
		use := c.route.handle != nil && !c.route.poll
		person, err := s.App.Resume(c.ctx(), session.ID, use)
		switch {
		case err == nil:
			person.Actor.RequestID = c.id
			c.person = person
		case fault.KindOf(err) == fault.Unauthenticated:
			c.ended = true
		default:
			return err
		}
		return next(c)
	}
}

// permitted lets through whoever has the role that the route needs.
func (s *server) permitted(next step) step {
	return func(c *call) error {
		needed := c.route.who
		switch {
		case needed == public:
			return next(c)
		case !c.signedIn():
			return fault.New(fault.Unauthenticated, "Sign in to go on.")
		case !c.person.User.Role.Covers(needed):
			return fault.New(fault.Forbidden, "Your role is %s. %s may do this.", c.person.User.Role, whoCan[needed])
		}
		return next(c)
	}
}
