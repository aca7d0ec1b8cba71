package ui

// TableArgs describes a table in its scrollport.
type TableArgs struct {
	Name    string // what the table lists, for screen readers
	ID      string
	Compact bool // 34px rows instead of 52px
	// Tall lets the table grow with the page instead of scrolling inside it.
	Tall bool
}

// ColumnArgs describes a column head by which one can sort.
type ColumnArgs struct {
	Label string
	Href  string
	// Sorted is "ascending", "descending" or empty.
	Sorted string
	Target string // the part that the answer replaces
	Number bool
}

// Tab is one of several lists of a page.
type Tab struct {
	Label   string
	Href    string
	Count   int
	Counted bool // whether Count is shown
	Current bool
}

// TabsArgs describes a row of tabs.
type TabsArgs struct {
	Name   string // for screen readers
	Tabs   []Tab
	Target string // the part that the answer replaces; empty: tabs are plain links
}

// PageSize is one of the sizes a list can have.
type PageSize struct {
	Rows    int
	Href    string
	Current bool
}

// PagerArgs describes keyset paging: there is a way back and a way on, no page numbers.
type PagerArgs struct {
	// Summary is what is shown, in words: "1–50 of 8,214".
	Summary string
	Prev    string // empty: there is none
	Next    string
	First   string // back to the first page; empty: none
	Sizes   []PageSize
	// Keep is where a chosen size is posted, with Return to go back to; empty:
	// sizes are links.
	Keep   string
	Return string
	Target string
}

// TokenArgs describes one filter that is applied, as a link that takes it away.
type TokenArgs struct {
	Label  string // "Expires"
	Value  string // "within 30 days"
	Remove string
	Target string
}

// MenuArgs describes a menu that opens without scripts.
type MenuArgs struct {
	Label    string
	ID       string // with an id, an open menu stays open when a swap brings it anew
	Icon     IconName
	Count    int // how many of its choices are applied; 0 shows nothing
	Quiet    bool
	Small    bool
	IconOnly bool
	End      bool // opens towards the start, because it stands at the end of its row
}

// FilterSheetArgs describes the filters of a list: a row on a wide screen, a
// sheet behind one button on a phone.
type FilterSheetArgs struct {
	ID    string
	Label string
	Count int // how many filters are applied
}

// Crumb is one step of the way to a page; the last one has no Href.
type Crumb struct {
	Label string
	Href  string
}

// HeadArgs describes the head of a page.
type HeadArgs struct {
	Title  string
	Lede   string
	Crumbs []Crumb
}

func (a MenuArgs) class() string {
	kind := Secondary
	if a.Quiet {
		kind = Quiet
	}
	return buttonClass(kind, false, a.Small, a.IconOnly)
}
