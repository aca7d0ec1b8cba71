package testkit

import (
	_ "embed" // for axe-core
	"fmt"

	"github.com/chromedp/chromedp"
)

// axeCore is the accessibility checker that browsers' developer tools use too. It
// is for tests alone: the product holds no copy.
//
//go:embed vendor/axe-core-4.14.1.min.js
var axeCore string

// axeRun checks the page against WCAG 2.2 AA and what axe calls best practice. The
// frames of a page are pages of their own, and its sheets are the page's, so neither
// is fetched anew.
const axeRun = `axe.run(document.querySelector("%s"), {
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	resultTypes: ["violations"], iframes: false, preload: false, elementRef: false,
}).then(r => r.violations.map(v => v.id + ": " + v.help + "\n" +
	v.nodes.map(n => "    " + n.target.join(" ") + "\n      " + n.html.slice(0, 200) + "\n      " + n.failureSummary.replaceAll("\n", " ")).join("\n")))`

// Barriers lists what keeps people from using a part of the page that is open, as
// axe-core finds it: "html" is the whole page, with what a page must have once. The checker comes in through the protocol of the developer tools: the
// page's content security policy stays as it is.
func (t *Tab) Barriers(part string) []string {
	t.tb.Helper()
	if !Get(t, chromedp.Evaluate[bool](`"axe" in window`)) {
		t.Do(chromedp.Evaluate[chromedp.Void](axeCore))
	}
	return Get(t, chromedp.Evaluate[[]string](fmt.Sprintf(axeRun, part), chromedp.EvalAwaitPromise))
}
