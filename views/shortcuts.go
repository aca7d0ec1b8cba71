package views

// ShortcutsPage lists the keys.
type ShortcutsPage struct {
	KeysOff bool // the person has turned those of one character off
	Page    bool // a page of its own, not a dialog
}

// shortcuts are the keys that app.js listens to.
var shortcuts = []struct {
	keys []string
	does string
}{
	{[]string{"/"}, "Search the list"},
	{[]string{"?"}, "Show these keys"},
	{[]string{"Esc"}, "Close a dialog or a menu"},
	{[]string{"Shift", "click"}, "Tick every row from the last tick to this one"},
	{[]string{"Shift", "Space"}, "The same, on the tick that has the focus"},
}
