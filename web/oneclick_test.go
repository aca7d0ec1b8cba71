package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/renewal"
	"perennial/internal/testkit"
)

// filled is the dialog's form as it would be sent.
func filled(doc *goquery.Document) url.Values {
	form := url.Values{}
	doc.Find(`form[action="/renewals/one-click"] input`).Each(func(_ int, e *goquery.Selection) {
		form.Add(e.AttrOr("name", ""), e.AttrOr("value", ""))
	})
	return form
}

func TestOneClickAsksBeforeItPrepares(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Buyer)
	list := document(t, b.get("/renewals?status=expired&status=frozen"))
	button := list.Find(".head a.btn-primary")
	if button.Text() != "One-Click Renew 2" {
		t.Errorf("the button says %q", button.Text())
	}
	asked := document(t, b.get(button.AttrOr("href", "")))
	text := strings.Join(strings.Fields(asked.Find(".sheet").Text()), " ")
	for _, want := range []string{
		"Nothing is charged until you review the details and select Renew Now.", "2 of 10,000", "Status: Expired, Frozen",
		"1 month or 1 year", "finance@acme.example", "3 days", "Prepare 2 renewals",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the question does not say %q: %s", want, text)
		}
	}
	answer := b.post("/renewals/one-click", filled(asked))
	c.Rest()
	if answer.Code != http.StatusSeeOther || !strings.HasPrefix(answer.Header().Get("Location"), "/tasks/") {
		t.Fatalf("%d to %q", answer.Code, answer.Header().Get("Location"))
	}
	task := c.Task(strings.TrimPrefix(answer.Header().Get("Location"), "/tasks/"))
	if task.Units != 2 || task.State != renewal.Ready || task.CreatedBy != c.Buyer.Name {
		t.Errorf("the task has %d units and is %s, by %s", task.Units, task.State, task.CreatedBy)
	}
	if again := b.post("/renewals/one-click", filled(asked)); again.Header().Get("Location") != answer.Header().Get("Location") {
		t.Errorf("the same form leads to %q", again.Header().Get("Location"))
	}
	doc := document(t, b.get("/renewals"))
	if open := doc.Find(".head a.btn-primary"); open.AttrOr("href", "") != "/tasks/"+task.ID {
		t.Errorf("while a task is open the button says %q", open.Text())
	}
}

func TestOneClickInTheDialogLeadsToTheTask(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Buyer)
	asked := document(t, b.get("/renewals/one-click/new?status=expired", part))
	if asked.Find("h1").Length() > 0 || asked.Find("h2#dialog-title").Length() != 1 {
		t.Error("the part is not made for the dialog")
	}
	a := b.post("/renewals/one-click", filled(asked), part)
	if a.Code != http.StatusOK || !strings.HasPrefix(a.Header().Get("HX-Redirect"), "/tasks/") || a.Body.Len() > 0 {
		t.Errorf("%d, HX-Redirect %q", a.Code, a.Header().Get("HX-Redirect"))
	}
}

func TestOneClickWithACountThatNoLongerHolds(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Buyer)
	form := filled(document(t, b.get("/renewals/one-click/new?expires=7d&late=1")))
	c.AddMany(3, time.Hour)
	for _, how := range []func(*http.Request){part, func(*http.Request) {}} {
		a := b.post("/renewals/one-click", form, how)
		doc := document(t, a)
		if a.Code != http.StatusConflict || !strings.Contains(doc.Text(), "6 instances match now, not 3") {
			t.Fatalf("%d: %s", a.Code, doc.Find(".sheet").Text())
		}
		if again := filled(doc); again.Get("count") != "6" || again.Get("late") != "1" || again.Get("key") == form.Get("key") {
			t.Errorf("the new form is %v", again)
		}
		if a.Header().Get("HX-Reswap") != "innerHTML" {
			t.Error("the answer would replace the dialog")
		}
	}
}

// A form whose filter cannot be used would prepare more than the person saw.
func TestOneClickWithAFilterThatCannotBeUsed(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Buyer)
	form := filled(document(t, b.get("/renewals/one-click/new")))
	form.Set("status", "ripe")
	doc := shown(t, b.post("/renewals/one-click", form), http.StatusUnprocessableEntity)
	says(t, doc, "No task was prepared", "The filter “status” was ignored")
	if open, _, err := c.App.OpenTask(t.Context(), c.Account.ID, ""); err != nil || open.ID != "" {
		t.Errorf("a task was prepared: %+v, %v", open, err)
	}
}

func TestOneClickWhileATaskIsOpenLeadsToIt(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Buyer)
	form := filled(document(t, b.get("/renewals/one-click/new")))
	task := c.Prepare(testkit.Everything)
	if doc := document(t, b.get("/renewals/one-click/new")); doc.Find(`a[href="/tasks/`+task.ID+`"].btn-primary`).Length() != 1 || doc.Find("form button.btn-primary").Length() != 0 {
		t.Error("the question does not lead to the open task")
	}
	if a := b.post("/renewals/one-click", form); a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/tasks/"+task.ID {
		t.Errorf("%d to %q", a.Code, a.Header().Get("Location"))
	}
	if a := b.post("/renewals/one-click", form, part); a.Header().Get("HX-Redirect") != "/tasks/"+task.ID {
		t.Errorf("as a part to %q", a.Header().Get("HX-Redirect"))
	}
	if doc := document(t, b.get("/renewals")); !strings.Contains(doc.Find("#flash").Text(), "open already") {
		t.Error("nothing says that no other task was prepared")
	}
}

func TestOneClickOfNothing(t *testing.T) {
	c := some(t)
	doc := document(t, c.signedIn(t, c.Buyer).get("/renewals/one-click/new?q=nobody"))
	if doc.Find("#dialog-title").Text() != "There is nothing to renew" || doc.Find("form button.btn-primary").Length() != 0 {
		t.Errorf("says %s", doc.Find(".sheet").Text())
	}
}

func TestOneClickOfTooManyOffersLinks(t *testing.T) {
	w := testkit.NewWorld(t, testkit.SQLite)
	w.AddMany(renewal.MaximumUnits+500, time.Hour)
	c := newConsole(t, w)
	b := c.signedIn(t, c.Buyer)
	doc := document(t, b.get("/renewals/one-click/new"))
	if doc.Find("#dialog-title").Text() != "10,500 instances are too many for one task" || doc.Find("form button.btn-primary").Length() != 0 {
		t.Fatalf("says %s", doc.Find(".sheet").Text())
	}
	offers := doc.Find(".leader")
	if offers.Length() < 3 || !strings.HasPrefix(offers.First().Find("a").Text(), "Expires up to 2028-") {
		t.Fatalf("offers %s", offers.Text())
	}
	offers.Each(func(_ int, e *goquery.Selection) {
		list := document(t, b.get(e.Find("a").AttrOr("href", "")))
		if got, want := list.Find("[data-matching]").AttrOr("data-matching", ""), e.Find("dd").AttrOr("data-count", "-"); got != want {
			t.Errorf("%s: %s match, %s are offered", e.Text(), got, want)
		}
	})
}

func TestOneClickIsForBuyers(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Viewer)
	doc := document(t, b.get("/renewals"))
	button := doc.Find(".head button")
	if _, disabled := button.Attr("disabled"); !disabled || doc.Find("#"+button.AttrOr("aria-describedby", "x")).Text() != "Buyers and owners can prepare renewals." {
		t.Errorf("a viewer sees %s", doc.Find(".head").Text())
	}
	if doc := document(t, b.get("/renewals?tab=auto")); doc.Find(".head .btn").Length() != 0 {
		t.Error("One-Click Renew stands on another tab")
	}
}

func TestOneClickRefusesAFormThatIsNone(t *testing.T) {
	c := some(t)
	b := c.signedIn(t, c.Buyer)
	for name, form := range map[string]url.Values{
		"no count": {"tab": {"manual"}, "key": {"k"}}, "no key": {"tab": {"manual"}, "count": {"4"}},
		"another tab": {"tab": {"auto"}, "count": {"1"}, "key": {"k"}},
	} {
		if a := b.post("/renewals/one-click", form); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
}
