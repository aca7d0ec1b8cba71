package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
	"perennial/views"
)

// until waits until an expression is true on the page.
func until(tab *testkit.Tab, expression string) {
	testkit.Get(tab, chromedp.Poll[bool](expression))
}

func TestATaskInABrowser(t *testing.T) {
	c := counter(t, 8)
	c.Confirm(c.Prepare(renewal.Filter{Tab: renewal.Manual, Query: "ecs-00001"}).ID)
	task := c.Prepare(testkit.Everything)
	tab, address := visit(t, c)
	tab.Expect("status of 422")
	tab.Do(chromedp.Navigate(address + views.TaskPath(task.ID)))

	// A tab of the page and the way back through the history.
	tab.Do(chromedp.Click(`.tabs a[href*="list=blocked"]`))
	until(tab, `location.pathname.endsWith("/items") && document.querySelectorAll("tr[data-id]").length === 1`)
	testkit.Get(tab, chromedp.Evaluate[any](`history.back()`))
	until(tab, `!location.pathname.endsWith("/items") && document.querySelectorAll("tr[data-id]").length === 10`)

	// OK without the tick: the dialog stays, says why, and keeps the focus.
	tab.Do(chromedp.Click(`.rail a[aria-haspopup="dialog"]`), chromedp.WaitVisible("#dialog #again"), chromedp.Click("#dialog .btn-primary"))
	until(tab, `document.getElementById("dialog").open && document.activeElement.closest("#dialog") !== null && document.querySelector("#dialog .callout-bad") !== null`)
	tab.Do(chromedp.Click("#again"), chromedp.Click("#dialog .btn-primary"))
	until(tab, `document.querySelector("#task[data-state=running]") !== null && !document.getElementById("dialog").open && document.activeElement.tagName === "H1"`)

	// The page follows the task by itself, and the chip with it.
	c.Rest()
	until(tab, `document.querySelector("#task[data-state=suspended] form[action$='/continue']") !== null && document.querySelector("#chip[data-state=suspended]") !== null`)
	c.Deposit(100 * testkit.UnitPrice)
	tab.Do(chromedp.Navigate(address+views.TaskPath(task.ID)), chromedp.Click(`form[action$="/continue"] button`))
	until(tab, `document.querySelector("#task[data-state=running]") !== null`)
	c.Rest()
	until(tab, `document.querySelector("#task[data-state=completed]") !== null && document.querySelector("#task [hx-trigger]") === null`)
}

func TestTheOpenPageOfATaskHearsWhoActed(t *testing.T) {
	c := counter(t, 100)
	task := c.Prepare(testkit.Everything)
	tab, address := visit(t, c)
	tab.Do(chromedp.Navigate(address + views.TaskPath(task.ID)))
	c.Confirm(task.ID)
	// What the page would ask for after 15 s.
	testkit.Get(tab, chromedp.Evaluate[any](`htmx.trigger(document.querySelector("#task > a[hx-trigger]"), "every")`))
	until(tab, `document.querySelector("#task[data-state=completed]") !== null && document.getElementById("task").innerText.includes("This page charged nothing.")`)
	until(tab, `document.querySelectorAll("#results tr[data-id]").length === 10`)
}
