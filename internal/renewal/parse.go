package renewal

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maximumText  = 128 // characters of a search text, as long as a name can be
	maximumCodes = 100 // chosen services, regions or projects
	maximumNotes = 20  // sentences about what was dropped
)

// ParseListing reads a listing from a query string. What cannot be used is
// dropped, and a sentence says so: a bad value is never an error page.
func ParseListing(q url.Values) (Listing, []string) {
	f, notices := ParseFilter(q)
	p := &parser{q: q, notices: notices}
	l := Listing{Filter: f, Sort: Sort{By: ByExpiry}, Size: DefaultSize}
	if s := p.one("sort"); s != "" {
		by := SortKey(strings.TrimPrefix(s, "-"))
		if by == ByExpiry || by == ByName || by == ByFee {
			l.Sort = Sort{By: by, Desc: s[0] == '-'}
		} else {
			p.drop("sort", s)
		}
	}
	if s := p.one("size"); s != "" {
		if n, err := strconv.Atoi(s); err == nil && slices.Contains(Sizes, n) {
			l.Size = n
		} else {
			p.drop("page size", s)
		}
	}
	l.After = p.cursor("after")
	l.Before = p.cursor("before")
	return l, p.notices
}

// ParseFilter reads the filter part of a query string; the sentences say what was dropped.
func ParseFilter(q url.Values) (Filter, []string) {
	p := &parser{q: q}
	f := Filter{
		Tab:        Mode(p.among("tab", "tab", string(Manual), string(Auto), string(PayPerUse), string(Cancelled))),
		Query:      p.text("q", "search"),
		Expires:    Expires(p.among("expires", "expiration", "7d", "15d", "30d", "range")),
		Late:       p.flag("late", "include expired and frozen"),
		Renewed:    Choice(p.among("renewed", "renewed", "hide", "only")),
		Name:       p.text("name", "instance name"),
		Order:      p.text("order", "order ID"),
		Services:   p.codes("service", "service type"),
		Regions:    p.codes("region", "region"),
		Projects:   p.codes("project", "enterprise project"),
		HideUnpaid: p.flag("hide_unpaid", "orders pending payment"),
		Packages:   Choice(p.among("packages", "resource packages", "hide", "only")),
		IDs:        p.ids(),
	}
	if f.Tab == "" {
		f.Tab = Manual
	}
	for _, v := range q["status"] {
		switch s := Status(v); {
		case v == "":
		case !slices.Contains(Statuses, s):
			p.drop("status", v)
		case !slices.Contains(f.Status, s):
			f.Status = append(f.Status, s)
		}
	}
	slices.SortFunc(f.Status, func(a, b Status) int { return slices.Index(Statuses, a) - slices.Index(Statuses, b) })
	switch p.among("released", "released within", "2d", "7d") {
	case "2d":
		f.Released = 2
	case "7d":
		f.Released = 7
	}
	if v := p.one("blocked"); v != "" {
		if Reason(v).IsHold() {
			f.Blocked = Reason(v)
		} else {
			p.drop("cannot be renewed", v)
		}
	}
	p.dates(&f)
	p.unknown()
	return f, p.notices
}

type parser struct {
	q       url.Values
	notices []string
}

// say adds a sentence once, and no more of them than a page can carry: a query
// string can hold a hundred thousand bad values.
func (p *parser) say(format string, args ...any) {
	sentence := fmt.Sprintf(format, args...)
	switch {
	case slices.Contains(p.notices, sentence) || len(p.notices) > maximumNotes:
	case len(p.notices) == maximumNotes:
		p.notices = append(p.notices, "More filters were ignored for reasons like these.")
	default:
		p.notices = append(p.notices, sentence)
	}
}

func (p *parser) drop(what, value string) {
	p.say("The filter “%s” was ignored: “%s” is not a value it knows.", what, clip(value))
}

func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return utf8.RuneError
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// one reads a key that has one value: the first that is not blank. Where others
// contradict it, a sentence says so.
func (p *parser) one(key string) string {
	first := ""
	for _, v := range p.q[key] {
		switch v = strings.TrimSpace(v); {
		case first == "":
			first = v
		case v != "" && v != first:
			p.say("The filter “%s” was given more than once: only “%s” was used.", key, clip(first))
		}
	}
	return first
}

func (p *parser) among(key, what string, allowed ...string) string {
	v := p.one(key)
	if v == "" || slices.Contains(allowed, v) {
		return v
	}
	p.drop(what, v)
	return ""
}

func (p *parser) flag(key, what string) bool { return p.among(key, what, "1") == "1" }

func clean(v string) bool {
	return utf8.ValidString(v) && utf8.RuneCountInString(v) <= maximumText &&
		!strings.ContainsFunc(v, unicode.IsControl)
}

func (p *parser) text(key, what string) string {
	v := p.one(key)
	if !clean(v) {
		p.drop(what, v)
		return ""
	}
	return v
}

func (p *parser) codes(key, what string) []string {
	var codes []string
	for _, v := range p.q[key] {
		switch {
		case v == "" || slices.Contains(codes, v):
		case !clean(v):
			p.drop(what, v)
		case len(codes) == maximumCodes:
			p.say("Only the first %d values of the filter “%s” were used.", maximumCodes, what)
		default:
			codes = append(codes, v)
		}
	}
	slices.Sort(codes)
	return codes
}

// ids reads pasted instance IDs, separated by blanks, commas or lines.
func (p *parser) ids() []string {
	var ids []string
	ignored := 0
	for _, v := range p.q["ids"] {
		for _, id := range strings.FieldsFunc(v, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) {
			switch {
			case !clean(id):
				p.drop("instance ID", id)
			case slices.Contains(ids, id):
			case len(ids) == MaximumIDs:
				ignored++
			default:
				ids = append(ids, id)
			}
		}
	}
	if ignored > 0 {
		p.say("Only the first %d instance IDs were used: %d more were ignored.", MaximumIDs, ignored)
	}
	return ids
}

// dates reads the range. A date without expires=range is used as a range, since
// nobody types a date that should not count.
func (p *parser) dates(f *Filter) {
	f.From, f.To = p.date("from"), p.date("to")
	if f.Expires.Window() > 0 {
		f.From, f.To = "", ""
		return
	}
	if f.From != "" && f.To != "" && f.From > f.To {
		p.say("The filter “expiration” was ignored: %s lies after %s.", f.From, f.To)
		f.From, f.To = "", ""
	}
	f.Expires = AnyExpiry
	if f.From != "" || f.To != "" {
		f.Expires = ExpiryRange
	} else {
		f.Late = false // without a window or range nothing is left out that it could bring back
	}
}

func (p *parser) date(key string) string {
	v := p.one(key)
	if v == "" {
		return ""
	}
	// Year 0 ends where the zero time begins, which is without end.
	if day, err := time.Parse(time.DateOnly, v); err != nil || day.Year() < 1 {
		p.drop("expiration "+key, v)
		return ""
	}
	return v
}

var known = []string{
	"tab", "q", "status", "expires", "from", "to", "late", "released", "blocked", "renewed", "ids", "name", "order",
	"service", "region", "project", "hide_unpaid", "packages", "sort", "size", "after", "before",
}

func (p *parser) unknown() {
	for _, key := range slices.Sorted(maps.Keys(p.q)) {
		if !slices.Contains(known, key) {
			p.say("The filter “%s” was ignored: there is none of that name.", clip(key))
		}
	}
}

func (p *parser) cursor(key string) Cursor {
	v := p.one(key)
	if v == "" {
		return Cursor{}
	}
	c, err := ParseCursor(v)
	if err != nil {
		p.say("The place in the list was not understood, so the list starts at its beginning.")
	}
	return c
}

// Values writes the filter as a query string that ParseFilter reads back. Parts
// that are not set are left out, and the order of a repeated key is fixed, so
// that equal filters have equal strings.
func (f Filter) Values() url.Values {
	v := url.Values{"tab": {string(f.Tab)}}
	set := func(key, value string) {
		if value != "" {
			v.Set(key, value)
		}
	}
	set("q", f.Query)
	for _, s := range f.Status {
		v.Add("status", string(s))
	}
	set("expires", string(f.Expires))
	set("from", f.From)
	set("to", f.To)
	if f.Late {
		v.Set("late", "1")
	}
	if f.Released > 0 {
		v.Set("released", strconv.Itoa(f.Released)+"d")
	}
	set("blocked", string(f.Blocked))
	set("renewed", string(f.Renewed))
	set("ids", strings.Join(f.IDs, ","))
	set("name", f.Name)
	set("order", f.Order)
	for key, codes := range map[string][]string{"service": f.Services, "region": f.Regions, "project": f.Projects} {
		if len(codes) > 0 {
			v[key] = codes
		}
	}
	if f.HideUnpaid {
		v.Set("hide_unpaid", "1")
	}
	set("packages", string(f.Packages))
	return v
}
