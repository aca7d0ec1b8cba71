package web

import (
	"strconv"
	"time"

	"perennial/internal/fault"
	"perennial/views"
)

// notices lists what the account was told.
func (s *server) notices(c *call) error {
	at, err := c.place()
	if err != nil {
		return err
	}
	m, err := s.App.Notices(c.ctx(), c.person, at)
	if err != nil {
		return err
	}
	p := views.NoticesPage{Unread: m.Unread, Newer: m.Around.Newer, Older: m.Around.Older, Zone: c.account().Zone}
	for _, r := range m.Rows {
		p.Rows = append(p.Rows, views.NoticeRow{ID: r.ID, At: r.CreatedAt, Notice: r.Notice, Unread: r.Unread, Past: r.Past})
	}
	return c.show(page{title: "Notifications", nav: views.NavNotifications, body: views.Notices(p)})
}

// readNotices marks as read what the person has seen.
func (s *server) readNotices(c *call) error {
	in, err := c.values("up_to")
	if err != nil {
		return err
	}
	upTo, err := strconv.ParseInt(in.Get("up_to"), 10, 64)
	if err != nil {
		return fault.Field("up_to", "This form is incomplete. Open the page again.")
	}
	if err := s.App.ReadNotices(c.ctx(), c.actor(), time.UnixMilli(upTo)); err != nil {
		return err
	}
	return c.see(views.NotificationsPath(nil))
}
