package web

import (
	"net/http"
	"slices"

	"perennial/internal/fault"
	"perennial/views"
)

// gallery lists every component and page in every state, and shows one of them.
// It is there in the demonstration only: its figures are invented, and nobody
// should take them for an account's.
func (s *server) gallery(c *call) error {
	if !s.Sandbox {
		return fault.New(fault.NotFound, notFound)
	}
	all := views.Gallery()
	name := c.Param("name")
	if name == "" {
		return c.bare(http.StatusOK, "Gallery", views.GalleryIndex(all))
	}
	n := slices.IndexFunc(all, func(s views.Specimen) bool { return s.Name == name })
	switch {
	case n < 0:
		return fault.New(fault.NotFound, "There is no specimen of that name.")
	case all[n].Page:
		return c.render(http.StatusOK, all[n].Component())
	}
	return c.bare(http.StatusOK, name, all[n].Component())
}
