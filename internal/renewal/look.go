package renewal

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"perennial/internal/money"
)

// ItemList names one of the lists of a task's units.
type ItemList string

// The lists. The first is what stands open when none is asked for depends on the
// state of the task.
const (
	ListRenewable ItemList = "renew"     // what could be renewed, whatever became of it
	ListBlocked   ItemList = "blocked"   // what could not, by reason
	ListServices  ItemList = "services"  // sums by service
	ListUncovered ItemList = "uncovered" // what the money does not reach
	ListAgain     ItemList = "again"     // renewed here within 30 days
	ListSoon      ItemList = "soon"      // whose new expiry is less than 7 days away
	ListRenewed   ItemList = "renewed"
	ListFailed    ItemList = "failed"
	ListLeft      ItemList = "left"    // neither renewed nor failed
	ListChanged   ItemList = "changed" // whose price changed while the task waited
)

var itemLists = []ItemList{ListRenewable, ListBlocked, ListServices, ListUncovered, ListAgain, ListSoon, ListRenewed, ListFailed, ListLeft, ListChanged}

// Place is a unit in a list of a task: the group in which it stands and its
// number. The zero Place is none.
type Place struct {
	Group  int
	Number int
}

// Look is what a person wants to see of the units of a task.
type Look struct {
	List    ItemList // empty: what the state of the task suggests
	Reason  Reason
	Service string // code
	Size    int
	After   Place
	Before  Place
}

// ParseLook reads a look from a query string. What cannot be used is dropped, and
// a sentence says so.
func ParseLook(q url.Values) (Look, []string) {
	var notices []string
	drop := func(what, value string) {
		notices = append(notices, fmt.Sprintf("The filter “%s” was ignored: “%s” is not a value it knows.", what, clip(value)))
	}
	l := Look{List: ItemList(q.Get("list")), Reason: Reason(q.Get("reason")), Service: q.Get("service"), Size: DefaultSize}
	if l.List != "" && !slices.Contains(itemLists, l.List) {
		drop("list", string(l.List))
		l.List = ""
	}
	if _, known := l.Reason.text(); l.Reason != "" && !known {
		drop("reason", string(l.Reason))
		l.Reason = ""
	}
	if !clean(l.Service) {
		drop("service type", l.Service)
		l.Service = ""
	}
	if s := q.Get("size"); s != "" {
		if n, err := strconv.Atoi(s); err == nil && slices.Contains(Sizes, n) {
			l.Size = n
		} else {
			drop("page size", s)
		}
	}
	for key, place := range map[string]*Place{"after": &l.After, "before": &l.Before} {
		if s := q.Get(key); s != "" {
			p, ok := parsePlace(s)
			if *place = p; !ok {
				notices = append(notices, "The place in the list was not understood, so the list starts at its beginning.")
			}
		}
	}
	return l, notices
}

func parsePlace(s string) (Place, bool) {
	group, number, ok := strings.Cut(s, ".")
	g, err := strconv.Atoi(group)
	n, err2 := strconv.Atoi(number)
	if !ok || err != nil || err2 != nil || g < 0 || g > 9 || n < 1 || n > MaximumUnits {
		return Place{}, false
	}
	return Place{g, n}, true
}

// String writes the place for a URL; the zero Place is empty.
func (p Place) String() string {
	if p == (Place{}) {
		return ""
	}
	return strconv.Itoa(p.Group) + "." + strconv.Itoa(p.Number)
}

// Values writes the look as a query string that ParseLook reads back, without
// what is not set.
func (l Look) Values() url.Values {
	v := url.Values{}
	for key, value := range map[string]string{"list": string(l.List), "reason": string(l.Reason), "service": l.Service,
		"after": l.After.String(), "before": l.Before.String()} {
		if value != "" {
			v.Set(key, value)
		}
	}
	if l.Size != DefaultSize && l.Size != 0 {
		v.Set("size", strconv.Itoa(l.Size))
	}
	return v
}

// Tally counts the units of a task that are in one state, for one reason and of one
// service, with the sums of their quotes.
type Tally struct {
	State       ItemState
	Reason      Reason
	ServiceCode string
	ServiceName string
	Units       int
	List        money.Amount
	Discount    money.Amount
	Fee         money.Amount // quoted; of renewed units what was paid
	Again       int          // renewed here within 30 days
	Soon        int          // whose new expiry is less than 7 days away
	Changed     int          // whose price changed while the task waited
	Was         money.Amount // the fees of all of them before
}
