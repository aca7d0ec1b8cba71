package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"perennial/internal/fault"
)

func TestKindOfLooksThroughWrapping(t *testing.T) {
	conflict := fault.New(fault.Conflict, "Order %d changed.", 7)
	cases := []struct {
		name string
		err  error
		want fault.Kind
	}{
		{"no error", nil, fault.Internal},
		{"an accident", errors.New("disk"), fault.Internal},
		{"a fault", conflict, fault.Conflict},
		{"a wrapped fault", fmt.Errorf("confirm: %w", conflict), fault.Conflict},
		{"the outer of two", fault.Wrap(conflict, fault.Unavailable, "Later."), fault.Unavailable},
	}
	for _, c := range cases {
		if got := fault.KindOf(c.err); got != c.want {
			t.Errorf("%s: kind %d, want %d", c.name, got, c.want)
		}
	}
}

func TestWrapKeepsTheCauseForTheLogOnly(t *testing.T) {
	cause := errors.New("connection refused")
	err := fault.Wrap(cause, fault.Unavailable, "The gateway does not answer.")
	if !errors.Is(err, cause) {
		t.Error("the cause is lost")
	}
	if err.Message != "The gateway does not answer." {
		t.Errorf("message %q shows more than the sentence", err.Message)
	}
	if want := "The gateway does not answer.: connection refused"; err.Error() != want {
		t.Errorf("log line %q, want %q", err.Error(), want)
	}
	if got := fault.New(fault.Invalid, "No.").Error(); got != "No." {
		t.Errorf("without a cause: %q", got)
	}
}

func TestFieldNamesTheField(t *testing.T) {
	err := fault.Field("email", "%q is not an address.", "x")
	if err.Kind != fault.Invalid || err.Fields["email"] != `"x" is not an address.` || err.Message != err.Fields["email"] {
		t.Errorf("got %+v", err)
	}
}

func TestWithCopies(t *testing.T) {
	plain := fault.New(fault.Conflict, "The balance is short.")
	out := plain.With("Top up", "/wallet/top-up")
	if out.Remedy != (fault.Remedy{Label: "Top up", Href: "/wallet/top-up"}) || out.Message != plain.Message {
		t.Errorf("got %+v", out)
	}
	if plain.Remedy != (fault.Remedy{}) {
		t.Error("a shared fault was changed")
	}
}

func TestOf(t *testing.T) {
	inner := fault.New(fault.NotFound, "There is no such task.")
	if got, ok := fault.Of(fmt.Errorf("load: %w", inner)); !ok || got != inner {
		t.Errorf("got %v, %v", got, ok)
	}
	if _, ok := fault.Of(errors.New("x")); ok {
		t.Error("an accident passes for a fault")
	}
}
