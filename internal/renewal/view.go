package renewal

// View is a list of the Renewals page that a person keeps under a name.
type View struct {
	ID    string
	Name  string
	Query string // of the page's address, as it is written there
	Opens bool   // the page opens with it
}

// ViewsAPerson is how many views one person may keep: they are a menu.
const ViewsAPerson = 30

// ViewName is how long the name of a view may be, in characters.
const ViewName = 64
