package views

import (
	"slices"

	"github.com/a-h/templ"
)

// Specimen is one component or page in one state. The gallery feeds the golden
// tests, the screenshots, the accessibility check and /dev/gallery, so what is
// not in it is not looked at.
type Specimen struct {
	Name string // unique, "badge" or "page-sign-in": it is part of an address
	// Page tells that the component is a whole document; others are shown in a bare frame.
	Page      bool
	Component func() templ.Component
}

// Gallery lists every specimen. A page adds its list here.
func Gallery() []Specimen {
	return slices.Concat(
		atomSpecimens(),
		shellSpecimens(),
		signInSpecimens(),
		overviewSpecimens(),
		renewalsSpecimens(),
		oneClickSpecimens(),
		instanceSpecimens(),
		taskSpecimens(),
		walletSpecimens(),
		cardSpecimens(),
		couponSpecimens(),
		orderSpecimens(),
		noticeSpecimens(),
		outboxSpecimens(),
		reconcileSpecimens(),
		importSpecimens(),
		stressSpecimens(),
	)
}
