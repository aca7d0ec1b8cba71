package views

import (
	"time"

	"perennial/views/ui"
)

// ImportPage is the form that takes a file, and the files sent lately.
type ImportPage struct {
	Kind    string // as it was chosen: instances or prices
	Problem string // why the last file was not taken
	Field   string // to which the problem belongs: kind or file
	Key     string
	// InstanceColumns and PriceColumns are the columns of the two kinds of file.
	InstanceColumns []string
	PriceColumns    []string
	MaxMiB          int
	Files           []ImportFilePage // the latest first
}

func (p ImportPage) problems() []ui.FieldError {
	if p.Problem == "" {
		return nil
	}
	id := "file"
	if p.Field == "kind" {
		id = "kind-instances"
	}
	return []ui.FieldError{{ID: id, Text: p.Problem}}
}

func (p ImportPage) fileProblem() string {
	if p.Field == "kind" {
		return ""
	}
	return p.Problem
}

// ImportFilePage is a file that was sent: what its import would do, does, or did.
type ImportFilePage struct {
	ID     string
	Key    string
	Name   string
	Size   int64 // bytes
	Kind   string
	By     string
	SentAt time.Time
	Zone   *time.Location
	State  string // checking, checked, failed, applying, applied or stopped
	// Applying, Done and Of are the progress; Of is 0 where it is not known.
	Applying bool
	Done, Of int
	Problem  string

	Rows, New, Changed, Unchanged, Superseded, Removed, Fees int
	Refused                                                  int
	Refusals                                                 []ImportRefusal    // the first of them
	Ours                                                     []ImportSuperseded // the first of the superseded rows
	Writes                                                   bool
}

// ImportRefusal is a value that cannot be imported.
type ImportRefusal struct {
	Line   int
	Column string // empty where the line as a whole is meant
	Value  string
	Reason string
}

// ImportSuperseded is a row whose expiry is not later than the one here.
type ImportSuperseded struct {
	Line       int
	InstanceID string
	OrderID    string // the order that renewed it, or empty
}

func (p ImportFilePage) prices() bool { return p.Kind == "prices" }

func (p ImportFilePage) kind() string {
	if p.prices() {
		return "Price book"
	}
	return "Instances"
}

func (p ImportFilePage) atWork() bool { return p.State == "checking" || p.State == "applying" }

// wasChecked tells whether there is a report.
func (p ImportFilePage) wasChecked() bool { return !p.atWork() && p.State != "failed" }

func (p ImportFilePage) size() string {
	switch {
	case p.Size >= 1<<20:
		return ui.Count(int(p.Size>>20)) + " MiB"
	case p.Size >= 1<<10:
		return ui.Count(int(p.Size>>10)) + " KiB"
	}
	return ui.Plural(int(p.Size), "byte", "bytes")
}

// face is the state in a badge.
func (p ImportFilePage) face() (ui.Kind, ui.IconName, string) {
	switch {
	case p.State == "checking":
		return ui.Info, ui.IconHourglass, "Being checked"
	case p.State == "applying":
		return ui.Info, ui.IconRunning, "Being imported"
	case p.State == "applied":
		return ui.OK, ui.IconCheckCircle, "Imported"
	case p.State == "stopped":
		return ui.Warn, ui.IconAlert, "Stopped"
	case p.State == "failed" || p.Refused > 0:
		return ui.Bad, ui.IconCrossCircle, "Refused"
	case p.Writes:
		return ui.Warn, ui.IconClock, "Not imported yet"
	}
	return ui.Plain, ui.IconCheck, "Changes nothing"
}

// news is the state in a callout.
func (p ImportFilePage) news() ui.CalloutArgs {
	kind, icon, _ := p.face()
	a := ui.CalloutArgs{Kind: kind, Icon: icon}
	switch {
	case p.State == "failed":
		a.Title = "The file could not be checked"
	case p.State == "stopped":
		a.Title = "The import was interrupted"
	case p.State == "applied":
		a.Title = "The file is imported: " + p.what() + "."
	case p.Refused > 0:
		a.Title = "The file is refused: " + ui.Plural(p.Refused, "value cannot", "values cannot") + " be imported"
	case p.Writes:
		a.Kind, a.Icon, a.Title = ui.Info, ui.IconInfo, "The file can be imported. Nothing is written yet."
	default:
		a.Title = "This file changes nothing: everything in it is here already."
	}
	return a
}

// meaning is what follows from the state.
func (p ImportFilePage) meaning() string {
	switch {
	case p.State == "failed" || p.State == "stopped":
		return p.Problem
	case p.State == "applied" && p.prices():
		return "Nothing was charged. Tasks that wait for confirmation are quoted anew when somebody confirms them."
	case p.State == "applied":
		return "Nothing was charged."
	case p.Refused > 0:
		return "Nothing of it is imported. Correct the file and send it again."
	case p.Writes && p.prices():
		return "The price book of this account is replaced by the file. Nothing is charged."
	case p.Writes:
		return "Instances that the file does not mention stay as they are. Nothing is charged."
	}
	return ""
}

// effective counts the rows that change something.
func (p ImportFilePage) effective() int { return p.New + p.Changed + p.Superseded }

// what is what the import changes, in a count.
func (p ImportFilePage) what() string {
	switch {
	case p.prices() && p.effective()+p.Removed > 0:
		return ui.Plural(p.Rows, "price", "prices")
	case p.prices():
		return ui.Plural(p.Fees, "estimated fee", "estimated fees")
	}
	return ui.Plural(p.effective(), "row", "rows")
}

// button imports the file, or goes on with it.
func (p ImportFilePage) button() string {
	if p.State == "stopped" {
		return "Go on importing"
	}
	return "Import " + p.what()
}

// doing is the work that is under way, in words.
func (p ImportFilePage) doing() string {
	verb, one, many := "Checked", "row", "rows"
	if p.Applying {
		verb = "Imported"
	}
	if p.prices() {
		verb, one, many = "Compared", "estimated fee", "estimated fees"
		if p.Applying {
			verb = "Updated"
		}
	}
	switch {
	case p.Done == 0:
		return "Reading the file"
	case p.Of > 0:
		return verb + " " + ui.Count(p.Done) + " of " + ui.Plural(p.Of, one, many)
	}
	return verb + " " + ui.Plural(p.Done, one, many)
}

// said is the progress without figures: it is announced once for each step.
func (p ImportFilePage) said() string {
	switch {
	case p.State == "checking":
		return "The file is being checked"
	case !p.Applying:
		return "The file is being checked once more"
	}
	return "The file is being imported"
}

func (p ImportFilePage) railTitle() string {
	switch {
	case p.State == "applied":
		return "What it changed"
	case p.Refused > 0 || p.State == "failed":
		return "The file"
	}
	return "What it changes"
}

func (p ImportFilePage) total() string {
	if p.prices() {
		return "Prices in the file"
	}
	return "Rows in the file"
}

// lists tells whether there are rows to look at.
func (p ImportFilePage) lists() bool { return len(p.Refusals)+len(p.Ours) > 0 }

func (p ImportFilePage) canApply() bool {
	return p.Writes && (p.State == "checked" || p.State == "stopped")
}

// more says how many refusals are not shown.
func (p ImportFilePage) more() string {
	if left := p.Refused - len(p.Refusals); left > 0 {
		return ui.Plural(left, "more is", "more are") + " not shown."
	}
	return ""
}
