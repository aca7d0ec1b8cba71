package views

import (
	"net/url"
	"slices"
	"time"

	"perennial/internal/renewal"
	"perennial/views/ui"
)

// units counts the units in any of the states.
func (p TaskPage) units(states ...renewal.ItemState) (n int) {
	for _, t := range p.Tallies {
		if slices.Contains(states, t.State) {
			n += t.Units
		}
	}
	return n
}

// secondLooks counts the units left that deserve one.
func (p TaskPage) secondLooks() (again, soon int) {
	for _, t := range p.Tallies {
		if t.State == renewal.ItemWaiting {
			again, soon = again+t.Again, soon+t.Soon
		}
	}
	return again, soon
}

// changed counts the units whose price changed while the task waited.
func (p TaskPage) changed() (n int) {
	for _, t := range p.Tallies {
		n += t.Changed
	}
	return n
}

// href leads to a list of the task, from its beginning.
func (p TaskPage) href(look renewal.Look) string {
	if look.Size == 0 {
		look.Size = p.List.Look.Size
	}
	return TaskItemsPath(p.id(), look.Values())
}

func (p TaskPage) tabs() []ui.Tab {
	open := p.List.Look.List
	tab := func(label string, count int, list renewal.ItemList, also ...renewal.ItemList) ui.Tab {
		return ui.Tab{Label: label, Count: count, Counted: true, Href: p.href(renewal.Look{List: list}),
			Current: open == list || slices.Contains(also, open)}
	}
	var tabs []ui.Tab
	if p.Task.State == renewal.Ready {
		tabs = append(tabs, tab("To renew", p.Task.Renewable, renewal.ListRenewable, renewal.ListUncovered, renewal.ListAgain, renewal.ListSoon, renewal.ListChanged))
	} else {
		left := "Left"
		if !p.Task.State.Open() {
			left = "Not attempted"
		}
		tabs = append(tabs, tab("All", p.Task.Renewable, renewal.ListRenewable, renewal.ListAgain, renewal.ListSoon))
		tabs = append(tabs, tab("Renewed", p.units(renewal.ItemRenewed), renewal.ListRenewed))
		if n := p.units(renewal.ItemFailed); n > 0 || open == renewal.ListFailed {
			tabs = append(tabs, tab("Failed", n, renewal.ListFailed))
		}
		if n := p.units(renewal.ItemWaiting); n > 0 || open == renewal.ListLeft {
			tabs = append(tabs, tab(left, n, renewal.ListLeft, renewal.ListUncovered))
		}
	}
	if n := p.Task.Blocked; n > 0 || open == renewal.ListBlocked {
		tabs = append(tabs, tab("Not renewable", n, renewal.ListBlocked))
	}
	byService := tab("By service", 0, renewal.ListServices)
	byService.Counted = false
	return append(tabs, byService)
}

// narrower are the parts of a list that can be shown alone.
func (p TaskPage) narrower() []ui.Tab {
	if p.Task.State != renewal.Ready && p.Task.State != renewal.Suspended || p.List.Look.List == renewal.ListBlocked {
		return nil
	}
	var parts []ui.Tab
	add := func(label string, n int, list renewal.ItemList) {
		if n > 0 {
			parts = append(parts, ui.Tab{Label: label + " " + ui.Count(n), Href: p.href(renewal.Look{List: list}), Current: p.List.Look.List == list})
		}
	}
	again, soon := p.secondLooks()
	add("Price changed", p.changed(), renewal.ListChanged)
	add("Renewed within 30 days", again, renewal.ListAgain)
	add("New expiry within 7 days", soon, renewal.ListSoon)
	if p.Stop.Number > 0 && p.Plan.Covered > 0 {
		add("Not covered", p.Task.Left()-p.Plan.Covered, renewal.ListUncovered)
	}
	return parts
}

// tokens are the filters that narrow the list, with the way to take each off.
func (p TaskPage) tokens() []ui.TokenArgs {
	look := renewal.Look{List: p.List.Look.List, Size: p.List.Look.Size}
	var tokens []ui.TokenArgs
	if p.List.Look.Reason != "" {
		tokens = append(tokens, ui.TokenArgs{Label: "Reason", Value: p.List.Look.Reason.Sentence(), Remove: p.href(look), Target: "#task"})
	}
	if code := p.List.Look.Service; code != "" {
		name := code
		for _, t := range p.Tallies {
			if t.ServiceCode == code {
				name = t.ServiceName
			}
		}
		tokens = append(tokens, ui.TokenArgs{Label: "Service", Value: name, Remove: p.href(look), Target: "#task"})
	}
	return tokens
}

func (p TaskPage) pager() ui.PagerArgs {
	look := p.List.Look
	at := func(after, before renewal.Place) string {
		if after == (renewal.Place{}) && before == (renewal.Place{}) {
			return ""
		}
		to := look
		to.After, to.Before = after, before
		return TaskItemsPath(p.id(), to.Values())
	}
	a := ui.PagerArgs{Summary: ui.Count(len(p.List.Rows)) + " of " + ui.Count(p.List.Matching) + " shown", Target: "#task",
		Prev: at(renewal.Place{}, p.List.Previous), Next: at(p.List.Next, renewal.Place{})}
	look.After, look.Before = renewal.Place{}, renewal.Place{}
	if p.List.Previous != (renewal.Place{}) {
		a.First = TaskItemsPath(p.id(), look.Values())
	}
	for _, n := range renewal.Sizes {
		to := look
		to.Size = n
		a.Sizes = append(a.Sizes, ui.PageSize{Rows: n, Href: TaskItemsPath(p.id(), to.Values()), Current: n == p.List.Look.Size})
	}
	return a
}

// parted tells whether the list that stands open is a part that has a file of its
// own; the head of the page has the file of the whole task.
func (p TaskPage) parted() bool {
	switch p.List.Look.List {
	case renewal.ListUncovered, renewal.ListAgain, renewal.ListSoon:
		return false
	case renewal.ListRenewable:
		return p.List.Look.Service != ""
	}
	return true
}

// export is the list that stands open as a file.
func (p TaskPage) export() string {
	q := p.List.Look.Values()
	for _, key := range []string{"after", "before", "size"} {
		q.Del(key)
	}
	return with(TaskExportPath(p.id()), q)
}

// groupTitle heads a group; it is empty where the row above is of the same one.
func (p TaskPage) groupTitle(n int) string {
	row := p.List.Rows[n]
	if row.Group == 0 || n > 0 && p.List.Rows[n-1].Group == row.Group {
		return ""
	}
	again, soon := p.secondLooks()
	switch row.Group {
	case 1:
		return "Look twice: renewed here within the last 30 days · " + ui.Count(again)
	case 2:
		return "Look twice: expires again in less than 7 days · " + ui.Count(soon)
	}
	return "In order of payment, earliest expiry first"
}

// runsOut tells whether the money ends before this row.
func (p TaskPage) runsOut(n int) bool {
	rows := p.List.Rows
	return rows[n].Number == p.Stop.Number && p.List.Look.List != renewal.ListUncovered ||
		rows[n].Uncovered && n > 0 && !rows[n-1].Uncovered && rows[n-1].Group == rows[n].Group
}

// reasonSum is a reason with how many units it keeps from being renewed.
type reasonSum struct {
	code  renewal.Reason
	units int
	href  string
}

// reasons sums the units of the open list by reason.
func (p TaskPage) reasons() []reasonSum {
	if p.List.Look.List == renewal.ListFailed {
		return p.reasonSums(renewal.ItemFailed)
	}
	return p.blockedSums()
}

func (p TaskPage) blockedSums() []reasonSum { return p.reasonSums(renewal.ItemBlocked) }

// reasonSums sums the units in a state by reason, in the order of the rules.
func (p TaskPage) reasonSums(state renewal.ItemState) []reasonSum {
	list := renewal.ListBlocked
	if state == renewal.ItemFailed {
		list = renewal.ListFailed
	}
	counts := map[renewal.Reason]int{}
	for _, t := range p.Tallies {
		if t.State == state {
			counts[t.Reason] += t.Units
		}
	}
	var sums []reasonSum
	for _, code := range renewal.Reasons() {
		if n := counts[code]; n > 0 {
			sums = append(sums, reasonSum{code, n, p.href(renewal.Look{List: list, Reason: code})})
		}
	}
	return sums
}

// remedied are the reasons that somebody can see to where the instances stand
// with their orders.
var remedied = []renewal.Reason{renewal.OrderPending, renewal.SpecChangeUnpaid, renewal.OrderProcessing,
	renewal.ConvertingToPayPerUse, renewal.SupplementProvisioning, renewal.BundleOnly}

// remedyHref leads to where a reason can be seen to, or is empty.
func remedyHref(code renewal.Reason) string {
	if !slices.Contains(remedied, code) {
		return ""
	}
	return RenewalsPath(url.Values{"tab": {string(renewal.Manual)}, "blocked": {string(code)}})
}

// serviceSum adds up the renewable units of one service.
type serviceSum struct {
	name, code                          string
	units, renewed, list, discount, fee int64
	href                                string
}

func (p TaskPage) services() (sums []serviceSum, total serviceSum) {
	place := map[string]int{}
	for _, t := range p.Tallies {
		if t.State == renewal.ItemBlocked {
			continue
		}
		n, ok := place[t.ServiceCode]
		if !ok {
			n = len(sums)
			place[t.ServiceCode] = n
			sums = append(sums, serviceSum{name: t.ServiceName, code: t.ServiceCode,
				href: p.href(renewal.Look{List: renewal.ListRenewable, Service: t.ServiceCode})})
		}
		for _, s := range []*serviceSum{&sums[n], &total} {
			s.units += int64(t.Units)
			if t.State == renewal.ItemRenewed {
				s.renewed += int64(t.Units)
			}
			s.list, s.discount, s.fee = s.list+t.List.Minor, s.discount+t.Discount.Minor, s.fee+t.Fee.Minor
		}
	}
	return sums, total
}

// since says how an expiry lies to the moment.
func since(expiry, now time.Time) (words, class string) {
	switch {
	case !expiry.After(now):
		return remaining(expiry, now), "bad"
	case expiry.Before(now.Add(renewal.ExpiringWithin)):
		return remaining(expiry, now), "warn"
	}
	return "", ""
}

// outcome is what became of a unit, as a badge.
func (p TaskPage) outcome(i renewal.Item) (ui.Kind, ui.IconName, string) {
	switch i.State {
	case renewal.ItemRenewed:
		return ui.OK, ui.IconCheckCircle, "Renewed"
	case renewal.ItemFailed:
		return ui.Bad, ui.IconCrossCircle, "Failed"
	}
	if p.Task.State.Open() {
		return ui.Plain, ui.IconClock, "Left"
	}
	return ui.Plain, ui.IconBan, "Not attempted"
}

// noun says what a list holds.
func noun(n int) string {
	if n == 1 {
		return "instance"
	}
	return "instances"
}

// emptyWords says why a list holds nothing.
func (p TaskPage) emptyWords() string {
	switch {
	case p.List.Look.Reason != "" || p.List.Look.Service != "":
		return "No instance of this task matches the filter. Take it off to see the whole list."
	case p.List.Look.List == renewal.ListUncovered:
		return "The balance covers every instance that is left."
	case p.Task.State == renewal.Running && p.List.Look.List == renewal.ListRenewed:
		return "The first instances are being paid."
	}
	return "Choose another list of this task."
}
