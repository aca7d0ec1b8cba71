package ui

import "github.com/a-h/templ"

// Flash is one message that stays until it is dismissed.
type Flash struct {
	Kind Kind
	Text string
	// Label and Href are the way onward, where there is one.
	Label string
	Href  string
}

// CalloutArgs describes a hairline band that speaks about the page.
type CalloutArgs struct {
	Kind   Kind
	Title  string
	Icon   IconName        // empty: the sign of the kind
	Action templ.Component // one button or link at the end, or nil
	// Live announces the band to screen readers when it appears.
	Live bool
}

func (a CalloutArgs) sign() IconName {
	if a.Icon != "" {
		return a.Icon
	}
	return a.Kind.icon()
}

// EmptyArgs describes a list that has nothing to show, and why.
type EmptyArgs struct {
	Icon  IconName
	Title string
	Text  string
}

// ProgressArgs describes work that is under way.
type ProgressArgs struct {
	Label string // what is being counted, for screen readers: "Instances priced"
	Value int
	Max   int // 0: not known yet
}
