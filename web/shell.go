package web

import (
	"strings"

	"perennial/internal/account"
	"perennial/views"
	"perennial/views/ui"
)

// roleWords are the roles as people read them.
var roleWords = map[account.Role]string{account.Viewer: "Viewer", account.Buyer: "Buyer", account.Owner: "Owner"}

// shell puts together what stands around a page.
func (s *server) shell(c *call, p page) (views.Shell, error) {
	bar, err := s.App.Bar(c.ctx(), c.person)
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
		Zone:        strings.ReplaceAll(a.ZoneName, "_", " ") + " (" + ui.Offset(s.Clock.Now(), a.Zone) + ")",
		Active:      p.nav,
		NavBadge:    bar.Urgent,
		Balance:     bar.Balance,
		Unread:      bar.Unread,
		Chip:        chip(bar.Task, a),
		Flashes:     c.takeFlashes(),
		IsOwner:     u.Role.Covers(account.Owner),
		Refresh:     p.refresh,
	}, nil
}

// here is the page that the theme form returns to. The answer of a POST has no
// address of its own to return to.
func (c *call) here() string {
	if c.unsafe() {
		return views.HomePath()
	}
	return safeNext(c.Request().URL.RequestURI(), views.HomePath())
}
