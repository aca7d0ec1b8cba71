package views

import (
	"slices"
	"strconv"

	"perennial/internal/renewal"
	"perennial/views/ui"
)

func contains[T comparable](chosen []T, one T) bool { return slices.Contains(chosen, one) }

// applied is the count of a menu that holds one filter.
func applied(set bool) int {
	if set {
		return 1
	}
	return 0
}

// offered are the choices of a menu with what is chosen but no longer there, so
// that it can be taken away.
func offered(options []ui.Option, chosen []string) []ui.Option {
	all := slices.Clone(options)
	for _, code := range chosen {
		if !slices.ContainsFunc(all, func(o ui.Option) bool { return o.Value == code }) {
			all = append(all, ui.Option{Value: code, Label: code})
		}
	}
	return all
}

// moreCount is how many filters are applied in the menu "More".
func moreCount(f renewal.Filter) int {
	return applied(len(f.IDs) > 0) + applied(f.Name != "") + applied(f.Order != "") + applied(f.Released > 0) +
		applied(f.Blocked != "") + applied(f.Renewed != renewal.Any) + applied(f.HideUnpaid) + applied(f.Packages != renewal.Any)
}

func releasedValue(days int) string {
	if days == 0 {
		return ""
	}
	return strconv.Itoa(days) + "d"
}

func holdOptions() []ui.Option {
	options := []ui.Option{{Value: "", Label: "All instances"}}
	for _, r := range renewal.Standing() {
		options = append(options, ui.Option{Value: string(r), Label: blockLabel(r)})
	}
	return options
}
