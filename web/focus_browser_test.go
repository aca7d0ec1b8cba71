package web_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
	"perennial/views"
)

// focused tells of the element with the focus what lies over its middle, or "";
// and "end" where nothing has the focus.
const focused = `(() => {
	const e = document.activeElement;
	if (e === document.body || e === document.documentElement) return "end";
	const box = e.getClientRects()[0];
	const name = (e.id || e.className || e.tagName) + " “" + (e.getAttribute("aria-label") ?? e.textContent).trim().slice(0, 30) + "”";
	if (!box) return name + " is not shown";
	const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
	const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
	const top = document.elementFromPoint(x, y);
	if (!top) return name + " is outside of the window, at " + x + ", " + y;
	if (e.contains(top) || top.closest("label")?.control === e) return "";
	return name + " lies under " + (top.className || top.tagName);
})()`

// What the keyboard reaches can be seen: no bar that stays lies over it, on the way
// down or up.
func TestFocusIsNeverCovered(t *testing.T) {
	c := newConsole(t, testkit.NewWorld(t, testkit.SQLite))
	c.Prices(100)
	c.AddMany(24, renewal.Day)
	c.Deposit(12 * testkit.UnitPrice)
	c.Add(testkit.Unit("late", -time.Hour))
	tab, address := visit(t, c)
	task := c.Prepare(testkit.Everything)
	for name, screen := range map[string]testkit.TabOption{"wide": testkit.Sized(1440, 900), "low": testkit.Sized(1280, 480), "phone": testkit.Phone} {
		for _, at := range []string{"/renewals", views.TaskPath(task.ID)} {
			for way, key := range map[string]chromedp.Action[chromedp.Void]{
				"down": chromedp.KeyEvent(kb.Tab), "up": chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift)),
			} {
				tab.Become(screen)
				tab.Do(chromedp.Navigate(address+at), chromedp.WaitReady("#results"))
				reached := 0
				for ; reached < 400; reached++ {
					tab.Do(key)
					says := testkit.Get(tab, chromedp.Evaluate[string](focused))
					if says == "end" && reached > 0 {
						break
					}
					if says != "" {
						t.Errorf("%s, %s, %s: %s", name, at, way, says)
					}
				}
				if reached < 30 || reached == 400 {
					t.Errorf("%s, %s, %s: the keyboard reaches %d elements", name, at, way, reached)
				}
			}
		}
	}
}
