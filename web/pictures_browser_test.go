package web_test

import (
	"flag"
	"testing"

	"github.com/chromedp/chromedp"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
	"perennial/views"
)

var update = flag.Bool("update", false, "take the pictures of pages anew")

func album() testkit.Album { return testkit.Album{Dir: "testdata/screens", Update: *update} }

// picture is a page as a person sees it first: where it is, on which screen, and
// what is done before it is taken.
type picture struct {
	name    string
	at      string            // an address; "" is the specimen page-NAME of the gallery
	screen  testkit.TabOption // on top of wide
	actions []chromedp.Action[chromedp.Void]
}

// wide is as much of a page as holds what matters; each picture is kept for ever.
var wide = testkit.Sized(1440, 720)

func click(on, until string) []chromedp.Action[chromedp.Void] {
	return []chromedp.Action[chromedp.Void]{chromedp.Click(on), chromedp.WaitVisible(until)}
}

// before are pages of the demonstration's estate on its first day.
func before() []picture {
	return []picture{
		{name: "overview", at: "/overview"},
		{name: "overview-dark", at: "/overview", screen: testkit.Dark},
		{name: "overview-phone", at: "/overview", screen: testkit.Phone},
		{name: "renewals", at: "/renewals"},
		{name: "renewals-dark", at: "/renewals", screen: testkit.Dark},
		{name: "renewals-phone", at: "/renewals", screen: testkit.Phone},
		{name: "renewals-filters", at: "/renewals?status=expiring&hide_unpaid=1", actions: click("#filter-status summary", "#status-expired")},
		{name: "renewals-columns", at: "/renewals?hide=region&hide=term", actions: click(`#results .menu:has([name="columns"]) summary`, `[name="columns"]`)},
		{name: "one-click", at: "/renewals?expires=30d", actions: click(`.head a.btn-primary`, `#dialog[open] #dialog-title`)},
	}
}

// after are pages of the task that renews a part of it, and specimens.
func after(task string) []picture {
	return []picture{
		{name: "review", at: task},
		{name: "review-dark", at: task, screen: testkit.Dark},
		{name: "review-phone", at: task, screen: testkit.Phone},
		{name: "review-blocked", at: task + "?list=blocked"},
		{name: "confirm", at: task, actions: click(`.rail a[aria-haspopup="dialog"]`, `#dialog[open] .btn-primary`)},
		{name: "confirm-phone", at: task, screen: testkit.Phone, actions: click(`.rail a[aria-haspopup="dialog"]`, `#dialog[open] .btn-primary`)},
		{name: "renewals-filtered-dark"}, // with compact rows
		{name: "task-ready-short"},
		{name: "task-running"},
		{name: "task-paused"},
		{name: "task-declined"},
		{name: "task-unknown"},
		{name: "task-receipt"},
		{name: "orders"},
		{name: "order-waits"},
		{name: "pay"},
		{name: "history"},
		{name: "wallet"},
		{name: "top-up"},
		{name: "coupons"},
		{name: "cards"},
		{name: "notifications"},
		{name: "outbox"},
		{name: "import-checked"},
		{name: "sign-in"},
	}
}

func TestPictures(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithDiscount(1500))
	w.AddEstate(2_000)
	w.Deposit(9_000_00)
	tab, address := visit(t, newConsole(t, w))
	var names []string
	take := func(all []picture) {
		for _, p := range all {
			tab.Become(wide)
			if p.screen != nil {
				tab.Become(wide, p.screen)
			}
			if p.at == "" {
				turnTo(tab, address+views.GalleryPath("page-"+p.name))
			} else {
				tab.Do(chromedp.Navigate(address+p.at), chromedp.WaitReady("#main"))
			}
			tab.Do(p.actions...)
			tab.Picture(album(), p.name)
			names = append(names, p.name)
		}
	}
	take(before())
	take(after(views.TaskPath(w.Prepare(renewal.Filter{Tab: renewal.Manual, Expires: renewal.Within30}).ID)))
	if strays, err := album().Strays(names); err != nil || len(strays) > 0 {
		t.Errorf("baselines of no picture: %q %v", strays, err)
	}
}

// A picture is worth keeping only if it is another one when something is amiss.
func TestPicturesShowASmallChange(t *testing.T) {
	tab, address := visit(t, newConsole(t, testkit.NewWorld(t, testkit.SQLite)), wide)
	for name, change := range map[string]string{
		"nothing":          `0`,
		"another line":     `document.body.style.setProperty("--line", "#d3d9e2")`,
		"another tint":     `document.body.style.setProperty("--warn-tint", "#fff6e4")`,
		"a shifted column": `document.querySelectorAll("tr").forEach(r => r.children[4].style.paddingInlineStart = "12px")`,
		"a taller row":     `document.querySelector("tbody td").style.blockSize = "54px"`,
		"a bolder name":    `document.querySelectorAll(".cell-head a").forEach(a => a.style.fontWeight = 600)`,
	} {
		turnTo(tab, address+views.GalleryPath("page-renewals"))
		before := tab.Seen()
		tab.Do(chromedp.Evaluate[chromedp.Void](change))
		share, _ := testkit.Compare(tab.Seen(), before)
		if caught := share > testkit.SameBrowser; caught != (name != "nothing") {
			t.Errorf("%s: %.3f%% of the picture differs", name, 100*share)
		}
	}
}
