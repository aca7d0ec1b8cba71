package web_test

import (
	"net/http"
	"testing"

	"perennial/internal/testkit"
	"perennial/views"
	"perennial/web"
)

func TestGalleryIsPartOfTheDemonstrationOnly(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	shown := newConsole(t, w, func(d *web.Deps) { d.Sandbox = true }).signedIn(t, w.Viewer)
	hidden := newConsole(t, w).signedIn(t, w.Buyer)
	for _, s := range append(views.Gallery(), views.Specimen{}) {
		path := views.GalleryPath(s.Name)
		if a := shown.get(path); a.Code != http.StatusOK {
			t.Errorf("%s: %d", path, a.Code)
		}
		if a := hidden.get(path); a.Code != http.StatusNotFound {
			t.Errorf("%s without a demonstration: %d", path, a.Code)
		}
	}
	if a := shown.get(views.GalleryPath("nothing")); a.Code != http.StatusNotFound {
		t.Errorf("a specimen that is none: %d", a.Code)
	}
}
