package web

import (
	"net/http"

	"perennial/internal/fault"
	"perennial/views"
)

// aYear is how long a browser keeps the theme, in seconds.
const aYear = 365 * 24 * 3600

// theme is the theme that the person chose: light, dark or "" for the system's.
func (c *call) theme() string {
	cookie, err := c.Cookie(c.server.sessions.themeCookie())
	if err != nil || !knownTheme(cookie.Value) {
		return ""
	}
	return cookie.Value
}

func knownTheme(name string) bool { return name == "light" || name == "dark" || name == "" }

// theme keeps the chosen theme in the browser and returns to the page.
func (s *server) theme(c *call) error {
	in, err := c.values("theme", "next")
	if err != nil {
		return err
	}
	name := in.Get("theme")
	if !knownTheme(name) {
		return fault.Field("theme", "A theme is light or dark.")
	}
	age := aYear
	if name == "" {
		age = -1
	}
	c.SetCookie(&http.Cookie{
		Name: s.sessions.themeCookie(), Value: name, Path: "/", MaxAge: age,
		Secure: s.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return c.see(safeNext(in.Get("next"), views.HomePath()))
}
