package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// whereFocus names the element that has the focus, or says what is wrong with it.
const whereFocus = `(() => {
	const e = document.activeElement;
	if (e === document.body) return "nothing";
	const name = (e.id || e.getAttribute("aria-label") || e.textContent || e.value).trim().replace(/\s+/g, " ");
	return e.checkVisibility() ? name : name + ", which is not shown";
})()`

func focusOn(t *testing.T, tab *testkit.Tab, after, want string) {
	t.Helper()
	if got := testkit.Get(tab, chromedp.Evaluate[string](whereFocus)); got != want {
		t.Errorf("after %s the focus is on %q, not on %q", after, got, want)
	}
}

// evaluate runs a script in the page.
func evaluate(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](script)
}

// The list of keys opens over the page by its key and closes to where the person
// was; in a text field the key is a letter; and who dictates turns the keys off.
func TestTheKeysAreListedByAKey(t *testing.T) {
	c := some(t)
	tab, address := visit(t, c)
	const listed, closed = "#dialog[open] .keys", "#dialog:empty"
	tab.Do(evaluate(`document.querySelector(".tabs a:nth-child(2)").focus()`), chromedp.KeyEvent("?"), chromedp.WaitVisible(listed))
	focusOn(t, tab, "the key", "dialog-title")
	tab.Do(chromedp.KeyEvent("?"), chromedp.KeyEvent("/"), chromedp.KeyEvent(kb.Escape), chromedp.WaitReady(closed))
	focusOn(t, tab, "Escape", "Auto Renewals 1")
	tab.Do(chromedp.KeyEvent("/"))
	focusOn(t, tab, "the slash", "q")
	tab.Do(evaluate(`document.getElementById("q").value = ""`), chromedp.KeyEvent("?/"))
	if typed := testkit.Get(tab, chromedp.Value("#q")); typed != "?/" {
		t.Errorf("the box has %q", typed)
	}
	testkit.Get(tab, chromedp.Poll[bool](`!!document.querySelector(".empty")`))
	tab.Do(chromedp.WaitReady(closed))

	tab.Do(chromedp.Click(`.bar-top .menu-end summary`), chromedp.Click("#shortcuts"), chromedp.WaitVisible(listed), chromedp.Click(`#dialog [data-close]`), chromedp.WaitReady(closed))
	focusOn(t, tab, "the dialog that a menu opened", "Signed in as "+c.Buyer.Name)

	tab.Do(chromedp.KeyEvent("?"), chromedp.WaitVisible(listed), chromedp.Click(`#dialog button[name="keys"]`), chromedp.WaitReady(`main button[value="on"]`))
	tab.Do(chromedp.Navigate(address+"/renewals"), chromedp.WaitReady("#results"), chromedp.KeyEvent("/"))
	focusOn(t, tab, "a key that is turned off", "nothing")
	tab.Do(chromedp.Click(`.bar-top .menu-end summary`), chromedp.Click("#shortcuts"), chromedp.WaitVisible(listed),
		chromedp.Click(`#dialog button[name="keys"]`), chromedp.WaitReady(`main button[value="off"]`), chromedp.KeyEvent("?"), chromedp.WaitVisible(listed))
}

func TestTheKeysAreListedWithoutScripts(t *testing.T) {
	tab, _ := visit(t, some(t), testkit.WithoutJavaScript)
	tab.Do(chromedp.Click(`.bar-top .menu-end summary`), chromedp.Click("#shortcuts"), chromedp.WaitVisible("main h1#dialog-title"))
	reads(t, tab, "main", "Search the list", "only where scripts run")
	tab.Do(chromedp.Click(`button[name="keys"]`), chromedp.WaitVisible(`main button[value="on"]`))
}

// Ticks come one by one, as ranges by pointer and keyboard, and all at once; and a
// row that comes into the place of a ticked one is not ticked.
func TestTicksComeInRanges(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Prices(100)
	w.AddMany(6, renewal.Day)
	c := newConsole(t, w)
	b := c.signedIn(t, c.Buyer)
	for n := range 6 {
		b.order(fmt.Sprintf("ecs-%05d", n))
	}
	tab, address := visit(t, c)
	tab.Do(chromedp.Navigate(address+"/orders?status=pending_payment"), chromedp.WaitReady(".picks"))
	row := func(n int) string { return fmt.Sprintf(`tbody tr:nth-child(%d) .col-tick input`, n) }
	const head = `thead .col-tick input`
	shiftClick := func(on string) {
		at := testkit.Get(tab, chromedp.Evaluate[[]float64]("(r => [r.x + r.width / 2, r.y + r.height / 2])(document.querySelector(`"+on+"`).getBoundingClientRect())"))
		tab.Do(chromedp.MouseClickXY(at[0], at[1], chromedp.ButtonModifiers(chromedp.ModifierShift)))
	}
	says := func(step, want string) {
		t.Helper()
		got := testkit.Get(tab, chromedp.Evaluate[string](`(() => {
			const head = document.querySelector("thead .col-tick input");
			const ticks = [...document.querySelectorAll("tbody .col-tick input")].map(b => b.checked ? "x" : ".").join("");
			return ticks + (head.indeterminate ? " some" : head.checked ? " all" : " none");
		})()`))
		if got != want {
			t.Errorf("%s: %s, not %s", step, got, want)
		}
	}
	press := func(on string, key string, options ...chromedp.KeyOption) {
		tab.Do(evaluate("document.querySelector(`"+on+"`).focus()"), chromedp.KeyEvent(key, options...))
	}
	shiftClick(row(2))
	says("a range without a beginning is one", ".x.... some")
	shiftClick(row(5))
	says("a range", ".xxxx. some")
	tab.Do(chromedp.Click(row(4)))
	shiftClick(row(3))
	says("a range that is taken away, upwards", ".x..x. some")
	press(row(6), " ", chromedp.KeyModifiers(chromedp.ModifierShift))
	says("a range by the keyboard", ".xxxxx some")
	press(row(1), " ")
	says("the last one by the keyboard", "xxxxxx all")
	tab.Do(chromedp.Click(head))
	says("none by the head", "...... none")
	tab.Do(chromedp.Click(row(2)), chromedp.Click(head))
	says("all by the head", "xxxxxx all")
	if count := testkit.Get(tab, chromedp.Evaluate[string](`getComputedStyle(document.querySelector(".picked-count"), "::before").content + document.querySelectorAll("tbody :checked").length`)); count != "counter(picked)6" {
		t.Errorf("the sum says %s", count)
	}
	// Ticks that are named id hide the id of their form, so that htmx puts another form
	// in its place. Those of another name are morphed, as these are here.
	tab.Do(evaluate(`(() => {
		const rename = room => room.querySelectorAll(".picks [name=id]").forEach(b => { b.name = "unit"; });
		document.addEventListener("htmx:before:swap", e => e.detail.tasks.forEach(t => rename(t.fragment)));
		rename(document);
	})()`))
	tab.Do(chromedp.SendKeys("#q", "ecs-00003"), chromedp.WaitNotPresent(row(2)))
	says("another row in the place of a ticked one", ". none")
}

// Whatever is replaced, the person goes on from where they were.
func TestFocusStaysWhereThePersonIs(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.Prices(100)
	w.AddMany(25, renewal.Day)
	tab, address := visit(t, newConsole(t, w))
	tab.Do(chromedp.WaitReady("#horizon svg"))
	focusOn(t, tab, "what loads by itself", "nothing")
	tab.Do(chromedp.WaitNotPresent("body[tabindex], #horizon[tabindex]"))
	const columns = `.menu:has([name="columns"])`
	for _, c := range []struct{ what, open, at, want string }{
		{"a tab", "", `.tabs a:nth-child(2)`, "Auto Renewals 0"},
		{"a sort", "", `th:nth-child(1) a`, "Name / ID"},
		{"a filter", "#filter-status", "#status-expiring", "status-expiring"},
		{"a token", "", "a.token", "Renewals"}, // it is gone with the filter
		{"the next page", "", `.pager-steps a:last-child`, "page-next"},
		{"the last page", "", `.pager-steps a:last-child`, "Renewals"}, // there is no next one
		{"more rows", "", `.pager-sizes button[value="20"]`, "20"},
		{"dense rows", "", `.density button[value="compact"]`, "Compact rows"},
		{"airy rows", "", `.density button[value="comfortable"]`, "Comfortable rows"},
		{"columns", columns, columns + ` button`, "Columns"},
	} {
		at := "/renewals?size=10"
		switch c.what {
		case "a token":
			at += "&status=expiring"
		case "the last page":
			at = "/renewals?size=20"
		}
		tab.Do(chromedp.Navigate(address+at), chromedp.WaitReady("#results .pager"))
		if c.open != "" {
			tab.Do(chromedp.Click(c.open+" summary"), chromedp.WaitVisible(c.at))
		}
		tab.Do(evaluate("document.querySelector(`#results .tools`).dataset.stale = ``"), evaluate("document.querySelector(`"+c.at+"`).focus()"))
		if c.what == "a filter" {
			tab.Do(chromedp.KeyEvent(" "))
		} else {
			tab.Do(chromedp.KeyEvent(kb.Enter))
		}
		tab.Do(chromedp.WaitNotPresent("[data-stale]"))
		focusOn(t, tab, c.what, c.want)
	}
	tab.Expect("422")
	tab.Do(evaluate("document.querySelector(`.density button`).value = `airy`"), chromedp.Click(".density button"), chromedp.WaitReady(".fault"))
	focusOn(t, tab, "a refusal", testkit.Get(tab, chromedp.Text(".fault h1")))
	tab.Do(chromedp.Navigate(address+"/renewals"), chromedp.WaitReady("#results"), evaluate("document.querySelector(`.head a.btn-primary`).focus()"),
		chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#dialog[open] #dialog-title"))
	focusOn(t, tab, "a dialog", "dialog-title")
	tab.Do(chromedp.KeyEvent(kb.Escape), chromedp.WaitReady("#dialog:empty"))
	focusOn(t, tab, "closing it", "One-Click Renew 25")
}
