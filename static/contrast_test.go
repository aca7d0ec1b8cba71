package static_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

var tokenLine = regexp.MustCompile(`--([a-z0-9-]+): light-dark\(#([0-9A-Fa-f]{6}), #([0-9A-Fa-f]{6})\);`)

// tokens reads the colours of the sheet: name to light and dark.
func tokens(t *testing.T) map[string][2]string {
	t.Helper()
	css, err := os.ReadFile("css/20-tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	colours := map[string][2]string{}
	for _, m := range tokenLine.FindAllStringSubmatch(string(css), -1) {
		if _, twice := colours[m[1]]; twice {
			t.Errorf("--%s is written twice", m[1])
		}
		colours[m[1]] = [2]string{m[2], m[3]}
	}
	return colours
}

// luminance is that of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(shift uint) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(t *testing.T, a, b string) float64 {
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func TestContrast(t *testing.T) {
	const text, control = 4.5, 3.0
	paper := []string{"canvas", "surface", "sunken", "selected"}
	pairs := []struct {
		front string
		backs []string
		least float64
	}{
		{"fg", paper, text},
		{"muted", paper, text},
		{"subtle", paper, text},
		{"accent", []string{"canvas", "surface", "sunken", "selected"}, text},
		{"accent-hover", []string{"canvas", "surface", "sunken"}, text},
		{"on-accent", []string{"accent", "accent-hover"}, text},
		{"ok", []string{"ok-tint", "surface", "canvas", "selected"}, text},
		{"warn", []string{"warn-tint", "surface", "canvas", "selected"}, text},
		{"bad", []string{"bad-tint", "surface", "canvas", "selected"}, text},
		{"info", []string{"info-tint", "surface", "canvas", "selected"}, text},
		{"hold", []string{"hold-tint", "surface", "canvas"}, text},
		{"fg", []string{"ok-tint", "warn-tint", "bad-tint", "info-tint", "hold-tint"}, text},
		{"muted", []string{"ok-tint", "warn-tint", "bad-tint", "info-tint", "hold-tint"}, text},
		{"on-bar", []string{"bar"}, text},
		{"on-bar-muted", []string{"bar"}, text},
		{"control", []string{"canvas", "surface", "sunken"}, control},
		{"chart-1", []string{"surface"}, control},
		{"chart-2", []string{"surface"}, control},
		{"chart-3", []string{"surface"}, control},
	}
	colours := tokens(t)
	for _, p := range pairs {
		for _, back := range p.backs {
			front, ok := colours[p.front]
			ground, found := colours[back]
			if !ok || !found {
				t.Fatalf("--%s or --%s is not in the sheet", p.front, back)
			}
			for i, theme := range []string{"light", "dark"} {
				if c := contrast(t, front[i], ground[i]); c < p.least {
					t.Errorf("%s: --%s on --%s is %.2f, wants %.1f", theme, p.front, back, c, p.least)
				}
			}
		}
	}
}

func TestContrastMeasuresWhatItSays(t *testing.T) {
	if c := contrast(t, "000000", "FFFFFF"); math.Abs(c-21) > 0.01 {
		t.Errorf("black on white is %.2f", c)
	}
	if c := contrast(t, "777777", "FFFFFF"); c >= 4.5 {
		t.Errorf("a grey that is known to fail passes with %.2f", c)
	}
}
