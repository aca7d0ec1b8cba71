package testkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// How much of a picture may differ from its baseline: within the major version of
// the browser that took it, and on any other, which may draw letters otherwise.
const (
	SameBrowser  = 0.0005
	OtherBrowser = 0.01
)

// Album is a folder with baselines: what pages looked like when somebody last
// looked at them. Beside them stands which browser took them.
type Album struct {
	Dir    string
	Update bool // accept what is seen as the new baselines
}

// Picture holds what the tab shows against the baseline of that name. On a
// difference the test fails, with the picture and its difference written beside the
// baseline or to the folder that PERENNIAL_TEST_SHOTS names.
func (t *Tab) Picture(a Album, name string) {
	t.tb.Helper()
	if err := a.hold(t.tb, t.version(), name, t.Seen()); err != nil {
		t.tb.Errorf("picture %s: %v", name, err)
	}
}

// Seen is what the tab shows, as Picture compares it.
func (t *Tab) Seen() image.Image {
	t.tb.Helper()
	seen, err := png.Decode(bytes.NewReader(Get(t, steady)))
	if err != nil {
		t.tb.Fatalf("testkit: read what the tab shows: %v", err)
	}
	return seen
}

// steady takes a picture in which nothing depends on the machine or the moment. The
// monospace face, which the page leaves to the system, is drawn in the face that it
// brings; no pointer hovers, and no caret blinks.
func steady(ctx context.Context, target *chromedp.Target) ([]byte, error) {
	const still = `(() => {
		document.documentElement.style.setProperty("--mono", "var(--sans)");
		document.documentElement.style.setProperty("caret-color", "transparent");
		return document.fonts.ready.then(() => document.fonts.size);
	})()`
	away := input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved}
	if _, err := cdp.Call(ctx, target, input.DispatchMouseEvent, away); err != nil {
		return nil, err
	}
	if _, err := chromedp.Evaluate[int](still, chromedp.EvalAwaitPromise)(ctx, target); err != nil {
		return nil, err
	}
	return chromedp.CaptureScreenshot()(ctx, target)
}

// version is the browser's name and major version.
func (t *Tab) version() string {
	t.tb.Helper()
	v, err := chromedp.CallBrowser(t.Context, browser.GetVersion, cdp.Empty{})
	if err != nil {
		t.tb.Fatalf("testkit: ask the browser for its version: %v", err)
	}
	name, number, _ := strings.Cut(strings.TrimPrefix(v.Product, "Headless"), "/")
	major, _, _ := strings.Cut(number, ".")
	return name + " " + major
}

func (a Album) hold(tb testing.TB, version, name string, got image.Image) error {
	tb.Helper()
	file := filepath.Join(a.Dir, name+".png")
	if a.Update {
		return errors.Join(writePNG(file, got), os.WriteFile(a.taker(), []byte(version+"\n"), 0o644))
	}
	want, err := readPNG(file)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; -update takes it", err)
	}
	if err != nil {
		return err
	}
	taker, err := os.ReadFile(a.taker())
	if err != nil {
		return err
	}
	most := SameBrowser
	if by := strings.TrimSpace(string(taker)); by != version {
		most = OtherBrowser
		tb.Logf("picture %s was taken by %s and this is %s: up to %.0f%% of it may differ", name, by, version, 100*most)
	}
	share, difference := Compare(got, want)
	if share <= most {
		return nil
	}
	dir := a.Dir
	if shots := os.Getenv("PERENNIAL_TEST_SHOTS"); shots != "" {
		dir = shots
	}
	seen, apart := filepath.Join(dir, name+".actual.png"), filepath.Join(dir, name+".difference.png")
	return errors.Join(fmt.Errorf("%.3f%% of it differs, and %.2f%% may; look at %s and %s, then accept it with -update",
		100*share, 100*most, seen, apart), writePNG(seen, got), writePNG(apart, difference))
}

// taker is the file that names the browser.
func (a Album) taker() string { return filepath.Join(a.Dir, "browser.txt") }

// Strays lists baselines that are of none of the pictures named.
func (a Album) Strays(pictures []string) (strays []string, err error) {
	files, err := filepath.Glob(filepath.Join(a.Dir, "*.png"))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".png")
		if !strings.Contains(name, ".") && !slices.Contains(pictures, name) {
			strays = append(strays, name)
		}
	}
	return strays, err
}

func readPNG(file string) (image.Image, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return p, nil
}

func writePNG(file string, p image.Image) error {
	var out bytes.Buffer
	if err := encodePNG(&out, p); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}
