package inventory

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// record is one row in the order of the columns, wherever the file has them.
type record struct {
	line
	cells []string // valid until the next record is read
}

// table reads the records of a file with the given columns.
type table struct {
	lines   *lines
	columns []string
	place   []int // the field in which the file has each column
	header  []string
	fields  []string
	cells   []string
	started bool
	useless bool // the header was refused, so no row can be read
}

func newTable(r io.Reader, columns []string) *table {
	return &table{lines: newLines(r), columns: columns, cells: make([]string, len(columns))}
}

// next reads a record, the refusals of its line, or io.EOF. A refused header is
// the first answer and the last. The cells of a refused line hold what could be
// read of it.
func (t *table) next() (record, []Refusal, error) {
	if !t.started {
		t.started = true
		if refusals, err := t.readHeader(); err != nil || len(refusals) > 0 {
			t.useless = true
			return record{line: line{number: 1}, cells: t.cells}, refusals, err
		}
	}
	if t.useless {
		return record{}, nil, io.EOF
	}
	for {
		l, err := t.lines.next()
		if err != nil {
			return record{}, nil, err
		}
		if len(l.text) == 0 {
			continue
		}
		rec, refusals := t.parse(l)
		return rec, refusals, nil
	}
}

// parse cuts a line into the cells of the columns.
func (t *table) parse(l line) (record, []Refusal) {
	clear(t.cells)
	rec := record{line: l, cells: t.cells}
	text := string(l.text)
	refuse := func(column, value, format string, args ...any) []Refusal {
		return []Refusal{{l.number, column, visible(value), fmt.Sprintf(format, args...)}}
	}
	if l.long {
		return rec, refuse("", text, "This line is longer than %d KiB.", MaximumLine>>10)
	}
	fields, wrong := split(text, t.fields[:0])
	t.fields = fields
	if !utf8.ValidString(text) {
		for i, f := range fields {
			if !utf8.ValidString(f) && i < len(t.header) {
				return rec, refuse(t.header[i], f, "These bytes are not UTF-8.")
			}
		}
		return rec, refuse("", text, "This line holds bytes that are not UTF-8.")
	}
	if wrong != "" {
		return rec, refuse("", text, "%s", wrong)
	}
	for i, p := range t.place {
		if p < len(fields) {
			t.cells[i] = fields[p]
		}
	}
	if len(fields) != len(t.header) {
		return rec, refuse("", text, "This line has %d fields, and the header has %d.", len(fields), len(t.header))
	}
	return rec, nil
}

func (t *table) readHeader() ([]Refusal, error) {
	l, err := t.lines.next()
	if errors.Is(err, io.EOF) {
		return []Refusal{{Line: 1, Reason: "The file is empty. Its first line names the columns."}}, nil
	}
	if err != nil {
		return nil, err
	}
	text := string(l.text)
	whole := func(reason string) ([]Refusal, error) {
		return []Refusal{{Line: 1, Value: visible(text), Reason: reason}}, nil
	}
	switch {
	case strings.HasPrefix(text, "\xFF\xFE") || strings.HasPrefix(text, "\xFE\xFF"):
		return whole("The file is UTF-16. Save it as CSV in UTF-8.")
	case strings.HasPrefix(text, "PK\x03\x04"):
		return whole("The file is a workbook or an archive. Save it as CSV in UTF-8.")
	case l.long:
		return whole(fmt.Sprintf("This line is longer than %d KiB.", MaximumLine>>10))
	case !utf8.ValidString(text):
		return whole("This line holds bytes that are not UTF-8.")
	}
	names, wrong := split(text, nil)
	if wrong != "" {
		return whole(wrong)
	}
	if len(names) == 1 && strings.ContainsAny(text, ";\t") {
		return whole("The columns are not separated by commas.")
	}
	t.header = names
	return t.placeColumns(), nil
}

// placeColumns finds each column in the header, and what is wrong with it.
func (t *table) placeColumns() []Refusal {
	var refusals []Refusal
	t.place = make([]int, len(t.columns))
	for i, column := range t.columns {
		if t.place[i] = slices.Index(t.header, column); t.place[i] < 0 {
			refusals = append(refusals, Refusal{1, column, "", "This column is missing."})
		}
	}
	for i, name := range t.header {
		switch first := slices.Index(t.header, name); {
		case !slices.Contains(t.columns, name):
			refusals = append(refusals, Refusal{1, visible(name), visible(name), "There is no column of this name."})
		case first < i:
			refusals = append(refusals, Refusal{1, name, name, fmt.Sprintf("This column stands twice in the header, as field %d and field %d.", first+1, i+1)})
		}
	}
	// A header as wide as a line can be would fill the report by itself.
	return refusals[:min(len(refusals), 100)]
}
