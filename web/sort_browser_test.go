package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"perennial/internal/testkit"
)

// choose picks a choice of a list as a person does: the browser tells the page.
func choose(on, label string) chromedp.Action[chromedp.Void] {
	return chromedp.SendKeys(on, label)
}

// Cards have no column heads, so a phone sorts by a list that names the order.
func TestSortingOnAPhone(t *testing.T) {
	c := some(t)
	tab, _ := visit(t, c, testkit.Phone)
	rows(t, tab, "frozen expired expiring later")
	if high := testkit.Get(tab, chromedp.Evaluate[float64](`document.getElementById("sort").getBoundingClientRect().height`)); high < 24 {
		t.Errorf("the list of orders is %v high", high)
	}
	tab.Do(chromedp.Focus("#sort"), choose("#sort", "Latest first"))
	rows(t, tab, "later expiring expired frozen")
	if got := query(tab); got != "?sort=-expiry&tab=manual" {
		t.Errorf("the address has %s", got)
	}
	if id := testkit.Get(tab, chromedp.Evaluate[string](`document.activeElement.id`)); id != "sort" {
		t.Errorf("the focus is on %q", id)
	}
	// A filter keeps the order, and the way back to the first one is short.
	tab.Do(chromedp.SendKeys("#q", "e"))
	testkit.Get(tab, chromedp.Poll[bool](`location.search === "?q=e&sort=-expiry&tab=manual"`))
	tab.Do(choose("#sort", "Soonest first"))
	testkit.Get(tab, chromedp.Poll[bool](`location.search === "?q=e&tab=manual"`))
}

// The same list stands hidden on a wide screen, where it must not undo what a
// column head sorted.
func TestSortingByAColumnHeadKeepsTheForm(t *testing.T) {
	tab, _ := visit(t, some(t), testkit.Phone)
	tab.Do(chromedp.Focus("#sort"), choose("#sort", "Name A to Z"))
	testkit.Get(tab, chromedp.Poll[bool](`location.search === "?sort=name&tab=manual"`))
	tab.Become(wide)
	if shown := testkit.Get(tab, chromedp.Evaluate[bool](`document.getElementById("sort").checkVisibility()`)); shown {
		t.Error("a wide screen shows the list of orders beside its column heads")
	}
	// Away from what was chosen by hand and back to it, by the column heads.
	for _, step := range []struct{ head, address string }{
		{`[aria-sort] ~ th .sort`, "?tab=manual"}, {`th:first-child .sort`, "?sort=name&tab=manual"}} {
		tab.Do(chromedp.Click(step.head))
		testkit.Get(tab, chromedp.Poll[bool](`location.search === "`+step.address+`"`))
	}
	tab.Do(chromedp.SendKeys("#q", "e"))
	testkit.Get(tab, chromedp.Poll[bool](`location.search.startsWith("?q=e")`))
	if got := query(tab); got != "?q=e&sort=name&tab=manual" {
		t.Errorf("the address has %s", got)
	}
}

func TestSortingOnAPhoneWithoutScripts(t *testing.T) {
	tab, _ := visit(t, some(t), testkit.Phone, testkit.WithoutJavaScript)
	tab.Do(chromedp.Focus("#sort"), choose("#sort", "Latest first"), chromedp.Click("form.filters noscript button"), chromedp.WaitReady(`#sort [selected][value="-expiry"]`))
	rows(t, tab, "later expiring expired frozen")
	tab.Do(chromedp.Focus("#sort"), choose("#sort", "Soonest first"), chromedp.Click("form.filters noscript button"), chromedp.WaitReady(`#sort [selected][value=""]`))
	rows(t, tab, "frozen expired expiring later")
	if got := query(tab); got != "?tab=manual" {
		t.Errorf("the address has %s", got)
	}
}
