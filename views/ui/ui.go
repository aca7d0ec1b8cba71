// Package ui holds the atoms of the pages: buttons, badges, fields, tables,
// money and time as this console writes them. An atom takes one small struct
// and knows nothing of what it stands for: no rule, no path, no clock.
package ui

import (
	"strconv"
	"time"

	"perennial/internal/money"
)

// Kind colours a badge, a callout or a flash.
type Kind string

// The kinds. Hold is for what is frozen or kept back, Plain for what needs no colour.
const (
	Plain Kind = "plain"
	OK    Kind = "ok"
	Warn  Kind = "warn"
	Bad   Kind = "bad"
	Info  Kind = "info"
	Hold  Kind = "hold"
)

// icon is the sign of a kind, so that colour is never the only difference.
func (k Kind) icon() IconName {
	switch k {
	case OK:
		return IconCheckCircle
	case Warn:
		return IconAlert
	case Bad:
		return IconCrossCircle
	case Hold:
		return IconSnowflake
	}
	return IconInfo
}

// Count writes a whole number in groups of three: 8,171.
func Count(n int) string {
	if n < 0 {
		return "\u2212" + money.Group(strconv.Itoa(n)[1:])
	}
	return money.Group(strconv.Itoa(n))
}

// Plural writes a number with its noun: Plural(1, "instance", "instances").
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Stamp writes an instant in a billing zone, to the minute, with the zone's
// offset at that instant: 2026-11-25 14:08 (UTC+8).
func Stamp(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02 15:04") + " (" + Offset(t, zone) + ")"
}

// Day writes the day on which an instant falls in a billing zone: 2026-11-25.
func Day(t time.Time, zone *time.Location) string {
	return t.In(zone).Format(time.DateOnly)
}

// Offset names the offset of a zone at an instant: UTC, UTC+8, UTC−3:30.
func Offset(t time.Time, zone *time.Location) string {
	_, seconds := t.In(zone).Zone()
	if seconds == 0 {
		return "UTC"
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "\u2212", -seconds
	}
	label := "UTC" + sign + strconv.Itoa(seconds/3600)
	if minutes := seconds % 3600 / 60; minutes != 0 {
		label += ":" + strconv.Itoa(minutes/10) + strconv.Itoa(minutes%10)
	}
	return label
}

// machine is the value of a datetime attribute.
func machine(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func minor(a money.Amount) string { return strconv.FormatInt(a.Minor, 10) }
