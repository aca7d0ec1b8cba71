package views

import (
	"time"

	"github.com/a-h/templ"
)

func importSpecimens() []Specimen {
	form := ImportPage{
		MaxMiB: 512, InstanceColumns: []string{"resource_id", "resource_name", "expire_time"}, PriceColumns: []string{"service_type_code", "list_price"},
	}
	file := ImportFilePage{
		ID: "u1", Key: "k1", Name: "estate-2026-11.csv", Size: 3_400_000, Kind: "instances", By: "Wei Chen", SentAt: sampleTime, Zone: sampleZone,
		State: "checked", Rows: 12_480, New: 12_100, Changed: 118, Unchanged: 260, Superseded: 2, Writes: true,
		Ours: []ImportSuperseded{{Line: 18, InstanceID: "ecs-12ltt1d2719", OrderID: "PR-0193a"}, {Line: 19, InstanceID: "evs-9ab27cd0012"}},
	}
	with := func(change func(*ImportFilePage)) ImportFilePage {
		p := file
		p.Ours = nil
		change(&p)
		return p
	}
	refused := with(func(p *ImportFilePage) {
		p.Writes, p.Refused = false, 1_204
		p.Refusals = []ImportRefusal{
			{Line: 1, Column: "hold", Reason: "This column is missing."},
			{Line: 7, Column: "expire_time", Value: "2.12.2026", Reason: "A time is written as in 2027-01-22T15:59:59Z or 2027-01-22T23:59:59+08:00."},
			{Line: 9_310, Column: "parent_resource_id", Value: "ecs-000000000000", Reason: "Neither the file nor the account has an instance of this ID."},
			{Line: 9_311, Value: `ecs-12,"half a`, Reason: "A quote is not closed on its line."},
		}
	})
	prices := with(func(p *ImportFilePage) {
		p.Kind, p.Name, p.Size = "prices", "prices.csv", 24_000
		p.Rows, p.New, p.Changed, p.Unchanged, p.Superseded, p.Removed, p.Fees = 400, 12, 40, 348, 0, 3, 2_210
	})
	wrong, sent := form, form
	wrong.Problem, wrong.Field = "Choose a file.", "file"
	sent.Files = []ImportFilePage{with(func(p *ImportFilePage) { p.State = "applying" }), refused, prices, with(func(p *ImportFilePage) { p.State = "applied" })}
	show := func(theme string, p ImportFilePage) func() templ.Component {
		return inShell(theme, p.Name, NavImport, ImportFile(p))
	}
	return []Specimen{
		{"page-import", true, inShell("", "Import", NavImport, Import(form))},
		{"page-import-sent", true, inShell("dark", "Import", NavImport, Import(sent))},
		{"page-import-wrong", true, inShell("", "Import", NavImport, Import(wrong))},
		{"page-import-checking", true, show("", with(func(p *ImportFilePage) { p.State, p.Done, p.Of = "checking", 4_000, 12_480 }))},
		{"page-import-checked", true, show("", file)},
		{"page-import-prices", true, show("dark", prices)},
		{"page-import-nothing", true, show("", with(func(p *ImportFilePage) {
			p.New, p.Changed, p.Superseded, p.Unchanged, p.Writes = 0, 0, 0, 12_480, false
		}))},
		{"page-import-refused", true, show("", refused)},
		{"page-import-applying", true, show("dark", with(func(p *ImportFilePage) { p.State, p.Applying, p.Done, p.Of = "applying", true, 8_000, 12_480 }))},
		{"page-import-applied", true, show("", with(func(p *ImportFilePage) { p.State, p.SentAt = "applied", sampleTime.Add(-time.Hour) }))},
		{"page-import-stopped", true, show("", with(func(p *ImportFilePage) {
			p.State = "stopped"
			p.Problem = "The disk that holds the database is full. The import stopped after 4,000 of 12,480 rows. Import the same file again: it goes on from there."
		}))},
		{"page-import-failed", true, show("", with(func(p *ImportFilePage) { p.State, p.Problem = "failed", "The database is locked by another program." }))},
	}
}
