package renewal

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// ParseListing reads a listing from a query string. What cannot be used is
// dropped, and a sentence says so: a bad value is never an error page.
func ParseListing(q url.Values) (Listing, []string) {
	f, notices := ParseFilter(q)
	p := &parser{q: q, notices: notices}
	l := Listing{Filter: f, Sort: Sort{By: ByExpiry}, Hidden: p.hidden()}
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
		if Reason(v).Stands() {
			f.Blocked = Reason(v)
		} else {
			p.drop("cannot be renewed", v)
		}
	}
	p.dates(&f)
	p.unknown()
	return f, p.notices
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

var known = []string{
	"tab", "q", "status", "expires", "from", "to", "late", "released", "blocked", "renewed", "ids", "name", "order",
	"service", "region", "project", "hide_unpaid", "packages", "sort", "size", "hide", "after", "before",
}

func (p *parser) unknown() {
	for _, key := range slices.Sorted(maps.Keys(p.q)) {
		if !slices.Contains(known, key) {
			p.say("The filter “%s” was ignored: there is none of that name.", clip(key))
		}
	}
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
