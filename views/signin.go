package views

import (
	"github.com/a-h/templ"

	"perennial/views/ui"
)

// SignInPage is the form that asks who somebody is.
type SignInPage struct {
	Email   string // as it was typed
	Next    string // path to go on to
	Problem string // why the last attempt failed
	Ended   bool   // the session that the browser had has ended
}

func (p SignInPage) problems() []ui.FieldError {
	if p.Problem == "" {
		return nil
	}
	return []ui.FieldError{{ID: "email", Text: p.Problem}}
}

func signInSpecimens() []Specimen {
	page := func(theme string, p SignInPage) func() templ.Component {
		return func() templ.Component { return Bare(Frame{Title: "Sign in", Theme: theme}, SignIn(p)) }
	}
	return []Specimen{
		{"page-sign-in", true, page("", SignInPage{Next: HomePath()})},
		{"page-sign-in-ended", true, page("dark", SignInPage{Ended: true})},
		{"page-sign-in-wrong", true, page("", SignInPage{Email: "li.na@acme.example", Problem: "The e-mail address or the password is wrong."})},
	}
}
