package testkit_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"perennial/internal/testkit"
)

// dotted blackens so many of the 400 × 50 pixels of a page.
func dotted(tab *testkit.Tab, dots int) {
	tab.Do(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
		const p = document.querySelector("p"), s = p.style;
		p.textContent = "";
		Object.assign(s, {position: "fixed", left: 0, top: 0, margin: 0, background: "black", width: "%dpx", height: "1px"});
	})()`, dots)))
}

func TestAnAlbumHoldsPagesAgainstTheirBaselines(t *testing.T) {
	url := site(t, `<p>x</p>`, "")
	album := testkit.Album{Dir: t.TempDir()}
	take := func(a testkit.Album, dots int) *recorder {
		return record(t, func(tb testing.TB) {
			tab := testkit.Browser(tb, testkit.Sized(400, 50))
			tab.Do(chromedp.Navigate(url))
			dotted(tab, dots)
			tab.Picture(a, "page")
		})
	}
	want := func(what string, r *recorder, failed bool, says ...string) {
		t.Helper()
		for _, s := range says {
			if !strings.Contains(r.text(), s) {
				t.Errorf("%s: %q is not in %q", what, s, r.text())
			}
		}
		if r.failed != failed {
			t.Errorf("%s: failed is %v: %s", what, r.failed, r.text())
		}
	}
	r := take(album, 0)
	if r.skipped {
		t.Log(r.text())
		return
	}
	want("no baseline", r, true, "-update takes it")
	want("accepted", take(testkit.Album{Dir: album.Dir, Update: true}, 0), false)
	want("the same", take(album, 0), false)
	want("0.04%", take(album, 8), false)
	seen, apart := filepath.Join(album.Dir, "page.actual.png"), filepath.Join(album.Dir, "page.difference.png")
	want("0.06%", take(album, 12), true, "0.060% of it differs, and 0.05% may", seen, apart)
	for _, file := range []string{seen, apart} {
		if png, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(png), "\x89PNG") {
			t.Errorf("%s is no picture: %v", file, err)
		}
	}
	shots := t.TempDir()
	t.Setenv("PERENNIAL_TEST_SHOTS", shots)
	want("with a folder for pictures", take(album, 12), true, filepath.Join(shots, "page.actual.png"))

	if strays, err := album.Strays([]string{"other"}); err != nil || len(strays) != 1 || strays[0] != "page" {
		t.Errorf("strays: %q %v", strays, err)
	}

	if err := os.WriteFile(filepath.Join(album.Dir, "browser.txt"), []byte("Chrome 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	want("another browser, 0.9%", take(album, 180), false, "taken by Chrome 1 and this is Chrome ", "up to 1% of it may differ")
	want("another browser, 1.1%", take(album, 220), true, "1.100% of it differs, and 1.00% may")
}
