package ui_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"perennial/internal/money"
	"perennial/views/ui"
)

func text(t *testing.T, c templ.Component) string {
	t.Helper()
	var out bytes.Buffer
	if err := c.Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestCounts(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 8214: "8,214", 12480: "12,480", 1000000: "1,000,000", -8214: "\u22128,214", -7: "\u22127"} {
		if got := ui.Count(n); got != want {
			t.Errorf("Count(%d) is %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int]string{0: "0 instances", 1: "1 instance", 8214: "8,214 instances"} {
		if got := ui.Plural(n, "instance", "instances"); got != want {
			t.Errorf("Plural(%d) is %s, want %s", n, got, want)
		}
	}
}

func TestTimesAreWrittenInTheBillingZone(t *testing.T) {
	at := time.Date(2026, 11, 25, 20, 8, 59, 0, time.UTC)
	for _, c := range []struct {
		seconds    int
		stamp, day string
	}{
		{0, "2026-11-25 20:08 (UTC)", "2026-11-25"},
		{8 * 3600, "2026-11-26 04:08 (UTC+8)", "2026-11-26"},
		{-(3*3600 + 30*60), "2026-11-25 16:38 (UTC\u22123:30)", "2026-11-25"},
		{5*3600 + 45*60, "2026-11-26 01:53 (UTC+5:45)", "2026-11-26"},
		{9*3600 + 5*60, "2026-11-26 05:13 (UTC+9:05)", "2026-11-26"},
	} {
		zone := time.FixedZone("", c.seconds)
		if got := ui.Stamp(at, zone); got != c.stamp {
			t.Errorf("Stamp is %s, want %s", got, c.stamp)
		}
		if got := ui.Day(at, zone); got != c.day {
			t.Errorf("Day is %s, want %s", got, c.day)
		}
		if got := text(t, ui.Time(at, zone)); !strings.Contains(got, `datetime="2026-11-25T20:08:59Z"`) {
			t.Errorf("the instant is lost: %s", got)
		}
	}
}

func TestMoneyCarriesItsMinorUnits(t *testing.T) {
	off := text(t, ui.Minus(money.Of(5_58, "USD")))
	if !strings.Contains(off, `data-amount="-558"`) || !strings.Contains(off, "\u2212$5") {
		t.Errorf("a discount reads %s", off)
	}
	if got := text(t, ui.Money(money.Of(1250, "CLP"))); strings.Contains(got, "1250.") || !strings.Contains(got, `data-amount="1250"`) {
		t.Errorf("a currency without decimals reads %s", got)
	}
	if got := text(t, ui.Struck(money.Of(37_20, "USD"))); !strings.Contains(got, "List price ") {
		t.Errorf("a struck price does not say what it is: %s", got)
	}
}

func TestTextIsEscaped(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	for _, c := range []templ.Component{
		ui.Badge(ui.OK, ui.IconInfo, evil),
		ui.Flashes([]ui.Flash{{Kind: ui.Bad, Text: evil, Label: evil, Href: "javascript:alert(1)"}}),
		ui.Input(ui.InputArgs{Label: evil, Name: "n", Value: evil, Hint: evil, Error: evil}),
		ui.Token(ui.TokenArgs{Label: evil, Value: evil, Remove: "javascript:alert(1)"}),
		ui.LinkButton(ui.LinkArgs{Label: evil, Href: "javascript:alert(1)"}),
	} {
		if got := text(t, c); strings.Contains(got, "<script") || strings.Contains(got, `"javascript:`) {
			t.Errorf("not escaped: %s", got)
		}
	}
}

func TestAnUnknownCodeIsShownAsItIs(t *testing.T) {
	if got := text(t, ui.StatusBadge("mystery")); !strings.Contains(got, "mystery") {
		t.Errorf("reads %s", got)
	}
}

func TestHorizonSurvivesAnyCounts(t *testing.T) {
	for _, days := range [][]ui.HorizonDay{nil, {{}}, {{Units: 5}}, make([]ui.HorizonDay, 300)} {
		if got := text(t, ui.Horizon(ui.HorizonArgs{Days: days, Summary: "s"})); !strings.Contains(got, `aria-label="s"`) {
			t.Errorf("%d days: %s", len(days), got)
		}
	}
}

// The sprite holds the icons that are named in icon.go and no others.
func TestIconsAndSpriteAgree(t *testing.T) {
	sprite, err := os.ReadFile("../../static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]bool{}
	for _, m := range regexp.MustCompile(`<symbol id="([^"]+)"`).FindAllStringSubmatch(string(sprite), -1) {
		drawn[m[1]] = true
	}
	file, err := parser.ParseFile(token.NewFileSet(), "icon.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			name, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			named[name] = true
		}
		return true
	})
	for name := range named {
		if !drawn[name] {
			t.Errorf("icon %s is not in the sprite", name)
		}
	}
	for name := range drawn {
		if !named[name] {
			t.Errorf("the sprite draws %s, which nothing names", name)
		}
	}
}
