package web

import (
	"perennial/internal/app"
	"perennial/internal/billing"
	"perennial/internal/fault"
	"perennial/views"
	"perennial/views/ui"
)

// reconcile lists the payments about which the gateway and the records differ.
func (s *server) reconcile(c *call) error {
	all, err := s.App.Discrepancies(c.ctx(), c.account().ID)
	if err != nil {
		return err
	}
	checked, err := s.App.ComparedAt(c.ctx())
	if err != nil {
		return err
	}
	p := views.ReconcilePage{Zone: c.account().Zone, CheckedAt: checked, NewKey: s.App.NewKey}
	for _, d := range all {
		row := views.DiscrepancyRow{Discrepancy: d, Why: app.WhyNotEntered(d.Why)}
		if data, ok := app.UnitsOf(d); ok {
			row.TopUp, row.Units = data.Purpose == billing.ForTopUp, data.Units
		}
		p.Rows = append(p.Rows, row)
	}
	return c.show(page{title: "Reconciliation", nav: views.NavReconcile, body: views.Reconcile(p)})
}

// settlePayment enters or refunds a payment that the records lack.
func (s *server) settlePayment(c *call) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	in, err := c.values("do", "key")
	if err != nil {
		return err
	}
	said := "The payment is in our records now."
	switch do := in.Get("do"); do {
	case "enter", "parts":
		err = s.App.EnterPayment(c.ctx(), c.actor(), id, do == "parts")
	case "return":
		said = "The gateway is asked to refund the payment."
		err = s.App.ReturnPayment(c.ctx(), c.actor(), id)
	default:
		err = fault.New(fault.Invalid, "Choose what to do with the payment.")
	}
	if f, ok := fault.Of(err); ok && f.Kind == fault.Conflict {
		c.flash(ui.Flash{Kind: ui.Bad, Text: f.Message})
		return c.see(views.ReconcilePath())
	}
	if err != nil {
		return err
	}
	c.flash(ui.Flash{Kind: ui.OK, Text: said})
	return c.see(views.ReconcilePath())
}
