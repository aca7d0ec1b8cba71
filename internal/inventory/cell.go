package inventory

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"perennial/internal/renewal"
)

// cells checks the values of one record and remembers what it refused. A value
// that is wrong in several ways is refused once.
type cells struct {
	line     int
	columns  []string
	values   []string
	refusals []Refusal
}

func (c *cells) refuse(column int, format string, args ...any) {
	c.refusals = append(c.refusals, Refusal{c.line, c.columns[column], visible(c.values[column]), fmt.Sprintf(format, args...)})
}

// text is a value that people read; it may be empty.
func (c *cells) text(column int) string {
	v := c.values[column]
	switch n := utf8.RuneCountInString(v); {
	case n > MaximumText:
		c.refuse(column, "It has %d characters, and at most %d are kept.", n, MaximumText)
	case strings.ContainsFunc(v, unprintable):
		c.refuse(column, "It holds a character that cannot be printed.")
	}
	return v
}

// unprintable tells the control characters and the two line breaks of Unicode
// that are not among them.
func unprintable(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }

// code is a text that prices and filters go by, so it may not be empty.
func (c *cells) code(column int) string {
	if c.values[column] == "" {
		c.refuse(column, "This value is needed and is empty.")
		return ""
	}
	return c.text(column)
}

// named is the name of a code; without one the code speaks for itself.
func (c *cells) named(column int, code string) string {
	if c.values[column] == "" {
		return code
	}
	return c.text(column)
}

// id is an identifier. People paste lists of them separated by blanks, commas,
// semicolons or lines, so it can hold none of these.
func (c *cells) id(column int, needed bool) string {
	v := c.values[column]
	switch n := utf8.RuneCountInString(v); {
	case v == "" && needed:
		c.refuse(column, "An ID is needed and is empty.")
	case n > MaximumText:
		c.refuse(column, "An ID has at most %d characters, and this has %d.", MaximumText, n)
	case strings.ContainsFunc(v, func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r) || r == ',' || r == ';'
	}):
		c.refuse(column, "An ID holds no blanks, commas, semicolons or characters that cannot be seen.")
	}
	return v
}

// The years that a time may lie in. What is outside is a slip or an attack on
// calendar arithmetic.
var (
	firstTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(2100, 12, 31, 23, 59, 59, 999_000_000, time.UTC)
)

// instant is an RFC 3339 time in UTC, cut to the millisecond that is stored.
func (c *cells) instant(column int) time.Time {
	v := c.values[column]
	t, err := time.Parse(time.RFC3339, v)
	// Parse also takes a comma before the fraction and an hour of one digit.
	if err != nil || strings.Contains(v, ",") || v[len("2006-01-02T15")] != ':' {
		c.refuse(column, "A time is written as in 2027-01-22T15:59:59Z or 2027-01-22T23:59:59+08:00.")
		return time.Time{}
	}
	t = t.UTC().Truncate(time.Millisecond)
	if t.Before(firstTime) || t.After(lastTime) {
		c.refuse(column, "A time lies in the years 2000 to 2100.")
		return time.Time{}
	}
	return t
}

// number is a whole number between low and high, in digits alone.
func (c *cells) number(column int, low, high int64, what string) int64 {
	v := c.values[column]
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < low || n > high || strings.ContainsFunc(v, func(r rune) bool { return r < '0' || r > '9' }) {
		c.refuse(column, "%s", what)
		return low
	}
	return n
}

func (c *cells) period(column int) renewal.Period {
	return renewal.Period(c.number(column, int64(renewal.Month), int64(renewal.Year), "A period type is 2 for a month or 3 for a year."))
}

func (c *cells) policy(column int) (renewal.Policy, renewal.Mode) {
	const known = "An expire policy is 0 or 4 for manual, 3 for auto, 1 for pay-per-use, 2 or 5 for cancelled."
	before := len(c.refusals)
	p := renewal.Policy(c.number(column, 0, 9, known))
	mode, ok := p.Mode()
	if !ok && len(c.refusals) == before {
		c.refuse(column, known)
	}
	return p, mode
}

// flag is true or false in any letter case, because spreadsheets write TRUE.
func (c *cells) flag(column int) bool {
	switch strings.ToLower(c.values[column]) {
	case "true":
		return true
	case "false":
		return false
	}
	c.refuse(column, "It is either true or false.")
	return false
}

func (c *cells) hold(column int) renewal.Reason {
	r := renewal.Reason(c.values[column])
	if r != "" && !r.IsHold() {
		var codes []string
		for _, h := range renewal.Holds() {
			codes = append(codes, string(h))
		}
		c.refuse(column, "A hold is empty or one of %s.", strings.Join(codes, ", "))
		return ""
	}
	return r
}
