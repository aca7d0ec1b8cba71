package web_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"perennial/internal/testkit"
	"perennial/views"
)

// misfits lists what a page does to a small screen that no page may do: scroll
// sideways, or offer a target that is under 24 pixels and stands outside a sentence.
// The bars of a chart are smaller: its table has the same links.
const misfits = `(() => {
	const found = [];
	const page = document.documentElement;
	if (page.scrollWidth > page.clientWidth) found.push("it is " + page.scrollWidth + " wide");
	for (const e of document.querySelectorAll("a, button, summary, select, textarea, input:not([type=hidden], [type=checkbox], [type=radio])")) {
		if (!e.checkVisibility() || e.matches(".sr-only, .skip, svg a, :is(p, .sub, .callout-text) a")) continue;
		const box = e.getBoundingClientRect();
		if (box.width < 23.5 || box.height < 23.5) found.push(e.textContent.trim() + " is " + box.width + " x " + box.height);
	}
	return found.join(", ");
})()`

// The list is what the page is for: it begins high, also while a task is open, and
// with all of its columns inside the window.
func TestTheFirstRowStandsHigh(t *testing.T) {
	for name, screen := range map[string]struct {
		tab testkit.TabOption
		max float64
	}{"wide": {testkit.Sized(1440, 900), 380}, "phone": {testkit.Phone, 320}} {
		t.Run(name, func(t *testing.T) {
			tab, address := visit(t, newConsole(t, testkit.NewWorld(t, testkit.SQLite)), screen.tab)
			for _, page := range []string{"page-renewals", "page-renewals-task"} {
				tab.Do(chromedp.Navigate(address+views.GalleryPath(page)), chromedp.WaitReady("#results"))
				if y := testkit.Get(tab, chromedp.Evaluate[float64](`document.querySelector("tr[data-id]").getBoundingClientRect().top`)); y > screen.max {
					t.Errorf("%s: the first row stands at %v", page, y)
				}
				if wide := testkit.Get(tab, chromedp.Evaluate[bool](`(p => p.scrollWidth > p.clientWidth)(document.querySelector(".scrollport"))`)); wide {
					t.Errorf("%s: the table is wider than its place", page)
				}
			}
		})
	}
}

func TestLessMotionIsNone(t *testing.T) {
	tab, _ := visit(t, some(t)) // every tab of the tests asks for less motion
	moving := testkit.Get(tab, chromedp.Evaluate[string](`[...document.querySelectorAll("*")].filter(e => {
		const s = getComputedStyle(e);
		return s.transitionDuration !== "0s" || s.animationName !== "none";
	}).map(e => e.tagName + "." + e.className).join(" ")`))
	if strings.TrimSpace(moving) != "" {
		t.Errorf("these move: %s", moving)
	}
}

// The tabs of a phone scroll, and they begin at the one that is open.
func TestTheOpenTabIsInView(t *testing.T) {
	tab, address := visit(t, some(t), testkit.Phone)
	tab.Do(chromedp.Navigate(address+"/renewals?tab=cancelled"), chromedp.WaitReady("#results"))
	if end := testkit.Get(tab, chromedp.Evaluate[float64](`document.querySelector(".tabs [aria-current]").getBoundingClientRect().right - innerWidth`)); end > 0 {
		t.Errorf("the open tab ends %v pixels beyond the screen", end)
	}
	if top := testkit.Get(tab, chromedp.Evaluate[float64](`scrollY`)); top != 0 {
		t.Errorf("the page begins at %v", top)
	}
}
