package web

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"perennial/internal/fault"
)

// formBytes is the most that a request may bring unless its route says more. The
// longest form is 200 pasted instance ids.
const formBytes = 256 << 10

// values reads the named values of a request and no others: from the query of a
// GET, from the body of a POST, never from both. Text that no database would
// take is refused in a form; in a query it is replaced, and matches nothing.
func (c *call) values(names ...string) (url.Values, error) {
	all, err := c.sent()
	if err != nil {
		return nil, err
	}
	chosen := make(url.Values, len(names))
	for _, name := range names {
		for _, value := range all[name] {
			if !storable(value) {
				if c.unsafe() {
					return nil, fault.Field(name, "This has characters that are not text.")
				}
				value = strings.ReplaceAll(strings.ToValidUTF8(value, "\uFFFD"), "\x00", "\uFFFD")
			}
			chosen.Add(name, value)
		}
	}
	return chosen, nil
}

func (c *call) sent() (url.Values, error) {
	r := c.Request()
	if !c.unsafe() {
		return r.URL.Query(), nil
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return nil, fault.New(fault.Invalid, "This is not a form that was filled in on a page.")
	}
	if err := r.ParseForm(); err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return nil, err
		}
		return nil, fault.Wrap(err, fault.Invalid, "This form arrived incomplete. Send it again.")
	}
	return r.PostForm, nil
}

// query is the whole query string, for pages whose filters are parsed by renewal.
func (c *call) query() url.Values {
	all := c.Request().URL.Query()
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	// A query never fails to be read.
	chosen, _ := c.values(names...)
	return chosen
}

// param is a part of the path, such as the id in /tasks/:id. What cannot be an id
// is not found. Echo matches the path as it was sent where Go would have escaped it
// otherwise, and else the unescaped one: unescaping that again would turn the id a%41
// into aA, which may be another instance.
func (c *call) param(name string) (value string, err error) {
	value = c.Param(name)
	if c.Request().URL.RawPath != "" {
		value, err = url.PathUnescape(value)
	}
	if err != nil || !storable(value) {
		return "", fault.New(fault.NotFound, notFound)
	}
	return value, nil
}

// storable tells whether both engines take the text.
func storable(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

// safeNext is where to go on after signing in or changing the theme: a path of
// this console, or fallback.
func safeNext(next, fallback string) string {
	u, err := url.Parse(next)
	switch {
	case err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || u.User != nil,
		!strings.HasPrefix(next, "/"), strings.HasPrefix(next, "//"),
		// Browsers read a backslash as a slash, and drop tabs and line breaks.
		strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f }),
		u.Path == "/sign-in" || u.Path == "/sign-out":
		return fallback
	}
	return next
}
