package renewal

import (
	"fmt"
	"net/url"
	"slices"
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

// hidden reads the columns that are left out. NoColumn means something only alone.
func (p *parser) hidden() []Column {
	var some []Column
	for _, v := range p.q["hide"] {
		if c := Column(v); v != "" && c != NoColumn && !slices.Contains(Columns, c) {
			p.drop("hidden columns", v)
		}
		some = append(some, Column(v))
	}
	if all := InOrder(some); len(all) > 0 || !slices.Contains(some, NoColumn) {
		return all
	}
	return []Column{NoColumn}
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
