// Package static holds what the browser loads besides pages: one style sheet, one
// script of htmx and our own, one icon sprite, one font. Everything is embedded,
// and each asset is served under a name that contains a hash of its bytes, so a
// browser may keep it for ever and a new release is never mixed with an old one.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed css/*.css app.js icons.svg mark.svg fonts/*.woff2 vendor/*.js
var files embed.FS

// Prefix is the path under which assets are served.
const Prefix = "/static/"

// asset is one served file. packed is empty where gzip would not help.
type asset struct {
	url         string
	contentType string
	plain       []byte
	packed      []byte
}

// sources maps the names that views use to embedded files. The style sheet and
// the script are absent: they are put together from several, so that a page needs
// one request for each.
var sources = map[string]string{
	"icons.svg":   "icons.svg",
	"mark.svg":    "mark.svg",
	"inter.woff2": "fonts/inter-latin-wght-normal.woff2",
}

var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// load reads and packs every asset once, at first use, so that commands which
// serve nothing do not pay for it.
var load = sync.OnceValue(func() map[string]asset {
	all := make(map[string]asset, len(sources)+2)
	for name, file := range sources {
		content, err := files.ReadFile(file)
		if err != nil {
			panic(fmt.Sprintf("static: %v", err))
		}
		all[name] = newAsset(name, content)
	}
	css, err := joined("css/*.css")
	if err != nil {
		panic(fmt.Sprintf("static: %v", err))
	}
	js, err := joined("vendor/htmx-4.0.1.min.js", "app.js")
	if err != nil {
		panic(fmt.Sprintf("static: %v", err))
	}
	// The sheet names the font plainly; both live in one folder, so the
	// fingerprinted name is enough.
	font := path.Base(all["inter.woff2"].url)
	css = bytes.ReplaceAll(css, []byte(`url("inter.woff2")`), []byte(`url("`+font+`")`))
	all["app.css"], all["app.js"] = newAsset("app.css", css), newAsset("app.js", js)
	return all
})

// joined is the content of files one behind the other, each on lines of its own:
// what a pattern matches in the order of the names, which for css/NN-name.css is
// the order in which the layers want them.
func joined(patterns ...string) ([]byte, error) {
	var all bytes.Buffer
	for _, pattern := range patterns {
		names, err := fs.Glob(files, pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			content, err := files.ReadFile(name)
			if err != nil {
				return nil, err
			}
			all.Write(content)
			all.WriteByte('\n')
		}
	}
	return all.Bytes(), nil
}

func newAsset(name string, content []byte) asset {
	ext := path.Ext(name)
	sum := sha256.Sum256(content)
	a := asset{
		url:         Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
		contentType: contentTypes[ext],
		plain:       content,
	}
	if ext != ".woff2" {
		a.packed = pack(content)
	}
	return a
}

func pack(content []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant of the same package
	}
	// A bytes.Buffer does not fail.
	_, _ = w.Write(content)
	_ = w.Close()
	return out.Bytes()
}

// URL returns the fingerprinted path of an asset: "app.css", "app.js",
// "icons.svg", "mark.svg" or "inter.woff2". A name that does not
// exist is a mistake in a template and panics.
func URL(name string) string {
	a, ok := load()[name]
	if !ok {
		panic("static: no asset is called " + name)
	}
	return a.url
}

// Icon returns the address of one symbol of the sprite.
func Icon(name string) string { return URL("icons.svg") + "#" + name }
