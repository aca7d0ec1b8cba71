package ui

import "net/url"

// InputArgs describes a one-line or many-line text field.
type InputArgs struct {
	Label        string
	Name         string // also its id, unless ID is given
	ID           string
	Type         string // empty: text
	Value        string
	Hint         string
	Error        string
	Prefix       string // stands inside the field, such as a currency sign
	Placeholder  string
	Autocomplete string
	InputMode    string
	Accept       string // for files
	Rows         int    // for Textarea
	MaxLength    int
	Required     bool
	Autofocus    bool
}

// Option is one choice of a Select.
type Option struct {
	Value string
	Label string
}

// SelectArgs describes a list from which one is chosen.
type SelectArgs struct {
	Label   string
	Name    string
	ID      string
	Value   string
	Options []Option
	Hint    string
	Error   string
}

// CheckArgs describes a tick or, with Radio, one of several.
type CheckArgs struct {
	Label    string
	Name     string
	Value    string // empty: "1"
	ID       string // empty: name-value
	Hint     string
	Error    string
	Count    string // at the end of the row, such as how many match
	Checked  bool
	Radio    bool
	Required bool
	Disabled bool
}

// FieldError is one line of an error summary, linked to its field.
type FieldError struct {
	ID   string
	Text string
}

func (a InputArgs) id() string {
	if a.ID != "" {
		return a.ID
	}
	return a.Name
}

func (a InputArgs) kind() string {
	if a.Type != "" {
		return a.Type
	}
	return "text"
}

func (a SelectArgs) id() string {
	if a.ID != "" {
		return a.ID
	}
	return a.Name
}

func (a CheckArgs) value() string {
	if a.Value != "" {
		return a.Value
	}
	return "1"
}

func (a CheckArgs) id() string {
	if a.ID != "" {
		return a.ID
	}
	return a.Name + "-" + url.QueryEscape(a.value()) // an id has no spaces
}

// described lists the ids of the hint and the error of a field, as aria-describedby wants them.
func described(id, hint, problem string) string {
	switch {
	case hint != "" && problem != "":
		return id + "-hint " + id + "-error"
	case hint != "":
		return id + "-hint"
	case problem != "":
		return id + "-error"
	}
	return ""
}
