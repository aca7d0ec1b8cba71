package ui

// DialogArgs describes what stands in the page's dialog, or alone on a page
// where there are no scripts: the same markup serves both.
type DialogArgs struct {
	Title string
	// Close is where Cancel leads without scripts.
	Close string
	// Page makes the title the heading of a page of its own.
	Page bool
}

// PostArgs describes a form that changes something.
type PostArgs struct {
	Action string
	// Key is the idempotency key made with the form; a second press sends it again.
	Key string
	// Target is the part that the answer replaces. Empty: the browser sends the
	// form itself and follows the answer as a page.
	Target string
	// Replace has the address follow the answer, which is another page than this.
	Replace bool
	ID      string
	Class   string
	// Files lets the form carry files.
	Files bool
}

// StatArgs describes one figure of a band.
type StatArgs struct {
	Label string
	Note  string
	Href  string // the list that proves the figure; empty: none
}
