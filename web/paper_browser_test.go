package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"perennial/internal/testkit"
	"perennial/views"
)

// A review and a receipt on paper have every line and the total, and nothing that
// only a screen can use.
func TestReviewAndReceiptOnPaper(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	c.Prices(100)
	c.AddMany(45, 48*time.Hour)
	c.Deposit(45 * testkit.UnitPrice)
	task := c.Prepare(testkit.Everything)
	tab, address := visit(t, c)
	for _, state := range []string{"ready", "completed"} {
		tab.Become(testkit.OnPaper)
		tab.Do(chromedp.Navigate(address+views.TaskPath(task.ID)), chromedp.WaitReady(`#task[data-state="`+state+`"]`))
		for _, screen := range []string{".bar-top", ".nav", ".skip", ".pager", "form", "button", ".btn", "#dialog", "#flash"} {
			if n := testkit.Get(tab, chromedp.Evaluate[int](fmt.Sprintf(`[...document.querySelectorAll(%q)].filter(e => e.checkVisibility()).length`, screen))); n > 0 {
				t.Errorf("%s: %d of %s are printed", state, n, screen)
			}
		}
		if cut := testkit.Get(tab, chromedp.Evaluate[bool](`(p => p.scrollHeight > p.clientHeight || p.scrollWidth > p.clientWidth)(document.querySelector(".scrollport"))`)); cut {
			t.Errorf("%s: the table scrolls on paper", state)
		}
		sheets := tab.Paper()
		all := strings.ReplaceAll(strings.Join(sheets, ""), " ", "") // cents stand apart
		for n := range 45 {
			if id := fmt.Sprintf("ecs-%05d", n); !strings.Contains(all, id) {
				t.Errorf("%s: %s is on none of %d sheets", state, id, len(sheets))
			}
		}
		for _, want := range []string{"AcmeGroup", "RT-0001", "$450.00", "LiNa"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s: %q is on none of %d sheets: %s", state, want, len(sheets), all)
			}
		}
		if len(sheets) < 2 || len(sheets) > 5 {
			t.Errorf("%s: %d sheets", state, len(sheets))
		}
		tab.Become()
		if state == "ready" {
			c.Confirm(task.ID)
		}
	}
}
