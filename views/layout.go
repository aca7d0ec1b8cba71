// Package views writes the pages. A page is a templ component with one input
// struct, filled by web; the same component serves as the whole body of a page
// and as the part that an htmx request swaps. Views know the vocabulary and
// nothing of HTTP, SQL or the clock.
package views

import (
	"strconv"

	"perennial/internal/money"
	"perennial/views/ui"
)

// htmxConfig is what htmx reads from its meta element: parts are morphed, a
// request waits 20 s, no extension may load, and a server error never replaces
// what is on the page.
const htmxConfig = `{"defaultSwap":"outerMorph","defaultTimeout":20000,"extensions":"none","noSwap":[204,304,"5xx"]}`

// NavKey names an entry of the navigation.
type NavKey string

// The entries of the navigation: the pages that exist.
const (
	NavOverview      NavKey = "overview"
	NavRenewals      NavKey = "renewals"
	NavTasks         NavKey = "tasks"
	NavWallet        NavKey = "wallet"
	NavCoupons       NavKey = "coupons"
	NavOrders        NavKey = "orders"
	NavHistory       NavKey = "history"
	NavCards         NavKey = "cards"
	NavNotifications NavKey = "notifications"
	NavImport        NavKey = "import"
	NavOutbox        NavKey = "outbox"
	NavReconcile     NavKey = "reconcile"
)

// Shell is what every page of a signed-in person shows around its body.
type Shell struct {
	Title       string // of the page, without the product's name
	AccountName string
	UserName    string
	UserEmail   string
	Role        string // in words: Viewer, Buyer, Owner
	Theme       string // "light", "dark" or "" for what the system has
	Path        string // of this page with its query, where the theme form returns
	Zone        string // the billing zone in words: Asia/Shanghai (UTC+8)
	Active      NavKey
	Now         Now
	Flashes     []ui.Flash
	IsOwner     bool
	KeysOff     bool // keys of one character do nothing
	Refresh     Refresh
}

// Refresh has a browser without scripts ask again, for pages of what is at work.
type Refresh struct {
	After int    // in seconds; 0: never
	Live  string // the address that counts as no use of the session, as scripts ask it
}

func (r Refresh) content() string { return strconv.Itoa(r.After) + ";url=" + r.Live }

// Now is what of the bar and the navigation changes while a page is open.
type Now struct {
	Chip    Chip
	Balance money.Amount
	Unread  int
	// ToSettle counts payments about which the card gateway and our records differ.
	ToSettle int
	Urgent   int // instances expired or expiring within 7 days
}

// unread is as much of a count as fits beside the bell; the navigation has all of it.
func (n Now) unread() string {
	if n.Unread > 99 {
		return "99+"
	}
	return ui.Count(n.Unread)
}

// navPlaces are where the navigation stands: beside the page, and in the bar's
// menu on a phone.
var navPlaces = []string{"side", "menu"}

// counts are the counts in the navigation. They stand there also while they are
// nothing, so that they can become something.
func (n Now) counts() []navCount {
	return []navCount{
		{NavRenewals, n.Urgent, "expired or expiring within 7 days"},
		{NavNotifications, n.Unread, "unread"},
	}
}

type navCount struct {
	key   NavKey
	units int
	what  string // for screen readers
}

func (c navCount) id(place string) string { return place + "-count-" + string(c.key) }

// Chip is the task in the bar: the way back to it from every page. The zero
// Chip is hidden and still polls, so that a task started elsewhere appears.
type Chip struct {
	ID     string
	State  string // the task's state code
	Label  string // what it is, "Task ready"
	Detail string // what is known besides, "confirm by 2026-11-25"; a phone leaves it out
	Href   string
}

// icon is the sign of the task's state.
func (c Chip) icon() ui.IconName {
	switch c.State {
	case "suspended":
		return ui.IconPaused
	case "running":
		return ui.IconRunning
	case "ready":
		return ui.IconClock
	}
	return ui.IconHourglass
}

// href leads to the task, or to the list while there is none.
func (c Chip) href() string {
	if c.Href != "" {
		return c.Href
	}
	return TasksPath()
}

// label is what the chip says; hidden, it still has a name.
func (c Chip) label() string {
	if c.Label != "" {
		return c.Label
	}
	return "No open task"
}

// Frame is a page that has no shell: sign-in, and errors of somebody not signed in.
type Frame struct {
	Title string
	Theme string
}

// ErrorPage is what a person sees instead of a page.
type ErrorPage struct {
	Status      int
	Title       string
	Message     string
	RemedyLabel string // with RemedyHref, the way out; empty: none
	RemedyHref  string
	Reference   string // of the log entry, for errors that are ours
}

type navEntry struct {
	key   NavKey
	icon  ui.IconName
	label string
	href  string
}

type navGroup struct {
	title   string
	entries []navEntry
}

// navigation lists the pages that this person may open.
func (s Shell) navigation() []navGroup {
	groups := []navGroup{
		{"Renew", []navEntry{
			{NavOverview, ui.IconOverview, "Overview", OverviewPath()},
			{NavRenewals, ui.IconRenewals, "Renewals", RenewalsPath(nil)},
			{NavTasks, ui.IconTasks, "Renewal tasks", TasksPath()},
		}},
		{"Money", []navEntry{
			{NavWallet, ui.IconWallet, "Wallet", WalletPath(nil)},
			{NavCoupons, ui.IconCoupon, "Coupons", CouponsPath()},
			{NavCards, ui.IconCard, "Cards", CardsPath()},
			{NavOrders, ui.IconReceipt, "Orders", OrdersPath(nil)},
		}},
		{"Activity", []navEntry{
			{NavNotifications, ui.IconBell, "Notifications", NotificationsPath(nil)},
			{NavHistory, ui.IconHistory, "History", HistoryPath(nil)},
		}},
	}
	if s.IsOwner {
		groups = append(groups, navGroup{"Administration", []navEntry{
			{NavImport, ui.IconImport, "Import", ImportPath()},
			{NavOutbox, ui.IconMail, "Outbox", OutboxPath(nil)},
		}})
	}
	if s.IsOwner && (s.Now.ToSettle > 0 || s.Active == NavReconcile) {
		last := &groups[len(groups)-1]
		last.entries = append(last.entries, navEntry{NavReconcile, ui.IconReceipt, "Reconciliation", ReconcilePath()})
	}
	return groups
}
