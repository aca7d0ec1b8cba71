package views

import "net/url"

// The addresses of the console, one function each, so that no template and no
// handler puts a path together. Route patterns live in web and a test there
// compares the two.

// HomePath is where the product name leads and where a sign-in without "next" ends.
func HomePath() string { return "/renewals" }

// OverviewPath is how things stand.
func OverviewPath() string { return "/overview" }

// ForecastExportPath is what falls due by month, as CSV.
func ForecastExportPath() string { return "/overview/months.csv" }

// ServicesExportPath is what falls due by service, as CSV.
func ServicesExportPath() string { return "/overview/services.csv" }

// SignInPath is the sign-in page; next is the path to return to, or empty.
func SignInPath(next string) string {
	if next == "" {
		return "/sign-in"
	}
	return "/sign-in?next=" + url.QueryEscape(next)
}

// SignOutPath ends the session by POST.
func SignOutPath() string { return "/sign-out" }

// ThemePath sets the theme cookie by POST.
func ThemePath() string { return "/theme" }

// ChipPath answers the task chip as a part. It says what was last seen, so that
// the answer can bring a flash when the state has changed since.
func ChipPath(taskID, state string) string {
	if taskID == "" {
		return "/chip"
	}
	return "/chip?" + url.Values{"task": {taskID}, "state": {state}}.Encode()
}

// RenewalsPath is the Renewals page with its filters; nil has none.
func RenewalsPath(query url.Values) string { return with("/renewals", query) }

// RenewalsExportPath is the filtered list as CSV.
func RenewalsExportPath(query url.Values) string { return with("/renewals/export.csv", query) }

// RenewalsChoicesPath is the list once the choices of its filters are known.
func RenewalsChoicesPath(query url.Values) string { return with("/renewals/choices", query) }

// HorizonPath is how many of what matches expire on each day.
func HorizonPath(query url.Values) string { return with("/renewals/horizon", query) }

// HorizonExportPath is the horizon as CSV.
func HorizonExportPath(query url.Values) string { return with("/renewals/horizon.csv", query) }

// SavedViewsPath lists the views that a person keeps (GET), and keeps one (POST).
func SavedViewsPath() string { return "/renewals/views" }

// SavedViewPath changes or deletes, by POST, a view.
func SavedViewPath(id string) string { return SavedViewsPath() + "/" + url.PathEscape(id) }

// OneClickPath takes the One-Click Renew form by POST.
func OneClickPath() string { return "/renewals/one-click" }

// OneClickNewPath asks before a task is prepared; the filters are its scope.
func OneClickNewPath(query url.Values) string { return with("/renewals/one-click/new", query) }

// ShortcutsPath lists the keys.
func ShortcutsPath() string { return "/shortcuts" }

// PreferencesPath keeps, by POST, how a person wants the console.
func PreferencesPath() string { return "/preferences" }

// InstancePath is one instance with the renewals made of it here.
func InstancePath(id string) string { return "/instances/" + url.PathEscape(id) }

// TasksPath lists the renewal tasks, past and present.
func TasksPath() string { return "/tasks" }

// TaskPath is the one address of a task in every state.
func TaskPath(id string) string { return "/tasks/" + url.PathEscape(id) }

// TaskItemsPath lists the units of a task.
func TaskItemsPath(id string, query url.Values) string { return with(TaskPath(id)+"/items", query) }

// TaskExportPath is the list of units, and later the receipt, as CSV.
func TaskExportPath(id string) string { return TaskPath(id) + "/items.csv" }

// TaskConfirmPath asks before Renew Now (GET) and confirms (POST).
func TaskConfirmPath(id string) string { return TaskPath(id) + "/confirm" }

// TaskContinuePath resumes a suspended task by POST.
func TaskContinuePath(id string) string { return TaskPath(id) + "/continue" }

// TaskCancelPath cancels, stops or ends a task by POST.
func TaskCancelPath(id string) string { return TaskPath(id) + "/cancel" }

// TaskAgainPath prepares, by POST, a new task of exactly the units an ended one left.
func TaskAgainPath(id string) string { return TaskPath(id) + "/again" }

// WalletPath shows the balance and the ledger behind it.
func WalletPath(query url.Values) string { return with("/wallet", query) }

// TopUpPath asks for a top-up (GET) and makes it (POST). The query may carry
// the amount that is missing and the path to return to.
func TopUpPath(query url.Values) string { return with("/wallet/top-up", query) }

// NotificationsPath lists the messages of the account.
func NotificationsPath(query url.Values) string { return with("/notifications", query) }

// OutboxPath lists what was sent or would have been sent.
func OutboxPath(query url.Values) string { return with("/admin/outbox", query) }

// OutboxMailPath previews one mail.
func OutboxMailPath(id string) string { return "/admin/outbox/" + url.PathEscape(id) }

// OutboxRetryPath sends a dead mail again by POST.
func OutboxRetryPath(id string) string { return OutboxMailPath(id) + "/retry" }

// ImportPath takes the CSV files of instances and prices.
func ImportPath() string { return "/admin/import" }

// GalleryPath shows every component and page in every state, in demo and development only.
func GalleryPath(name string) string {
	if name == "" {
		return "/dev/gallery"
	}
	return "/dev/gallery/" + url.PathEscape(name)
}

func with(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// TaskLivePath answers what the page of a task asks for by itself: the page as it
// stands now. Asking is no use of the session.
func TaskLivePath(id string, query url.Values) string { return with(TaskPath(id)+"/live", query) }

// TopUpStatusPath says what became of a top-up.
func TopUpStatusPath(id string) string { return "/wallet/top-ups/" + url.PathEscape(id) }

// TopUpLivePath answers what the page of a top-up asks for by itself.
func TopUpLivePath(id string) string { return TopUpStatusPath(id) + "/live" }

// NotificationsReadPath marks messages as read by POST.
func NotificationsReadPath() string { return "/notifications/read" }

// OutboxHTMLPath shows a mail as a mail program does.
func OutboxHTMLPath(id string) string { return OutboxMailPath(id) + "/html" }

// ImportFilePath is one file that was sent (GET), and imports it (POST).
func ImportFilePath(id string) string { return ImportPath() + "/" + url.PathEscape(id) }

// ImportFileLivePath answers what the page of a file asks for by itself.
func ImportFileLivePath(id string) string { return ImportFilePath(id) + "/live" }

// OrdersPath lists the orders.
func OrdersPath(query url.Values) string { return with("/orders", query) }

// OrdersExportPath is the filtered list as CSV.
func OrdersExportPath(query url.Values) string { return with("/orders/export.csv", query) }

// OrdersPayPath plans the payment of several orders together (GET), and pays (POST).
func OrdersPayPath(query url.Values) string { return with("/orders/pay", query) }

// OrderPath is one order in whatever status it is.
func OrderPath(id string) string { return "/orders/" + url.PathEscape(id) }

// OrderLivePath answers what the page of an order asks for by itself.
func OrderLivePath(id string) string { return OrderPath(id) + "/live" }

// OrderPayPath plans the payment of one order (GET), and pays it (POST).
func OrderPayPath(id string) string { return OrderPath(id) + "/pay" }

// OrderCancelPath asks before an order is cancelled (GET), and cancels it (POST).
func OrderCancelPath(id string) string { return OrderPath(id) + "/cancel" }

// InstanceOrderPath orders, by POST, the renewal of an instance.
func InstanceOrderPath(id string) string { return InstancePath(id) + "/order" }

// HistoryPath lists every renewal that was made here.
func HistoryPath(query url.Values) string { return with("/history", query) }

// HistoryExportPath is the filtered history as CSV.
func HistoryExportPath(query url.Values) string { return with("/history/export.csv", query) }
