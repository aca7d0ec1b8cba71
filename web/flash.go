package web

import (
	"encoding/json"

	"perennial/views/ui"
)

// flash keeps a message for the next page that this browser opens. It travels in
// a cookie of its own, signed and encrypted, so that any server can show it and
// none has to keep it. A message that cannot be kept is lost, and logged: what it
// tells of has happened already.
func (c *call) flash(f ui.Flash) {
	s := c.server.sessions
	session, err := s.cookies.Get(c.Request(), s.flashCookie())
	if err != nil && session == nil {
		c.server.Log.WarnContext(c.ctx(), "a message was lost", "error", err)
		return
	}
	text, err := json.Marshal(f)
	if err == nil {
		session.AddFlash(string(text))
		err = session.Save(c.Request(), c.Response())
	}
	if err != nil {
		c.server.Log.WarnContext(c.ctx(), "a message was lost", "error", err)
	}
}

// takeFlashes returns the messages that wait, and forgets them.
func (c *call) takeFlashes() []ui.Flash {
	s := c.server.sessions
	if _, err := c.Cookie(s.flashCookie()); err != nil {
		return nil
	}
	// A cookie that cannot be read holds no message; it is deleted all the same.
	session, _ := s.cookies.Get(c.Request(), s.flashCookie())
	if session == nil {
		return nil
	}
	var flashes []ui.Flash
	for _, kept := range session.Flashes() {
		var f ui.Flash
		if text, ok := kept.(string); ok && json.Unmarshal([]byte(text), &f) == nil {
			flashes = append(flashes, f)
		}
	}
	session.Options.MaxAge = -1
	if err := session.Save(c.Request(), c.Response()); err != nil {
		c.server.Log.WarnContext(c.ctx(), "a message will be shown again", "error", err)
	}
	return flashes
}
