package ui

import (
	"slices"
	"strconv"
	"strings"
)

// The horizon shows this many days before and after now: as long as the grace
// and retention periods together, and a quarter ahead. The style sheet places
// the marks of the axis by the same numbers.
const (
	HorizonPast   = 30
	HorizonAhead  = 90
	horizonSoon   = 7
	horizonHeight = 100
)

// HorizonArgs describes how many instances expire on each day around today.
type HorizonArgs struct {
	// Days holds HorizonPast + HorizonAhead counts; the first is the oldest day.
	Days []int
	// Peak labels the highest day: "412 on 2026-11-30".
	Peak string
	// Summary says in words what the bars show, for screen readers.
	Summary string
}

// bars draws the days from (inclusive) to (exclusive) as one path, ten units
// wide a day, so that a chart of 120 days is three elements.
func (a HorizonArgs) bars(from, to int) string {
	peak := max(slices.Max(append([]int{1}, a.Days...)), 1)
	var d strings.Builder
	for i := from; i < to && i < len(a.Days); i++ {
		if a.Days[i] <= 0 {
			continue
		}
		height := max(a.Days[i]*horizonHeight/peak, 3)
		d.WriteString("M" + strconv.Itoa(i*10+1) + " " + strconv.Itoa(horizonHeight) +
			"v-" + strconv.Itoa(height) + "h8v" + strconv.Itoa(height) + "z")
	}
	return d.String()
}
