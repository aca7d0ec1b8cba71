package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"perennial/internal/testkit"
	"perennial/views"
)

// screens are the two screens on which a page is checked for barriers.
var screens = []struct {
	name    string
	options []testkit.TabOption
}{
	{"light at 1440", []testkit.TabOption{testkit.Sized(1440, 900)}},
	{"dark at 390", []testkit.TabOption{testkit.Phone, testkit.Dark}},
}

// barriers checks the page that is open on both screens, each in its own theme
// whatever the page was asked for in.
func barriers(t *testing.T, tab *testkit.Tab, part, name string) {
	t.Helper()
	for _, screen := range screens {
		tab.Become(screen.options...)
		tab.Do(chromedp.Evaluate[chromedp.Void](`delete document.documentElement.dataset.theme`), chromedp.Evaluate[chromedp.Void](uncovered))
		for _, found := range tab.Barriers(part) {
			t.Errorf("%s, %s: %s", name, screen.name, found)
		}
	}
}

// uncovered takes away what an open menu lies over: axe measures the distance of a
// target to its neighbours, and counts as such what nobody can see or hit there.
const uncovered = `(() => {
	document.querySelectorAll("[style*=visibility]").forEach(e => e.style.removeProperty("visibility"));
	const menu = document.querySelector("details.menu[open]");
	if (!menu) return;
	for (const e of document.querySelectorAll("a, button, summary, input")) {
		const box = e.getBoundingClientRect();
		const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
		if (menu.contains(top) && !menu.contains(e)) e.style.visibility = "hidden";
	}
})()`

// turnTo puts the body of another page of the console into the one that is open.
// Their heads are the same, so what is seen is the same, but nothing on it polls. It
// spares a browser that has hundreds of pages to look at most of its work.
func turnTo(tab *testkit.Tab, address string) {
	testkit.Get(tab, chromedp.Evaluate[any](fmt.Sprintf(`fetch(%q).then(answer => answer.text()).then(text => {
		const page = new DOMParser().parseFromString(text, "text/html");
		document.title = page.title;
		document.documentElement.dataset.theme = page.documentElement.dataset.theme ?? "";
		document.body.replaceWith(page.body);
		scrollTo(0, 0);
		document.querySelector("[autofocus]")?.focus();
		return document.fonts.ready.then(() => 0);
	})`, address), chromedp.EvalAwaitPromise))
}

// Every specimen is free of barriers, fits a small screen, and bears text of twice
// the size.
func TestEverySpecimenInABrowser(t *testing.T) {
	for _, half := range []string{"even", "odd"} { // each in a process of the browser's, at once
		t.Run(half, func(t *testing.T) {
			t.Parallel()
			tab, address := visit(t, newConsole(t, testkit.NewWorld(t, testkit.SQLite)))
			for n, s := range views.Gallery() {
				if (n%2 == 0) == (half == "even") {
					turnTo(tab, address+views.GalleryPath(s.Name))
					look(t, tab, s)
				}
			}
		})
	}
}

func look(t *testing.T, tab *testkit.Tab, s views.Specimen) {
	t.Helper()
	if !s.Page {
		barriers(t, tab, "#main", s.Name) // what stands around it is not the page it is made for
		return
	}
	if !strings.HasPrefix(s.Name, "shell") {
		// The navigation is looked at in specimens of its own and on every route.
		// Without it a page takes a third less time.
		tab.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector(".nav")?.remove()`))
	}
	barriers(t, tab, "html", s.Name)
	tab.Become(testkit.Sized(320, 640))
	if found := testkit.Get(tab, chromedp.Evaluate[string](misfits)); found != "" {
		t.Errorf("%s: %s", s.Name, found)
	}
	tab.Become(testkit.LargeText)
	if found := testkit.Get(tab, chromedp.Evaluate[[]string](cut)); len(found) > 0 {
		t.Errorf("%s, text of twice the size: %s", s.Name, strings.Join(found, "\n    "))
	}
}

// cut lists words that are cut off at the side, or that stick out of what they
// stand in. What scrolls or is clipped on purpose is left out.
const cut = `(() => {
	const found = [];
	const page = document.documentElement;
	if (page.scrollWidth > page.clientWidth) found.push("the page is " + page.scrollWidth + " wide");
	for (const e of document.querySelectorAll("body *")) {
		if (e.matches(".sr-only, .skip, .clip, .scrollport, svg, svg *, select, input, option, progress") || !e.checkVisibility() || !e.textContent.trim()) continue;
		const style = getComputedStyle(e);
		if (style.display === "inline" || style.display === "contents" || style.overflowX === "auto") continue;
		if (e.closest(".sr-only") || [...e.childNodes].every(n => n.nodeType !== 3 || !n.data.trim())) continue;
		if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0) found.push((e.className || e.tagName) + " “" + e.textContent.trim().slice(0, 60) + "” is " + e.scrollWidth + " in " + e.clientWidth);
	}
	return found;
})()`

// Every address of the route table, in a console that has been in use: no page
// complains, shows a fault or has a barrier.
func TestEveryRouteInABrowser(t *testing.T) {
	c, addresses := lived(t)
	tab, address := visitAs(t, c, c.Owner)
	still := tab.Sibling()
	still.Do(chromedp.Navigate(address + "/tasks"))
	for _, at := range addresses {
		tab.Do(chromedp.Navigate(address+at), chromedp.WaitReady("body"))
		if says := testkit.Get(tab, chromedp.Evaluate[string](`document.querySelector(".fault")?.innerText ?? ""`)); says != "" {
			t.Errorf("%s: %s", at, says)
		}
		if strings.HasSuffix(at, "/html") {
			continue // a mail alone in its sandbox, which has a sheet of its own
		}
		turnTo(still, address+at)
		barriers(t, still, "html", at)
	}
}

// What opens over a page is checked open: dialogs, menus one by one, and the filters
// of a phone.
func TestWhatOpensHasNoBarrier(t *testing.T) {
	c := some(t)
	order := c.signedIn(t, c.Buyer).order("expired")
	tab, address := visit(t, c)
	open := func(at, click, until string) {
		tab.Become()
		tab.Do(chromedp.Navigate(address+at), chromedp.Click(click), chromedp.WaitVisible(until))
		barriers(t, tab, "html", at+" after "+click)
	}
	open("/renewals", ".head a.btn-primary", "#dialog[open] #dialog-title")
	tab.Become()
	tab.Do(chromedp.Navigate(address+"/renewals"), chromedp.WaitReady("#results"), chromedp.KeyEvent("?"), chromedp.WaitVisible("#dialog[open] .keys"))
	barriers(t, tab, "html", "the keys")

	tab.Become()
	tab.Do(chromedp.Navigate(address+"/renewals"), chromedp.WaitReady("#results"))
	menus := testkit.Get(tab, chromedp.Evaluate[int](`document.querySelectorAll("details.menu").length`))
	for n := range menus {
		name := testkit.Get(tab, chromedp.Evaluate[string](fmt.Sprintf(`(() => {
			const menus = document.querySelectorAll("details.menu");
			menus.forEach((m, i) => m.open = i === %d);
			return menus[%d].querySelector("summary").textContent.trim();
		})()`, n, n)))
		barriers(t, tab, "details.menu[open]", "the menu "+name)
	}
	if menus < 8 {
		t.Errorf("there are %d menus", menus)
	}

	tab.Become(testkit.Phone, testkit.Dark)
	tab.Do(chromedp.Navigate(address+"/renewals"), chromedp.Click(".filter-open"), chromedp.WaitVisible("#filter-sheet"),
		chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("#filter-sheet details").forEach(m => m.open = true)`))
	for _, found := range tab.Barriers("html") {
		t.Errorf("the filters of a phone: %s", found)
	}

	open(order, `a[href$="/cancel"]`, "#dialog[open] #dialog-title")
	open(views.TaskPath(c.Prepare(testkit.Everything).ID), `.rail a[aria-haspopup="dialog"]`, "#dialog[open] #dialog-title")
}
