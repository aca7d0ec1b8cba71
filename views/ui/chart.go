package ui

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"
)

// chartHeight is the height of a chart in its own units; a day is ten units wide.
const chartHeight = 100

// HorizonArgs describes how many instances expire on each day around today.
type HorizonArgs struct {
	Days []HorizonDay // the oldest first
	// Peak labels the highest day: "412 on 2026-11-30".
	Peak string
	// Summary says in words what the bars show, for screen readers.
	Summary string
}

// HorizonDay is one bar.
type HorizonDay struct {
	Units int
	Class string // frozen, late, soon or later
	Label string // "412 on 2026-11-30"
	Href  string // the list of what expires on the day
}

// width is how wide the drawing is.
func (a HorizonArgs) width() string { return strconv.Itoa(10 * len(a.Days)) }

// bars are the days on which something expires, each placed from the left, with a
// height out of chartHeight. A day that is not nothing is never too low to be seen.
func (a HorizonArgs) bars() []bar {
	peak := 1
	for _, d := range a.Days {
		peak = max(peak, d.Units)
	}
	var bars []bar
	for n, d := range a.Days {
		if d.Units > 0 {
			bars = append(bars, bar{d, n * 10, max(d.Units*chartHeight/peak, 4)})
		}
	}
	return bars
}

type bar struct {
	HorizonDay
	left, height int
}

// column is the whole height of the day, which is easier to hit than a low bar.
func (b bar) column() string {
	return "M" + strconv.Itoa(b.left) + " 0h10v" + strconv.Itoa(chartHeight) + "h-10z"
}

func (b bar) path() string {
	return "M" + strconv.Itoa(b.left+1) + " " + strconv.Itoa(chartHeight) + "v-" + strconv.Itoa(b.height) + "h8v" + strconv.Itoa(b.height) + "z"
}

// has tells whether a day of the kind is shown, so that the legend says no more
// than the chart.
func (a HorizonArgs) has(class string) bool {
	return slices.ContainsFunc(a.Days, func(d HorizonDay) bool { return d.Class == class && d.Units > 0 })
}

// HorizonPlace is where a horizon is shown once it is counted.
type HorizonPlace struct {
	Href string // its page, which answers with the drawing alone where htmx asks
}

func safe(href string) templ.SafeURL { return templ.SafeURL(href) }
