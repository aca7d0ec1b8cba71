// Package inventory reads instances and prices from CSV files and writes CSV
// files. It refuses what it cannot use line by line, with the column, the value
// and a sentence, and it compares what a file says with what an account holds.
// It streams: what grows with a file is an index of some 50 bytes a row. It
// knows neither database nor request; who imports hands it the file and the
// instances that the account has.
package inventory

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The limits of a file. They keep one bad file from filling the memory or a
// report from becoming a second file.
const (
	MaximumLine       = 64 << 10  // bytes of a line
	MaximumRows       = 4_000_000 // rows of a file
	MaximumText       = 128       // characters of a name, a code or an ID
	MaximumQuantity   = 1_000_000
	MaximumAssociated = 1_000 // associated resources of one primary instance
	MaximumKept       = 1_000 // refusals that a report shows; all are counted
	shownValue        = 60    // characters of a refused value
)

// Refusal says which value of which line cannot be imported, and why.
type Refusal struct {
	Line   int    // 1 is the header
	Column string // empty where the line as a whole is meant
	Value  string // clipped, with control characters and foreign bytes made visible
	Reason string // a sentence
}

// String is the refusal in one line, as a terminal shows it.
func (r Refusal) String() string {
	where := fmt.Sprintf("line %d", r.Line)
	if r.Column != "" {
		where += ", " + r.Column
	}
	if r.Value != "" {
		where += " “" + r.Value + "”"
	}
	return where + ": " + r.Reason
}

// Report counts what an import would do, or did.
type Report struct {
	Rows       int // rows read, refused ones included
	New        int
	Changed    int
	Unchanged  int
	Superseded int
	Refusals   []Refusal // the first MaximumKept, in the order of the file
	Refused    int       // all refusals; one row can have several
}

// Clean tells whether nothing was refused. Only a clean file is imported.
func (r *Report) Clean() bool { return r.Refused == 0 }

// Refuse adds refusals to the report.
func (r *Report) Refuse(refusals ...Refusal) {
	r.Refused += len(refusals)
	if room := MaximumKept - len(r.Refusals); room > 0 {
		r.Refusals = append(r.Refusals, refusals[:min(room, len(refusals))]...)
	}
}

// full tells whether a further refusal would only be counted.
func (r *Report) full() bool { return len(r.Refusals) >= MaximumKept }

// sort puts the refusals into the order of the file.
func (r *Report) sort() {
	slices.SortStableFunc(r.Refusals, func(a, b Refusal) int { return a.Line - b.Line })
}

// Count adds the outcomes of one compared unit.
func (r *Report) Count(changes []Change) {
	for _, c := range changes {
		switch c.Outcome {
		case New:
			r.New++
		case Changed:
			r.Changed++
		case Superseded:
			r.Superseded++
		default:
			r.Unchanged++
		}
	}
}

// visible makes a value safe and short enough to be shown: what cannot be seen
// is written as an escape, so that a reader sees why it was refused.
func visible(s string) string {
	var b strings.Builder
	shown := 0
	for i, r := range s {
		if shown == shownValue {
			b.WriteRune('…')
			break
		}
		shown++
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02X`, s[i])
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\n':
			b.WriteString(`\n`)
		case !unicode.IsGraphic(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
