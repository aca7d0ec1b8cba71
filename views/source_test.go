package views_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What a template must not contain: raw HTML, spread attributes, styles and
// handlers of its own, values that htmx would run, and paths put together by hand.
var forbidden = map[string]*regexp.Regexp{
	"templ.Raw":          regexp.MustCompile(`templ\.Raw\b`),
	"attribute spread":   regexp.MustCompile(`\{\s*[^{}]*\.\.\.\s*\}`),
	"inline style":       regexp.MustCompile(`\sstyle=`),
	"inline handler":     regexp.MustCompile(`\s(on[a-z]+|hx-on[^=]*)=`),
	"dynamic hx-vals":    regexp.MustCompile(`hx-(vals|headers)=\{`),
	"javascript value":   regexp.MustCompile(`"js:|"javascript:`),
	"path concatenation": regexp.MustCompile(`(href|action|hx-get|hx-post)=\{\s*"/`),
}

// children is the one spread that templ itself needs.
const children = "{ children... }"

func findings(source string) []string {
	source = strings.ReplaceAll(source, children, "")
	var found []string
	for name, pattern := range forbidden {
		if hit := pattern.FindString(source); hit != "" {
			found = append(found, name+": "+hit)
		}
	}
	return found
}

func TestTemplatesKeepTheRules(t *testing.T) {
	count := 0
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".templ" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		count++
		for _, f := range findings(string(source)) {
			if strings.HasPrefix(path, "email/") && strings.HasPrefix(f, "inline style: ") {
				continue // mail programs keep no other styles
			}
			t.Errorf("%s: %s", path, f)
		}
		if lines := strings.Count(string(source), "\n"); lines > 150 {
			t.Errorf("%s has %d lines", path, lines)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if count == 0 {
		t.Fatal("no template was found")
	}
}

func TestEachRuleCatches(t *testing.T) {
	for _, bad := range []string{
		`@templ.Raw(text)`, `<a { attrs... }>`, `<p style="color:red">`, `<a onclick="x()">`,
		`<a hx-on:click="x()">`, `<form hx-vals={ v }>`, `<a hx-vals="js:{}">`, `<a href={ "/tasks/" + id }>`,
	} {
		if len(findings(bad)) == 0 {
			t.Errorf("%s passes", bad)
		}
	}
	if f := findings(`<a href={ TaskPath(id) }>` + children + `</a>`); len(f) > 0 {
		t.Errorf("what is allowed is refused: %v", f)
	}
}
