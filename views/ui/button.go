package ui

// ButtonKind is the weight of a button. A view has one primary button.
type ButtonKind string

// The weights, heaviest first. The zero value is secondary.
const (
	Primary   ButtonKind = "primary"
	Secondary ButtonKind = ""
	Quiet     ButtonKind = "quiet"
	Danger    ButtonKind = "danger"
)

// ButtonArgs describes a button that submits its form.
type ButtonArgs struct {
	Label string // verb, object and number: "Prepare 8,214 renewals"
	Icon  IconName
	Kind  ButtonKind
	Name  string // with Value, sent where the form has several buttons
	Value string
	Form  string // id of the form, where the button stands outside it
	ID    string
	Wide  bool // as wide as its column
	Small bool
	// IconOnly hides the label from the eye and keeps it for screen readers.
	IconOnly bool
	Disabled bool
	// Describe is the id of the sentence that says what the button does or why it is disabled.
	Describe string
}

// LinkArgs describes a link that looks like a button.
type LinkArgs struct {
	Label    string
	Href     string
	Icon     IconName
	Kind     ButtonKind
	ID       string
	Wide     bool
	Small    bool
	IconOnly bool
	// Dialog opens the address in the page's dialog; without scripts it is a page.
	Dialog bool
	// Target is the part of the page that the answer replaces, such as "#results".
	Target string
	// Download marks an address that answers with a file.
	Download bool
	// Current marks the chosen one of a group, such as the two densities.
	Current bool
	// Close marks a link that only closes the dialog it stands in.
	Close bool
}

func buttonClass(kind ButtonKind, wide, small, iconOnly bool) string {
	class := "btn"
	if kind != Secondary {
		class += " btn-" + string(kind)
	}
	if wide {
		class += " btn-wide"
	}
	if small {
		class += " btn-small"
	}
	if iconOnly {
		class += " btn-icon"
	}
	return class
}
