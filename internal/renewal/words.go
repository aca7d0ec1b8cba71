package renewal

import (
	"fmt"
	"strings"

	"perennial/internal/bidi"
)

// Token is one applied part of a filter, in words, with the filter that is left
// when it is taken away.
type Token struct {
	Label   string
	Value   string
	Without Filter
}

// Names gives the names that belong to codes; a code without one speaks for itself.
type Names struct {
	Services map[string]string
	Regions  map[string]string
}

// Tokens says the filter part by part, in the order of the filter bar.
func (f Filter) Tokens(n Names) []Token {
	var tokens []Token
	add := func(label, value string, without func(*Filter)) {
		if value == "" {
			return
		}
		g := f
		without(&g)
		tokens = append(tokens, Token{label, value, g})
	}
	add("Search", bidi.Isolate(f.Query), func(g *Filter) { g.Query = "" })
	titles := make([]string, len(f.Status))
	for i, s := range f.Status {
		titles[i] = s.Title()
	}
	add("Status", strings.Join(titles, ", "), func(g *Filter) { g.Status = nil })
	add("Expires", f.expiryWords(), func(g *Filter) { *g = g.AnyTime() })
	if f.Released > 0 {
		add("Released", fmt.Sprintf("within %d days", f.Released), func(g *Filter) { g.Released = 0 })
	}
	add("Cannot be renewed", strings.TrimSuffix(f.Blocked.Sentence(), "."), func(g *Filter) { g.Blocked = "" })
	add("Renewed here within 30 days", choiceWords(f.Renewed), func(g *Filter) { g.Renewed = Any })
	add("Instance IDs", idWords(f.IDs), func(g *Filter) { g.IDs = nil })
	add("Name contains", bidi.Isolate(f.Name), func(g *Filter) { g.Name = "" })
	add("Order", f.Order, func(g *Filter) { g.Order = "" })
	add("Service type", named(f.Services, n.Services), func(g *Filter) { g.Services = nil })
	add("Region", named(f.Regions, n.Regions), func(g *Filter) { g.Regions = nil })
	add("Enterprise project", bidi.IsolateAll(f.Projects), func(g *Filter) { g.Projects = nil })
	if f.HideUnpaid {
		add("Orders pending payment", "not shown", func(g *Filter) { g.HideUnpaid = false })
	}
	add("Resource packages", choiceWords(f.Packages), func(g *Filter) { g.Packages = Any })
	return tokens
}

// Words says the whole filter in one line.
func (f Filter) Words(n Names) string {
	tokens := f.Tokens(n)
	if len(tokens) == 0 {
		return "Everything on " + f.Tab.Title()
	}
	parts := make([]string, len(tokens))
	for i, t := range tokens {
		parts[i] = t.Label + ": " + t.Value
	}
	return strings.Join(parts, " · ")
}

func (f Filter) expiryWords() string {
	words := ""
	switch {
	case f.Expires.Window() > 0:
		words = fmt.Sprintf("within %d days", f.Expires.Window()/Day)
	case f.From != "" && f.To != "":
		words = f.From + " to " + f.To
	case f.From != "":
		words = "from " + f.From
	case f.To != "":
		words = "up to " + f.To
	default:
		return ""
	}
	if f.Late {
		words += ", with expired and frozen"
	}
	return words
}

func choiceWords(c Choice) string {
	switch c {
	case Hide:
		return "not shown"
	case Only:
		return "only"
	}
	return ""
}

func idWords(ids []string) string {
	switch len(ids) {
	case 0:
		return ""
	case 1:
		return ids[0]
	}
	return fmt.Sprintf("%d pasted", len(ids))
}

func named(codes []string, names map[string]string) string {
	words := make([]string, len(codes))
	for i, c := range codes {
		words[i] = c
		if name := names[c]; name != "" {
			words[i] = name
		}
	}
	return bidi.IsolateAll(words)
}
