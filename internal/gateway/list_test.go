package gateway_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"perennial/internal/gateway"
	"perennial/internal/gateway/sandbox"
	"perennial/internal/money"
)

// everything lists until there is no more, and returns the keys of each page.
func everything(t *testing.T, c gateway.Gateway, after string) (pages [][]string, next string) {
	t.Helper()
	for {
		p, err := c.List(t.Context(), after)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, one := range p.Payments {
			keys = append(keys, one.Key+" "+string(one.State))
		}
		pages, after = append(pages, keys), p.Next
		if !p.More {
			return pages, after
		}
	}
}

func wantPages(t *testing.T, got [][]string, want string) {
	t.Helper()
	if text := fmt.Sprint(got); text != want {
		t.Errorf("listed %s, want %s", text, want)
	}
}

func TestList_GivesTheLatestStateInTheOrderOfChange(t *testing.T) {
	r := start(t)
	pages, begin := everything(t, r, "")
	wantPages(t, pages, "[[]]")
	if begin != "" {
		t.Errorf("the cursor of an empty list is %q", begin)
	}
	a, b := r.prepare(t, "a"), r.prepare(t, "b")
	pages, afterBoth := everything(t, r, "")
	wantPages(t, pages, "[[a prepared b prepared]]")
	r.box.Queue(sandbox.CallCapture, sandbox.Decline("do_not_honor"))
	for _, id := range []string{b, a} {
		if _, err := r.Capture(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	pages, afterAll := everything(t, r, afterBoth)
	wantPages(t, pages, "[[b declined a captured]]")
	if _, err := r.Refund(t.Context(), a, "back", money.Of(100, "USD")); err != nil {
		t.Fatal(err)
	}
	p, err := r.List(t.Context(), afterAll)
	if err != nil || len(p.Payments) != 1 || p.Payments[0].ID != a || p.Payments[0].RefundedAmount != money.Of(100, "USD") {
		t.Errorf("%+v, %v", p, err)
	}
	pages, end := everything(t, r, "")
	wantPages(t, pages, "[[b declined a captured]]")
	pages, again := everything(t, r, end)
	wantPages(t, pages, "[[]]")
	if again != end {
		t.Errorf("the cursor moved from %q to %q while nothing changed", end, again)
	}
}

func TestList_CutsPagesByTheirBytesAndLosesNothing(t *testing.T) {
	r := start(t)
	c := visa
	c.Data = strings.Repeat("d", gateway.MaximumData)
	const payments = 60
	for n := range payments {
		if _, err := r.Prepare(t.Context(), fmt.Sprintf("key-%02d", n), c); err != nil {
			t.Fatal(err)
		}
	}
	pages, _ := everything(t, r, "")
	listed := 0
	for _, p := range pages {
		for _, key := range p {
			if want := fmt.Sprintf("key-%02d prepared", listed); key != want {
				t.Fatalf("%q stands where %q belongs", key, want)
			}
			listed++
		}
	}
	if listed != payments || len(pages) < 2 {
		t.Errorf("%d payments on %d pages", listed, len(pages))
	}
}

func TestData_IsKeptAndBelongsToTheKey(t *testing.T) {
	r := start(t)
	c := visa
	for _, c.Data = range []string{"", "one", strings.Repeat("0123456789", 50), strings.Repeat("x", 501), strings.Repeat("y", gateway.MaximumData)} {
		key := fmt.Sprint("k", len(c.Data))
		id, err := r.Prepare(t.Context(), key, c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Get(t.Context(), id)
		if err != nil || got.Data != c.Data {
			t.Errorf("%d characters came back as %d, %v", len(c.Data), len(got.Data), err)
		}
		again, err := r.Prepare(t.Context(), key, c)
		if err != nil || again != id {
			t.Errorf("the same data gave %s after %s, %v", again, id, err)
		}
		other := c
		other.Data += "-"
		if len(other.Data) > gateway.MaximumData {
			other.Data = "-" + other.Data[2:]
		}
		_, err = r.Prepare(t.Context(), key, other)
		only(t, err, gateway.ErrKeyReused)
	}
	for _, c.Data = range []string{strings.Repeat("y", gateway.MaximumData+1), "a b", "é", "line\n"} {
		_, err := r.Prepare(t.Context(), "unusable", c)
		only(t, err, gateway.ErrInvalid)
	}
}

// A gateway that was set up again, or whose log was restored, does not know the
// cursor, and says so instead of leaving payments out.
func TestList_RefusesACursorOfAnotherHistory(t *testing.T) {
	r, other := start(t), start(t)
	r.prepare(t, "a")
	other.prepare(t, "b")
	_, cursor := everything(t, r, "")
	_, err := other.List(t.Context(), cursor)
	only(t, err, gateway.ErrNotFound)
	for _, unknown := range []string{"2-0000000000000000", "1-0000000000000000", "x", "0-0", "-1-0"} {
		_, err := r.List(t.Context(), unknown)
		only(t, err, gateway.ErrNotFound)
	}
	_, err = r.List(t.Context(), strings.Repeat("9", 256))
	only(t, err, gateway.ErrInvalid)
}

func TestList_InEveryMood(t *testing.T) {
	r := start(t)
	r.prepare(t, "a")
	for _, mood := range []sandbox.Mood{sandbox.ErrorBefore, sandbox.ErrorAfter, sandbox.ResetAfter, sandbox.Garbage, sandbox.Busy} {
		r.box.SetMood(mood, sandbox.CallList)
		_, err := r.List(t.Context(), "")
		want := gateway.ErrUnknown
		if mood == sandbox.Busy {
			want = gateway.ErrBusy
		}
		only(t, err, want)
	}
}

func TestList_BelievesNoListThatContradictsItself(t *testing.T) {
	const page = `{"payments":[` + good + `],"next":"1-1","more":false}`
	for _, body := range []string{
		swapped(t, page, `"payments"`, `"pay"`), swapped(t, page, `"next":"1-1",`, ""), swapped(t, page, `"1-1"`, `""`),
		swapped(t, page, `"1-1"`, `"1 1"`),
		`{"payments":[],"next":"x","more":true}`, strings.Replace(swapped(t, page, `"1-1"`, `"begin"`), "false", "true", 1),
	} {
		p, err := answering(t, 200, []byte(body), nil).List(t.Context(), "begin")
		if !errors.Is(err, gateway.ErrUnknown) || p.Payments != nil {
			t.Errorf("%s was taken: %+v, %v", body, p, err)
		}
	}
	for _, body := range []string{swapped(t, page, "74130", "-1"), swapped(t, page, "captured", "gone")} {
		p, err := answering(t, 200, []byte(body), nil).List(t.Context(), "begin")
		if err != nil || len(p.Payments) != 0 || len(p.Unreadable) != 1 || p.Unreadable[0].Key == "" || !errors.Is(p.Unreadable[0].Err, gateway.ErrUnknown) {
			t.Errorf("%s was taken: %+v, %v", body, p, err)
		}
	}
	p, err := answering(t, 200, []byte(page), nil).List(t.Context(), "begin")
	if err != nil || len(p.Payments) != 1 || p.Next != "1-1" {
		t.Errorf("%+v, %v", p, err)
	}
}
