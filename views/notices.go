package views

import (
	"strconv"
	"time"

	"perennial/internal/notice"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// NoticesPage lists what the account was told.
type NoticesPage struct {
	Rows   []NoticeRow // newest first
	Unread int         // of all pages
	Newer  renewal.Cursor
	Older  renewal.Cursor
	Zone   *time.Location
}

// NoticeRow is one message.
type NoticeRow struct {
	ID     string
	At     time.Time
	Notice notice.Notice
	Unread bool
	Past   bool // what the message asks for is done
}

func (p NoticesPage) first() string {
	if p.Newer.IsZero() {
		return ""
	}
	return NotificationsPath(nil)
}

// upTo is the instant of the newest message on the page, in Unix milliseconds:
// what is marked as read is what was seen.
func (p NoticesPage) upTo() string {
	if len(p.Rows) == 0 {
		return ""
	}
	return strconv.FormatInt(p.Rows[0].At.UnixMilli(), 10)
}

// action says what the message asks for, while that can still be done.
func (r NoticeRow) action(w NoticeWords) string {
	if r.Past {
		return w.Past
	}
	return w.Action
}

// kind colours what is new; what was read or is past stays quiet.
func (r NoticeRow) kind(w NoticeWords) ui.Kind {
	if r.Unread && !r.Past {
		return w.Kind
	}
	return ui.Plain
}

// noticeIcon is the sign of what happened, whether it was read or not.
func noticeIcon(k ui.Kind) ui.IconName {
	switch k {
	case ui.OK:
		return ui.IconCheckCircle
	case ui.Warn:
		return ui.IconClock
	case ui.Bad:
		return ui.IconAlert
	}
	return ui.IconInfo
}
