package inventory

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"perennial/internal/money"
)

// Cell is one value of a CSV file that leaves the console.
type Cell struct{ text string }

// Text is words: names, IDs and whatever else somebody typed. A spreadsheet runs
// what begins like a formula, so such a text gets an apostrophe before it.
func Text(s string) Cell {
	if s != "" && (strings.ContainsRune("=+-@\t\r\n", rune(s[0])) || strings.HasPrefix(s, "＝") ||
		strings.HasPrefix(s, "＋") || strings.HasPrefix(s, "－") || strings.HasPrefix(s, "＠")) {
		s = "'" + s
	}
	return Cell{s}
}

// Number is a whole number. It stays one, negative or not.
func Number(n int64) Cell { return Cell{strconv.FormatInt(n, 10)} }

// Money is an amount without symbol and grouping, a hyphen as its sign.
func Money(a money.Amount) Cell { return Cell{a.Plain()} }

// Time is an RFC 3339 time in the billing zone, or nothing for the zero time.
func Time(t time.Time, zone *time.Location) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return Cell{t.In(zone).Format(time.RFC3339)}
}

// Writer writes a CSV file as RFC 4180 says: UTF-8, lines that end with CR LF.
type Writer struct {
	out   *csv.Writer
	cells []string
}

// NewWriter returns a writer that has written the header.
func NewWriter(w io.Writer, header ...string) (*Writer, error) {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return &Writer{out: out}, out.Write(header)
}

// Write adds a line. An error of the file may show as late as in Flush.
func (w *Writer) Write(cells ...Cell) error {
	w.cells = w.cells[:0]
	for _, c := range cells {
		w.cells = append(w.cells, c.text)
	}
	return w.out.Write(w.cells)
}

// Flush writes what is still held, so that a long export reaches the browser in
// parts, and returns the first error of the file.
func (w *Writer) Flush() error {
	w.out.Flush()
	return w.out.Error()
}
