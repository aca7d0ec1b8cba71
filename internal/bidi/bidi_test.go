package bidi_test

import (
	"testing"

	"perennial/internal/bidi"
)

func TestIsolate(t *testing.T) {
	for name, want := range map[string]string{
		"":                      "",
		"prod-web-111":          "prod-web-111",
		"支付网关-07":               "支付网关-07",
		"🚀 launch":              "🚀 launch",
		"Zoë 100 %":             "Zoë 100 %",
		"خادم-12":               "\u2068خادم-12\u2069",
		"web שרת":               "\u2068web שרת\u2069",
		"\u202Edrow":            "\u2068\u202Edrow\u2069",
		"a\u2069\u202Eb":        "\u2068a\u202Eb\u2069",
		"\U0001E900\U0001E901x": "\u2068\U0001E900\U0001E901x\u2069",
	} {
		if got := bidi.Isolate(name); got != want {
			t.Errorf("Isolate(%+q) is %+q, not %+q", name, got, want)
		}
	}
}

func TestIsolateAll(t *testing.T) {
	if got := bidi.IsolateAll([]string{"web", "שרת", "db"}); got != "web, \u2068שרת\u2069, db" {
		t.Errorf("the list is %+q", got)
	}
	if got := bidi.IsolateAll(nil); got != "" {
		t.Errorf("no name is %+q", got)
	}
}
