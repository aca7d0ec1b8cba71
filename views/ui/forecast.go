package ui

import (
	"strconv"
	"strings"

	"perennial/internal/money"
)

// ForecastArgs describes what falls due by month, with the balance as a line.
type ForecastArgs struct {
	Months  []ForecastMonth
	Summary string // for screen readers
}

// ForecastMonth is one column.
type ForecastMonth struct {
	Label        string // "Dec"
	Title        string // "2026-12"
	Manual, Auto money.Amount
	Again        money.Amount // falls due once more after a renewal; no list has it yet
	Total        money.Amount
	After        money.Amount // the balance at its end; below zero it is missing
	ManualHref   string       // the lists that prove the two figures
	AutoHref     string
}

// A column is so wide, and its bar stands in the middle of it.
const (
	columnWidth = 100
	barLeft     = 22
	barWidth    = 56
)

func (a ForecastArgs) width() string { return strconv.Itoa(columnWidth * len(a.Months)) }

// top is the amount at the upper edge: the highest column, or the balance where
// that is not much more, so that a large balance does not flatten the columns.
func (a ForecastArgs) top() int64 {
	top := int64(1)
	for _, m := range a.Months {
		top = max(top, m.Total.Minor)
	}
	limit := top + top/2
	for _, m := range a.Months {
		top = max(top, min(m.After.Minor, limit))
	}
	return top
}

// height is an amount in units of the drawing, which has chartHeight of them.
func (a ForecastArgs) height(minor int64) int {
	top := a.top()
	minor = min(max(minor, 0), top)
	if top > 1<<40 { // so that the product fits
		minor, top = minor>>20, top>>20
	}
	return int(minor * chartHeight / top)
}

// manual, auto and again draw the parts of a column, one on top of the other.
func (a ForecastArgs) manual(n int) string {
	return a.block(n, 0, a.height(a.Months[n].Manual.Minor))
}

func (a ForecastArgs) auto(n int) string {
	from := a.height(a.Months[n].Manual.Minor)
	return a.block(n, from, a.height(a.Months[n].Manual.Minor+a.Months[n].Auto.Minor)-from)
}

func (a ForecastArgs) again(n int) string {
	from := a.height(a.Months[n].Manual.Minor + a.Months[n].Auto.Minor)
	return a.block(n, from, a.height(a.Months[n].Total.Minor)-from)
}

func (a ForecastArgs) block(n, from, height int) string {
	if height <= 0 {
		return ""
	}
	h := strconv.Itoa(height)
	return "M" + strconv.Itoa(n*columnWidth+barLeft) + " " + strconv.Itoa(chartHeight-from) + "v-" + h + "h" + strconv.Itoa(barWidth) + "v" + h + "z"
}

// line is the balance at the end of each month.
func (a ForecastArgs) line() string {
	var points []string
	for n, m := range a.Months {
		points = append(points, strconv.Itoa(n*columnWidth+columnWidth/2)+","+strconv.Itoa(chartHeight-a.height(m.After.Minor)))
	}
	return strings.Join(points, " ")
}

// Short writes an amount to three digits or so, for where there is no room: $18.9k.
// It never says more than there is.
func Short(a money.Amount) string {
	minor, sign := a.Minor, ""
	if minor < 0 {
		minor, sign = -minor, "\u2212"
	}
	whole := minor
	for range a.Currency.Exponent() {
		whole /= 10
	}
	for _, step := range []struct {
		size int64
		word string
	}{{1_000_000_000, "bn"}, {1_000_000, "m"}, {1_000, "k"}} {
		if whole >= step.size {
			text := strconv.FormatInt(whole/step.size, 10)
			if whole < 100*step.size {
				text += "." + strconv.FormatInt(whole%step.size*10/step.size, 10)
			}
			return sign + a.Currency.Symbol() + text + step.word
		}
	}
	return sign + a.Currency.Symbol() + strconv.FormatInt(whole, 10)
}
