package web

import (
	"slices"
	"strconv"

	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/views"
)

// prefer keeps one choice of how the person wants the console, and returns.
func (s *server) prefer(c *call) error {
	in, err := c.values("density", "size", "columns", "show", "keys", "next")
	if err != nil {
		return err
	}
	switch {
	case in.Has("density"):
		err = s.preferDensity(c, in.Get("density"))
	case in.Has("size"):
		rows, _ := strconv.Atoi(in.Get("size")) // what is no number is no size
		err = s.App.PreferSize(c.ctx(), c.actor(), rows)
	case in.Has("columns"):
		err = s.preferColumns(c, in["show"])
	case in.Has("keys"):
		err = s.preferKeys(c, in.Get("keys"))
	default:
		err = fault.New(fault.Invalid, "Choose how dense rows are, how many are on a page, which columns are shown, or whether keys work.")
	}
	if err != nil {
		return err
	}
	return c.see(safeNext(in.Get("next"), views.HomePath()))
}

func (s *server) preferDensity(c *call, name string) error {
	if name != "compact" && name != "comfortable" {
		return fault.Field("density", "Rows are comfortable or compact.")
	}
	return s.App.PreferCompact(c.ctx(), c.actor(), name == "compact")
}

func (s *server) preferKeys(c *call, what string) error {
	if what != "on" && what != "off" {
		return fault.Field("keys", "Keys are on or off.")
	}
	return s.App.PreferKeys(c.ctx(), c.actor(), what == "off")
}

// preferColumns keeps which columns are left out: those that are not ticked.
func (s *server) preferColumns(c *call, shown []string) error {
	hidden := slices.Clone(renewal.Columns)
	for _, code := range shown {
		if !slices.Contains(renewal.Columns, renewal.Column(code)) {
			return fault.Field("show", "There is no column of that name that can be left out.")
		}
		hidden = slices.DeleteFunc(hidden, func(h renewal.Column) bool { return string(h) == code })
	}
	return s.App.PreferHidden(c.ctx(), c.actor(), hidden)
}
