package views

import (
	"time"

	"github.com/a-h/templ"

	"perennial/internal/money"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// What the specimens show is made up; only their states matter.
var (
	sampleZone = time.FixedZone("Asia/Shanghai", 8*3600)
	sampleTime = time.Date(2026, 11, 22, 6, 8, 0, 0, time.UTC)
)

func usd(minor int64) money.Amount { return money.Of(minor, "USD") }

func atomSpecimens() []Specimen {
	return []Specimen{
		{"buttons", false, specimenButtons},
		{"badges", false, specimenBadges},
		{"money", false, specimenMoney},
		{"time", false, specimenTime},
		{"flashes", false, specimenFlashes},
		{"callouts", false, specimenCallouts},
		{"fields", false, specimenFields},
		{"checks", false, specimenChecks},
		{"navigation", false, specimenNavigation},
		{"table", false, func() templ.Component { return specimenTable(false) }},
		{"table-compact", false, func() templ.Component { return specimenTable(true) }},
		{"horizon", false, specimenHorizon},
		{"empty", false, specimenEmpty},
		{"progress", false, specimenProgress},
		{"rail", false, specimenRail},
		{"facts", false, specimenFacts},
		{"dialog", false, specimenDialog},
	}
}

// sampleHorizon has one day that stands out.
func sampleHorizon() HorizonPage {
	days := make([]int, renewal.HorizonPast+renewal.HorizonAhead)
	for i := range days {
		if days[i] = i * 37 % 40; i < renewal.HorizonPast {
			days[i] = i * 7 % 5
		}
	}
	days[renewal.HorizonPast+8] = 412
	return HorizonPage{Filter: renewal.Filter{Tab: renewal.Manual, Regions: []string{"cn-north-4"}}, Days: days,
		Today: time.Date(2026, 11, 22, 0, 0, 0, 0, sampleZone), Retention: renewal.DefaultRetention,
		Names: renewal.Names{Regions: map[string]string{"cn-north-4": "CN North-Beijing4"}}}
}

func shellSpecimens() []Specimen {
	page := func(s Shell) func() templ.Component {
		return func() templ.Component { return Layout(s, specimenRail()) }
	}
	owner := SampleShell("Renewals", NavRenewals)
	busy := owner
	busy.Theme = "dark"
	busy.Now.Chip = Chip{ID: "t1", State: "suspended", Label: "Paused", Detail: "$741.30 short", Href: TaskPath("t1")}
	busy.Flashes = []ui.Flash{{Kind: ui.OK, Text: "Topped up $741.30."}}
	viewer := owner
	viewer.Theme, viewer.IsOwner, viewer.Now.Unread, viewer.Now.Urgent = "light", false, 0, 0
	return []Specimen{
		{"shell", true, page(owner)},
		{"shell-paused-dark", true, page(busy)},
		{"shell-viewer-light", true, page(viewer)},
		{"page-shortcuts", true, inShell("", "Keyboard shortcuts", "", Shortcuts(ShortcutsPage{Page: true}))},
		{"page-shortcuts-off-dark", true, inShell("dark", "Keyboard shortcuts", "", Shortcuts(ShortcutsPage{Page: true, KeysOff: true}))},
		{"chip", false, func() templ.Component { return specimenChip(busy) }},
		{"fault", false, func() templ.Component {
			return Fault(ErrorPage{404, "There is no such task", "It may belong to another account, or the address is incomplete.", "Renewal tasks", TasksPath(), ""})
		}},
		{"fault-internal", true, func() templ.Component {
			return Bare(Frame{Title: "Internal error"}, Fault(ErrorPage{500, "Internal error", "Nothing was charged by this request. It was recorded under the reference below.", "", "", "01JD-7F3Q"}))
		}},
	}
}

// SampleShell is the shell that page specimens stand in.
func SampleShell(title string, active NavKey) Shell {
	return Shell{
		Title: title, AccountName: "Acme Group", UserName: "Li Na", UserEmail: "li.na@acme.example",
		Role: "Owner", Path: HomePath(), Zone: "Asia/Shanghai (UTC+8)", Active: active,
		Now: Now{Balance: usd(18_240_55), Unread: 3, Urgent: 475}, IsOwner: true,
	}
}
