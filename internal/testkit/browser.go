package testkit

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// stepTimeout is how long one Do may take before the test fails; on an idle
// machine a page takes a tenth of a second.
const stepTimeout = 20 * time.Second

// Tab is a tab of a headless Chromium. It is a chromedp context, so that
// chromedp.Run(tab, …) works on it, and it watches what the page complains of.
type Tab struct {
	context.Context
	tb    testing.TB
	setup tabSetup
	complaints
}

// TabOption changes how a tab starts.
type TabOption func(*tabSetup)

type tabSetup struct {
	width, height int64
	mobile        bool
	dark          bool
	forced        bool
	large         bool
	print         bool
	noScript      bool
}

// Sized gives the tab a viewport other than 1440 × 900 CSS pixels.
func Sized(width, height int64) TabOption {
	return func(s *tabSetup) { s.width, s.height = width, height }
}

// Phone is a touch screen of 390 × 844 CSS pixels.
func Phone(s *tabSetup) { s.width, s.height, s.mobile = 390, 844, true }

// Dark has the system ask for dark pages.
func Dark(s *tabSetup) { s.dark = true }

// ForcedColors has the system replace the page's colours by a few of its own.
func ForcedColors(s *tabSetup) { s.forced = true }

// LargeText is the setting of somebody who reads text of twice the usual size.
func LargeText(s *tabSetup) { s.large = true }

// OnPaper shows pages as they are printed.
func OnPaper(s *tabSetup) { s.print = true }

// WithoutJavaScript keeps the page's scripts from running. What a test evaluates runs.
func WithoutJavaScript(s *tabSetup) { s.noScript = true }

// Browser opens a tab with cookies and storage of its own. When the test ends
// the tab is closed, and the test fails if a page threw, wrote an error to the
// console, failed to load something or broke the content security policy, but
// for what Expect has announced. Without a Chromium on the machine the test is
// left out aloud, or fails where PERENNIAL_TEST_REQUIRE names the browser.
func Browser(tb testing.TB, options ...TabOption) *Tab {
	tb.Helper()
	parent, err := chromium(tb)
	if err != nil {
		leaveOut(tb, "browser", err)
		tb.SkipNow()
	}
	return open(tb, parent, options, chromedp.WithNewBrowserContext())
}

// Sibling opens another tab of the same person: it shares the cookies.
func (t *Tab) Sibling(options ...TabOption) *Tab {
	t.tb.Helper()
	return open(t.tb, t.Context, options)
}

func open(tb testing.TB, parent context.Context, options []TabOption, extra ...chromedp.ContextOption) *Tab {
	tb.Helper()
	setup := tabSetup{width: 1440, height: 900}
	for _, option := range options {
		option(&setup)
	}
	tab := &Tab{tb: tb, setup: setup}
	ctx, cancel := chromedp.NewContext(parent, append(extra, chromedp.WithListener(tab.hear))...)
	tab.Context = ctx
	tb.Cleanup(func() {
		tab.settle()
		cancel()
		for _, text := range tab.unexpected() {
			tb.Errorf("the page complained: %s", text)
		}
	})
	if err := chromedp.Do(ctx, setup.action(nil)); err != nil {
		tb.Fatalf("testkit: open a tab: %v", err)
	}
	return tab
}

// Become changes the screen in front of the page that is open. What the options
// do not name is as in a new tab.
func (t *Tab) Become(options ...TabOption) {
	t.tb.Helper()
	was := t.setup
	t.setup = tabSetup{width: 1440, height: 900}
	for _, option := range options {
		option(&t.setup)
	}
	t.Do(t.setup.action(&was))
}

// action asks the browser for what differs from the setup before. Each change has the
// page laid out anew.
func (s tabSetup) action(was *tabSetup) chromedp.Action[chromedp.Void] {
	changed := func(of func(s tabSetup) any) bool { return was == nil || of(*was) != of(s) }
	var steps []chromedp.Action[chromedp.Void]
	if changed(func(s tabSetup) any { return [...]any{s.width, s.height, s.mobile} }) {
		if s.mobile {
			steps = append(steps, chromedp.EmulateViewport(s.width, s.height, chromedp.EmulateMobile, chromedp.EmulateTouch))
		} else {
			steps = append(steps, chromedp.EmulateViewport(s.width, s.height))
		}
	}
	if changed(func(s tabSetup) any { return [...]bool{s.dark, s.forced, s.print} }) {
		steps = append(steps, call(emulation.SetEmulatedMedia, s.media()))
	}
	if changed(func(s tabSetup) any { return s.large }) {
		fonts := page.FontSizes{Standard: 16, Fixed: 13}
		if s.large {
			fonts = page.FontSizes{Standard: 32, Fixed: 26}
		}
		steps = append(steps, call(page.SetFontSizes, page.SetFontSizesParams{FontSizes: &fonts}))
	}
	if changed(func(s tabSetup) any { return s.noScript }) {
		steps = append(steps, call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: s.noScript}))
	}
	return chromedp.Steps(steps...)
}

func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, params)
		return err
	})
}

func (s tabSetup) media() emulation.SetEmulatedMediaParams {
	scheme, forced, media := "light", "none", ""
	if s.dark {
		scheme = "dark"
	}
	if s.forced {
		forced = "active"
	}
	if s.print {
		media = "print"
	}
	return emulation.SetEmulatedMediaParams{Media: media, Features: []*emulation.MediaFeature{
		{Name: "prefers-reduced-motion", Value: "reduce"}, {Name: "prefers-color-scheme", Value: scheme},
		{Name: "forced-colors", Value: forced}}}
}

// Do runs steps in the tab and fails the test when they err or take longer than
// 20 seconds together.
func (t *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	t.tb.Helper()
	Get(t, chromedp.Steps(steps...))
}

// Get runs an action that answers something, under the rules of Do.
func Get[T any](t *Tab, action chromedp.Action[T]) T {
	t.tb.Helper()
	ctx, cancel := context.WithTimeout(t.Context, stepTimeout)
	defer cancel()
	answer, err := chromedp.Run(ctx, action)
	if err != nil {
		where, _ := chromedp.Run(t.Context, chromedp.Location())
		t.Screenshot("failed-" + t.tb.Name())
		t.tb.Fatalf("in the browser, at %s: %v", where, err)
	}
	return answer
}

// Screenshot writes the whole page to NAME.png in the folder that
// PERENNIAL_TEST_SHOTS names. Without that variable it does nothing.
func (t *Tab) Screenshot(name string) {
	t.tb.Helper()
	dir := os.Getenv("PERENNIAL_TEST_SHOTS")
	if dir == "" {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context, stepTimeout)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.tb.Errorf("testkit: screenshot %s: %v", name, err)
		return
	}
	file := strings.NewReplacer("/", "-", " ", "_").Replace(name) + ".png"
	if err := os.WriteFile(filepath.Join(dir, file), png, 0o644); err != nil {
		t.tb.Errorf("testkit: screenshot %s: %v", name, err)
	}
}

// shared is the one Chromium of this process; tabs keep their cookies apart.
var shared struct {
	once sync.Once
	ctx  context.Context
	err  error
}

func chromium(tb testing.TB) (context.Context, error) {
	tb.Helper()
	shared.once.Do(func() {
		var path string
		if path, shared.err = chromiumPath(); shared.err != nil {
			return
		}
		alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), chromiumOptions(path)...)
		ctx, cancel := chromedp.NewContext(alloc)
		atExit(tb, func() { cancel(); cancelAlloc() })
		if shared.err = chromedp.Do(ctx); shared.err == nil {
			shared.ctx = ctx
		}
	})
	return shared.ctx, shared.err
}

// chromiumOptions make a browser that is alone: it speaks to nobody but the
// pages under test, and its profile is a new folder that goes with it. It paints
// each page at one go, so that a picture comes out the same whatever else is at work,
// and hints letters as the browser with windows does, so that both draw the same.
func chromiumOptions(path string) []chromedp.ExecAllocatorOption {
	return append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true), chromedp.Flag("no-pings", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en-US"),
		chromedp.Flag("font-render-hinting", "slight"), chromedp.Flag("disable-lcd-text", true),
		chromedp.Flag("disable-partial-raster", true), chromedp.Flag("num-raster-threads", "1"))
}

// chromiumPath prefers the browser without windows, which takes half the time.
func chromiumPath() (string, error) {
	for _, name := range []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no chromium in PATH: %w", exec.ErrNotFound)
}
