package web_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
	"perennial/views"
)

// The budgets of a page, in bytes on the wire, in elements and in requests.
const (
	pageBytes, pageNodes    = 14 << 10, 2_500
	viewBytes, viewRequests = 110 << 10, 7
)

// estate is a console with the demonstration's instances, which repeat themselves as
// little as real ones do, and a task that waits for its confirmation.
func estate(t *testing.T) (c *console, task renewal.Task) {
	t.Helper()
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithDiscount(1500))
	w.AddEstate(3_000)
	w.Deposit(9_000_00)
	return newConsole(t, w), w.Prepare(renewal.Filter{Tab: renewal.Manual, Expires: renewal.Within30})
}

// Fifty rows stay within the budget, filters and shell included, on every list.
func TestFiftyRowsStayWithinTheBudget(t *testing.T) {
	c, task := estate(t)
	b := c.signedIn(t, c.Owner)
	measure := func(path string) {
		t.Helper()
		packed, doc := b.get(path, header("Accept-Encoding", "gzip")), document(t, b.get(path))
		if packed.Header().Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not packed", path)
		}
		rows, nodes := len(listed(doc)), doc.Find("*").Length()
		t.Logf("%s: %d rows, %d bytes, %d nodes", path, rows, packed.Body.Len(), nodes)
		if rows != 50 || packed.Body.Len() > pageBytes || nodes > pageNodes {
			t.Errorf("%s: %d rows are %d bytes packed and %d nodes", path, rows, packed.Body.Len(), nodes)
		}
	}
	for _, path := range []string{"/renewals", "/renewals?expires=30d&hide_unpaid=1", "/renewals?status=expired&status=expiring&late=1&sort=-fee",
		"/renewals?tab=auto", views.TaskPath(task.ID), views.TaskItemsPath(task.ID, nil)} {
		measure(path)
	}
	c.Confirm(task.ID)
	for _, path := range []string{views.TaskPath(task.ID), "/orders", "/history"} {
		measure(path)
	}
}

// counted counts what a server answers.
type counted struct {
	http.Handler
	mu       sync.Mutex
	requests []string
	bytes    int
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := &tally{ResponseWriter: w}
	c.Handler.ServeHTTP(n, r)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests, c.bytes = append(c.requests, r.URL.Path), c.bytes+n.bytes
}

type tally struct {
	http.ResponseWriter
	bytes int
}

func (c *tally) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.bytes += n
	return n, err
}

// The first view of the list in a browser that has nothing yet.
func TestTheFirstViewStaysWithinTheBudget(t *testing.T) {
	c, _ := estate(t)
	wire := &counted{}
	address := serve(t, c, func(h http.Handler) http.Handler { wire.Handler = h; return wire })
	c.Must(c.App.SetPassword(c.Context(), c.Owner, c.Owner.Email, password))
	tab := testkit.Browser(t)
	signIn(tab, address, c.Owner)
	tab.Do(chromedp.Navigate("about:blank"))
	wire.requests, wire.bytes = nil, 0
	_, err := chromedp.Call(tab, network.ClearBrowserCache, cdp.Empty{})
	c.Must(err)
	tab.Do(chromedp.Navigate(address+"/renewals"), chromedp.WaitReady("#results"))
	tab.Seen()
	wire.mu.Lock()
	defer wire.mu.Unlock()
	t.Logf("%d bytes in %d requests", wire.bytes, len(wire.requests))
	if wire.bytes > viewBytes || len(wire.requests) > viewRequests {
		t.Errorf("%d bytes in %d requests: %q", wire.bytes, len(wire.requests), wire.requests)
	}
	if len(wire.requests) < 5 || wire.bytes < pageBytes {
		t.Errorf("too little was counted: %d bytes of %q", wire.bytes, wire.requests)
	}
}
