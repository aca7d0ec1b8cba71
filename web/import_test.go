package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"perennial/internal/app"
	"perennial/internal/inventory"
	"perennial/internal/renewal"
	"perennial/internal/store"
	"perennial/internal/testkit"
)

// estateOf writes an instance file.
func estateOf(units ...renewal.Unit) string {
	text := inventory.Line(inventory.InstanceColumns()) + "\n"
	for _, u := range units {
		text += inventory.Line(inventory.Columns(u.Instance)) + "\n"
	}
	return text
}

// sendFile sends the import form as a browser does, fields in their order.
func (b *browser) sendFile(kind, name, text string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if kind != "" {
		b.console.Must(form.WriteField("kind", kind))
	}
	part, err := form.CreateFormFile("file", name)
	b.console.Must(err)
	_, err = part.Write([]byte(text))
	b.console.Must(err)
	b.console.Must(form.Close())
	return b.send(http.MethodPost, "/admin/import", body.String(), append([]func(*http.Request){
		header("Content-Type", form.FormDataContentType()), header("Sec-Fetch-Site", "same-origin"),
	}, change...)...)
}

// fileAt opens the page of a file once nothing is at work on it.
func (b *browser) fileAt(a *httptest.ResponseRecorder) (string, *goquery.Document) {
	b.t.Helper()
	path := a.Header().Get("Location")
	if a.Code != http.StatusSeeOther || !strings.HasPrefix(path, "/admin/import/") {
		b.t.Fatalf("the answer is %d to %q: %s", a.Code, path, a.Body)
	}
	b.console.App.Uploads.Wait(b.console.Context(), strings.TrimPrefix(path, "/admin/import/"))
	return path, document(b.t, b.get(path))
}

func importConsole(t *testing.T) (*console, *browser) {
	w := testkit.NewWorld(t, testkit.SQLite)
	t.Cleanup(func() { w.Must(w.App.Uploads.Close()) })
	c := newConsole(t, w)
	return c, c.signedIn(t, w.Owner)
}

func (c *console) instances() (n int) {
	c.Helper()
	c.Read(func(tx *store.Tx) error {
		units, _, err := tx.UnitFees(c.Account.ID, "", 100_000)
		n = len(units)
		return err
	})
	return n
}

func TestImportIsCheckedThenConfirmed(t *testing.T) {
	c, owner := importConsole(t)
	page := document(t, owner.get("/admin/import"))
	if page.Find(`form[enctype="multipart/form-data"] input[type=file]`).Length() != 1 || !strings.Contains(page.Find("aside").Text(), "expire_policy") {
		t.Fatal("the form takes no file or does not tell the columns")
	}
	file := estateOf(testkit.Unit("ecs-1", time.Hour), testkit.Unit("ecs-2", time.Hour))
	path, page := owner.fileAt(owner.sendFile("instances", "estate.csv", file))
	button := page.Find(`#import form[action="` + path + `"] button`)
	if page.Find("#import").AttrOr("data-state", "") != "checked" || strings.TrimSpace(button.Text()) != "Import 2 rows" || c.instances() != 0 {
		t.Fatalf("%d instances; the page: %s", c.instances(), page.Find("#import").Text())
	}
	key := page.Find(`#import input[name=key]`).AttrOr("value", "")
	_, page = owner.fileAt(owner.post(path, url.Values{"key": {key}}))
	if page.Find("#import").AttrOr("data-state", "") != "applied" || page.Find("#import form").Length() != 0 || c.instances() != 2 {
		t.Fatalf("%d instances; the page: %s", c.instances(), page.Find("#import").Text())
	}
	_, page = owner.fileAt(owner.sendFile("instances", "again.csv", file))
	if text := page.Find("#import").Text(); !strings.Contains(text, "changes nothing") || page.Find("#import form").Length() != 0 {
		t.Errorf("the same file again: %s", text)
	}
	if rows := document(t, owner.get("/admin/import")).Find("tbody tr"); rows.Length() != 2 || !strings.Contains(rows.First().Text(), "again.csv") {
		t.Errorf("the files sent are %q", rows.Text())
	}
}

func TestARefusedFileIsReportedByLine(t *testing.T) {
	c, owner := importConsole(t)
	good := estateOf(testkit.Unit("ecs-1", time.Hour))
	for name, test := range map[string]struct {
		text string
		row  []string // line, column, value
		says string
	}{
		"BOM and CRLF, bad time": {"\xEF\xBB\xBF" + strings.ReplaceAll(strings.Replace(good, "2026-11-22T07:00:00Z", "<soon>", 1), "\n", "\r\n"), []string{"2", "expire_time", "<soon>"}, "A time is written as"},
		"missing column":         {strings.Replace(good, "hold", "held", 1), []string{"1", "hold", ""}, "This column is missing."},
		"duplicate":              {good + strings.SplitAfter(good, "\n")[1], []string{"3", "resource_id", "ecs-1"}, "stands twice"},
		"not UTF-8":              {strings.Replace(good, "name-of-ecs-1", "\xff", 1), []string{"2", "resource_name", `\xFF`}, "not UTF-8"},
		"a workbook":             {"PK\x03\x04", []string{"1", "", `PK\u0003\u0004`}, "workbook"},
		"empty":                  {"", []string{"1", "", ""}, "The file is empty"},
	} {
		_, page := owner.fileAt(owner.sendFile("instances", "x.csv", test.text))
		cells := page.Find("#import tbody tr").First().Find("td")
		for n, want := range test.row {
			if got := strings.TrimSpace(cells.Eq(n).Text()); got != want {
				t.Errorf("%s: cell %d is %q, want %q", name, n, got, want)
			}
		}
		if !strings.Contains(cells.Eq(3).Text(), test.says) || page.Find("#import form").Length() != 0 {
			t.Errorf("%s: %s", name, page.Find("#import").Text())
		}
	}
	if c.instances() != 0 {
		t.Errorf("%d instances were imported", c.instances())
	}
}

func TestTheFirstThousandRefusalsAreShown(t *testing.T) {
	_, owner := importConsole(t)
	row := strings.SplitAfter(estateOf(testkit.Unit("ecs-1", time.Hour)), "\n")
	_, page := owner.fileAt(owner.sendFile("instances", "x.csv", row[0]+strings.Repeat(row[1], 1_502)))
	if n := page.Find("#import tbody tr").Length(); n != 1_000 || !strings.Contains(page.Find("#import").Text(), "501 more are not shown.") {
		t.Errorf("%d refusals are shown: %s", n, page.Find("#import .note").Text())
	}
}

func TestAFormWithoutAFile(t *testing.T) {
	_, owner := importConsole(t)
	for name, a := range map[string]*httptest.ResponseRecorder{
		"Choose a file.":                owner.sendFile("prices", "", ""),
		"Choose what the file holds.":   owner.sendFile("", "x.csv", "x"),
		"This is not a form that was f": owner.post("/admin/import", url.Values{"kind": {"prices"}}),
		"This form arrived incomplete.": owner.send(http.MethodPost, "/admin/import", "--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nprices\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nhalf",
			header("Content-Type", "multipart/form-data; boundary=b"), header("Sec-Fetch-Site", "same-origin")),
	} {
		page := document(t, a)
		if a.Code != http.StatusUnprocessableEntity || !strings.Contains(page.Text(), name) || page.Find("form input[type=file]").Length() != 1 {
			t.Errorf("%s: %d %s", name, a.Code, page.Find("main").Text())
		}
	}
	if document(t, owner.sendFile("prices", "", "")).Find(`input[value=prices][checked]`).Length() != 1 {
		t.Error("what was chosen is lost")
	}
}

func TestAFormThatNoBrowserWritesIsRefused(t *testing.T) {
	c, owner := importConsole(t)
	form := func(head, text string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nprices\r\n--b\r\n" + head + "\r\n\r\n" + text + "\r\n--b--\r\n"
	}
	for what, body := range map[string]string{
		"a control character in a name": form("Content-Disposition: form-data; name=\"file\"; filename=\"x\x01.csv\"", "x"),
		"20,000 headers of a part":      form("Content-Disposition: form-data; name=\"file\"; filename=\"x.csv\""+strings.Repeat("\r\nX-A: b", 20_000), "x"),
		"a header without a colon":      form("Content-Disposition form-data", "x"),
		"no boundary at all":            strings.Repeat("x", 5000),
		"half a boundary":               form("Content-Disposition: form-data; name=\"file\"; filename=\"x.csv\"", "x")[:110],
	} {
		a := owner.send(http.MethodPost, "/admin/import", body, header("Content-Type", "multipart/form-data; boundary=b"), header("Sec-Fetch-Site", "same-origin"))
		if a.Code < 400 || a.Code >= 500 {
			t.Errorf("%s: %d", what, a.Code)
		}
	}
	if log := c.Log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("a bad form is logged as our failure:\n%s", log)
	}
	if n := len(c.App.Uploads.List(c.Account.ID)); n != 0 {
		t.Errorf("%d files are kept", n)
	}
}

func TestAFileMayBeTooLarge(t *testing.T) {
	c, owner := importConsole(t)
	a := owner.sendFile("prices", "x.csv", "x", func(r *http.Request) { r.ContentLength = app.MaxUpload + 1<<20 })
	if a.Code != http.StatusRequestEntityTooLarge || !strings.Contains(a.Body.String(), "512 MiB") {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	if n := len(c.App.Uploads.List(c.Account.ID)); n != 0 {
		t.Errorf("%d files are kept", n)
	}
}

// Promise 21: an owner of another account neither sees nor applies a file.
func TestAFileOfAnotherAccountIsNotFound(t *testing.T) {
	c, owner := importConsole(t)
	path, _ := owner.fileAt(owner.sendFile("instances", "estate.csv", estateOf(testkit.Unit("ecs-1", time.Hour))))
	other, err := c.App.CreateAccount(c.Context(), app.AccountInput{Name: "Other", Currency: "USD", Zone: "UTC", Email: "o@other.example"})
	c.Must(err)
	stranger := app.Operator(other.ID)
	_, err = c.App.CreateMember(c.Context(), stranger, app.MemberInput{Email: "o@other.example", Role: "owner", Password: password})
	c.Must(err)
	b := c.browser(t)
	b.post("/sign-in", url.Values{"email": {"o@other.example"}, "password": {password}})
	for _, a := range []*httptest.ResponseRecorder{b.get(path), b.get(path + "/live"), b.post(path, url.Values{"key": {"k"}})} {
		if a.Code != http.StatusNotFound {
			t.Errorf("a stranger gets %d", a.Code)
		}
	}
	if page := document(t, b.get("/admin/import")); page.Find("tbody tr").Length() != 0 {
		t.Error("a stranger sees the files of the account")
	}
	if c.instances() != 0 {
		t.Error("a stranger applied the file")
	}
}

// While a file is at work its page asks again, without scripts too; afterwards
// nothing asks any more.
func TestThePageOfAFilePollsWhileItIsAtWork(t *testing.T) {
	var faults testkit.Faults
	w := testkit.NewWorld(t, testkit.SQLite, testkit.WithStore(store.Wrap(faults.Wrap)))
	t.Cleanup(func() { w.Must(w.App.Uploads.Close()) })
	c := newConsole(t, w)
	owner := c.signedIn(t, w.Owner)
	path, page := owner.fileAt(owner.sendFile("instances", "estate.csv", estateOf(testkit.Unit("ecs-1", time.Hour))))
	reached, goOn, held := make(chan struct{}), make(chan struct{}), false
	faults.Arm(func(op testkit.Op) testkit.Fault {
		if op.Kind != testkit.OpCommit || held {
			return testkit.Fault{}
		}
		held = true
		return testkit.Fault{Do: func() { close(reached); <-goOn }}
	})
	c.Must(c.App.Uploads.Apply(w.Owner, strings.TrimPrefix(path, "/admin/import/"), page.Find("input[name=key]").AttrOr("value", "")))
	<-reached
	at := document(t, owner.get(path))
	poll := at.Find(fmt.Sprintf(`#import [hx-get="%s/live"][hx-trigger="every 2s"]`, path))
	if at.Find("#import").AttrOr("data-state", "") != "applying" || poll.Length() != 1 || !strings.Contains(at.Find("noscript").Text(), `content="2;url=`+path+`/live"`) {
		t.Errorf("at work: %s", at.Find("#import").Text())
	}
	close(goOn)
	c.App.Uploads.Wait(c.Context(), strings.TrimPrefix(path, "/admin/import/"))
	live := document(t, owner.get(path+"/live", part))
	if live.Find("#import").AttrOr("data-state", "") != "applied" || live.Find("[hx-trigger]").Length() != 0 || live.Find(".nav").Length() != 0 {
		t.Errorf("afterwards: %s", live.Text())
	}
}
