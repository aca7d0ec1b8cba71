package web

import (
	"strings"

	"perennial/internal/account"
	"perennial/internal/app"
	"perennial/views"
	"perennial/views/ui"
)

// roleWords are the roles as people read them.
var roleWords = map[account.Role]string{account.Viewer: "Viewer", account.Buyer: "Buyer", account.Owner: "Owner"}

// shell puts together what stands around a page.
func (s *server) shell(c *call, p page) (views.Shell, error) {
	bar, err := c.bar()
	if err != nil {
		return views.Shell{}, err
	}
	u, a := c.person.User, c.account()
	return views.Shell{
		Title:       p.title,
		AccountName: a.Name,
		UserName:    u.Name,
		UserEmail:   u.Email,
		Role:        roleWords[u.Role],
		Theme:       c.theme(),
		Path:        c.here(),
		Zone:        zoneWords(a.ZoneName, ui.Offset(s.Clock.Now(), a.Zone)),
		Active:      p.nav,
		Now:         barNow(bar, a),
		Flashes:     c.takeFlashes(),
		IsOwner:     u.Role.Covers(account.Owner),
		KeysOff:     c.person.Preference.KeysOff,
		Refresh:     p.refresh,
	}, nil
}

// barNow is what of the bar changes while a page is open.
func barNow(b app.Bar, a account.Account) views.Now {
	return views.Now{Chip: chip(b.Task, a, b.Balance, b.CreditLeft), Balance: b.Balance, Unread: b.Unread, Urgent: b.Urgent, ToSettle: b.ToSettle}
}

// here is the page that the theme form returns to. The answer of a POST has no
// address of its own to return to. What stands for a card in an address may be its
// number, by somebody's mistake, and is not written into a page.
func (c *call) here() string {
	if c.unsafe() {
		return views.HomePath()
	}
	at := c.at()
	if query := at.Query(); query.Has("token") {
		query.Del("token")
		at.RawQuery = query.Encode()
	}
	return safeNext(at.RequestURI(), views.HomePath())
}

// zoneWords are a zone and its offset, once where they are the same.
func zoneWords(name, offset string) string {
	if name == offset {
		return name
	}
	return strings.ReplaceAll(name, "_", " ") + " (" + offset + ")"
}
