package web

import (
	"net/http"

	"perennial/internal/account"
	"perennial/views"
)

// instance is one unit with the renewals that were made of it here. An associated
// resource leads to the page of its unit.
func (s *server) instance(c *call) error { return s.showInstance(c, http.StatusOK, "") }

// showInstance shows the instance of the address; problem says why nothing was
// ordered.
func (s *server) showInstance(c *call, status int, problem string) error {
	id, err := c.param("id")
	if err != nil {
		return err
	}
	found, err := s.App.Instance(c.ctx(), c.account().ID, id)
	if err != nil {
		return err
	}
	if found.ID != id {
		return c.see(views.InstancePath(found.ID))
	}
	p := views.InstancePage{
		RenewalRow: rowOf(found.Row), NewExpiry: found.NewExpiry, Now: found.Now, Zone: found.Account.Zone,
		Retention: found.Retention, Problem: problem,
	}
	if c.person.User.Role.Covers(account.Buyer) && found.Blocked == "" {
		p.OrderKey = s.App.NewKey()
	}
	for _, r := range found.Renewals {
		p.Renewals = append(p.Renewals, views.InstanceRenewal{
			OrderID: r.OrderID, TaskID: r.TaskID, TaskNumber: r.TaskNumber, By: r.By, At: r.PaidAt,
			Period: r.Period, From: r.OldExpiry, To: r.NewExpiry, Fee: r.Fee,
		})
	}
	return c.show(page{status: status, title: found.Name, nav: views.NavRenewals, body: views.Instance(p)})
}
