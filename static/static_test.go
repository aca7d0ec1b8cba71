package static_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"perennial/static"
)

var names = []string{"app.css", "app.js", "icons.svg", "mark.svg", "inter.woff2"}

func get(t *testing.T, method, url, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, url, nil)
	if encoding != "" {
		r.Header.Set("Accept-Encoding", encoding)
	}
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVendoredFilesAreThePinnedOnes(t *testing.T) {
	sums, err := os.ReadFile("vendor/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	pinned := map[string]bool{}
	for line := range strings.Lines(string(sums)) {
		want, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("line %q is not a sum and a name", line)
		}
		pinned[name] = true
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is not the file that was pinned", name)
		}
	}
	for _, pattern := range []string{"vendor/*.js", "vendor/*.txt", "fonts/*", "*-LICENSE.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("nothing matches %s: %v", pattern, err)
		}
		for _, name := range files {
			if !pinned[name] {
				t.Errorf("%s has no pinned sum", name)
			}
		}
	}
}

func TestAnAssetIsServedForEverUnderItsHash(t *testing.T) {
	for _, name := range names {
		url := static.URL(name)
		plain := get(t, "GET", url, "")
		if plain.StatusCode != 200 || !strings.Contains(plain.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %q", url, plain.StatusCode, plain.Header.Get("Cache-Control"))
		}
		if plain.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s is packed for a browser that did not ask", url)
		}
		whole := body(t, plain.Body)
		packed := get(t, "GET", url, "br, gzip;q=0.8")
		if packed.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(packed.Body)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(body(t, z), whole) {
				t.Errorf("%s unpacks to something else", url)
			}
		} else if name != "inter.woff2" {
			t.Errorf("%s is not packed", url)
		}
		if head := get(t, "HEAD", url, ""); len(body(t, head.Body)) != 0 || head.StatusCode != 200 {
			t.Errorf("HEAD %s: %d", url, head.StatusCode)
		}
	}
}

func TestWhatIsNotAnAssetIsRefused(t *testing.T) {
	for url, want := range map[string]int{
		"/static/app.css":              404,
		"/static/app.000000000000.css": 404,
		"/static/":                     404,
		"/static/../embed.go":          404,
	} {
		got := get(t, "GET", url, "")
		if got.StatusCode != want || strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d, %q", url, got.StatusCode, got.Header.Get("Cache-Control"))
		}
	}
	if got := get(t, "POST", static.URL("app.css"), ""); got.StatusCode != 405 {
		t.Errorf("POST: %d", got.StatusCode)
	}
	if got := get(t, "GET", static.URL("app.css"), "gzip;q=0"); got.Header.Get("Content-Encoding") != "" {
		t.Error("a refused coding was used")
	}
	defer func() {
		if recover() == nil {
			t.Error("a wrong name in a template must not pass")
		}
	}()
	static.URL("nothing.css")
}

// The sizes are those of interface.md, in bytes on the wire.
func TestBudgets(t *testing.T) {
	wire := func(name string) int {
		return len(body(t, get(t, "GET", static.URL(name), "gzip").Body))
	}
	css, js := wire("app.css"), wire("app.js")
	if css > 12<<10 {
		t.Errorf("the style sheet has %d bytes", css)
	}
	if js > 18<<10 {
		t.Errorf("the scripts have %d bytes", js)
	}
	const page = 14 << 10
	if first := page + css + js + wire("icons.svg") + wire("mark.svg") + wire("inter.woff2"); first > 110<<10 {
		t.Errorf("a first view has %d bytes", first)
	}
	script, err := os.ReadFile("app.js")
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(script, []byte("\n")); lines > 200 {
		t.Errorf("app.js has %d lines", lines)
	}
}

// What the content security policy forbids must not be tried, and the cascade is
// kept by layers alone.
func TestSheetAndScriptKeepTheRules(t *testing.T) {
	css := string(body(t, get(t, "GET", static.URL("app.css"), "").Body))
	for _, bad := range []string{"!important", "@import", "data:", "http://", "https://"} {
		if strings.Contains(css, bad) {
			t.Errorf("the style sheet contains %s", bad)
		}
	}
	if n := strings.Count(css, "url("); n != 1 || !strings.Contains(css, `url("inter.`) || strings.Contains(css, `url("inter.woff2")`) {
		t.Errorf("the style sheet has %d addresses; it wants the font's fingerprinted one alone", n)
	}
	// In em, a page asked for in larger text gets the layout of a smaller screen.
	if in := regexp.MustCompile(`@media[^{]*width[^{]*px[^{]*`).FindString(css); in != "" {
		t.Errorf("%sis in pixels; 53.75em are 860px", in)
	}
	if !strings.HasPrefix(css, "@layer reset, tokens, base, layout, components, pages, print;") {
		t.Error("the layers are not declared first")
	}
	script, err := os.ReadFile("app.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"innerHTML", "eval(", "Function(", ".style", "insertAdjacentHTML"} {
		if bytes.Contains(script, []byte(bad)) {
			t.Errorf("app.js uses %s", bad)
		}
	}
}
