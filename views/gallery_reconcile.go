package views

import (
	"fmt"
	"time"

	"perennial/internal/billing"
)

func reconcileSpecimens() []Specimen {
	units := make([]billing.PaidUnit, 3)
	for n := range units {
		old := sampleTime.Add(time.Duration(n) * 24 * time.Hour)
		units[n] = billing.PaidUnit{Item: n + 1, InstanceID: fmt.Sprintf("ecs-%04d", n+1), OldExpiry: old, NewExpiry: old.AddDate(0, 1, 0), Fee: usd(20_00),
			Legs: []billing.Leg{{Kind: billing.FromBalance, Amount: usd(2_50)}, {Kind: billing.FromCard, Amount: usd(17_50)}}}
	}
	row := func(kind billing.DiscrepancyKind, id string, change func(*DiscrepancyRow)) DiscrepancyRow {
		r := DiscrepancyRow{Discrepancy: billing.Discrepancy{GatewayID: id, Kind: kind, State: billing.DiscrepancyOpen, Amount: usd(52_50), Refunded: usd(0),
			CapturedAt: sampleTime}}
		change(&r)
		return r
	}
	full := ReconcilePage{Zone: sampleZone, CheckedAt: sampleTime, NewKey: func() string { return "k1" }, Rows: []DiscrepancyRow{
		row(billing.Missing, "pay_61c0a2", func(r *DiscrepancyRow) {
			r.Units, r.Why = units, "At least one instance is gone, or its expiration time is no longer what was paid for."
		}),
		row(billing.Missing, "pay_9be411", func(r *DiscrepancyRow) {
			r.State, r.Why = billing.DiscrepancyReturning, "The gateway does not say what this payment paid for."
		}),
		row(billing.RefundedThere, "pay_0d77f3", func(r *DiscrepancyRow) { r.Refunded = usd(52_50) }),
		row(billing.UnknownThere, "pay_2208ee", func(*DiscrepancyRow) {}),
	}}
	empty := ReconcilePage{Zone: sampleZone, CheckedAt: sampleTime}
	return []Specimen{
		{"page-reconcile", true, inShell("", "Reconciliation", NavReconcile, Reconcile(full))},
		{"page-reconcile-empty", true, inShell("dark", "Reconciliation", NavReconcile, Reconcile(empty))},
	}
}
