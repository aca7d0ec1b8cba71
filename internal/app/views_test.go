package app_test

import (
	"fmt"
	"strings"
	"testing"

	"perennial/internal/app"
	"perennial/internal/fault"
	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// A person keeps views for themselves: by name, one of which the page opens with.
func TestViewsAreAPersonsOwn(t *testing.T) {
	testkit.EachWorld(t, func(t *testing.T, w *testkit.World) {
		of := func(who app.Actor) string {
			views, err := w.App.Views(w.Context(), who)
			w.Must(err)
			var all []string
			for _, v := range views {
				all = append(all, fmt.Sprintf("%s=%s %t", v.Name, v.Query, v.Opens))
			}
			return strings.Join(all, "; ")
		}
		save := func(name, query string, opens bool) {
			w.Must(w.App.SaveView(w.Context(), w.Buyer, renewal.View{Name: name, Query: query, Opens: opens}))
		}
		save(" Beijing ", "region=b", true)
		save("Ärger", "q=a", false)
		save("BEIJING", "region=bj", false) // in place of the one of the name, which still opens
		if got := of(w.Buyer); got != "BEIJING=region=bj true; Ärger=q=a false" {
			t.Errorf("kept %s", got)
		}
		save("ärger", "q=b", true)
		if got := of(w.Buyer); got != "BEIJING=region=bj false; ärger=q=b true" {
			t.Errorf("kept %s", got)
		}
		if got := of(w.Owner); got != "" {
			t.Errorf("somebody else sees %s", got)
		}
		views, err := w.App.Views(w.Context(), w.Buyer)
		w.Must(err)
		for what, err := range map[string]error{
			"another's view is deleted":   w.App.DeleteView(w.Context(), w.Owner, views[0].ID),
			"another's view opens a page": w.App.OpenWith(w.Context(), w.Owner, views[0].ID),
			"no view is deleted":          w.App.DeleteView(w.Context(), w.Buyer, "nothing"),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		for _, name := range []string{"", "  ", "two\nlines", strings.Repeat("n", renewal.ViewName+1)} {
			if err := w.App.SaveView(w.Context(), w.Buyer, renewal.View{Name: name}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("the name %q: %v", name, err)
			}
		}
		w.Must(w.App.OpenWith(w.Context(), w.Buyer, views[0].ID))
		w.Must(w.App.OpenWith(w.Context(), w.Buyer, views[0].ID))
		w.Must(w.App.DeleteView(w.Context(), w.Buyer, views[1].ID))
		if got := of(w.Buyer); got != "BEIJING=region=bj true" {
			t.Errorf("left are %s", got)
		}
		w.Must(w.App.OpenWith(w.Context(), w.Buyer, ""))
		if got := of(w.Buyer); got != "BEIJING=region=bj false" {
			t.Errorf("the page opens with %s", got)
		}
		for n := 1; n < renewal.ViewsAPerson; n++ {
			save(fmt.Sprint("view ", n), "", false)
		}
		if err := w.App.SaveView(w.Context(), w.Buyer, renewal.View{Name: "one more"}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("one more: %v", err)
		}
		save("view 1", "q=again", false) // no more than before
	})
}
