package renewal

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Sort is the order of a list. Ties are broken by ID.
type Sort struct {
	By   SortKey
	Desc bool
}

// SortKey is the column a list is sorted by.
type SortKey string

// The sort keys of the Renewals page.
const (
	ByExpiry SortKey = "expiry"
	ByName   SortKey = "name"
	ByFee    SortKey = "fee"
)

// String is the sort as the query string carries it.
func (s Sort) String() string {
	if s.Desc {
		return "-" + string(s.By)
	}
	return string(s.By)
}

// Sizes are the page sizes that can be chosen; DefaultSize is the first seen.
var Sizes = []int{10, 20, 50, 100, 200}

// DefaultSize is the page size where none is asked for and none preferred.
const DefaultSize = 50

// Listing is a filter with the page that is asked for.
type Listing struct {
	Filter
	Sort   Sort
	Size   int      // 0: what the person prefers
	Hidden []Column // empty: what the person prefers; NoColumn: none
	After  Cursor   // the last row of the page before, or zero
	Before Cursor   // the first row of the page after, or zero
}

// Cursor is a place in a sorted list: the sort value of a row and its ID. It is
// a position, not a permission: it is only ever used as a query parameter of the
// account's own list.
type Cursor struct {
	Number int64  // expiry in Unix milliseconds or fee in minor units
	Text   string // folded name
	ID     string
}

// IsZero tells whether the cursor points nowhere.
func (c Cursor) IsZero() bool { return c.ID == "" }

// String encodes the cursor for a URL.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	raw := strconv.FormatInt(c.Number, 36) + "\x00" + c.Text + "\x00" + c.ID
	return base64.RawURLEncoding.EncodeToString([]byte(raw))
}

// ParseCursor decodes what String wrote.
func ParseCursor(text string) (Cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || !utf8.Valid(raw) {
		return Cursor{}, fmt.Errorf("cursor %q is damaged", text)
	}
	parts := strings.Split(string(raw), "\x00")
	if len(parts) != 3 || parts[2] == "" {
		return Cursor{}, fmt.Errorf("cursor %q is damaged", text)
	}
	n, err := strconv.ParseInt(parts[0], 36, 64)
	if err != nil {
		return Cursor{}, fmt.Errorf("cursor %q is damaged", text)
	}
	return Cursor{Number: n, Text: parts[1], ID: parts[2]}, nil
}
