package views

import (
	"perennial/internal/account"
	"perennial/internal/renewal"
	"perennial/views/ui"
)

// held reports whether a running task waits for the account's records: they are
// being checked, do not add up, or cannot be read.
func (p TaskPage) held() bool {
	return p.Task.State == renewal.Running && p.Books != "" && p.Books != account.BooksSound
}

func (p TaskPage) heldKind() ui.Kind {
	if p.Books == account.BooksChecking || p.Books == account.BooksBehind {
		return ui.Info
	}
	return ui.Bad
}

// heldTitle is why the task waits.
func (p TaskPage) heldTitle() string {
	switch p.Books {
	case account.BooksChecking:
		return "Checking the records of this account first"
	case account.BooksDamaged:
		return "On hold: the database is damaged"
	case account.BooksBehind:
		return "Comparing our records with the card gateway's first"
	case account.BooksOlder:
		return "On hold: our records are older than they have been"
	case account.BooksDiffer:
		return "On hold: the card gateway has a payment that is not in our records"
	}
	return "On hold: the records of this account do not add up"
}

// heldMeans is what that means for the money, and what to do.
func (p TaskPage) heldMeans() string {
	switch p.Books {
	case account.BooksBehind:
		return "Nothing is charged until the gateway has answered. Then the renewals start without you."
	case account.BooksDiffer:
		return "Nothing more is charged until an owner of this account has settled that payment under Reconciliation. Then the task continues, and you do not need to confirm it again."
	case account.BooksChecking:
		return "Nothing is charged until the check ends. It usually takes a few seconds, and the renewals start when it has found nothing wrong."
	}
	return "Nothing more is charged until this is repaired. Renewed instances keep their new expiry dates. " +
		"Contact your administrator. When it is repaired, the task continues and you do not need to confirm it again."
}
