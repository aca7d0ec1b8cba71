package web

import "perennial/views"

// shortcuts lists the keys, as a page or for the dialog.
func (s *server) shortcuts(c *call) error {
	p := views.ShortcutsPage{KeysOff: c.person.Preference.KeysOff, Page: !c.part()}
	return c.show(page{title: "Keyboard shortcuts", body: views.Shortcuts(p)})
}
