package web

import (
	"net/http"

	"perennial/internal/account"
)

// public is the role of a route that nobody needs to sign in for.
const public account.Role = ""

// route is one line of the table: what is answered, by whom, and who may ask.
type route struct {
	method string
	path   string // as Echo has it: /tasks/:id
	who    account.Role
	handle func(*server, *call) error
	// poll marks a request that pages make by themselves: it is no use of the
	// session and does not keep it alive.
	poll bool
	// bare marks an address that is answered without looking at the session.
	bare bool
	// probe marks an address that machines ask, by whatever name or number.
	probe bool
	// body is the most bytes that a request may bring; 0 is formBytes.
	body int64
}

// table is every address of the console and the role that it needs. It is the
// only place where a role is asked for.
func table() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{method: get, path: "/", who: public, handle: (*server).home},
		{method: get, path: "/sign-in", who: public, handle: (*server).signInPage},
		{method: post, path: "/sign-in", who: public, handle: (*server).signIn},
		{method: post, path: "/sign-out", who: public, handle: (*server).signOut},
		{method: post, path: "/theme", who: public, handle: (*server).theme},

		{method: get, path: "/chip", who: account.Viewer, handle: (*server).chipPart, poll: true},

		{method: get, path: "/overview", who: account.Viewer, handle: (*server).overview},
		{method: get, path: "/overview/months.csv", who: account.Viewer, handle: (*server).monthsFile},
		{method: get, path: "/overview/services.csv", who: account.Viewer, handle: (*server).servicesFile},
		{method: get, path: "/renewals", who: account.Viewer, handle: (*server).renewals},
		{method: get, path: "/renewals/export.csv", who: account.Viewer, handle: (*server).exportRenewals},
		{method: get, path: "/renewals/choices", who: account.Viewer, handle: (*server).renewalsChoices},
		{method: get, path: "/renewals/horizon", who: account.Viewer, handle: (*server).horizon},
		{method: get, path: "/renewals/horizon.csv", who: account.Viewer, handle: (*server).horizonFile},
		{method: get, path: "/renewals/views", who: account.Viewer, handle: (*server).savedViews},
		{method: post, path: "/renewals/views", who: account.Viewer, handle: (*server).saveView},
		{method: post, path: "/renewals/views/:id", who: account.Viewer, handle: (*server).changeView},
		{method: get, path: "/renewals/one-click/new", who: account.Buyer, handle: (*server).askOneClick},
		{method: post, path: "/renewals/one-click", who: account.Buyer, handle: (*server).startOneClick},
		{method: get, path: "/shortcuts", who: account.Viewer, handle: (*server).shortcuts},
		{method: post, path: "/preferences", who: account.Viewer, handle: (*server).prefer},
		{method: get, path: "/instances/:id", who: account.Viewer, handle: (*server).instance},

		{method: post, path: "/instances/:id/order", who: account.Buyer, handle: (*server).placeOrder},

		{method: get, path: "/orders", who: account.Viewer, handle: (*server).orders},
		{method: get, path: "/orders/export.csv", who: account.Viewer, handle: (*server).exportOrders},
		{method: get, path: "/orders/pay", who: account.Buyer, handle: (*server).askPayOrders},
		{method: post, path: "/orders/pay", who: account.Buyer, handle: (*server).payOrders},
		{method: get, path: "/orders/:id", who: account.Viewer, handle: (*server).order},
		{method: get, path: "/orders/:id/live", who: account.Viewer, handle: (*server).order, poll: true},
		{method: get, path: "/orders/:id/pay", who: account.Buyer, handle: (*server).askPayOrder},
		{method: post, path: "/orders/:id/pay", who: account.Buyer, handle: (*server).payOrder},
		{method: get, path: "/orders/:id/cancel", who: account.Buyer, handle: (*server).askCancelOrder},
		{method: post, path: "/orders/:id/cancel", who: account.Buyer, handle: (*server).cancelOrder},
		{method: get, path: "/history", who: account.Viewer, handle: (*server).history},
		{method: get, path: "/history/export.csv", who: account.Viewer, handle: (*server).exportHistory},

		{method: get, path: "/tasks", who: account.Viewer, handle: (*server).tasks},
		{method: get, path: "/tasks/:id", who: account.Viewer, handle: (*server).task},
		{method: get, path: "/tasks/:id/live", who: account.Viewer, handle: (*server).task, poll: true},
		{method: get, path: "/tasks/:id/items", who: account.Viewer, handle: (*server).task},
		{method: get, path: "/tasks/:id/items.csv", who: account.Viewer, handle: (*server).taskFile},
		{method: get, path: "/tasks/:id/confirm", who: account.Buyer, handle: (*server).askConfirm},
		{method: post, path: "/tasks/:id/confirm", who: account.Buyer, handle: (*server).confirm},
		{method: post, path: "/tasks/:id/continue", who: account.Buyer, handle: (*server).resume},
		{method: post, path: "/tasks/:id/cancel", who: account.Buyer, handle: (*server).cancel},
		{method: post, path: "/tasks/:id/again", who: account.Buyer, handle: (*server).again},

		{method: get, path: "/wallet", who: account.Viewer, handle: (*server).wallet},
		{method: get, path: "/wallet/top-up", who: account.Buyer, handle: (*server).askTopUp},
		{method: post, path: "/wallet/top-up", who: account.Buyer, handle: (*server).topUp},
		{method: get, path: "/wallet/top-ups/:id", who: account.Viewer, handle: (*server).topUpStatus},
		{method: get, path: "/wallet/top-ups/:id/live", who: account.Viewer, handle: (*server).topUpStatus, poll: true},
		{method: get, path: "/wallet/ledger.csv", who: account.Viewer, handle: (*server).ledgerFile},
		{method: post, path: "/wallet/mark", who: account.Buyer, handle: (*server).setLowMark},
		{method: post, path: "/wallet/repay", who: account.Buyer, handle: (*server).repayCredit},
		{method: get, path: "/wallet/coupons", who: account.Viewer, handle: (*server).coupons},
		{method: get, path: "/wallet/coupons/:id", who: account.Viewer, handle: (*server).coupon},
		{method: get, path: "/wallet/cards", who: account.Viewer, handle: (*server).cards},
		{method: post, path: "/wallet/cards", who: account.Buyer, handle: (*server).addCard},
		{method: post, path: "/wallet/cards/enter", who: account.Buyer, handle: (*server).enterCard},
		{method: get, path: "/wallet/cards/new", who: account.Buyer, handle: (*server).newCard},
		{method: post, path: "/wallet/cards/preferred", who: account.Buyer, handle: (*server).preferCard},
		{method: post, path: "/wallet/cards/:id/remove", who: account.Buyer, handle: (*server).removeCard},

		{method: get, path: "/notifications", who: account.Viewer, handle: (*server).notices},
		{method: post, path: "/notifications/read", who: account.Viewer, handle: (*server).readNotices},
		{method: get, path: "/admin/outbox", who: account.Owner, handle: (*server).outbox},
		{method: get, path: "/admin/outbox/:id", who: account.Owner, handle: (*server).outboxMail},
		{method: get, path: "/admin/outbox/:id/html", who: account.Owner, handle: (*server).outboxHTML},
		{method: post, path: "/admin/outbox/:id/retry", who: account.Owner, handle: (*server).retryMail},

		{method: get, path: "/admin/reconcile", who: account.Owner, handle: (*server).reconcile},
		{method: post, path: "/admin/reconcile/:id", who: account.Owner, handle: (*server).settlePayment},

		{method: get, path: "/admin/import", who: account.Owner, handle: (*server).imports},
		{method: post, path: "/admin/import", who: account.Owner, handle: (*server).sendImport, body: uploadBytes},
		{method: get, path: "/admin/import/:id", who: account.Owner, handle: (*server).importFile},
		{method: get, path: "/admin/import/:id/live", who: account.Owner, handle: (*server).importFile, poll: true},
		{method: post, path: "/admin/import/:id", who: account.Owner, handle: (*server).applyImport},

		{method: get, path: "/dev/gallery", who: account.Viewer, handle: (*server).gallery},
		{method: get, path: "/dev/gallery/:name", who: account.Viewer, handle: (*server).gallery},

		{method: get, path: "/static/*", who: public, handle: (*server).static, bare: true},
		{method: get, path: "/healthz", who: public, handle: (*server).healthz, bare: true, probe: true},
		{method: get, path: "/readyz", who: public, handle: (*server).readyz, bare: true, probe: true},
	}
}
