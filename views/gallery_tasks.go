package views

import (
	"time"

	"github.com/a-h/templ"

	"perennial/internal/account"
	"perennial/internal/billing"
	"perennial/internal/money"
	"perennial/internal/renewal"
)

func taskSpecimens() []Specimen {
	page := func(theme string, body templ.Component) func() templ.Component {
		shell := SampleShell("Task RT-0007", NavTasks)
		shell.Theme = theme
		return func() templ.Component { return Layout(shell, body) }
	}
	short := sampleTask(renewal.Ready, renewal.ListRenewable)
	short.Plan = billing.Plan{Covered: 1, Spent: usd(31_62), Total: usd(102_42), Due: usd(102_42), Shortfall: usd(41_30),
		Legs: map[billing.LegKind]money.Amount{billing.FromBalance: usd(31_62)}}
	short.Lacking = short.Plan.Shortfall
	short.Balance, short.Stop = usd(61_12), short.List.Rows[1].Item
	short.List.Rows[1].Uncovered, short.List.Rows[2].Uncovered = true, true
	refused := short
	refused.Refused = &Refusal{Message: "Prices rose since this page was shown. Nothing was confirmed and nothing was charged.",
		Was: usd(99_00), Is: usd(102_42), WasDue: usd(99_00), IsDue: usd(102_42), AcceptKey: "k4"}
	viewer := short
	viewer.MayAct, viewer.Role = false, "Viewer"
	nothing := sampleTask(renewal.Ready, renewal.ListBlocked)
	nothing.Task.Renewable, nothing.Tallies = 0, nothing.Tallies[2:]
	nothing.Task.Units = 2
	running := sampleTask(renewal.Running, renewal.ListRenewable)
	running.Acted = "Li Na confirmed this task at 2026-11-22 14:20 (UTC+8). Your session charged nothing."
	waits := func(books account.Books) TaskPage {
		p := sampleTask(renewal.Running, renewal.ListRenewable)
		p.Books = books
		return p
	}
	paused := sampleTask(renewal.Suspended, renewal.ListLeft)
	paused.Plan = billing.Plan{Spent: usd(0), Total: usd(70_80), Due: usd(70_80), Shortfall: usd(9_68)}
	paused.Lacking = paused.Plan.Shortfall
	paused.Stop, paused.Balance = paused.List.Rows[0].Item, usd(61_12)
	again := paused
	again.Task.Reconfirm = true
	bare := func(state renewal.State) TaskPage {
		p := sampleTask(state, "")
		p.Tallies, p.List = nil, TaskList{}
		return p
	}
	failed := bare(renewal.Failed)
	failed.Task.Why = "10,412 instances match, and one task takes at most 10,000. Narrow the filters and prepare again."
	confirm := ConfirmPage{TaskPage: short, Key: "k", Again: 1}
	wrong := confirm
	wrong.Page, wrong.Problem = true, "Some instances were renewed here within the last 30 days. Tick the box to renew them again."
	return []Specimen{
		{"page-task-generating", true, page("", Task(bare(renewal.Generating)))},
		{"page-task-ready", true, page("", Task(sampleTask(renewal.Ready, renewal.ListRenewable)))},
		{"page-task-ready-short", true, page("dark", Task(short))},
		{"page-task-ready-refused", true, page("", Task(refused))},
		{"page-task-ready-viewer", true, page("", Task(viewer))},
		{"page-task-blocked", true, page("", Task(sampleTask(renewal.Ready, renewal.ListBlocked)))},
		{"page-task-services", true, page("", Task(sampleTask(renewal.Ready, renewal.ListServices)))},
		{"page-task-nothing", true, page("", Task(nothing))},
		{"page-task-funds", true, page("", Task(sampleFunds(renewal.Ready)))},
		{"page-task-changed", true, page("", Task(sampleChanged()))},
		{"page-task-declined", true, page("", Task(sampleDeclined()))},
		{"page-task-unrecorded", true, page("", Task(sampleUnrecorded()))},
		{"page-task-unknown", true, page("dark", Task(sampleUnknown()))},
		{"page-task-settled", true, page("", Task(sampleSettled()))},
		{"page-task-settled-done", true, page("", Task(sampleDone()))},
		{"page-task-many-coupons", true, page("", Task(sampleManyCoupons()))},
		{"confirm-many-coupons", false, func() templ.Component {
			return Confirm(ConfirmPage{TaskPage: sampleManyCoupons(), Key: "k"})
		}},
		{"page-task-consent", true, page("", Task(sampleConsent()))},
		{"page-task-receipt", true, page("", Task(sampleFunds(renewal.Completed)))},
		{"confirm-funds", false, func() templ.Component {
			return Confirm(ConfirmPage{TaskPage: sampleFunds(renewal.Ready), Key: "k"})
		}},
		{"page-task-running", true, page("", Task(running))},
		{"page-task-checking", true, page("", Task(waits(account.BooksChecking)))},
		{"page-task-held", true, page("", Task(waits(account.BooksBroken)))},
		{"page-task-held-gateway", true, page("", Task(waits(account.BooksBehind)))},
		{"page-task-held-payment", true, page("dark", Task(waits(account.BooksDiffer)))},
		{"page-task-held-damaged", true, page("dark", Task(waits(account.BooksDamaged)))},
		{"page-task-paused", true, page("", Task(paused))},
		{"page-task-paused-again", true, page("dark", Task(again))},
		{"page-task-stopping", true, page("", Task(sampleTask(renewal.Cancelling, renewal.ListRenewable)))},
		{"page-task-completed", true, page("", Task(sampleTask(renewal.Completed, renewal.ListRenewed)))},
		{"page-task-ended", true, page("", Task(sampleTask(renewal.CancelledT, renewal.ListFailed)))},
		{"page-task-expired", true, page("", Task(sampleTask(renewal.ExpiredT, renewal.ListRenewable)))},
		{"page-task-failed", true, page("", Task(failed))},
		{"confirm", false, func() templ.Component { return Confirm(confirm) }},
		{"page-confirm-refused", true, page("", Confirm(wrong))},
		{"page-tasks", true, page("", Tasks(sampleTasks()))},
		{"page-tasks-empty", true, page("", Tasks(TasksPage{Zone: sampleZone, Currency: "USD"}))},
	}
}

// sampleTask is a task of five units in a state, with one of its lists.
func sampleTask(state renewal.State, list renewal.ItemList) TaskPage {
	t := renewal.Task{
		ID: "t7", Number: 7, State: state, Version: 3, Scope: "tab=manual&expires=30d", CreatedAt: sampleTime.Add(-time.Hour),
		CreatedBy: "Wei Chen", ReadyAt: sampleTime.Add(-time.Hour), ExpiresAt: sampleTime.Add(71 * time.Hour),
		Units: 5, Prepared: 2, Renewable: 3, Blocked: 2, Again: 1, Soon: 1, ListMinor: 120_50, FeeMinor: 102_42, LeftMinor: 102_42,
	}
	p := TaskPage{
		Task: t, Zone: sampleZone, Now: sampleTime, Email: "finance@acme.example", Scope: "Expires: within 30 days",
		Balance: usd(18_240_55), Discounts: []billing.KindSum{{Kind: billing.Contract, Amount: usd(18_08)}},
		Plan: billing.Plan{Covered: 3, Total: usd(102_42), Due: usd(102_42), Spent: usd(102_42), Shortfall: usd(0),
			Legs: map[billing.LegKind]money.Amount{billing.FromBalance: usd(102_42)}},
		Role: "Buyer", MayAct: true, CancelKey: "k1", ContinueKey: "k2", AgainKey: "k3",
	}
	waiting := renewal.Tally{State: renewal.ItemWaiting, ServiceCode: "ecs", ServiceName: "Elastic Cloud Server", Units: 3,
		List: usd(120_50), Discount: usd(18_08), Fee: usd(102_42), Again: 1, Soon: 1}
	done := t.ConfirmedAt
	if state != renewal.Generating && state != renewal.Ready && state != renewal.ExpiredT && state != renewal.Failed {
		done = sampleTime.Add(-30 * time.Minute)
		p.Task.ConfirmedAt, p.Task.ConfirmedBy = done, "Li Na"
		p.Task.Renewed, p.Task.SpentMinor, p.Task.LeftMinor = 1, 31_62, 70_80
		waiting.Units, waiting.Fee = 2, usd(70_80)
	}
	p.Tallies = []renewal.Tally{waiting}
	if !done.IsZero() {
		p.Tallies = append(p.Tallies, renewal.Tally{State: renewal.ItemRenewed, ServiceCode: "ecs", ServiceName: "Elastic Cloud Server",
			Units: 1, List: usd(37_20), Discount: usd(5_58), Fee: usd(31_62)})
	} else {
		p.Tallies = append(p.Tallies, renewal.Tally{State: renewal.ItemWaiting, ServiceCode: "evs", ServiceName: "Elastic Volume Service",
			List: usd(0), Discount: usd(0), Fee: usd(0)})
	}
	for _, why := range []renewal.Reason{renewal.OrderPending, renewal.NoPrice} {
		p.Tallies = append(p.Tallies, renewal.Tally{State: renewal.ItemBlocked, Reason: why, ServiceCode: "ecs",
			ServiceName: "Elastic Cloud Server", Units: 1, List: usd(0), Discount: usd(0), Fee: usd(0)})
	}
	if !state.Open() {
		p.Task.EndedAt = sampleTime
		p.Receipt = billing.Receipt{Orders: 1, List: usd(37_20), Discount: usd(5_58), Fee: usd(31_62), Payments: 1, Captured: usd(31_62),
			Kinds: []billing.KindSum{{Kind: billing.Contract, Amount: usd(5_58)}}, Legs: []billing.Leg{{Kind: billing.FromBalance, Amount: usd(31_62)}},
			Ledger: usd(-31_62)}
	}
	switch state {
	case renewal.Completed:
		p.Task.Renewable, p.Task.NotRenewed, p.Task.LeftMinor = 2, 1, 0
		p.Tallies[0] = renewal.Tally{State: renewal.ItemFailed, Reason: renewal.ChangedSinceReview, ServiceCode: "ecs",
			ServiceName: "Elastic Cloud Server", Units: 1, List: usd(37_20), Discount: usd(5_58), Fee: usd(31_62)}
	case renewal.CancelledT:
		p.Task.EndedBy, p.Task.NotRenewed = "Li Na", 1
		p.Tallies[0].Units = 1
		p.Tallies = append(p.Tallies, renewal.Tally{State: renewal.ItemFailed, Reason: renewal.ChangedSinceReview, ServiceCode: "ecs",
			ServiceName: "Elastic Cloud Server", Units: 1, List: usd(37_20), Discount: usd(5_58), Fee: usd(31_62)})
	case renewal.ExpiredT:
		p.Task.ExpiresAt = sampleTime
	}
	p.List = sampleTaskList(p, list)
	return p
}

// sampleTaskList has a unit renewed before, one that expires again soon, and one more.
func sampleTaskList(p TaskPage, list renewal.ItemList) TaskList {
	item := func(n int, id, name string, left, to time.Duration) renewal.Item {
		return renewal.Item{
			Number: n, InstanceID: id, Name: name, ServiceCode: "ecs", ServiceName: "Elastic Cloud Server", SpecCode: "s7.large.2",
			RegionName: "CN-Hong Kong", Period: renewal.Month, State: renewal.ItemWaiting, OldExpiry: sampleTime.Add(left), NewExpiry: sampleTime.Add(to),
			Lines: []renewal.Line{{InstanceID: id, Discount: usd(5_58), DiscountKind: billing.Contract}}, List: usd(37_20), Discount: usd(5_58), Fee: usd(31_62),
		}
	}
	const day = renewal.Day
	rows := []TaskRow{
		{Item: item(2, "ecs-2", "prod-web-111", 4*day, 34*day), Group: 1,
			Earlier: &billing.Earlier{InstanceID: "ecs-2", OrderID: "RN-0003-00012", TaskID: "t3", TaskNumber: 3, By: "Sam Ortiz", At: sampleTime.Add(-2 * day), Fee: usd(31_62)}},
		{Item: item(1, "ecs-1", "auth-gateway-092", -25*day, 5*day), Group: 2},
		{Item: item(3, "ecs-3", "batch-runner-67", 12*day, 42*day), Group: 3},
	}
	rows[1].Associated = 2
	look := renewal.Look{List: list, Size: renewal.DefaultSize}
	for n := range rows {
		if p.Task.State != renewal.Ready {
			rows[n].Group = 0
		}
		switch list {
		case renewal.ListBlocked, renewal.ListFailed:
			rows[n].State, rows[n].Reason, rows[n].Earlier = renewal.ItemBlocked, []renewal.Reason{renewal.OrderPending, renewal.NoPrice, renewal.Locked}[n], nil
			if list == renewal.ListFailed {
				rows[n].State, rows[n].Reason = renewal.ItemFailed, renewal.ChangedSinceReview
			}
		case renewal.ListRenewed:
			rows[n].State = renewal.ItemRenewed
			rows[n].Order = &billing.Order{ID: "RN-0007-00001", List: usd(37_20), Discount: usd(5_58), Fee: usd(31_62),
				Legs: []billing.Leg{{Kind: billing.FromBalance, Amount: usd(31_62)}}}
		}
	}
	switch list {
	case renewal.ListServices:
		rows = nil
	case renewal.ListLeft:
		rows = rows[:p.Task.Left()]
	case renewal.ListRenewed:
		rows = rows[:p.Task.Renewed]
	case renewal.ListBlocked:
		rows = rows[:p.Task.Blocked]
	case renewal.ListFailed:
		rows = rows[:p.Task.NotRenewed]
	}
	return TaskList{Look: look, Matching: len(rows), Rows: rows}
}

func sampleTasks() TasksPage {
	p := TasksPage{Zone: sampleZone, Currency: "USD", Next: 1}
	for _, s := range []renewal.State{renewal.Suspended, renewal.Completed, renewal.ExpiredT} {
		p.Rows = append(p.Rows, TasksRow{Task: sampleTask(s, renewal.ListRenewable).Task, Words: "Expires: within 30 days"})
	}
	p.Rows[1].SourceTask, p.Rows[1].Source = "t3", 3
	return p
}
