package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"perennial/internal/testkit"
	"perennial/views"
)

// Where the system replaces the colours, what they said is still said: take the
// state away, and the picture is another one.
func TestForcedColoursKeepEveryState(t *testing.T) {
	tab, address := visit(t, newConsole(t, testkit.NewWorld(t, testkit.SQLite)))
	for state, c := range map[string]struct{ page, take string }{
		"a tick":           {"checks", `for (const e of document.querySelectorAll(":checked")) e.checked = false`},
		"the tab":          {"page-renewals", `document.querySelector(".tabs [aria-current]").removeAttribute("aria-current")`},
		"the page":         {"page-renewals", `document.querySelector(".nav [aria-current]").removeAttribute("aria-current")`},
		"the density":      {"page-renewals", `document.querySelector("[name=density][aria-current]").removeAttribute("aria-current")`},
		"the size":         {"page-renewals", `document.querySelector(".pager-sizes [aria-current]").removeAttribute("aria-current")`},
		"the sort":         {"page-renewals", `document.querySelector("[aria-sort]").removeAttribute("aria-sort")`},
		"what expired":     {"horizon", `for (const e of document.querySelectorAll(".horizon a.late")) e.remove()`},
		"what expires":     {"horizon", `for (const e of document.querySelectorAll(".horizon a.later")) e.remove()`},
		"a colour's word":  {"horizon", `for (const e of document.querySelectorAll(".legend .soon")) e.className = "later"`},
		"progress":         {"progress", `document.querySelector("progress").value = 0`},
		"work without end": {"progress", `document.querySelectorAll("progress")[1].remove()`},
		"the end of money": {"page-task-ready-short", `document.querySelector("tr.rule").className = ""`},
	} {
		tab.Become(testkit.ForcedColors, testkit.Sized(1440, 1200))
		turnTo(tab, address+views.GalleryPath(c.page))
		with := tab.Seen()
		tab.Do(chromedp.Evaluate[chromedp.Void](c.take))
		if share, _ := testkit.Compare(tab.Seen(), with); share == 0 {
			t.Errorf("%s looks the same without it", state)
		}
	}
}

// A status has an outline, an icon and a word, and the focus a ring, in colours of
// the system's.
func TestForcedColoursKeepStatusAndFocus(t *testing.T) {
	tab, address := visit(t, newConsole(t, testkit.NewWorld(t, testkit.SQLite)), testkit.ForcedColors)
	turnTo(tab, address+views.GalleryPath("badges"))
	if bad := testkit.Get(tab, chromedp.Evaluate[[]string](`[...document.querySelectorAll(".badge")].filter(e => {
		const s = getComputedStyle(e);
		return s.borderTopStyle !== "solid" || parseFloat(s.borderTopWidth) < 1 || s.forcedColorAdjust !== "auto" || !e.querySelector("svg") || !e.innerText.trim();
	}).map(e => e.textContent)`)); len(bad) > 0 {
		t.Errorf("these are told by colour alone: %q", bad)
	}
	turnTo(tab, address+views.GalleryPath("page-renewals"))
	if bad := testkit.Get(tab, chromedp.Evaluate[[]string](`[...document.querySelectorAll("main :is(a[href], button, summary, input, select)")].filter(e => {
		if (!e.checkVisibility() || e.tabIndex < 0) return false;
		e.focus({focusVisible: true});
		const s = getComputedStyle(e);
		return document.activeElement === e && (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2);
	}).map(e => e.id || e.textContent)`)); len(bad) > 0 {
		t.Errorf("the focus is not seen on %q", bad)
	}
}
